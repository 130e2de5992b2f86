#include "services/kafka/output_sink.h"

#include <atomic>
#include <utility>

#include "services/kafka/transaction.h"
#include "state/base/check.h"

namespace antiphon::kafka {

using runtime::CommitOutcome;
using runtime::CommitReport;
using runtime::LogId;
using runtime::LogPosition;

std::string TransactionalId(const OutputSinkOptions& options, std::uint32_t worker) {
  if (!options.transactional_id.empty()) return options.transactional_id;
  return options.group + "-" + options.node + "-w" + std::to_string(worker);
}

struct KafkaOutputSinkFactory::Shared {
  std::atomic<std::uint64_t> replaced = 0;
};

class KafkaOutputSinkFactory::Sink : public runtime::OutputSink {
 public:
  Sink(std::shared_ptr<const OutputSinkOptions> options, std::shared_ptr<Shared> shared, std::uint32_t worker,
       std::unique_ptr<TransactionalProducer> producer)
      : options_(std::move(options)), shared_(std::move(shared)), worker_(worker), producer_(std::move(producer)) {}

  Result<void> Append(LogId log, std::optional<std::string_view> key, std::optional<std::string_view> value,
                      std::span<const runtime::Header> headers) override {
    if (spent_) return Fail(Recovery::kRestartTask, TransactionalId(*options_, worker_) + ": this sink is spent; a new one has to be made");
    if (!producer_->open()) {
      if (Result<void> begun = Begin(); !begun) return Spend(std::move(begun.error()));
    }
    Result<void> produced = producer_->Produce({.log = log, .key = key, .value = value, .headers = headers});
    if (!produced) return Spend(std::move(produced.error()));
    return {};
  }

  CommitReport Commit(std::span<const LogPosition> positions, const runtime::MemberToken& member) override {
    ANTIPHON_CHECK(!spent_);
    if (!producer_->open()) {  // positions alone
      if (Result<void> begun = Begin(); !begun) {
        spent_ = true;
        return {.outcome = CommitOutcome::kUnknown, .why = std::move(begun.error()), .ends = {}};
      }
    }
    CommitReport report = producer_->Commit(positions, member);
    if (report.outcome != CommitOutcome::kCommitted) spent_ = true;
    return report;
  }

 private:
  Result<void> Begin() {
    if (producer_->in_doubt()) {
      producer_->Say(LogLevel::kInfo, TransactionalId(*options_, worker_) + ": a request was not answered; the producer is replaced");
      producer_.reset();  // wholly, before the next one fences it
      Result<std::unique_ptr<TransactionalProducer>> next = TransactionalProducer::Open(*options_, worker_);
      if (!next)
        return Fail(next.error().recovery == Recovery::kRetry ? Recovery::kRestartTask : next.error().recovery, next.error().message);
      producer_ = std::move(*next);
      ++shared_->replaced;
    }
    return producer_->Begin();
  }

  // An Error ends the sink: what it had open is aborted now, and not whenever it is destroyed.
  Result<void> Spend(Error error) {
    spent_ = true;
    producer_.reset();
    return std::unexpected(std::move(error));
  }

  std::shared_ptr<const OutputSinkOptions> options_;
  std::shared_ptr<Shared> shared_;
  std::uint32_t worker_;
  std::unique_ptr<TransactionalProducer> producer_;
  bool spent_ = false;
};

KafkaOutputSinkFactory::KafkaOutputSinkFactory(OutputSinkOptions options)
    : options_(std::make_shared<const OutputSinkOptions>(std::move(options))), shared_(std::make_shared<Shared>()) {}
KafkaOutputSinkFactory::~KafkaOutputSinkFactory() = default;

Result<std::unique_ptr<runtime::OutputSink>> KafkaOutputSinkFactory::Make(std::uint32_t worker) {
  Result<std::unique_ptr<TransactionalProducer>> producer = TransactionalProducer::Open(*options_, worker);
  if (!producer) return std::unexpected(producer.error());
  return std::make_unique<Sink>(options_, shared_, worker, std::move(*producer));
}

std::uint64_t KafkaOutputSinkFactory::replaced() const { return shared_->replaced; }

}  // namespace antiphon::kafka

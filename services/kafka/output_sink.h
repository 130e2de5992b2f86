#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "services/kafka/client.h"
#include "services/kafka/logs.h"
#include "services/runtime/output_sink.h"
#include "state/base/result.h"
#include "state/base/time.h"

namespace antiphon::kafka {

struct OutputSinkOptions {
  ClientOptions client;
  std::string group;                   // whose positions are committed
  std::string node;                    // this process's stable name: group.instance.id of the membership, part of the transactional id
  std::string transactional_id = {};   // of the only sink that is made; empty: GROUP-NODE-wN
  TopicNames topics;                   // runtime::LogId counts in it
  std::vector<std::uint32_t> outputs;  // the topics that are written; no other may be
  // The cluster aborts a transaction that is open for longer. Also the bound of Make, of a full buffer and of records that are not taken.
  Milliseconds transaction_timeout{10'000};
};

// The transactional id of a worker: GROUP-NODE-wN, or the one of the options. Whoever uses it fences who used it before.
[[nodiscard]] std::string TransactionalId(const OutputSinkOptions& options, std::uint32_t worker);

// KafkaOutputSinkFactory: OutputSinks on a cluster, each a transactional producer of its own. Thread-safe.
//
// A producer is used for as long as all that it asked the cluster was answered at the first try. When the end of a transaction was sent
// more than once, or any request of it was lost, a late copy may still be under way and could end the *next* transaction; so the sink
// replaces its producer before it begins that (librdkafka issue 5423). This costs some 10 to 70 ms and shows only in the log. Outcomes:
// kNotCommitted only if the cluster refused the member (its generation, its id, its instance) and the transaction was then aborted.
// Whatever else goes wrong is kUnknown. Commit has no bound while the cluster cannot be reached: its outcome is then not known.
// Errors: kStopProcess, a bad setting, a missing right, a record that is larger than the cluster takes, a partition that is not there;
// kRestartTask, all else; kRetry, from Make alone.
// Source: docs/live.md, "The commit"; services/kafka/README.md.
class KafkaOutputSinkFactory : public runtime::OutputSinkFactory {
 public:
  explicit KafkaOutputSinkFactory(OutputSinkOptions options);
  ~KafkaOutputSinkFactory() override;

  [[nodiscard]] Result<std::unique_ptr<runtime::OutputSink>> Make(std::uint32_t worker) override;

  // How often a producer was replaced because of a request without an answer, over all sinks. From any thread.
  [[nodiscard]] std::uint64_t replaced() const;

 private:
  struct Shared;
  std::shared_ptr<const OutputSinkOptions> options_;
  std::shared_ptr<Shared> shared_;
  class Sink;
};

}  // namespace antiphon::kafka

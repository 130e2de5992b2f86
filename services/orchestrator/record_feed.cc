#include "services/orchestrator/record_feed.h"

#include <algorithm>

namespace antiphon::orchestrator {

Result<std::unique_ptr<InputFeed>> InputFeed::Open(runtime::EventSource& source, runtime::LogPosition from) {
  const std::array<runtime::LogPosition, 1> positions{from};
  if (auto assigned = source.Assign(positions); !assigned) return std::unexpected(std::move(assigned.error()));
  return std::unique_ptr<InputFeed>(new InputFeed(source, from.log));
}

InputFeed::~InputFeed() {
  const std::array<runtime::LogId, 1> logs{log_};
  source_.Unassign(logs);
}

// One partition's place in the control log.
class ControlLog::Feed final : public RecordFeed {
 public:
  Feed(ControlLog& control, std::int64_t from) : control_(control), next_(from) {}

  [[nodiscard]] runtime::LogId log() const override { return control_.log_; }

  [[nodiscard]] Result<std::optional<runtime::LogRecord>> Take() override {
    const auto found = control_.Find(next_);
    if (!found) return std::unexpected(found.error());
    if (*found == nullptr) return std::nullopt;
    const Kept& kept = **found;
    next_ = kept.offset + 1;
    runtime::LogRecord record;
    record.offset = kept.offset;
    if (!kept.tombstone) record.value = kept.value;
    return record;
  }

  [[nodiscard]] std::int64_t Position() const override {
    const bool waits = !control_.kept_.empty() && control_.kept_.back().offset >= next_;
    return waits ? next_ : std::max(next_, control_.source_.Position(control_.log_));
  }

 private:
  ControlLog& control_;
  std::int64_t next_;
};

ControlLog::~ControlLog() {
  if (!first_) return;
  const std::array<runtime::LogId, 1> logs{log_};
  source_.Unassign(logs);
}

Result<std::unique_ptr<RecordFeed>> ControlLog::FeedFrom(std::int64_t from) {
  if (!first_ || from < *first_) {
    const std::array<runtime::LogId, 1> logs{log_};
    if (first_) source_.Unassign(logs);
    kept_.clear();
    first_.reset();
    const std::array<runtime::LogPosition, 1> positions{{{.log = log_, .next = from}}};
    if (auto assigned = source_.Assign(positions); !assigned) return std::unexpected(std::move(assigned.error()));
    first_ = from;
  }
  return std::make_unique<Feed>(*this, from);
}

Result<const ControlLog::Kept*> ControlLog::Find(std::int64_t next) {
  while (true) {
    auto taken = source_.Take(log_);
    if (!taken) return std::unexpected(std::move(taken.error()));
    if (!*taken) break;
    kept_.push_back({.offset = (*taken)->offset, .value = std::string((*taken)->value.value_or("")), .tombstone = !(*taken)->value});
  }
  const auto found = std::ranges::lower_bound(kept_, next, {}, &Kept::offset);
  return found == kept_.end() ? nullptr : &*found;
}

}  // namespace antiphon::orchestrator

#include "services/runtime/partition_task.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "state/base/check.h"
#include "state/base/hash.h"
#include "state/store/codec.h"

namespace antiphon::runtime {
namespace {

// A timer that sets itself anew at the same time would never end: a fault of the engine, not of data.
constexpr std::uint32_t kTimersPerStepMax = 1'000'000;

}  // namespace

TaskFigures& TaskFigures::operator+=(const TaskFigures& other) {
  events += other.events;
  duplicates += other.duplicates;
  timers += other.timers;
  controls += other.controls;
  return *this;
}

PartitionTask::PartitionTask(Options options)
    : engine_(*options.engine),
      store_(std::move(options.store)),
      sink_(*options.sink),
      clock_policy_(options.clock),
      slots_(std::move(options.slots)),
      follows_log_clock_(options.follows_log_clock),
      scratch_(decision::MakeStepScratch()) {}

Result<std::unique_ptr<PartitionTask>> PartitionTask::Create(Options options) {
  ANTIPHON_CHECK(options.engine != nullptr && options.store != nullptr && options.sink != nullptr);
  std::unique_ptr<PartitionTask> task(new PartitionTask(std::move(options)));
  auto stored = task->store_->ReadMeta(kPartitionMeta);
  if (!stored) return std::unexpected(std::move(stored.error()));
  if (const std::optional<std::string>& bytes = *stored; bytes) {
    auto partition = store::DecodePartition(*bytes, task->slots_);
    if (!partition) return std::unexpected(std::move(partition.error()));
    task->partition_ = *std::move(partition);
  }
  return task;
}

Result<void> PartitionTask::ApplyEvent(const decision::Event& event, EngineTime now) {
  ANTIPHON_CHECK(now >= partition_.clock);
  if (event.backfill && !follows_log_clock_ && event.time > partition_.clock) {
    backfill_.push_back({.after = partition_.clock, .until = event.time});
  }
  if (auto fired = FireDue(now); !fired) return fired;
  auto loaded = store_->Load(event.customer);
  if (!loaded) return std::unexpected(std::move(loaded.error()));
  state::CustomerState& customer = **loaded;
  partition_.clock = now;
  if (IsDuplicate(customer, event, now)) {
    ++figures_.duplicates;
    return {};
  }
  const decision::StepTime time = clock_policy_.At(now);
  engine_.ApplyEvent(partition_, customer, event, time, *scratch_, effects_);
  const EngineTime newest_backfill = partition_.newest_backfill;
  if (event.backfill) partition_.newest_backfill = std::max(newest_backfill, now);  // nor does it bring out what was due before it came
  FireOwnDue(customer, time);
  partition_.newest_backfill = newest_backfill;
  store_->Touch(customer);
  ++figures_.events;
  HandOver(now);
  return {};
}

Result<void> PartitionTask::ApplyControl(const decision::Control& control, EngineTime now) {
  ANTIPHON_CHECK(now >= partition_.clock);
  if (auto fired = FireDue(now); !fired) return fired;
  partition_.clock = now;
  engine_.ApplyControl(partition_, control);
  ++figures_.controls;
  return {};
}

Result<void> PartitionTask::AdvanceTo(EngineTime now) {
  if (now <= partition_.clock) return {};
  if (auto fired = FireDue(now); !fired) return fired;
  partition_.clock = now;
  return {};
}

Result<void> PartitionTask::Commit(store::CommitMeta meta) {
  FlushCounters();
  meta[std::string(kPartitionMeta)] = EncodedState();
  return store_->Commit(meta);
}

std::string PartitionTask::EncodedState() const {
  std::string bytes;
  store::EncodePartition(partition_, slots_, bytes);
  return bytes;
}

void PartitionTask::FlushCounters() {
  sink_.Take(partition_.clock, effects_);
  effects_.Clear();
}

// The clock stops at every due time at or before `now`. What a timer sets for later, but not after `now`, has its turn in this loop too.
Result<void> PartitionTask::FireDue(EngineTime now) {
  while (true) {
    auto next = store_->NextDue();
    if (!next) return std::unexpected(std::move(next.error()));
    const std::optional<store::DueEntry>& first = *next;
    if (!first || first->due > now) {
      RaiseNewestBackfill(now);
      return {};
    }
    const EngineTime due = std::max(first->due, partition_.clock);
    RaiseNewestBackfill(due);
    auto found = store_->Find(first->customer);
    if (!found) return std::unexpected(std::move(found.error()));
    ANTIPHON_CHECK(*found != nullptr);
    state::CustomerState& customer = **found;
    const decision::StepTime time = clock_policy_.At(due);
    engine_.FireTimer(partition_, customer, time, *scratch_, effects_);
    ++figures_.timers;
    FireOwnDue(customer, time);
    store_->Touch(customer);
    HandOver(due);
  }
}

// What backfill moved the clock over, up to the stretch that holds `now`.
void PartitionTask::RaiseNewestBackfill(EngineTime now) {
  for (; backfill_passed_ < backfill_.size() && backfill_[backfill_passed_].after < now; ++backfill_passed_) {
    partition_.newest_backfill = std::max(partition_.newest_backfill, backfill_[backfill_passed_].until);
  }
  if (backfill_passed_ < backfill_.size()) return;
  backfill_.clear();
  backfill_passed_ = 0;
}

// The end of a step: what the customer has due by now, in order of due.
void PartitionTask::FireOwnDue(state::CustomerState& customer, const decision::StepTime& time) {
  for (std::uint32_t fired = 0; !customer.timers.empty() && customer.timers.front().due <= time.now; ++fired) {
    ANTIPHON_CHECK(fired < kTimersPerStepMax);
    engine_.FireTimer(partition_, customer, time, *scratch_, effects_);
    ++figures_.timers;
  }
}

bool PartitionTask::IsDuplicate(state::CustomerState& customer, const decision::Event& event, EngineTime now) {
  const topology::Topology& topology = engine_.topology();
  if (topology.duplicate_ids_max == 0) return false;
  const std::array<std::string_view, 2> parts{event.source, event.id};
  return customer.recent_ids.SeenBefore(HashParts128(parts), now, topology.duplicate_ids_max, topology.duplicate_horizon);
}

// Counters alone are not worth a call: they wait for the next records or the end of the batch.
void PartitionTask::HandOver(EngineTime now) {
  if (effects_.decisions.empty() && effects_.contacts.empty() && effects_.outbound.empty() && effects_.failures.empty()) return;
  sink_.Take(now, effects_);
  effects_.Clear();
}

}  // namespace antiphon::runtime

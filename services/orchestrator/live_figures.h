#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/decision/effects.h"
#include "engine/topology/topology.h"
#include "services/formats/dead_letter.h"
#include "services/process/topic_table.h"
#include "state/base/time.h"
#include "state/model/contact.h"
#include "state/model/ids.h"

namespace antiphon::orchestrator {

// What a transaction brings and is counted under no other name. Source: docs/operations.md.
enum class LiveCount : std::uint8_t { kEvents, kDuplicates, kTimers, kControls, kSkipped, kAnswers, kExpressionFailures, kCount };

// CountPlaces: the place of everything that is counted with a transaction, in one row of numbers. Immutable.
class CountPlaces {
 public:
  static constexpr std::size_t kReasons = static_cast<std::size_t>(formats::DeadLetterReason::kWrongPartition) + 1;
  static constexpr std::size_t kNotes = static_cast<std::size_t>(decision::Counter::kCount);
  static constexpr std::size_t kCauses = static_cast<std::size_t>(decision::CauseKind::kRecorded) + 1;
  static constexpr std::size_t kStatuses = static_cast<std::size_t>(state::ContactStatus::kExpired) + 1;

  CountPlaces(const topology::Topology& topology, std::size_t inputs);

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t Of(LiveCount count) const { return static_cast<std::size_t>(count); }
  [[nodiscard]] std::size_t OfRecords(std::size_t lane) const { return records_ + lane; }
  [[nodiscard]] std::size_t Of(formats::DeadLetterReason reason) const { return reasons_ + static_cast<std::size_t>(reason); }
  [[nodiscard]] std::size_t Of(decision::Counter note) const { return notes_ + static_cast<std::size_t>(note); }
  [[nodiscard]] std::size_t OfDecision(decision::CauseKind cause, bool silent) const {
    return decisions_ + 2 * static_cast<std::size_t>(cause) + (silent ? 1 : 0);
  }
  // REQUIRES: an offer of the topology.
  [[nodiscard]] std::size_t OfCandidate(state::OfferId offer, decision::Stage stage) const {
    return funnel_ + offer.value() * decision::kStageCount + static_cast<std::size_t>(stage);
  }
  // A channel that the topology does not have is counted as the one after the last.
  [[nodiscard]] std::size_t OfContact(state::ChannelId channel, state::ContactStatus status) const {
    const std::size_t position = channel.value() < channels_ ? channel.value() : channels_;
    return contacts_ + position * kStatuses + static_cast<std::size_t>(status);
  }
  [[nodiscard]] std::size_t OfCap(std::size_t cap) const { return caps_ + cap; }
  // By its id, as a candidate's rule has it.
  [[nodiscard]] std::optional<std::size_t> OfCap(std::string_view id) const;

 private:
  std::size_t channels_ = 0;
  std::size_t records_ = 0;
  std::size_t reasons_ = 0;
  std::size_t notes_ = 0;
  std::size_t decisions_ = 0;
  std::size_t funnel_ = 0;
  std::size_t contacts_ = 0;
  std::size_t caps_ = 0;
  std::size_t size_ = 0;
  std::unordered_map<std::string_view, std::size_t> cap_of_id_;  // ids live in the topology
};

// CountIds: what a version of the topology calls something, in the one that is counted by. What that does not have is not counted by its
// id: an offer (kNone) not at all, a channel as "other". Value type.
struct CountIds {
  CountIds() = default;
  CountIds(const topology::Topology& version, const topology::Topology& counted);

  std::vector<state::OfferId> offers;
  std::vector<state::ChannelId> channels;
};

inline constexpr std::size_t kBucketsMax = 24;

// What was observed of a length of time, by one thread: added to a LiveHistogram in one go.
struct HistogramPart {
  std::array<std::uint64_t, kBucketsMax> buckets{};
  Milliseconds sum{0};
};

// LiveHistogram: how often a length of time was within which bounds. Thread-safe; what is read while others add may lack a part of it.
class LiveHistogram {
 public:
  // `bounds` rise, live as long, and are fewer than kBucketsMax; what is longer than the last is counted too.
  explicit LiveHistogram(std::span<const Milliseconds> bounds) : bounds_(bounds) {}

  // Into the part; a length below zero is none.
  void Observe(HistogramPart& part, Milliseconds length, std::uint64_t times = 1) const;
  void Add(const HistogramPart& part);

  [[nodiscard]] std::span<const Milliseconds> bounds() const { return bounds_; }
  // By bound, the last one for what is longer; not cumulative.
  [[nodiscard]] HistogramPart Read() const;

 private:
  std::span<const Milliseconds> bounds_;
  std::array<std::atomic<std::uint64_t>, kBucketsMax> buckets_{};
  std::atomic<std::int64_t> sum_ms_ = 0;
};

// LiveFigures: what others may see of a live process at any time: relaxed atomics, each right by itself. Written by the workers, each its
// own and its partitions', and by the standby keeper, read by whoever asks (services/telemetry). Made once, outlives the workers.
// Thread-safe. What CountPlaces knows is counted when its transaction is committed; of one whose outcome is unknown nothing is.
class LiveFigures {
 public:
  enum class State : std::uint8_t { kNotOwned, kRestoring, kActive };

  static constexpr std::int64_t kUnknown = -1;
  struct Partition {
    explicit Partition(std::size_t logs) : lags(logs) {
      for (std::atomic<std::int64_t>& lag : lags) lag = kUnknown;
    }
    std::atomic<State> state = State::kNotOwned;
    std::atomic<std::int64_t> clock_ms = 0;      // since 1970; 0: it never saw an input
    std::atomic<std::uint64_t> sequence = 0;     // of its last commit
    std::atomic<std::int64_t> restore_left = 0;  // offsets of its changelog that are still to be read
    std::atomic<std::uint64_t> customers = 0;
    std::atomic<std::uint64_t> bytes_in_memory = 0;
    std::atomic<std::uint64_t> bytes_at_rest = 0;
    std::atomic<bool> is_standby = false;              // another process owns it; this one keeps its store warm
    std::atomic<std::int64_t> standby_lag = kUnknown;  // offsets of its changelog that the standby has not read
    std::vector<std::atomic<std::int64_t>> lags;       // by lane, control last; records behind the stable end
  };

  struct Worker {
    std::atomic<std::uint64_t> rounds = 0;      // a worker whose number stands still is stuck
    std::atomic<std::int64_t> round_at_ms = 0;  // Clock::Monotonic of its last round
    std::atomic<bool> assigned = false;         // the group has told it what it owns, be it nothing
  };

  // An input that is re-keyed, of the partitions that are this process's to re-key.
  struct Source {
    std::atomic<std::uint64_t> records = 0;  // that were read, and the transaction is committed
    std::atomic<std::uint64_t> handed = 0;   // records of antiphon.rekeyed that they became
    std::atomic<std::int64_t> lag = kUnknown;
  };

  struct Shape {
    const topology::Topology* topology = nullptr;  // outlives the figures
    std::uint32_t inputs = 0;                      // lanes of a partition, but for control
    std::uint32_t sources = 0;                     // inputs that are re-keyed
    std::uint32_t partitions = 0;
    std::uint32_t workers = 0;
  };
  explicit LiveFigures(const Shape& shape);

  [[nodiscard]] const CountPlaces& places() const { return places_; }
  [[nodiscard]] std::uint64_t count(std::size_t place) const { return counts_[place].load(std::memory_order_relaxed); }
  void Add(std::size_t place, std::uint64_t by) { counts_[place].fetch_add(by, std::memory_order_relaxed); }

  [[nodiscard]] std::vector<Worker>& workers() { return workers_; }
  [[nodiscard]] const std::vector<Worker>& workers() const { return workers_; }
  [[nodiscard]] Partition& partition(std::int32_t number) { return partitions_[static_cast<std::size_t>(number)]; }
  [[nodiscard]] const std::deque<Partition>& partitions() const { return partitions_; }

  // What the re-keyer does, by TopicTable::sources; nothing where there is none.
  std::deque<Source> sources;
  Worker rekeyer;
  std::atomic<std::uint64_t> rekey_losses = 0;  // its transactions that were not committed

  std::atomic<std::uint64_t> commits = 0;
  std::atomic<std::uint64_t> losses = 0;  // transactions that were not committed, or stores that failed: all partitions restored
  std::atomic<std::uint64_t> restored_records = 0;
  std::atomic<std::uint64_t> cache_hits = 0;
  std::atomic<std::uint64_t> cache_misses = 0;
  LiveHistogram commit_time;       // from its begin until the stores are written
  LiveHistogram record_to_commit;  // from the record's own timestamp until its transaction was known to be committed

 private:
  CountPlaces places_;
  std::vector<std::atomic<std::uint64_t>> counts_;
  std::vector<Worker> workers_;
  std::deque<Partition> partitions_;  // they never move
};

// TransactionCounts: what the transaction under way counts: plain numbers of one worker's thread, and only those that are not zero are
// looked at when it is committed. Owned by the worker.
class TransactionCounts {
 public:
  // `figures` outlives it.
  explicit TransactionCounts(LiveFigures& figures) : figures_(figures), counts_(figures.places().size()) {}

  [[nodiscard]] const CountPlaces& places() const { return figures_.places(); }
  void Add(std::size_t place, std::uint64_t by = 1) {
    if (by == 0) return;
    if (counts_[place] == 0) touched_.push_back(place);
    counts_[place] += by;
  }
  // The record's own timestamp; the epoch: it has none.
  void AddRecord(EngineTime timestamp);
  // `ids`: of the version that they are of.
  void AddEffects(const decision::Effects& effects, const CountIds& ids);

  // The transaction is committed, at wall time `now`: all of it is added to the figures.
  void Commit(EngineTime now);
  // It is not.
  void Drop();

 private:
  void AddDecision(const decision::DecisionRecord& record, const CountIds& ids);

  LiveFigures& figures_;
  std::vector<std::uint64_t> counts_;  // by place
  std::vector<std::size_t> touched_;
  std::vector<std::pair<EngineTime, std::uint64_t>> times_;  // runs of equal ones
};

}  // namespace antiphon::orchestrator

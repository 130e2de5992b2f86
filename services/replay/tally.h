#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/decision/effects.h"
#include "engine/expression/program.h"
#include "engine/expression/value.h"
#include "engine/topology/topology.h"
#include "state/base/hash.h"
#include "state/base/result.h"
#include "state/base/time.h"
#include "state/model/contact.h"

namespace antiphon::replay {

inline constexpr std::size_t kCounterCount = static_cast<std::size_t>(decision::Counter::kCount);
inline constexpr std::size_t kStatusCount = 16;
inline constexpr std::size_t kCauseCount = 6;

// The three files of the ledger, in the order of their names in the output folder.
enum class RecordFile : std::uint8_t { kDecisions = 0, kContacts = 1, kOutbound = 2 };
inline constexpr std::size_t kRecordFiles = 3;

// The lines of one file: how many, and the sum modulo 2^128 of XXH3-128 over (line without its end, the record's ordinal of its customer
// as u32 little-endian). Source: docs/replay.md, "Digests".
struct LineDigest {
  std::uint64_t lines = 0;
  Hash128 sum;
  friend bool operator==(const LineDigest&, const LineDigest&) = default;
};

// An expression that failed: who it belongs to, its text, and the kind of failure.
struct FailureName {
  std::string owner;
  std::string expression;
  std::string kind;
  friend auto operator<=>(const FailureName&, const FailureName&) = default;
};

// Totals: what the summary tells of the effects of all partitions, by names, so that it outlives the process that stopped.
struct Totals {
  std::array<LineDigest, kRecordFiles> files{};
  std::array<std::uint64_t, kCounterCount> counters{};
  std::array<std::uint64_t, kCauseCount> decisions_by_cause{};
  std::array<std::uint64_t, kStatusCount> contact_records_by_status{};
  std::uint64_t decisions_silent = 0;
  std::map<std::string, std::array<std::uint64_t, decision::kStageCount>> funnel;  // by offer: candidates by the stage that closed them
  std::map<std::pair<decision::Stage, std::string>, std::uint64_t> closings;       // by stage and rule
  std::map<std::pair<decision::Stage, std::string>, std::uint64_t> silences;
  std::map<std::pair<std::string, std::string>, std::uint64_t> said;  // by channel and day of the bank's zone
  std::map<FailureName, std::uint64_t> failures;
  std::map<std::string, std::uint32_t> reached;  // contacts said, by customer
};

// True if the change is the one by which the customer heard of it: sent, presented, or a response that implies it.
[[nodiscard]] bool BecomesSaid(state::ContactStatus previous, state::ContactStatus status);

// Tally: counts the effects of one partition as they come, by positions and addresses of the topology: a few nanoseconds each. Owned by
// the partition's sink.
class Tally {
 public:
  // `topology` must outlive the tally.
  explicit Tally(const topology::Topology& topology);

  void Add(const decision::Effects& effects);
  void AddLine(RecordFile file, const Hash128& digest) {
    LineDigest& lines = files_[static_cast<std::size_t>(file)];
    ++lines.lines;
    lines.sum += digest;
  }

  // Adds what was counted so far to `totals`.
  void AddTo(Totals& totals) const;

 private:
  // A rule's id lives in the topology or is static, so its address names it; two addresses of one text meet in Totals.
  struct RuleKey {
    const char* data = nullptr;
    std::size_t size = 0;
    std::uint32_t kind = 0;  // a stage
    friend bool operator==(const RuleKey&, const RuleKey&) = default;
  };
  struct RuleKeyHash {
    std::size_t operator()(const RuleKey& key) const { return std::hash<const void*>{}(key.data) * 31U + key.size * 7U + key.kind; }
  };
  struct FailureKey {
    const expression::Program* program = nullptr;  // of the topology
    expression::ErrorCode code{};
    friend bool operator==(const FailureKey&, const FailureKey&) = default;
  };
  struct FailureKeyHash {
    std::size_t operator()(const FailureKey& key) const {
      return std::hash<const void*>{}(key.program) * 31U + static_cast<std::size_t>(key.code);
    }
  };
  using RuleCounts = std::unordered_map<RuleKey, std::uint64_t, RuleKeyHash>;
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  void AddDecision(const decision::DecisionRecord& record);
  void AddContact(const decision::ContactRecord& record);
  void AddFailuresTo(Totals& totals) const;
  static void Count(RuleCounts& counts, std::string_view text, std::uint32_t kind) {
    ++counts[RuleKey{.data = text.data(), .size = text.size(), .kind = kind}];
  }

  const topology::Topology& topology_;
  std::array<LineDigest, kRecordFiles> files_{};
  std::array<std::uint64_t, kCounterCount> counters_{};
  std::array<std::uint64_t, kCauseCount> decisions_by_cause_{};
  std::array<std::uint64_t, kStatusCount> contact_records_by_status_{};
  std::uint64_t decisions_silent_ = 0;
  std::vector<std::array<std::uint64_t, decision::kStageCount>> funnel_;  // by OfferId
  RuleCounts closings_;
  RuleCounts silences_;
  std::unordered_map<FailureKey, std::uint64_t, FailureKeyHash> failures_;
  std::unordered_map<std::uint64_t, std::uint64_t> said_;  // channel and day
  std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>> reached_;
};

}  // namespace antiphon::replay

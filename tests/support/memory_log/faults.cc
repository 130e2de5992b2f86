#include "tests/support/memory_log/faults.h"

#include <array>

namespace antiphon::memory_log {
namespace {

constexpr std::array<std::string_view, 10> kPoints = {"kMake", "kAppend",     "kCommit",    "kEnd",       "kAnswer",
                                                      "kTake", "kStableEnds", "kCommitted", "kDirectory", "kPoll"};
constexpr std::array<std::string_view, 5> kFaults = {"kNone", "kError", "kLost", "kLate", "kKill"};

}  // namespace

void Faults::Next(Point point, Fault fault, When when) {
  Next(point, [fault](const Call&) { return fault; }, std::move(when));
}

void Faults::Next(Point point, Hook hook, When when) { scripts_.push_back({point, std::move(hook), std::move(when)}); }

void Faults::Heal() {
  scripts_.clear();
  rates_.clear();
  knobs_.markers_after = knobs_.markers_within = Milliseconds{0};
}

Fault Faults::Meet(const Call& call) {
  const Fault fault = Choose(call);
  // Records that come late are too many to be told.
  if (fault != Fault::kNone && (call.point != Point::kTake || fault != Fault::kLate)) {
    trace_.push_back(std::string(call.node) + ' ' + std::string(kPoints.at(static_cast<std::size_t>(call.point))) + ' ' +
                     std::string(kFaults.at(static_cast<std::size_t>(fault))));
  }
  return fault;
}

Fault Faults::Choose(const Call& call) {
  for (auto script = scripts_.begin(); script != scripts_.end(); ++script) {
    if (script->point != call.point || (!script->when.node.empty() && script->when.node != call.node)) continue;
    if (script->when.skip > 0) {
      --script->when.skip;
      continue;
    }
    const Hook hook = script->hook;  // it may add scripts, or heal
    if (--script->when.times == 0) scripts_.erase(script);
    return hook(call);
  }
  if (rates_.empty()) return Fault::kNone;
  std::uint64_t drawn = Below(1000);
  for (const auto& [at, per_mille] : rates_) {
    if (at.first != call.point) continue;
    if (drawn < per_mille) return at.second;
    drawn -= per_mille;
  }
  return Fault::kNone;
}

}  // namespace antiphon::memory_log

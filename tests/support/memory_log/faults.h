#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "state/base/time.h"

namespace antiphon::memory_log {

// Where a call of a port can be met.
enum class Point : std::uint8_t {
  kMake,        // OutputSinkFactory::Make
  kAppend,      // OutputSink::Append
  kCommit,      // OutputSink::Commit has begun; nothing of it was sent
  kEnd,         // .. its positions are accepted and pending; the end of the transaction was not sent
  kAnswer,      // .. the cluster has decided; nobody was told
  kTake,        // EventSource::Take
  kStableEnds,  // EventSource::StableEnds
  kCommitted,   // LogDirectory::Committed
  kDirectory,   // the other calls of LogDirectory
  kPoll,        // Membership::Poll
};

// What happens to the call. What is not in the table is as kNone.
//
//              kError                     kLost                             kLate
//   kMake      kRetry
//   kAppend    an Error: spent
//   kCommit    kNotCommitted
//   kEnd       kNotCommitted              kUnknown; open until fenced or    kUnknown; the request arrives
//                                         timed out, so in truth aborted    Knobs::late after, if not fenced
//   kAnswer                               kUnknown; in truth committed      kCommitted, its ends untold
//   kTake      kRestartTask                                                 nothing at hand yet
//   kStableEnds, kCommitted, kDirectory
//              kRetry
//   kPoll      the group rebalances       the member is expelled
//
// kKill: the process dies here (MemoryProcess::Kill); after kEnd the transaction is open, after kAnswer it is committed.
enum class Fault : std::uint8_t { kNone, kError, kLost, kLate, kKill };

struct Call {
  Point point{};
  std::string_view node;  // of the process that called
};

// Which calls a script is for: after `skip` fitting ones the next `times`.
struct When {
  std::string node{};  // empty: any
  std::uint32_t skip = 0;
  std::uint32_t times = 1;
};

// Faults: what goes wrong in a MemoryCluster, and every choice that it makes; all of it from one seed. Single-threaded, like all of this
// room. A call is hit by the first script that fits it; else by chance, see Rate; else not.
class Faults {
 public:
  struct Knobs {
    std::uint32_t fetch_records_max = 1000;  // a source gets 1 to so many records at a time
    Milliseconds markers_after{0};           // a transaction's markers reach each of its logs, and the group's positions, so long after
    Milliseconds markers_within{0};          //   its end, at most so long; a time of its own for each
    Milliseconds late{3000};                 // see kEnd, kLate
  };
  // Called at the point, within the call; returns what happens to it. May do anything to the cluster and to other processes (so a frozen
  // owner is made: move the clock, let another take over, return kNone); must not destroy the port that it was called from.
  using Hook = std::function<Fault(const Call&)>;

  explicit Faults(std::uint64_t seed) : seed_(seed), random_(seed) {}

  void Next(Point point, Fault fault, When when = {});
  void Next(Point point, Hook hook, When when = {});
  // So many of a thousand calls.
  void Rate(Point point, Fault fault, std::uint32_t per_mille) { rates_[{point, fault}] = per_mille; }
  // From here on nothing goes wrong by itself: no scripts, rates, late markers. How records are fetched stays.
  void Heal();
  [[nodiscard]] Knobs& knobs() { return knobs_; }

  // For the ports.
  [[nodiscard]] Fault Meet(const Call& call);
  [[nodiscard]] std::uint64_t Below(std::uint64_t bound) { return random_() % bound; }
  [[nodiscard]] std::uint64_t seed() const { return seed_; }
  // What went wrong so far, in order, to be printed with a failure: "node-1 kEnd kLost".
  [[nodiscard]] const std::vector<std::string>& trace() const { return trace_; }

 private:
  struct Script {
    Point point{};
    Hook hook;
    When when;
  };

  [[nodiscard]] Fault Choose(const Call& call);

  std::uint64_t seed_;
  std::mt19937_64 random_;
  Knobs knobs_;
  std::list<Script> scripts_;
  std::map<std::pair<Point, Fault>, std::uint32_t> rates_;
  std::vector<std::string> trace_;
};

}  // namespace antiphon::memory_log

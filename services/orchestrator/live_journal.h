#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/formats/live_records.h"
#include "services/runtime/log.h"
#include "state/base/time.h"

namespace antiphon::orchestrator {

// LiveJournal: what a partition consumed since its last commit, in order. Owned by the partition.
class LiveJournal {
 public:
  // `topics`: the inputs' names, control last; entries count their source in it.
  LiveJournal(std::uint32_t partition, std::vector<std::string> topics) : partition_(partition), topics_(std::move(topics)) {}

  void AddFloor(EngineTime floor) { entries_.emplace_back(formats::JournalFloor{floor}); }
  void AddTick(EngineTime to) {
    entries_.emplace_back(formats::JournalTick{to});
    has_inputs_ = true;
  }
  // The partition decides under this version from here on; with a reason, it does not, and the record before asked for it.
  void AddActivation(const Hash128& version, std::string refused) {
    entries_.emplace_back(formats::JournalActivation{.version = version, .refused = std::move(refused)});
  }
  // A record of the partition's own log. Consecutive ones become one range: what lies between is no record that anyone can read.
  void AddRecord(std::uint32_t source, std::int64_t offset);
  // A record that every partition reads: in full, so that a partition's journal stands alone.
  void AddCopy(std::uint32_t source, std::int64_t offset, std::string_view bytes);

  // True if something was consumed or the clock moved; a floor alone is nothing.
  [[nodiscard]] bool HasInputs() const { return has_inputs_; }
  [[nodiscard]] formats::LiveCommit Make(const formats::LiveSettings& settings, std::uint64_t sequence, const std::string& node,
                                         std::int32_t generation) const;
  void Clear();

 private:
  std::uint32_t partition_;
  std::vector<std::string> topics_;
  std::vector<formats::JournalEntry> entries_;
  bool has_inputs_ = false;
};

}  // namespace antiphon::orchestrator

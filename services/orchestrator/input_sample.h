#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "services/orchestrator/decoders.h"
#include "services/orchestrator/process_parts.h"
#include "services/runtime/event_source.h"
#include "services/runtime/log.h"
#include "services/runtime/log_directory.h"
#include "state/base/result.h"
#include "state/base/time.h"

namespace antiphon::orchestrator {

// What the latest records of an input say of what the process file claims.
struct InputSample {
  static constexpr std::int32_t kPartitionsMax = 4;  // looked at, spread over all
  static constexpr std::int64_t kRecordsMax = 100;   // of each
  static constexpr Milliseconds kWithin{5'000};      // of all inputs; what did not come by then was not looked at

  std::uint32_t input = 0;
  bool begun = false;         // the group has positions in it: an earlier run took it
  std::uint64_t records = 0;  // that name a customer; `key: customer` alone
  std::uint64_t broken = 0;   // of them: in another partition than his
  struct Place {
    runtime::LogId log;
    std::int64_t offset = 0;
    std::uint32_t belongs = 0;  // in this partition
  };
  std::optional<Place> first;  // of the broken
  EngineTime newest{};         // of the records' own timestamps; the epoch: none
};

// Looks at the latest records of each input: reads only, joins no group. `source` reads nothing else, with the headers of inputs;
// `directory` must not wait for transactions. What cannot be decoded is passed over (it will be a dead letter), and so is what was
// re-driven: it lies where its key put it. kRetry: the cluster did not answer.
[[nodiscard]] Result<std::vector<InputSample>> SampleInputs(const ProcessParts& parts, const Decoders& decoders,
                                                            runtime::EventSource& source, runtime::LogDirectory& directory);

// Of an input that claims the customer's key and breaks it, what is wrong, how much of it, and the remedy. It is an error at the first
// start with this input; later only if half of the sample breaks: one stray record of a run under way is a dead letter, and no outage.
struct SampleVerdict {
  std::string message;  // empty: all is well
  bool refused = false;
};
[[nodiscard]] SampleVerdict JudgeKeys(const InputSample& sample, const ProcessParts& parts);

// Of an input whose newest record is later than the machine's clock allows (clock: ahead): one of the two is wrong. Empty: all is well.
[[nodiscard]] std::string JudgeClock(const InputSample& sample, const ProcessParts& parts);

}  // namespace antiphon::orchestrator

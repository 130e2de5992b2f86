#pragma once

#include <cstdint>
#include <string>

#include "services/orchestrator/ledger_output.h"
#include "state/base/result.h"

namespace antiphon::archive {

// What a Put fails with (stop the process) if the line is not what was written: JudgedLines::difference() has it in words.
inline constexpr const char* kDiffers = "differs";

// JudgedLines: where the lines of a replay go: compared with what was written (ComparedLines), or written down (services/live).
class JudgedLines : public orchestrator::OutputLines {
 public:
  // After the last commit. Fails as Put does if more was written than the replay said.
  [[nodiscard]] virtual Result<void> Finish() = 0;
  // The first one; empty: none.
  [[nodiscard]] virtual const std::string& difference() const = 0;
  [[nodiscard]] virtual std::uint64_t lines() const = 0;
};

}  // namespace antiphon::archive

#pragma once

#include <expected>
#include <string>
#include <utility>

namespace antiphon {

// Who recovers from an Error. Source: docs/architecture.md, "Errors".
enum class Recovery {
  kDeadLetter,   // this input alone: it becomes a dead letter, everything else goes on
  kRetry,        // the same call may succeed later
  kRestartTask,  // reload the partition's state and go on
  kStopProcess,  // nothing here can go on: bad configuration, bad usage, a full disk
};

// An expected failure. The message names the place (file and line, topic and offset, rule id) and the remedy; it never holds a
// customer's data.
struct Error {
  Recovery recovery = Recovery::kStopProcess;
  std::string message;
};

template <typename T>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> Fail(Recovery recovery, std::string message) {
  return std::unexpected(Error{recovery, std::move(message)});
}

}  // namespace antiphon

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/decision/input.h"
#include "services/formats/dead_letter.h"
#include "state/base/hash.h"
#include "state/base/time.h"

namespace antiphon::formats {

inline constexpr std::size_t kIdBytesMax = 256;  // of an event's id, of its source and of a customer's id
inline constexpr int kJsonDepthMax = 64;         // of what is read into a map field; what nobody reads may be deeper
inline constexpr std::size_t kLineBytesMaxDefault = std::size_t{16} << 20U;  // of a line, and of a record of a topic

// Where a record stands in its source: the argument position of a file and the uncompressed bytes before the line, or a partition of a
// topic and its offset.
struct RecordPosition {
  std::uint32_t partition = 0;
  std::uint64_t offset = 0;
};

// What a record turned out to be.
struct Decoded {
  enum class Kind : std::uint8_t { kEvent, kControl, kSkipped, kDeadLetter, kActivation };
  Kind kind = Kind::kDeadLetter;
  decision::Event event;                              // kEvent
  decision::Control control;                          // kControl
  Hash128 activates;                                  // kActivation: the version that control.activate names; `time` is there
  std::string_view type;                              // as the record has it, if it could be read; of kSkipped the undeclared one
  std::optional<EngineTime> time;                     // likewise, also of a dead letter
  DeadLetterReason reason = DeadLetterReason::kNone;  // kDeadLetter
  std::string message;                                // kDeadLetter: names the field, never its value
};

void MakeDeadLetter(Decoded& out, DeadLetterReason reason, std::string message);

}  // namespace antiphon::formats

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "state/base/time.h"

namespace antiphon::formats {

// Why a record became a dead letter; printed as DeadLetterReasonName. Source: docs/records.md, "Dead letters".
enum class DeadLetterReason : std::uint8_t {
  kNone,             // it is no dead letter
  kNotJson,          // no JSON object, cut off, invalid UTF-8, a key twice, nested deeper than kJsonDepthMax where it is read
  kTooLarge,         // longer than the limit of a line or record
  kNoType,           // the type is absent or no text
  kUnknownType,      // not declared, and the topology wants that to be an error
  kNoTime,           // absent, or not a time
  kTimeOutOfBounds,  // outside [1970-01-02, 2100-01-01)
  kNoCustomer,       // absent or empty
  kBadCustomer,      // neither a text nor a whole number, or longer than kIdBytesMax
  kBadId,            // likewise
  kMissingField,     // a required field is absent or null
  kBadField,         // a field of another type than declared
  kFieldOutOfRange,  // a number, date or time that its type cannot hold exactly
  kBadControl,       // a control record that names nothing or more than one thing
  kUnknownTarget,    // a control record that names what the topology does not have
  kBadFrame,         // no frame of the Schema Registry, or cut off
  kUnknownSchema,    // a schema that is not pinned, or another message of the schema than declared
  kBadEnvelope,      // an envelope that lacks what it must have, or of another kind than declared
  kNotProtobuf,      // cut off, no field's number or length, an invalid UTF-8 text where it is read, groups nested deeper than 100
  kUnknownMessage,   // an Any of a message that nobody knows
  kWrongPartition,   // the record's customer belongs to another partition; found by the process, not by a decoder
  kBrokenFile,       // the archive ends in the middle or is damaged; no record
};
[[nodiscard]] std::string_view DeadLetterReasonName(DeadLetterReason reason);

// A record that cannot be applied. Texts are borrowed. Printed by RecordWriter::AppendDeadLetter.
struct DeadLetter {
  std::string_view source;   // the input: a file's name, a topic
  std::uint32_t file = 0;    // the file's argument position, or the partition of the topic
  std::uint64_t line = 0;    // from 1; 0: there are no lines
  std::uint64_t offset = 0;  // uncompressed bytes before the record, or the record's offset in its partition
  DeadLetterReason reason = DeadLetterReason::kNone;
  std::string_view message;        // names the field or rule; never a customer's data
  std::optional<EngineTime> time;  // of the record, if it could be read
  std::string_view bytes;          // the record as it came, possibly cut to kDeadLetterBytesMax
};
inline constexpr std::size_t kDeadLetterBytesMax = std::size_t{64} << 10U;

// The header of a record that was sent again because it had become a dead letter, and of the note in antiphon.dead-letters that says so:
// TOPIC:PARTITION:OFFSET of the record that became one. What carries it in antiphon.dead-letters is no dead letter.
inline constexpr std::string_view kRedriveHeader = "antiphon-redrive-of";

}  // namespace antiphon::formats

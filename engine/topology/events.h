#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/expression/program.h"
#include "state/base/time.h"
#include "state/model/ids.h"

namespace antiphon::topology {

// An expression over an event, once for each event type that it may meet (field positions differ by type). `program` is nothing if
// the author wrote none.
using EventTypeIndex = std::uint16_t;

enum class FieldType : std::uint8_t {
  kString,
  kBool,
  kInt,
  kDouble,
  kDecimal,  // read exactly; an int of minor units, 10^-scale of the currency
  kDate,     // a timestamp: that day, 00:00 UTC
  kTimestamp,
  kStringList,  // list(string)
  kMap,         // map(string, dyn): a JSON object as it is
};

// How one field of an event is read. Source: docs/topology-reference.md, "events".
struct EventField {
  std::string name;  // may have dots: `actor.kind`
  FieldType type = FieldType::kString;
  std::uint8_t scale = 0;                                   // kDecimal: digits after the point
  std::string currency;                                     // kDecimal: empty or ISO 4217
  std::vector<std::string> path;                            // where the record has it: the keys from its root
  bool required = false;                                    // its absence makes the event a dead letter
  std::vector<std::pair<std::string, std::string>> values;  // the bank's word -> ours; a word not listed stays as it is
};

// What the engine itself does with an event, besides features and triggers. An event type takes a role by the message it names or by
// `acts_as`; its role's fields are then found by the names in RoleFieldNames.
enum class EventRole : std::uint8_t {
  kPlain,
  kConsentChanged,
  kContactPointChanged,
  kContactRecorded,
  kContactResponse,
  kDecisionRequested,
  kInteractionEnded,
  kPageViewed,
};

// Fields that a role reads, whatever the bank calls them.
enum class RoleField : std::uint8_t {
  kChannel,       // consent, recorded, requested
  kPurpose,       // consent
  kGranted,       // consent
  kKind,          // contact point: phone, email, ..
  kGood,          // contact point
  kContactId,     // recorded, response
  kDirection,     // recorded: outbound, inbound
  kOffer,         // recorded
  kClass,         // recorded
  kStatus,        // recorded: sent, delivered, ..
  kSourceSystem,  // recorded
  kCode,          // response
  kActorKind,     // recorded, response, requested
  kActorId,
  kActorBranch,
  kInteractionId,  // response, requested, ended
  kRequestId,      // requested: else the event's id
  kPlacement,      // requested
  kSlots,          // requested: how many offers at most
  kIntent,         // requested
  kLanguage,       // requested
  kReason,         // response: the agent's own words on his choice
  kPath,           // page viewed
  kSensitive,      // page viewed
  kCount,
};
[[nodiscard]] const char* RoleFieldName(RoleField field);

inline constexpr std::uint16_t kNoField = 0xFFFF;
// In an EventFieldRef: what every event has, whatever its type. A timestamp, and texts.
inline constexpr std::uint16_t kEventTimeField = 0xFFFE;
inline constexpr std::uint16_t kEventIdField = 0xFFFD;

struct EventType {
  std::string name;
  std::string about;
  std::string name_in_log;  // the type's name in the record; equal to `name` unless the author maps it
  EventRole role = EventRole::kPlain;
  std::string source;  // names the system, for duplicates and causes
  std::vector<std::string> id_path;
  std::vector<std::string> time_path;
  std::vector<std::string> customer_path;
  std::vector<EventField> fields;                                                        // sorted by name
  std::array<std::uint16_t, static_cast<std::size_t>(RoleField::kCount)> role_fields{};  // position, or kNoField
  Milliseconds lateness{0};                                                              // for patterns

  [[nodiscard]] std::uint16_t field_of(RoleField field) const { return role_fields[static_cast<std::size_t>(field)]; }
};

// How the type of a record is found and whether unknown ones matter.
struct Envelope {
  std::vector<std::string> type_path;      // default: type
  std::vector<std::string> backfill_path;  // default: backfill
  bool unknown_types_dead_letter = false;
};

// The fields of a wire message, for event types that say `message: antiphon.v1.X`: given by the shell, which knows the protobuf
// descriptors.
class MessageCatalog {
 public:
  struct Message {
    std::vector<EventField> fields;
    EventRole role = EventRole::kPlain;
  };
  virtual ~MessageCatalog() = default;
  // nullptr: no such message.
  [[nodiscard]] virtual const Message* Find(std::string_view name) const = 0;
  [[nodiscard]] virtual std::vector<std::string> Names() const = 0;
};

}  // namespace antiphon::topology

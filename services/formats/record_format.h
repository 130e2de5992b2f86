#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace antiphon::formats {

// How the records of an input topic are written; declared, never guessed. Source: docs/events.md, "Formats".
enum class Payload : std::uint8_t { kJson, kProtobuf };
enum class Envelope : std::uint8_t { kNone, kCloudEventsBinary, kCloudEventsStructured, kDebezium };

// Where an event's time stands.
enum class TimeFrom : std::uint8_t {
  kEnvelope,  // in the envelope, if there is one and the topology names no place of its own; else in the payload
  kPayload,   // in the payload, where the topology says, even at the usual name
  kRecord,    // it is the timestamp of the record in its log
};

// kDebezium, of columns of which the record itself has no schema: how decimal.handling.mode and time.precision.mode have them written.
enum class ColumnDecimals : std::uint8_t {
  kText,   // string or double: digits
  kBytes,  // precise: base64 of the unscaled number, at the scale that the topology declares for the field
};
enum class ColumnTimes : std::uint8_t { kMilliseconds, kMicroseconds, kNanoseconds };

struct RecordFormat {
  Payload payload = Payload::kJson;
  Envelope envelope = Envelope::kNone;
  bool registry_framed = false;           // of the Schema Registry: the frame is checked and stripped
  std::vector<std::uint32_t> schema_ids;  // pinned; this and the next empty: any
  std::vector<std::string> schema_guids;  // pinned: "89791762-2336-4186-9674-299b90a802e2"
  std::string descriptor;                 // kProtobuf: the file of a FileDescriptorSet; empty: Antiphon's own messages
  std::string message;                    // kProtobuf: its full name; empty: antiphon.v1.Event

  std::string event;     // every record is of this type, as a record would name it; empty: each names its own
  std::string customer;  // empty: in the payload, where the topology says; "key": the record's key; else an attribute of CloudEvents
  // kJson, of a topic that is re-keyed: where in the payload all customers of a record stand, a path of keys; a list on the way or at its
  // end is gone through. Empty: a record has one, where it says. What has nothing there has one, too.
  std::vector<std::string> customers;
  TimeFrom time = TimeFrom::kEnvelope;

  // kDebezium. Of an operation (c, u, d, r) the type of its events; empty: its records are skipped. Operations that are not named: c, u
  // and r are of the type `event`, d is skipped.
  std::map<std::string, std::string, std::less<>> operations;
  bool snapshot_is_backfill = true;  // r builds state and opens no moment
  ColumnDecimals decimals = ColumnDecimals::kText;
  ColumnTimes times = ColumnTimes::kMilliseconds;
};

}  // namespace antiphon::formats

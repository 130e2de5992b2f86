#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/expression/arena.h"
#include "engine/topology/topology.h"
#include "services/formats/decoded.h"
#include "services/formats/padded_text.h"
#include "services/formats/record_format.h"
#include "state/base/result.h"
#include "state/base/time.h"

namespace antiphon::formats {

// A header of a record. Its name may occur more than once; the last one counts.
struct RecordHeader {
  std::string_view name;
  std::string_view value;
};

// TopicRecord: one record as it stands in a topic. Borrowed.
struct TopicRecord {
  std::optional<std::string_view> key;    // nothing: null
  std::optional<PaddedText> value;        // nothing: null, a tombstone
  std::span<const RecordHeader> headers;  // needed only where wants_headers()
  EngineTime timestamp{};                 // the record's own; the epoch: none
  RecordPosition position;
  std::string_view customer;  // whose it is, whatever it says itself: of a record that was re-keyed; empty: it says so
};

// RecordDecoder: one record of a topic of one declared format -> an event, a control record, a record to be passed over, or a dead letter.
//  - kSkipped: of a type that nobody declared (`type` says which), or without a value, or of an operation that is no event (`type` is
//  empty).
//  - The same record always gives the same result, whatever came before it.
//  - Event::source is the envelope's source where it has one (CloudEvents, antiphon.v1.Event), else that of the type's declaration.
// Not thread-safe: one per thread. Allocates nothing in the steady state (a dead letter's message apart).
// Source: docs/events.md, "Formats".
class RecordDecoder {
 public:
  RecordDecoder() = default;
  RecordDecoder(const RecordDecoder&) = delete;
  RecordDecoder& operator=(const RecordDecoder&) = delete;
  virtual ~RecordDecoder() = default;

  // What comes out borrows from the record (key, value, headers), the arena and the decoder's topology: all must live, and the arena must
  // not be reset, until it was applied. A record that does not fit into what is left of the arena is kTooLarge: give one of ArenaBytes().
  [[nodiscard]] virtual Decoded Decode(const TopicRecord& record, expression::Arena& arena) = 0;

  // The customers at RecordFormat::customers, each once, in the record's order: none where the record has nothing there, or the format
  // names no such place. False if they cannot be read, or are more than kCustomersMax; `out` is then what the record is. Borrows as Decode.
  static constexpr std::size_t kCustomersMax = 100;
  [[nodiscard]] virtual bool FindCustomers(const TopicRecord& record, expression::Arena& arena, std::vector<std::string_view>& customers,
                                           Decoded& out) = 0;

  // The limit for an arena that serves batches of so many records and bytes of keys, values and headers in all.
  [[nodiscard]] virtual std::size_t ArenaBytes(std::size_t batch_records, std::size_t batch_bytes) const = 0;

  [[nodiscard]] virtual bool wants_headers() const = 0;
};

// The decoder of a topic. `descriptor_set` is the content of the file `format.descriptor`, a serialized FileDescriptorSet with its imports
// (`protoc --include_imports --descriptor_set_out`). `topology` must outlive the decoder.
// Errors, kStopProcess: parts of the format that contradict each other, a type that the topology does not declare, an unreadable
// descriptor, a message or field that it does not have (with the nearest), a field that cannot be read as what the topology declares.
[[nodiscard]] Result<std::unique_ptr<RecordDecoder>> MakeRecordDecoder(const RecordFormat& format, const topology::Topology& topology,
                                                                       std::string_view descriptor_set);

}  // namespace antiphon::formats

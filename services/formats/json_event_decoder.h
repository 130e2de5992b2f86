#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "engine/expression/arena.h"
#include "engine/topology/topology.h"
#include "services/formats/decoded.h"
#include "services/formats/padded_text.h"
#include "state/base/time.h"

namespace antiphon::formats {

// JsonEventDecoder: one JSON object -> an event of a declared type, a control record, a record of an undeclared type, or a dead letter.
// The same bytes always give the same result, also for what nobody reads: the whole line is checked against RFC 8259 and UTF-8.
//  - Keys are found by the paths of the topology. A key that is read may stand once only; null is absence.
//  - decimal(n): a number or a text, read digit by digit; digits beyond the scale must be zeros (12.50 and 1250e-2 are 1250 at scale 2,
//    12.505 is out of range). int likewise with scale 0, also as a text ("12": protobuf prints 64-bit numbers so).
//  - date: "2026-03-01" is that day at 00:00 UTC. timestamp: RFC 3339 text, or a whole number of milliseconds since 1970.
//  - An event without an id, or with an empty one, gets `source@partition:offset`.
//  - control.pause and control.resume are control records: time, and one of offer, campaign, channel, trigger (an id) or all (true).
// Not thread-safe: one per thread. Allocates nothing in the steady state (a dead letter's message apart). One pass over the line if the
// type comes before the other keys that are read, else two. Source: docs/events.md, "JSON".
class JsonEventDecoder {
 public:
  // `topology` must outlive the decoder.
  explicit JsonEventDecoder(const topology::Topology& topology, std::size_t line_bytes_max = kLineBytesMaxDefault);
  ~JsonEventDecoder();
  JsonEventDecoder(JsonEventDecoder&&) noexcept;
  JsonEventDecoder& operator=(JsonEventDecoder&&) noexcept;

  // The event borrows from `line` and `arena`: both must live, and the arena must not be reset, until the event was applied. A line that
  // does not fit into what is left of the arena is kTooLarge: give an arena of ArenaBytes(), so that this cannot happen.
  [[nodiscard]] Decoded Decode(PaddedText line, const RecordPosition& position, expression::Arena& arena);

  // The limit for an arena that serves batches of so many lines and bytes of lines in all.
  [[nodiscard]] std::size_t ArenaBytes(std::size_t batch_lines, std::size_t batch_bytes) const;

  // The time of a declared event or a control record, within bounds; nothing for all else. Cheaper than Decode; reads only as far as it
  // must.
  [[nodiscard]] std::optional<EngineTime> PeekTime(PaddedText line);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace antiphon::formats

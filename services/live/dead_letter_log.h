#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "services/live/cluster_view.h"
#include "services/runtime/event_source.h"
#include "state/base/result.h"
#include "state/base/time.h"

namespace antiphon::live {

// Where the record stood that became a dead letter; names the letter, since a record becomes one once.
struct RecordPlace {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  friend auto operator<=>(const RecordPlace&, const RecordPlace&) = default;
};
// "core.transactions:3:1234", as operators write it.
[[nodiscard]] std::string ToString(const RecordPlace& place);
[[nodiscard]] std::optional<RecordPlace> ParsePlace(std::string_view text);

// One dead letter as it stands in antiphon.dead-letters.
struct Letter {
  RecordPlace place;
  std::int32_t partition = 0;  // of antiphon.dead-letters
  EngineTime written{};
  std::string reason;
  std::string message;
  std::string topology_version;
  std::string time;                // of the record; empty: it could not be read
  std::string bytes;               // of the record, at most kDeadLetterBytesMax
  std::optional<std::string> key;  // the customer, where he was known
};

struct LetterVisitor {
  std::function<Result<void>(const Letter&)> letter;
  std::function<void(const RecordPlace&, EngineTime when)> redriven;  // the note of a re-drive
};

// Visits all committed letters and notes, partition by partition, each in order, up to the ends as they are now. Fails where the topic
// cannot be read, or the visitor fails. Nobody's positions are touched.
[[nodiscard]] Result<void> VisitLetters(const ClusterView& view, runtime::EventSource& source, const LetterVisitor& visitor);

// The value of a note.
[[nodiscard]] std::string NoteOf(const RecordPlace& place, EngineTime when);

}  // namespace antiphon::live

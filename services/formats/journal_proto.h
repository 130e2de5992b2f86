#pragma once

#include <optional>

#include "antiphon/v1/journal.pb.h"
#include "services/formats/journal.h"
#include "state/base/hash.h"

// The parts of the journal's messages, to and from protobuf: for the sources of this room that write them.
namespace antiphon::formats {

void ToProto(const Hash128& hash, v1::Hash128& out);
[[nodiscard]] Hash128 FromProto(const v1::Hash128& hash);

void ToProto(const JournalEntry& entry, v1::JournalEntry& out);
// Nothing: a kind of entry that this version does not know.
[[nodiscard]] std::optional<JournalEntry> FromProto(const v1::JournalEntry& entry);

}  // namespace antiphon::formats

#include "services/formats/journal_proto.h"

#include <variant>

namespace antiphon::formats {

void ToProto(const Hash128& hash, v1::Hash128& out) {
  out.set_high(hash.high);
  out.set_low(hash.low);
}

Hash128 FromProto(const v1::Hash128& hash) { return {.high = hash.high(), .low = hash.low()}; }

void ToProto(const JournalEntry& entry, v1::JournalEntry& out) {
  if (const auto* floor = std::get_if<JournalFloor>(&entry)) {
    out.set_floor_ms(ToEpochMs(floor->floor));
  } else if (const auto* tick = std::get_if<JournalTick>(&entry)) {
    out.set_tick_ms(ToEpochMs(tick->to));
  } else if (const auto* range = std::get_if<JournalRange>(&entry)) {
    v1::JournalRange& made = *out.mutable_range();
    made.set_source(range->source);
    made.set_partition(range->partition);
    made.set_from(range->from);
    made.set_to(range->to);
    made.set_records(range->records);
  } else if (const auto* activation = std::get_if<JournalActivation>(&entry)) {
    ToProto(activation->version, *out.mutable_activation()->mutable_version());
    out.mutable_activation()->set_refused(activation->refused);
  } else {
    const auto& record = std::get<JournalRecord>(entry);
    v1::JournalRecord& made = *out.mutable_record();
    made.set_source(record.source);
    made.set_offset(record.offset);
    made.set_bytes(record.bytes);
  }
}

std::optional<JournalEntry> FromProto(const v1::JournalEntry& entry) {
  switch (entry.kind_case()) {
    case v1::JournalEntry::kFloorMs:
      return JournalFloor{FromEpochMs(entry.floor_ms())};
    case v1::JournalEntry::kTickMs:
      return JournalTick{FromEpochMs(entry.tick_ms())};
    case v1::JournalEntry::kRange:
      return JournalRange{.source = entry.range().source(),
                          .partition = entry.range().partition(),
                          .from = entry.range().from(),
                          .to = entry.range().to(),
                          .records = entry.range().records()};
    case v1::JournalEntry::kRecord:
      return JournalRecord{.source = entry.record().source(), .offset = entry.record().offset(), .bytes = entry.record().bytes()};
    case v1::JournalEntry::kActivation:
      return JournalActivation{.version = FromProto(entry.activation().version()), .refused = entry.activation().refused()};
    case v1::JournalEntry::KIND_NOT_SET:
      break;
  }
  return std::nullopt;
}

}  // namespace antiphon::formats

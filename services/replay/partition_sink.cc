#include "services/replay/partition_sink.h"

#include <cstring>

#include "state/base/hash.h"

namespace antiphon::replay {

void PartitionSink::Take(EngineTime now, decision::Effects& effects) {
  tally_.Add(effects);
  for (const decision::DecisionRecord& record : effects.decisions) {
    const std::size_t offset = buffer_.size();
    writer_.AppendDecision(buffer_, record);
    EndLine(now, RecordFile::kDecisions, offset, record.ordinal);
  }
  for (const decision::ContactRecord& record : effects.contacts) {
    const std::size_t offset = buffer_.size();
    writer_.AppendContact(buffer_, record);
    EndLine(now, RecordFile::kContacts, offset, record.ordinal);
  }
  for (const decision::OutboundRecord& record : effects.outbound) {
    const std::size_t offset = buffer_.size();
    writer_.AppendOutbound(buffer_, record);
    EndLine(now, RecordFile::kOutbound, offset, 0);
  }
}

void PartitionSink::EndLine(EngineTime now, RecordFile file, std::size_t offset, std::uint32_t ordinal) {
  const std::size_t length = buffer_.size() - offset;
  char bytes[sizeof ordinal];
  std::memcpy(bytes, &ordinal, sizeof ordinal);  // little-endian, as everything stored is (state/store/wire.h)
  buffer_.append(bytes, sizeof bytes);
  tally_.AddLine(file, HashBytes128(std::string_view(buffer_).substr(offset)));
  buffer_.resize(offset + length);
  buffer_.push_back('\n');
  lines_.push_back({.time = now, .length = static_cast<std::uint32_t>(length + 1), .file = file, .offset = offset});
}

void PartitionSink::Restore(EngineTime time, RecordFile file, std::string_view line) {
  const std::size_t offset = buffer_.size();
  buffer_.append(line);
  lines_.push_back({.time = time, .length = static_cast<std::uint32_t>(line.size()), .file = file, .offset = offset});
}

void PartitionSink::Drop(std::size_t count) {
  if (count == lines_.size()) {
    lines_.clear();
    buffer_.clear();
    return;
  }
  const std::size_t bytes = lines_[count].offset;
  lines_.erase(lines_.begin(), lines_.begin() + static_cast<std::ptrdiff_t>(count));
  buffer_.erase(0, bytes);
  for (Line& line : lines_) line.offset -= bytes;
}

}  // namespace antiphon::replay

#include "services/orchestrator/live_journal.h"

namespace antiphon::orchestrator {

void LiveJournal::AddRecord(std::uint32_t source, std::int64_t offset) {
  const auto at = static_cast<std::uint64_t>(offset);
  has_inputs_ = true;
  auto* last = entries_.empty() ? nullptr : std::get_if<formats::JournalRange>(&entries_.back());
  if (last != nullptr && last->source == source) {
    last->to = at + 1;
    ++last->records;
    return;
  }
  entries_.emplace_back(formats::JournalRange{.source = source, .partition = partition_, .from = at, .to = at + 1, .records = 1});
}

void LiveJournal::AddCopy(std::uint32_t source, std::int64_t offset, std::string_view bytes) {
  has_inputs_ = true;
  entries_.emplace_back(
      formats::JournalRecord{.source = source, .offset = static_cast<std::uint64_t>(offset), .bytes = std::string(bytes)});
}

formats::LiveCommit LiveJournal::Make(const formats::LiveSettings& settings, std::uint64_t sequence, const std::string& node,
                                      std::int32_t generation) const {
  return {.partition = partition_,
          .sequence = sequence,
          .settings = settings,
          .node = node,
          .generation = generation,
          .topics = topics_,
          .entries = entries_};
}

void LiveJournal::Clear() {
  entries_.clear();
  has_inputs_ = false;
}

}  // namespace antiphon::orchestrator

#include "services/kafka/held_records.h"

#include <algorithm>

namespace antiphon::kafka {

void HeldRecords::Add(const Record& record) {
  Place place{.log = record.log,
              .key = Copy(record.key),
              .value = Copy(record.value),
              .headers_from = static_cast<std::uint32_t>(headers_.size()),
              .headers = static_cast<std::uint32_t>(record.headers.size()),
              .is_first = IsFirst(record.log)};
  for (const runtime::Header& header : record.headers) headers_.push_back({.name = Copy(header.name), .value = Copy(header.value)});
  places_.push_back(place);
}

void HeldRecords::Begin() {
  Clear();
  logs_.clear();
}

void HeldRecords::Clear() {
  bytes_.clear();
  places_.clear();
  headers_.clear();
  firsts_ = 0;
}

HeldRecords::Text HeldRecords::Copy(std::optional<std::string_view> text) {
  if (!text) return {};
  const Text copied{.from = static_cast<std::uint32_t>(bytes_.size()), .size = static_cast<std::uint32_t>(text->size()), .exists = true};
  bytes_ += *text;
  return copied;
}

std::optional<std::string_view> HeldRecords::TextAt(Text text) const {
  if (!text.exists) return std::nullopt;
  return std::string_view(bytes_).substr(text.from, text.size);
}

HeldRecords::Record HeldRecords::RecordAt(const Place& place) {
  viewed_.clear();
  for (std::uint32_t i = 0; i < place.headers; ++i) {
    const NamedText& header = headers_[place.headers_from + i];
    viewed_.push_back({.name = *TextAt(header.name), .value = *TextAt(header.value)});
  }
  return {.log = place.log, .key = TextAt(place.key), .value = TextAt(place.value), .headers = viewed_};
}

bool HeldRecords::IsFirst(runtime::LogId log) {
  if (!places_.empty() && places_.back().log == log) return false;
  if (std::ranges::find(logs_, log) != logs_.end()) return false;
  logs_.push_back(log);
  ++firsts_;
  return true;
}

}  // namespace antiphon::kafka

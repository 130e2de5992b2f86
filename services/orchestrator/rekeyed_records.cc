#include "services/orchestrator/rekeyed_records.h"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace antiphon::orchestrator {
namespace {

const runtime::Header* Last(const std::vector<runtime::Header>& headers, std::string_view name) {
  const auto found = std::ranges::find(headers.rbegin(), headers.rend(), name, &runtime::Header::name);
  return found == headers.rend() ? nullptr : &*found;
}

template <typename Number>
bool Parse(std::string_view text, Number& number) {
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && rest == text.data() + text.size() && number >= 0;
}

}  // namespace

std::string SourceText(std::string_view topic, std::int32_t partition, std::int64_t offset) {
  return std::string(topic) + ":" + std::to_string(partition) + ":" + std::to_string(offset);
}

void RekeyedHeaders::Set(std::string_view topic, std::int32_t partition, const runtime::LogRecord& record) {
  headers_.clear();
  for (const runtime::Header& header : record.headers) {
    if (!header.name.starts_with(kSourceHeader)) headers_.push_back(header);
  }
  source_ = SourceText(topic, partition, record.offset);
  headers_.push_back(source());
  if (record.timestamp != EngineTime{}) {
    time_ = std::to_string(ToEpochMs(record.timestamp));
    headers_.push_back({.name = kSourceTimeHeader, .value = time_});
  }
  if (record.key) headers_.push_back({.name = kSourceKeyHeader, .value = *record.key});
}

// "TOPIC:PARTITION:OFFSET" of an input that is re-keyed; no topic's name has a colon.
std::optional<SourcePlace> RekeyedReader::PlaceOf(std::string_view source) const {
  const std::size_t second = source.rfind(':');
  const std::size_t first = second == std::string_view::npos || second == 0 ? std::string_view::npos : source.rfind(':', second - 1);
  if (first == std::string_view::npos) return std::nullopt;
  const std::string_view topic = source.substr(0, first);
  for (const std::uint32_t input : topics_.sources()) {
    if (topics_.topics()[input].name != topic) continue;
    SourcePlace place{.topic = topics_.topics()[input].name, .input = input};
    const bool good =
        Parse(source.substr(first + 1, second - first - 1), place.partition) && Parse(source.substr(second + 1), place.offset);
    return good ? std::optional(place) : std::nullopt;
  }
  return std::nullopt;
}

Result<LaneItem> RekeyedReader::Decode(const runtime::LogRecord& record, runtime::LogId log, LaneMemory& memory) const {
  const runtime::Header* const source = Last(record.headers, kSourceHeader);
  const std::optional<SourcePlace> place = source == nullptr ? std::nullopt : PlaceOf(source->value);
  if (!place || !record.key || record.key->empty()) {
    auto item = DecodeItem(record, log, {}, *decoders_.back(), memory);
    if (!item) return item;
    item->decoded = {};
    MakeDeadLetter(item->decoded, formats::DeadLetterReason::kBadEnvelope,
                   "no record of a re-keyer: its headers name no input with `key: other`, or it has no key");
    return item;
  }
  runtime::LogRecord original = record;
  original.offset = place->offset;
  original.key.reset();
  if (const runtime::Header* const key = Last(record.headers, kSourceKeyHeader); key != nullptr) original.key = key->value;
  original.timestamp = EngineTime{};
  std::int64_t ms = 0;
  const runtime::Header* const time = Last(record.headers, kSourceTimeHeader);
  if (time != nullptr && Parse(time->value, ms)) original.timestamp = FromEpochMs(ms);
  auto item = DecodeItem(original, {.topic = place->input, .partition = place->partition}, config_.inputs[place->input].correlation_header,
                         *decoders_[place->input], memory, *record.key);
  if (!item) return item;
  item->offset = record.offset;
  item->source = *place;
  return item;
}

std::size_t RekeyedReader::ArenaBytes(std::size_t records, std::size_t bytes) const {
  std::size_t most = 0;
  for (const auto& decoder : decoders_) most = std::max(most, decoder->ArenaBytes(records, bytes));
  return most;
}

}  // namespace antiphon::orchestrator

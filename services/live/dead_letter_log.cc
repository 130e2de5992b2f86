#include "services/live/dead_letter_log.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "services/archive/log_cursor.h"
#include "services/formats/dead_letter.h"
#include "services/runtime/clock.h"

namespace antiphon::live {
namespace {

using Json = nlohmann::json;

// Nothing on what is no base64.
std::optional<std::string> FromBase64(std::string_view text) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string bytes;
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const std::size_t value = kLetters.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    held = (held << 6U) | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>((held >> bits) & 0xFFU);
  }
  return bytes;
}

std::optional<Letter> Read(const Json& json, std::int32_t partition, const runtime::LogRecord& record) {
  if (!json.is_object()) return std::nullopt;
  try {
    auto bytes = FromBase64(json.at("bytes").get<std::string>());
    if (!bytes) return std::nullopt;
    Letter letter{.place = {.topic = json.at("source").get<std::string>(),
                            .partition = json.at("file").get<std::int32_t>(),
                            .offset = json.at("offset").get<std::int64_t>()},
                  .partition = partition,
                  .written = record.timestamp,
                  .reason = json.at("reason").get<std::string>(),
                  .message = json.at("message").get<std::string>(),
                  .topology_version = json.at("topology_version").get<std::string>(),
                  .time = json.value("time", std::string()),
                  .bytes = *std::move(bytes),
                  .key = {}};
    if (record.key) letter.key = std::string(*record.key);
    return letter;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

std::optional<std::string_view> RedriveOf(const runtime::LogRecord& record) {
  const auto header = std::ranges::find(record.headers, formats::kRedriveHeader, &runtime::Header::name);
  if (header == record.headers.end()) return std::nullopt;
  return header->value;
}

Result<void> VisitRecord(const runtime::LogRecord& record, std::int32_t partition, const std::string& topic, const LetterVisitor& visitor) {
  if (const auto noted = RedriveOf(record)) {
    if (const auto place = ParsePlace(*noted)) visitor.redriven(*place, record.timestamp);
    return {};
  }
  const auto letter = Read(Json::parse(record.value.value_or(""), nullptr, false), partition, record);
  if (letter) return visitor.letter(*letter);
  return Fail(Recovery::kStopProcess, topic + "[" + std::to_string(partition) + "] at offset " + std::to_string(record.offset) +
                                          ": this is no dead letter of Antiphon");
}

}  // namespace

std::string ToString(const RecordPlace& place) {
  return place.topic + ":" + std::to_string(place.partition) + ":" + std::to_string(place.offset);
}

std::optional<RecordPlace> ParsePlace(std::string_view text) {
  const auto number = [](std::string_view digits, auto& value) {
    const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc{} && rest == digits.data() + digits.size() && value >= 0;
  };
  const std::size_t last = text.rfind(':');
  const std::size_t first = last == std::string_view::npos || last == 0 ? last : text.rfind(':', last - 1);
  if (first == std::string_view::npos || first == 0 || first == last) return std::nullopt;
  RecordPlace place{.topic = std::string(text.substr(0, first))};
  if (!number(text.substr(first + 1, last - first - 1), place.partition) || !number(text.substr(last + 1), place.offset))
    return std::nullopt;
  return place;
}

Result<void> VisitLetters(const ClusterView& view, runtime::EventSource& source, const LetterVisitor& visitor) {
  const std::uint32_t topic = view.topics->Of(process::TopicRole::kDeadLetters);
  const std::string& name = view.topics->topics()[topic].name;
  const auto partitions = view.PartitionsOf(name);
  if (!partitions) return std::unexpected(partitions.error());
  runtime::WallClock clock;
  for (std::int32_t partition = 0; partition < *partitions; ++partition) {
    const std::array<runtime::LogId, 1> log{{{.topic = topic, .partition = partition}}};
    const auto start = view.directory->Starts(log);
    if (!start) return std::unexpected(start.error());
    const auto end = source.StableEnds(log);
    if (!end) return std::unexpected(end.error());
    auto cursor = archive::LogCursor::Open(source, clock, {.log = log.front(), .next = start->front()}, end->front());
    if (!cursor) return std::unexpected(std::move(cursor.error()));
    while (true) {
      const auto next = cursor->Next();
      if (!next) return std::unexpected(next.error());
      const std::optional<runtime::LogRecord>& record = *next;
      if (!record) break;
      if (auto visited = VisitRecord(*record, partition, name, visitor); !visited) return visited;
    }
  }
  return {};
}

std::string NoteOf(const RecordPlace& place, EngineTime when) {
  return Json{{"redriven", ToString(place)}, {"time", FormatTime(when)}}.dump();
}

}  // namespace antiphon::live

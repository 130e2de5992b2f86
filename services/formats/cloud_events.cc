#include "services/formats/cloud_events.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "services/formats/base64.h"
#include "services/formats/json_payload.h"

namespace antiphon::formats {
namespace {

constexpr std::string_view kStructured = "application/cloudevents";

bool StartsWithNoCase(std::string_view text, std::string_view start) {
  return text.size() >= start.size() && std::ranges::equal(text.substr(0, start.size()), start, [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
         });
}

// "application/json; charset=utf-8", "text/json", "application/vnd.bank+json"
bool IsJson(std::string_view media) {
  media = media.substr(0, media.find(';'));
  while (media.ends_with(' ')) media.remove_suffix(1);
  const std::size_t cut = media.find_last_of("/+");
  return cut != std::string_view::npos && media.size() - cut == 5 && StartsWithNoCase(media.substr(cut + 1), "json");
}

bool BadEnvelope(Decoded& out, std::string message) {
  MakeDeadLetter(out, DeadLetterReason::kBadEnvelope, std::move(message));
  return false;
}

std::string_view HeaderOf(std::span<const RecordHeader> headers, std::string_view name) {
  for (std::size_t i = headers.size(); i-- > 0;) {
    if (headers[i].name == name) return headers[i].value;
  }
  return {};
}

}  // namespace

struct CloudEventReader::Found {
  std::array<std::string_view, kCount> texts{};
  std::array<bool, kCount> seen{};
};

CloudEventReader::CloudEventReader(const RecordFormat& format) : format_(format) {
  attributes_.Add("id", kId);
  attributes_.Add("source", kSource);
  attributes_.Add("type", kType);
  attributes_.Add("time", kTime);
  attributes_.Add("specversion", kSpecVersion);
  attributes_.Add("datacontenttype", kContentType);
  attributes_.Add("backfill", kBackfill);
  if (!format.customer.empty() && format.customer != "key") attributes_.Add(format.customer, kCustomer);
  if (format.envelope == Envelope::kCloudEventsStructured) {
    attributes_.Add("data", kData);
    attributes_.Add("data_base64", kDataBase64);
  }
}

bool CloudEventReader::Finish(const Found& found, EnvelopeParts& parts, Decoded& out) const {
  const auto& texts = found.texts;
  if (!texts[kSpecVersion].starts_with("1.")) return BadEnvelope(out, "specversion is not 1.x");
  if (texts[kId].empty()) return BadEnvelope(out, "the attribute id is missing");
  if (texts[kSource].empty()) return BadEnvelope(out, "the attribute source is missing");
  if (texts[kSource].size() > kIdBytesMax) return BadEnvelope(out, "the attribute source is longer than 256 bytes");
  if (texts[kType].empty() && format_.event.empty()) {
    MakeDeadLetter(out, DeadLetterReason::kNoType, "the attribute type is missing");
    return false;
  }
  const std::string_view content = texts[kContentType];
  if (!content.empty() && IsJson(content) != (format_.payload == Payload::kJson)) {
    return BadEnvelope(out, "datacontenttype is not that of the declared format");
  }
  parts.id = texts[kId];
  parts.source = texts[kSource];
  parts.type = texts[kType];
  parts.customer = texts[kCustomer];
  parts.backfill = texts[kBackfill] == "true";
  if (!texts[kTime].empty()) {
    parts.time = ParseTime(texts[kTime]);
    if (!parts.time) parts.Note(AsTimeFault(WrongType("not a time")), "time");
  }
  if (!texts[kBackfill].empty() && texts[kBackfill] != "true" && texts[kBackfill] != "false")
    parts.Note(WrongType("not a bool"), "backfill");
  if (parts.id.size() > kIdBytesMax) parts.Note(AsIdFault(OutOfRange("longer than 256 bytes")), "id");
  if (parts.customer.size() > kIdBytesMax) parts.Note(AsCustomerFault(OutOfRange("longer than 256 bytes")), format_.customer);
  return true;
}

bool CloudEventReader::ReadBinary(PaddedText value, std::span<const RecordHeader> headers, EnvelopeParts& parts, Decoded& out) {
  Found found;
  for (const RecordHeader& header : headers) {
    if (header.name == "content-type") {
      if (StartsWithNoCase(header.value, kStructured)) return BadEnvelope(out, "a structured CloudEvent where binary ones are declared");
      found.texts[kContentType] = header.value;
      continue;
    }
    if (!header.name.starts_with("ce_")) continue;
    const std::uint32_t attribute = attributes_.Find(name_.Assign(header.name.substr(3)).text());
    if (attribute != KeyTable::kNone && attribute != kContentType) found.texts[attribute] = header.value;
  }
  for (const std::string_view text : found.texts) {
    if (!JsonPayload::CheckUtf8(text, out)) return BadEnvelope(out, "an attribute is not UTF-8");
  }
  parts.payload = value;
  return Finish(found, parts, out);
}

bool CloudEventReader::ReadAttributes(Found& found, expression::Arena& arena, Decoded& out) {
  const auto broken = [&out] {
    MakeDeadLetter(out, DeadLetterReason::kNotJson, "not JSON, or cut off");
    return false;
  };
  std::string_view wrong;
  if (!cursor_.Enter('{')) return broken();
  while (true) {
    JsonString key;
    const JsonCursor::Next next = cursor_.NextMember(key);
    if (next == JsonCursor::Next::kFault) return broken();
    if (next == JsonCursor::Next::kEnd) break;
    (void)cursor_.Peek();
    const JsonCursor::Place begin = cursor_.place();
    const std::uint32_t attribute = attributes_.Find(key.escaped ? name_.Assign(Unescaped(key.raw)).text() : key.raw);
    if (attribute == KeyTable::kNone || attribute == kData || attribute == kBackfill || *begin != '"') {
      if (!cursor_.SkipValue()) return broken();
      if (attribute == KeyTable::kNone) continue;
      const std::string_view text(begin, static_cast<std::size_t>(cursor_.place() - begin));
      if (text != "null") found.texts[attribute] = text;
      if (text != "null" && attribute != kData && attribute != kBackfill && wrong.empty()) wrong = key.raw;
    } else {
      const ValueFault fault = reader_.ReadText(arena, found.texts[attribute]);
      if (fault.reason == DeadLetterReason::kNotJson) return broken();
      if (fault.bad()) {
        MakeDeadLetter(out, fault.reason, fault.what);
        return false;
      }
    }
    if (found.seen[attribute]) wrong = key.raw;
    found.seen[attribute] = true;
  }
  if (!cursor_.AtEnd()) return broken();
  return wrong.empty() || BadEnvelope(out, std::string("the attribute ").append(wrong).append(" is no text, or stands there twice"));
}

bool CloudEventReader::TakeData(const Found& found, expression::Arena& arena, EnvelopeParts& parts, Decoded& out) {
  static constexpr char kNoData[2 + kTextPadding] = {'{', '}'};
  const std::string_view data = found.texts[kData];
  const std::string_view encoded = found.texts[kDataBase64];
  if (!data.empty() && !encoded.empty()) return BadEnvelope(out, "both data and data_base64");
  if (format_.payload == Payload::kJson) parts.payload = PaddedText::AssumePadded({kNoData, 2});
  if (!data.empty()) {
    if (format_.payload != Payload::kJson) return BadEnvelope(out, "data is JSON; protobuf stands in data_base64");
    parts.payload = PaddedText::AssumePadded(data);
  }
  if (encoded.empty()) return true;
  const std::size_t room = Base64BytesMax(encoded.size());
  char* const bytes = arena.AllocateArray<char>(room + kTextPadding);
  if (bytes == nullptr) {
    MakeDeadLetter(out, DeadLetterReason::kTooLarge, "no memory left for the batch");
    return false;
  }
  const auto size = DecodeBase64(encoded, bytes);
  if (!size) return BadEnvelope(out, "data_base64 is not base64");
  std::memset(bytes + *size, 0, room - *size + kTextPadding);
  parts.payload = PaddedText::AssumePadded({bytes, *size});
  return format_.payload != Payload::kJson || JsonPayload::CheckUtf8(parts.payload.text(), out);
}

bool CloudEventReader::ReadStructured(PaddedText value, std::span<const RecordHeader> headers, expression::Arena& arena,
                                      EnvelopeParts& parts, Decoded& out) {
  const std::string_view content = HeaderOf(headers, "content-type");
  if (!content.empty() &&
      (!StartsWithNoCase(content, kStructured) || StartsWithNoCase(content, "application/cloudevents-batch") || !IsJson(content))) {
    return BadEnvelope(out, "content-type is not application/cloudevents+json");
  }
  if (!JsonPayload::CheckUtf8(value.text(), out)) return false;
  Found found;
  cursor_.Start(value);
  return ReadAttributes(found, arena, out) && Finish(found, parts, out) && TakeData(found, arena, parts, out);
}

}  // namespace antiphon::formats

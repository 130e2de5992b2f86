#include "services/formats/registry_frame.h"

#include <algorithm>
#include <optional>

#include "services/formats/proto_wire.h"

namespace antiphon::formats {
namespace {

constexpr std::string_view kHeader = "__value_schema_id";

std::optional<int> HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

// Hexadecimal digits, dashes anywhere between bytes.
bool ReadGuid(std::string_view text, std::array<char, 16>& out) {
  std::size_t at = 0;
  while (!text.empty()) {
    if (text.front() == '-') {
      text.remove_prefix(1);
      continue;
    }
    if (text.size() < 2 || at == out.size()) return false;
    const auto high = HexDigit(text[0]);
    const auto low = HexDigit(text[1]);
    if (!high || !low) return false;
    out[at++] = static_cast<char>(*high * 16 + *low);
    text.remove_prefix(2);
  }
  return at == out.size();
}

bool BadFrame(Decoded& out, const char* what) {
  MakeDeadLetter(out, DeadLetterReason::kBadFrame, what);
  return false;
}

bool UnknownSchema(Decoded& out, const char* what) {
  MakeDeadLetter(out, DeadLetterReason::kUnknownSchema, what);
  return false;
}

}  // namespace

Result<RegistryFrame> RegistryFrame::Create(const RecordFormat& format, std::vector<std::int32_t> message_path) {
  RegistryFrame frame;
  frame.ids_ = format.schema_ids;
  frame.message_path_ = std::move(message_path);
  for (const std::string& text : format.schema_guids) {
    Guid guid{};
    if (!ReadGuid(text, guid)) return Fail(Recovery::kStopProcess, "'" + text + "' is no GUID of a schema: 32 hexadecimal digits");
    frame.guids_.push_back(guid);
  }
  return frame;
}

bool RegistryFrame::Strip(PaddedText value, std::span<const RecordHeader> headers, PaddedText& body, Decoded& out) const {
  for (std::size_t i = headers.size(); i-- > 0;) {
    if (headers[i].name != kHeader) continue;
    std::string_view frame = headers[i].value;
    if (!ReadFrame(frame, out)) return false;
    if (!frame.empty()) return BadFrame(out, "bytes behind the frame in the header");
    body = value;
    return true;
  }
  std::string_view rest = value.text();
  if (!ReadFrame(rest, out)) return false;
  body = PaddedText::AssumePadded(rest);
  return true;
}

bool RegistryFrame::ReadFrame(std::string_view& bytes, Decoded& out) const {
  constexpr std::size_t kIdBytes = 5;
  constexpr std::size_t kGuidBytes = 17;
  const bool pinned = !ids_.empty() || !guids_.empty();
  if (bytes.size() >= kIdBytes && bytes.front() == 0) {
    std::uint32_t id = 0;
    for (const char c : bytes.substr(1, 4)) id = id << 8U | static_cast<unsigned char>(c);
    if (pinned && std::ranges::find(ids_, id) == ids_.end()) return UnknownSchema(out, "a schema whose id is not pinned");
    bytes.remove_prefix(kIdBytes);
  } else if (bytes.size() >= kGuidBytes && bytes.front() == 1) {
    Guid guid{};
    std::ranges::copy(bytes.substr(1, guid.size()), guid.begin());
    if (pinned && std::ranges::find(guids_, guid) == guids_.end()) return UnknownSchema(out, "a schema whose GUID is not pinned");
    bytes.remove_prefix(kGuidBytes);
  } else {
    return BadFrame(out, "no frame of the Schema Registry");
  }
  return message_path_.empty() || ReadPath(bytes, out);
}

bool RegistryFrame::ReadPath(std::string_view& bytes, Decoded& out) const {
  WireReader reader(bytes);
  const auto next = [&reader](std::int64_t& number) {
    std::uint64_t varint = 0;
    if (!reader.ReadVarint(varint)) return false;
    number = ZigZag(varint);
    return true;
  };
  std::int64_t count = 0;
  if (!next(count)) return BadFrame(out, "the frame is cut off in its message indexes");
  bool same = count == 0 ? message_path_ == std::vector<std::int32_t>{0} : count == static_cast<std::int64_t>(message_path_.size());
  // No file nests messages as deep as there are bytes: a count beyond them is cut off, and is not walked for long.
  if (count < 0 || count > static_cast<std::int64_t>(bytes.size())) return BadFrame(out, "the frame's message indexes are no path");
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t index = 0;
    if (!next(index)) return BadFrame(out, "the frame is cut off in its message indexes");
    same = same && message_path_[static_cast<std::size_t>(i)] == index;
  }
  if (!same) return UnknownSchema(out, "the frame names another message of the schema than the declared one");
  bytes = reader.rest();
  return true;
}

}  // namespace antiphon::formats

#include "services/live/record_key.h"

#include <map>
#include <utility>

namespace antiphon::live {
namespace {

using formats::JsonCursor;
using Path = std::vector<std::string>;

constexpr std::string_view kControlTypes = "control.";

std::string TextOf(const formats::JsonString& string) {
  if (!string.escaped) return std::string(string.raw);
  std::string text(string.raw.size(), '\0');
  text.resize(formats::Unescape(string.raw, text.data()));
  return text;
}

Path OrElse(const Path& path, const char* name) { return path.empty() ? Path{name} : path; }

}  // namespace

RecordKey::RecordKey(const topology::Topology& topology) : topology_(topology), type_path_(OrElse(topology.envelope.type_path, "type")) {
  std::map<Path, std::size_t> uses;
  for (const topology::EventType& type : topology.event_types) ++uses[OrElse(type.customer_path, "customer_id")];
  std::size_t most = 0;
  for (const auto& [path, count] : uses) {
    if (count <= most) continue;
    most = count;
    common_path_ = path;
  }
}

RecordKey::Address RecordKey::Of(std::string_view line) {
  const formats::PaddedText text = buffer_.Assign(line);
  const std::optional<std::string> type = Find(text, type_path_);
  if (type && type->starts_with(kControlTypes)) return {.customer = {}, .is_control = true};
  const auto& known = topology_.event_type_by_log_name;
  const auto found = type ? known.find(*type) : known.end();
  std::optional<std::string> customer =
      Find(text, found == known.end() ? common_path_ : OrElse(topology_.event_types[found->second].customer_path, "customer_id"));
  if (!customer || customer->empty()) return {};
  key_ = *std::move(customer);
  return {.customer = key_};
}

std::optional<std::string> RecordKey::Find(formats::PaddedText line, const Path& path) {
  if (path.empty()) return std::nullopt;
  cursor_.Start(line);
  for (std::size_t depth = 0;;) {
    if (!cursor_.Enter('{')) return std::nullopt;
    formats::JsonString name;
    bool found = false;
    JsonCursor::Next next = cursor_.NextMember(name);
    for (; next == JsonCursor::Next::kValue; next = cursor_.NextMember(name)) {
      found = TextOf(name) == path[depth];
      if (found || !cursor_.SkipValue()) break;
    }
    if (!found) return std::nullopt;
    if (++depth == path.size()) break;
  }
  if (cursor_.Peek() == '"') {
    formats::JsonString text;
    return cursor_.ReadString(text) ? std::optional(TextOf(text)) : std::nullopt;
  }
  std::string_view number;
  return cursor_.ReadNumber(number) ? std::optional(std::string(number)) : std::nullopt;
}

}  // namespace antiphon::live

#include "engine/topology/loading.h"

#include <algorithm>
#include <utility>

#include "engine/expression/diagnostic.h"

namespace antiphon::topology {
namespace {

constexpr std::size_t kShownMax = 60;

// One line, at most kShownMax bytes, cut between code points.
std::string Shorten(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  if (text.size() <= kShownMax) return std::string(text);
  std::size_t end = kShownMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) --end;
  return std::string(text.substr(0, end)) + "..";
}

bool IsIdCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == '/';
}

}  // namespace

std::uint16_t Sources::Add(std::string path, std::string text) {
  std::vector<std::uint32_t> line_starts{0};
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '\n') line_starts.push_back(static_cast<std::uint32_t>(i + 1));
  files_.push_back({std::move(path), std::move(text), std::move(line_starts)});
  return static_cast<std::uint16_t>(files_.size() - 1);
}

Sources::Place Sources::PlaceOf(std::uint16_t file, std::uint32_t offset) const {
  const File& in = files_[file];
  offset = std::min(offset, static_cast<std::uint32_t>(in.text.size()));
  const auto after = std::ranges::upper_bound(in.line_starts, offset);
  const auto line = static_cast<std::uint32_t>(after - in.line_starts.begin());
  const std::uint32_t start = in.line_starts[line - 1];
  const auto column = std::ranges::count_if(std::string_view(in.text).substr(start, offset - start),
                                            [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; });
  return {line, static_cast<std::uint32_t>(column) + 1};
}

const std::vector<Written>& Sections::Of(std::string_view section) const {
  static const std::vector<Written> kNothing;
  const auto found = maps.find(section);
  return found == maps.end() ? kNothing : found->second;
}

const YamlNode* Sections::Value(std::string_view section) const {
  const auto found = values.find(section);
  return found == values.end() || found->second.empty() ? nullptr : found->second.front().value;
}

void Loading::Report(Severity severity, const YamlNode& node, std::size_t offset_in_text, std::string code, std::string_view text,
                     std::string message, std::string remedy) {
  const std::uint32_t offset = offset_in_text == 0 && node.style != YamlNode::Style::kBlock
                                   ? node.offset
                                   : OffsetInFile(node, offset_in_text, sources.text(node.file));
  const Sources::Place place = sources.PlaceOf(node.file, offset);
  diagnostics.Add(
      {severity, std::move(code), sources.path(node.file), place.line, place.column, Shorten(text), std::move(message), std::move(remedy)});
}

void Loading::Error(const YamlNode& node, std::string code, std::string message, std::string remedy) {
  Report(Severity::kError, node, 0, std::move(code), node.text, std::move(message), std::move(remedy));
}
void Loading::Warn(const YamlNode& node, std::string code, std::string message, std::string remedy) {
  Report(Severity::kWarning, node, 0, std::move(code), node.text, std::move(message), std::move(remedy));
}
void Loading::Note(const YamlNode& node, std::string code, std::string message, std::string remedy) {
  Report(Severity::kNote, node, 0, std::move(code), node.text, std::move(message), std::move(remedy));
}

std::string Suggest(std::string_view name, const std::vector<std::string>& names) {
  if (const std::string nearest = expression::NearestName(name, names); !nearest.empty()) return "did you mean '" + nearest + "'?";
  if (names.empty() || names.size() > 12) return {};
  std::string list = "known: ";
  for (std::size_t i = 0; i < names.size(); ++i) list += (i == 0 ? "" : ", ") + names[i];
  return list;
}

void Loading::UnknownName(const YamlNode& node, std::string_view what, std::string_view name, const std::vector<std::string>& names) {
  std::string code = "unknown_" + std::string(what.substr(0, what.find(" of ")));  // "field of x" is a field
  std::ranges::replace(code, ' ', '_');
  Report(Severity::kError, node, 0, std::move(code), std::string(name), "no " + std::string(what) + " is called '" + Shorten(name) + "'",
         Suggest(name, names));
}

bool IsId(std::string_view text) { return !text.empty() && text.size() <= 200 && std::ranges::all_of(text, IsIdCharacter); }

std::optional<std::uint16_t> PositionOf(const std::vector<std::string>& sorted, std::string_view name) {
  const auto found = std::ranges::lower_bound(sorted, name, std::less<>{});
  if (found == sorted.end() || *found != name) return std::nullopt;
  return static_cast<std::uint16_t>(found - sorted.begin());
}

std::optional<std::uint16_t> Loading::Resolve(const YamlNode& node, std::string_view what, const std::vector<std::string>& names) {
  if (!node.is_scalar()) {
    Error(node, "wrong_type", "the name of a " + std::string(what) + " is expected here");
    return std::nullopt;
  }
  const auto position = PositionOf(names, node.text);
  if (!position) UnknownName(node, what, node.text, names);
  return position;
}

std::vector<Written> SortedDefinitions(Loading& loading, std::string_view section, std::vector<std::string>& names) {
  constexpr std::size_t kDefinitionsMax = 60'000;
  std::vector<Written> definitions;
  for (const Written& written : loading.sections.Of(section)) {
    const std::string& id = written.key->text;
    if (!IsId(id)) {
      loading.Error(*written.key, "bad_id", "'" + Shorten(id) + "' cannot be an id",
                    "use letters, digits, '_', '-', '.' and '/', at most 200");
    } else if (definitions.size() >= kDefinitionsMax) {
      loading.Error(*written.key, "too_many_definitions", "more than " + std::to_string(kDefinitionsMax) + " " + std::string(section));
      break;
    } else {
      definitions.push_back(written);
    }
  }
  std::ranges::sort(definitions, {}, [](const Written& written) -> std::string_view { return written.key->text; });
  names.clear();
  for (const Written& written : definitions) names.push_back(written.key->text);
  return definitions;
}

}  // namespace antiphon::topology

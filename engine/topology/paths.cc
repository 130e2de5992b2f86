#include "engine/topology/paths.h"

#include <algorithm>

namespace antiphon::topology {
namespace {

constexpr int kScaleMax = 9;

const Words<FieldType>& TypeWords() {
  static const Words<FieldType> kWords = {
      {"string", FieldType::kString},           {"bool", FieldType::kBool}, {"int", FieldType::kInt},
      {"double", FieldType::kDouble},           {"date", FieldType::kDate}, {"timestamp", FieldType::kTimestamp},
      {"list(string)", FieldType::kStringList}, {"map", FieldType::kMap}};
  return kWords;
}

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

}  // namespace

std::vector<std::string> SplitDots(std::string_view text) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('.', begin), text.size());
    parts.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

bool IsName(std::string_view text) {
  const std::vector<std::string> parts = SplitDots(text);
  return text.size() <= 200 && std::ranges::all_of(parts, [](const std::string& part) {
           return !part.empty() && IsLetter(part[0]) &&
                  std::ranges::all_of(part, [](char c) { return IsLetter(c) || (c >= '0' && c <= '9'); });
         });
}

std::optional<std::vector<std::string>> ReadPath(Loading& loading, const YamlNode& node, std::string_view what) {
  constexpr std::size_t kPartsMax = 16;
  std::vector<std::string> parts;
  if (node.is_scalar() && node.text.starts_with('/')) {
    for (std::size_t begin = 1; begin <= node.text.size();) {
      const std::size_t end = std::min(node.text.find('/', begin), node.text.size());
      std::string part;
      for (std::size_t i = begin; i < end; ++i) {
        const bool escape = node.text[i] == '~' && i + 1 < end && (node.text[i + 1] == '0' || node.text[i + 1] == '1');
        part += escape ? (node.text[++i] == '0' ? '~' : '/') : node.text[i];
      }
      parts.push_back(std::move(part));
      begin = end + 1;
    }
  } else if (node.is_scalar()) {
    parts = SplitDots(node.text);
  }
  if (parts.empty() || parts.size() > kPartsMax || std::ranges::any_of(parts, &std::string::empty)) {
    loading.Error(node, "bad_path", "`" + std::string(what) + "` must say where the record has it",
                  "write a name, names divided by dots, or a JSON pointer like /payload/amount");
    return std::nullopt;
  }
  return parts;
}

void ReadFieldType(Loading& loading, const YamlNode& node, EventField& field) {
  const std::string& text = node.text;
  if (node.is_scalar() && text.starts_with("decimal(") && text.size() == 10 && text[9] == ')' && text[8] >= '0' &&
      text[8] - '0' <= kScaleMax) {
    field.type = FieldType::kDecimal;
    field.scale = static_cast<std::uint8_t>(text[8] - '0');
    return;
  }
  std::vector<std::string> names{"decimal(2)"};
  for (const auto& [name, type] : TypeWords()) names.emplace_back(name);
  if (!node.is_scalar()) return loading.Error(node, "wrong_type", "the type of a field is expected here");
  const auto found = std::ranges::find(names, text);
  if (found == names.end()) return loading.UnknownName(node, "type", text, names);
  field.type = TypeWords()[static_cast<std::size_t>(found - names.begin()) - 1].second;
  field.scale = 0;
  field.currency.clear();
}

std::string FieldTypeName(FieldType type, std::uint8_t scale) {
  if (type == FieldType::kDecimal) return "decimal(" + std::to_string(scale) + ")";
  for (const auto& [name, meaning] : TypeWords())
    if (meaning == type) return std::string(name);
  return {};
}

void ReadCurrency(Loading& loading, MapReader& reader, EventField& field) {
  const YamlNode* node = reader.Find("currency");
  if (node == nullptr) return;
  const std::string& code = node->text;
  if (field.type != FieldType::kDecimal) return loading.Error(*node, "currency_of_wrong_type", "only a decimal has a currency");
  if (code.size() != 3 || !std::ranges::all_of(code, [](char c) { return c >= 'A' && c <= 'Z'; }))
    return loading.Error(*node, "bad_currency", "`currency` must be three capital letters of ISO 4217", "write CZK, EUR, ..");
  field.currency = code;
}

}  // namespace antiphon::topology

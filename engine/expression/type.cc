#include "engine/expression/type.h"

#include <algorithm>
#include <array>
#include <utility>

#include "state/base/check.h"

namespace antiphon::expression {

struct Type::Detail {
  std::string name;
  std::vector<Type> parameters;
};

namespace {

struct Named {
  std::string_view name;
  TypeKind kind;
};
// The first name of a kind is the one that is written.
constexpr std::array<Named, 13> kSimpleTypes = {{{"dyn", TypeKind::kDyn},
                                                 {"null_type", TypeKind::kNull},
                                                 {"bool", TypeKind::kBool},
                                                 {"int", TypeKind::kInt},
                                                 {"uint", TypeKind::kUint},
                                                 {"double", TypeKind::kDouble},
                                                 {"string", TypeKind::kString},
                                                 {"bytes", TypeKind::kBytes},
                                                 {"timestamp", TypeKind::kTimestamp},
                                                 {"duration", TypeKind::kDuration},
                                                 {"google.protobuf.Timestamp", TypeKind::kTimestamp},
                                                 {"google.protobuf.Duration", TypeKind::kDuration},
                                                 {"any", TypeKind::kDyn}}};

std::string_view BaseName(TypeKind kind) {
  for (const Named& named : kSimpleTypes)
    if (named.kind == kind) return named.name;
  switch (kind) {
    case TypeKind::kList:
      return "list";
    case TypeKind::kMap:
      return "map";
    case TypeKind::kType:
      return "type";
    case TypeKind::kOptional:
      return "optional_type";
    default:
      return "?";
  }
}

bool IsParameterName(std::string_view name) {
  return !name.empty() && name[0] >= 'A' && name[0] <= 'Z' &&
         std::all_of(name.begin() + 1, name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Splits "a, b(c, d)" at the commas outside of brackets. Nothing if the brackets do not fit.
std::optional<std::vector<std::string_view>> SplitTypes(std::string_view text) {
  std::vector<std::string_view> parts;
  int depth = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ',';
    if (c == '(') ++depth;
    if (c == ')' && --depth < 0) return std::nullopt;
    if (c != ',' || depth != 0) continue;
    parts.push_back(text.substr(start, i - start));
    start = i + 1;
  }
  if (depth != 0) return std::nullopt;
  return parts;
}

std::string_view Trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

Type::Type(TypeKind kind, std::string name, std::vector<Type> parameters)
    : kind_(kind), detail_(std::make_shared<const Detail>(Detail{std::move(name), std::move(parameters)})) {}

Type Type::List(Type element) { return {TypeKind::kList, {}, {std::move(element)}}; }
Type Type::Map(Type key, Type value) { return {TypeKind::kMap, {}, {std::move(key), std::move(value)}}; }
Type Type::TypeOf(Type type) { return {TypeKind::kType, {}, {std::move(type)}}; }
Type Type::Optional(Type element) { return {TypeKind::kOptional, {}, {std::move(element)}}; }
Type Type::Abstract(std::string name, std::vector<Type> parameters) {
  return {TypeKind::kAbstract, std::move(name), std::move(parameters)};
}
Type Type::Parameter(std::string name) { return {TypeKind::kParameter, std::move(name), {}}; }

std::optional<Type> Type::Parse(std::string_view text) {
  text = Trim(text);
  const std::size_t open = text.find('(');
  if (open == std::string_view::npos) {
    if (text.empty() || text.find_first_of("), ") != std::string_view::npos) return std::nullopt;
    for (const Named& named : kSimpleTypes)
      if (named.name == text) return Type(named.kind);
    if (text == "list") return List(Dyn());
    if (text == "map") return Map(Dyn(), Dyn());
    if (text == "type") return Type(TypeKind::kType);
    if (text == "optional_type") return Optional(Dyn());
    if (IsParameterName(text)) return Parameter(std::string(text));
    return Abstract(std::string(text));
  }
  if (!text.ends_with(')') || open == 0) return std::nullopt;
  const std::string_view base = text.substr(0, open);
  const auto parts = SplitTypes(text.substr(open + 1, text.size() - open - 2));
  if (!parts) return std::nullopt;
  std::vector<Type> parameters;
  for (const std::string_view part : *parts) {
    std::optional<Type> parameter = Parse(part);
    if (!parameter) return std::nullopt;
    parameters.push_back(std::move(*parameter));
  }
  for (const auto& [name, kind, count] : {std::tuple<std::string_view, TypeKind, std::size_t>{"list", TypeKind::kList, 1},
                                          {"map", TypeKind::kMap, 2},
                                          {"type", TypeKind::kType, 1},
                                          {"optional_type", TypeKind::kOptional, 1}}) {
    if (base != name) continue;
    if (parameters.size() != count) return std::nullopt;
    return Type(kind, {}, std::move(parameters));
  }
  return Abstract(std::string(base), std::move(parameters));
}

std::span<const Type> Type::parameters() const {
  if (detail_ == nullptr) return {};
  return detail_->parameters;
}

const std::string& Type::own_name() const {
  ANTIPHON_CHECK(detail_ != nullptr);
  return detail_->name;
}

std::string Type::name() const {
  std::string result(kind_ == TypeKind::kAbstract || kind_ == TypeKind::kParameter ? std::string_view(own_name()) : BaseName(kind_));
  if (parameters().empty()) return result;
  result += '(';
  for (const Type& parameter : parameters()) {
    if (!result.ends_with('(')) result += ", ";
    result += parameter.name();
  }
  return result + ')';
}

bool operator==(const Type& left, const Type& right) {
  if (left.kind_ != right.kind_) return false;
  if (left.detail_ == right.detail_) return true;
  if (left.detail_ == nullptr || right.detail_ == nullptr) return left.parameters().size() == right.parameters().size();
  return left.detail_->name == right.detail_->name && std::ranges::equal(left.detail_->parameters, right.detail_->parameters);
}

std::optional<Kind> KindOf(const Type& type) {
  switch (type.kind()) {
    case TypeKind::kNull:
      return Kind::kNull;
    case TypeKind::kBool:
      return Kind::kBool;
    case TypeKind::kInt:
      return Kind::kInt;
    case TypeKind::kUint:
      return Kind::kUint;
    case TypeKind::kDouble:
      return Kind::kDouble;
    case TypeKind::kString:
      return Kind::kString;
    case TypeKind::kBytes:
      return Kind::kBytes;
    case TypeKind::kTimestamp:
      return Kind::kTimestamp;
    case TypeKind::kDuration:
      return Kind::kDuration;
    case TypeKind::kList:
      return Kind::kList;
    case TypeKind::kMap:
      return Kind::kMap;
    case TypeKind::kType:
      return Kind::kType;
    case TypeKind::kOptional:
      return Kind::kOptional;
    case TypeKind::kDyn:
    case TypeKind::kAbstract:
    case TypeKind::kParameter:
      break;
  }
  return std::nullopt;
}

}  // namespace antiphon::expression

#include "services/process/reading.h"

#include <algorithm>
#include <utility>

namespace antiphon::process {
namespace {

using topology::Severity;
using topology::YamlNode;

constexpr std::size_t kValueMax = std::size_t{1} << 20U;

std::string Quoted(std::string_view what) { return "`" + std::string(what) + "`"; }

bool IsVariableName(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; };
  return !name.empty() && name.size() <= 200 && is_letter(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

// May the name of a variable or file be said? Not where a secret may have been written in its place by mistake.
bool MayBeSaid(std::string_view name, Secrecy secrecy) {
  if (secrecy == Secrecy::kPublic || name.starts_with('/')) return true;
  return std::ranges::all_of(name, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }) &&
         name.find('_') != std::string_view::npos;
}

}  // namespace

void Reading::Silent(Severity severity, const YamlNode& node, std::string code, std::string message, std::string remedy) {
  loading_.Report(severity, node, 0, std::move(code), {}, std::move(message), std::move(remedy));
}

std::filesystem::path Reading::Absolute(const std::filesystem::path& path) const {
  const std::filesystem::path absolute = (folder_ / path).lexically_normal();
  return absolute.has_filename() ? absolute : absolute.parent_path();
}

std::optional<Given> Reading::Missing(const YamlNode& node, std::string code, std::string message, std::string remedy) {
  if (where_ == ReadAt::kWhereItRuns) {
    Silent(Severity::kError, node, std::move(code), std::move(message), std::move(remedy));
    return std::nullopt;
  }
  Silent(Severity::kWarning, node, std::move(code), message + " here", std::move(remedy));
  return Given{.text = "unknown", .literal = false, .known = false};
}

std::optional<Given> Reading::ReadVariable(const YamlNode& node, std::string_view what, Secrecy secrecy) {
  if (!node.is_scalar() || !IsVariableName(node.text)) {
    Silent(Severity::kError, node, "bad_variable", "`env` of " + Quoted(what) + " must be the name of an environment variable",
           "letters, digits and '_': {env: KAFKA_PASSWORD}");
    return std::nullopt;
  }
  auto value = surroundings_.Variable(node.text);
  const std::string name = MayBeSaid(node.text, secrecy) ? " " + node.text : "";
  if (!value || value->empty()) {
    return Missing(node, "no_variable", "the environment variable" + name + " of " + Quoted(what) + (value ? " is empty" : " is not set"),
                   "set it before the process starts");
  }
  return Given{.text = std::move(*value), .literal = false};
}

std::optional<Given> Reading::ReadFile(const YamlNode& node, std::string_view what, Secrecy secrecy) {
  if (!node.is_scalar() || node.text.empty()) {
    Silent(Severity::kError, node, "bad_file", "`file` of " + Quoted(what) + " must be a path", "{file: /run/secrets/kafka-password}");
    return std::nullopt;
  }
  auto text = surroundings_.File(Absolute(node.text));
  const std::string name = MayBeSaid(node.text, secrecy) ? " " + node.text : "";
  if (text) {  // editors and `echo` end a file with a line feed that is no part of it
    if (text->ends_with('\n')) text->pop_back();
    if (text->ends_with('\r')) text->pop_back();
  }
  if (!text || text->empty()) {
    return Missing(node, "no_file", "the file" + name + " of " + Quoted(what) + (text ? " is empty" : " cannot be read"),
                   "relative paths are relative to the process file");
  }
  return Given{.text = std::move(*text), .literal = false};
}

std::optional<Given> Reading::ReadGiven(const YamlNode& node, std::string_view what, Secrecy secrecy) {
  std::optional<Given> given;
  if (node.is_scalar()) {
    given = Given{.text = node.text};
  } else {
    const YamlNode* const env = node.Find("env");
    const YamlNode* const file = node.Find("file");
    if (!node.is_map() || node.entries.size() != 1 || (env == nullptr && file == nullptr)) {
      Silent(Severity::kError, node, "wrong_type", Quoted(what) + " must be a text, {env: NAME} or {file: PATH}");
      return std::nullopt;
    }
    given = env != nullptr ? ReadVariable(*env, what, secrecy) : ReadFile(*file, what, secrecy);
  }
  if (given && (given->text.size() > kValueMax || given->text.find('\0') != std::string::npos)) {
    Silent(Severity::kError, node, "bad_value", Quoted(what) + " is longer than 1 MiB, or holds a null character");
    return std::nullopt;
  }
  return given;
}

std::string Reading::Text(topology::MapReader& map, std::string_view key, std::string fallback) {
  const YamlNode* const value = map.Find(key);
  if (value == nullptr) return fallback;
  auto given = ReadGiven(*value, key, Secrecy::kPublic);
  return given && given->known ? std::move(given->text) : std::move(fallback);
}

}  // namespace antiphon::process

// size, contains, startsWith, endsWith, matches, and base64.
#include <array>
#include <cstdint>

#include "engine/expression/builtins.h"
#include "engine/expression/regex.h"
#include "engine/expression/text.h"

namespace antiphon::expression {
namespace {

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

Value Size(CallContext& /*context*/, Arguments args) {
  const Value& value = args[0];
  switch (value.kind()) {
    case Kind::kString:
      return Value::Int(static_cast<std::int64_t>(CountCodePoints(value.as_text())));
    case Kind::kBytes:
      return Value::Int(static_cast<std::int64_t>(value.as_text().size()));
    case Kind::kList:
      return Value::Int(static_cast<std::int64_t>(value.as_list().size()));
    case Kind::kMap:
      return Value::Int(static_cast<std::int64_t>(value.as_map().size()));
    default:
      return NoOverload();
  }
}

bool BothStrings(Arguments args) { return args[0].is(Kind::kString) && args[1].is(Kind::kString); }

Value Contains(CallContext& /*context*/, Arguments args) {
  if (!BothStrings(args)) return NoOverload();
  return Value::Bool(args[0].as_text().find(args[1].as_text()) != std::string_view::npos);
}

Value StartsWith(CallContext& /*context*/, Arguments args) {
  return BothStrings(args) ? Value::Bool(args[0].as_text().starts_with(args[1].as_text())) : NoOverload();
}

Value EndsWith(CallContext& /*context*/, Arguments args) {
  return BothStrings(args) ? Value::Bool(args[0].as_text().ends_with(args[1].as_text())) : NoOverload();
}

// A pattern that is not constant: it is compiled here and now, which costs memory and time. Constant ones have an opcode.
Value Matches(CallContext& context, Arguments args) {
  constexpr std::uint64_t kStepsToCompile = 1000;
  if (!BothStrings(args)) return NoOverload();
  if (!context.Spend(kStepsToCompile + args[1].as_text().size())) return TooManySteps();
  const Regex regex(args[1].as_text());
  if (!regex.error().empty()) return BadArgument("the text is not a regular expression of RE2");
  return Value::Bool(regex.Matches(args[0].as_text()));
}

Value Base64Encode(CallContext& context, Arguments args) {
  if (!args[0].is(Kind::kBytes)) return NoOverload();
  const std::string_view bytes = args[0].as_text();
  const std::size_t size = (bytes.size() + 2) / 3 * 4;
  char* const text = context.arena.AllocateArray<char>(size);
  if (text == nullptr) return TooLarge();
  char* out = text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t at) { return at < bytes.size() ? static_cast<std::uint8_t>(bytes[at]) : std::uint8_t{0}; };
    const std::uint32_t group = (std::uint32_t{byte(i)} << 16U) | (std::uint32_t{byte(i + 1)} << 8U) | byte(i + 2);
    *out++ = kBase64[(group >> 18U) & 63U];
    *out++ = kBase64[(group >> 12U) & 63U];
    *out++ = i + 1 < bytes.size() ? kBase64[(group >> 6U) & 63U] : '=';
    *out++ = i + 2 < bytes.size() ? kBase64[group & 63U] : '=';
  }
  return Value::String({text, size});
}

// With or without padding.
Value Base64Decode(CallContext& context, Arguments args) {
  constexpr Value kBad = BadArgument("the text is not base64");
  if (!args[0].is(Kind::kString)) return NoOverload();
  std::string_view text = args[0].as_text();
  if (text.ends_with('=') && text.size() % 4 != 0) return kBad;
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  if (text.size() % 4 == 1) return kBad;
  char* const bytes = context.arena.AllocateArray<char>(text.size() * 3 / 4);
  if (bytes == nullptr) return TooLarge();
  std::size_t size = 0;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    const std::size_t digit = kBase64.find(c);
    if (digit == std::string_view::npos) return kBad;
    bits = (bits << 6U) | static_cast<std::uint32_t>(digit);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes[size++] = static_cast<char>((bits >> held) & 0xFFU);
  }
  return Value::Bytes({bytes, size});
}

}  // namespace

std::span<const BuiltinRow> TextRows() {
  static constexpr BuiltinRow kRows[] = {
      {"size", false, "string", "int", &Size},
      {"size", false, "bytes", "int", &Size},
      {"size", false, "list(A)", "int", &Size},
      {"size", false, "map(A, B)", "int", &Size},
      {"size", true, "string", "int", &Size},
      {"size", true, "bytes", "int", &Size},
      {"size", true, "list(A)", "int", &Size},
      {"size", true, "map(A, B)", "int", &Size},
      {"contains", true, "string, string", "bool", &Contains},
      {"startsWith", true, "string, string", "bool", &StartsWith},
      {"endsWith", true, "string, string", "bool", &EndsWith},
      {"matches", true, "string, string", "bool", &Matches},
      {"matches", false, "string, string", "bool", &Matches},
      {"base64.encode", false, "bytes", "string", &Base64Encode},
      {"base64.decode", false, "string", "bytes", &Base64Decode},
  };
  return kRows;
}

}  // namespace antiphon::expression

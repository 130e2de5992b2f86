// The strings extension. Positions count code points.
#include <algorithm>
#include <cstring>
#include <vector>

#include "engine/expression/builtins.h"
#include "engine/expression/format.h"
#include "engine/expression/text.h"
#include "engine/expression/text_builder.h"

namespace antiphon::expression {
namespace {

bool IsAsciiUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsAsciiLower(char c) { return c >= 'a' && c <= 'z'; }

// Unicode's White_Space.
bool IsSpace(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

// The byte offset of a code point's position given by an expression; nothing if it is outside of the text.
std::optional<std::size_t> OffsetAt(std::string_view text, const Value& position) {
  if (position.as_int() < 0 || static_cast<std::uint64_t>(position.as_int()) > text.size()) return std::nullopt;
  const std::size_t offset = OffsetOfCodePoint(text, static_cast<std::size_t>(position.as_int()));
  if (offset > text.size()) return std::nullopt;
  return offset;
}

bool AreStrings(Arguments args, std::size_t count) {
  return std::all_of(args.begin(), args.begin() + static_cast<std::ptrdiff_t>(count),
                     [](const Value& arg) { return arg.is(Kind::kString); });
}

Value CharAt(CallContext& /*context*/, Arguments args) {
  if (!AreStrings(args, 1) || !args[1].is(Kind::kInt)) return NoOverload();
  const std::string_view text = args[0].as_text();
  const std::optional<std::size_t> offset = OffsetAt(text, args[1]);
  if (!offset) return OutOfRange();
  if (*offset == text.size()) return Value::String("");
  std::size_t end = *offset;
  (void)NextCodePoint(text, end);
  return Value::String(text.substr(*offset, end - *offset));
}

Value IndexOf(CallContext& context, Arguments args) {
  if (!AreStrings(args, 2) || (args.size() == 3 && !args[2].is(Kind::kInt))) return NoOverload();
  const std::string_view text = args[0].as_text();
  if (!context.Spend((text.size() + args[1].as_text().size()) / 16)) return TooManySteps();
  std::size_t start = 0;
  if (args.size() == 3) {
    const std::optional<std::size_t> offset = OffsetAt(text, args[2]);
    if (!offset) return OutOfRange();
    start = *offset;
  }
  const std::size_t found = text.find(args[1].as_text(), start);
  return Value::Int(found == std::string_view::npos ? -1 : static_cast<std::int64_t>(CountCodePoints(text.substr(0, found))));
}

Value LastIndexOf(CallContext& context, Arguments args) {
  if (!AreStrings(args, 2) || (args.size() == 3 && !args[2].is(Kind::kInt))) return NoOverload();
  const std::string_view text = args[0].as_text();
  if (!context.Spend((text.size() + args[1].as_text().size()) / 16)) return TooManySteps();
  std::size_t start = std::string_view::npos;
  if (args.size() == 3) {
    const std::optional<std::size_t> offset = OffsetAt(text, args[2]);
    if (!offset) return OutOfRange();
    start = *offset;
  }
  const std::size_t found = text.rfind(args[1].as_text(), start);
  return Value::Int(found == std::string_view::npos ? -1 : static_cast<std::int64_t>(CountCodePoints(text.substr(0, found))));
}

template <bool upper>
Value AsciiCase(CallContext& context, Arguments args) {
  if (!AreStrings(args, 1)) return NoOverload();
  TextBuilder out(context.arena);
  for (const char c : args[0].as_text()) {
    const bool change = upper ? IsAsciiLower(c) : IsAsciiUpper(c);
    out.Append(change ? static_cast<char>(c ^ 0x20) : c);
  }
  return out.Finish();
}

Value Replace(CallContext& context, Arguments args) {
  if (!AreStrings(args, 3) || (args.size() == 4 && !args[3].is(Kind::kInt))) return NoOverload();
  const std::string_view text = args[0].as_text();
  const std::string_view from = args[1].as_text();
  const std::string_view to = args[2].as_text();
  std::int64_t left = args.size() == 4 ? args[3].as_int() : -1;  // negative: all
  TextBuilder out(context.arena);
  std::size_t position = 0;
  while (left != 0) {
    // An empty text stands before every code point and at the end.
    const std::size_t found = text.find(from, position);
    if (found == std::string_view::npos) break;
    if (!context.Spend(1)) return TooManySteps();
    out.Append(text.substr(position, found - position));
    out.Append(to);
    position = found + from.size();
    if (left > 0) --left;
    if (!from.empty()) continue;
    if (position == text.size()) break;
    std::size_t next = position;
    (void)NextCodePoint(text, next);
    out.Append(text.substr(position, next - position));
    position = next;
  }
  out.Append(text.substr(position));
  return out.Finish();
}

Value Split(CallContext& context, Arguments args) {
  if (!AreStrings(args, 2) || (args.size() == 3 && !args[2].is(Kind::kInt))) return NoOverload();
  const std::int64_t limit = args.size() == 3 ? args[2].as_int() : -1;  // negative: no limit
  const std::string_view text = args[0].as_text();
  const std::string_view separator = args[1].as_text();
  if (limit == 0) return Value::List({});
  const std::size_t most = limit < 0 ? text.size() + 1 : std::min(static_cast<std::size_t>(limit), text.size() + 1);
  std::size_t count = 0;
  // Twice over the text: first the count, then the items.
  for (Value* items = nullptr;;) {
    std::string_view rest = text;
    count = 0;
    const auto add = [&](std::string_view part) {
      if (items != nullptr) items[count] = Value::String(part);
      ++count;
    };
    while (count + 1 < most) {
      std::size_t found = 0;
      if (separator.empty()) {
        if (rest.empty()) break;
        (void)NextCodePoint(rest, found);
        if (found == rest.size()) break;
      } else {
        found = rest.find(separator);
        if (found == std::string_view::npos) break;
      }
      add(rest.substr(0, found));
      rest.remove_prefix(found + separator.size());
    }
    if (!(separator.empty() && rest.empty())) add(rest);
    if (items != nullptr || count == 0) return Value::List({items, count});
    if (!context.Spend(count)) return TooManySteps();
    items = context.arena.AllocateArray<Value>(count);
    if (items == nullptr) return TooLarge();
  }
}

Value Substring(CallContext& /*context*/, Arguments args) {
  if (!AreStrings(args, 1) || !args[1].is(Kind::kInt) || (args.size() == 3 && !args[2].is(Kind::kInt))) return NoOverload();
  const std::string_view text = args[0].as_text();
  const std::optional<std::size_t> start = OffsetAt(text, args[1]);
  const std::optional<std::size_t> end = args.size() == 3 ? OffsetAt(text, args[2]) : text.size();
  if (!start || !end || *start > *end) return OutOfRange();
  return Value::String(text.substr(*start, *end - *start));
}

Value Trim(CallContext& /*context*/, Arguments args) {
  if (!AreStrings(args, 1)) return NoOverload();
  const std::string_view text = args[0].as_text();
  std::size_t first = text.size();
  std::size_t last = text.size();
  bool seen = false;
  for (std::size_t position = 0; position < text.size();) {
    const std::size_t start = position;
    if (IsSpace(NextCodePoint(text, position))) continue;
    if (!seen) first = start;
    seen = true;
    last = position;
  }
  return Value::String(text.substr(first, last - first));
}

Value Join(CallContext& context, Arguments args) {
  if (!args[0].is(Kind::kList) || (args.size() == 2 && !args[1].is(Kind::kString))) return NoOverload();
  if (!context.Spend(args[0].as_list().size())) return TooManySteps();
  TextBuilder out(context.arena);
  bool first = true;
  for (const Value& item : args[0].as_list()) {
    if (!item.is(Kind::kString)) return NoOverload();
    if (!first && args.size() == 2) out.Append(args[1].as_text());
    first = false;
    out.Append(item.as_text());
  }
  return out.Finish();
}

Value Quote(CallContext& context, Arguments args) {
  if (!AreStrings(args, 1)) return NoOverload();
  static constexpr std::string_view kSpecial = "\a\b\f\n\r\t\v\\\"";
  static constexpr std::string_view kLetters = "abfnrtv\\\"";
  const std::string_view text = args[0].as_text();
  TextBuilder out(context.arena);
  out.Append('"');
  for (std::size_t position = 0; position < text.size();) {
    const std::size_t start = position;
    const char32_t code_point = NextCodePoint(text, position);
    if (const std::size_t special = kSpecial.find(text[start]); special != std::string_view::npos) {
      out.Append('\\');
      out.Append(kLetters[special]);
    } else if (code_point == kNoCodePoint) {
      out.Append("\xEF\xBF\xBD");
    } else {
      out.Append(text.substr(start, position - start));
    }
  }
  out.Append('"');
  return out.Finish();
}

Value ReverseText(CallContext& context, Arguments args) {
  if (!AreStrings(args, 1)) return NoOverload();
  const std::string_view text = args[0].as_text();
  char* const out = context.arena.AllocateArray<char>(text.size());
  if (out == nullptr) return TooLarge();
  for (std::size_t position = 0; position < text.size();) {
    const std::size_t start = position;
    (void)NextCodePoint(text, position);
    std::memcpy(out + text.size() - position, text.data() + start, position - start);
  }
  return Value::String({out, text.size()});
}

Value FormatText(CallContext& context, Arguments args) {
  return args[0].is(Kind::kString) && args[1].is(Kind::kList) ? Format(context, args[0].as_text(), args[1].as_list()) : NoOverload();
}

}  // namespace

std::span<const BuiltinRow> StringExtensionRows() {
  static constexpr BuiltinRow kRows[] = {
      {"charAt", true, "string, int", "string", &CharAt},
      {"indexOf", true, "string, string", "int", &IndexOf},
      {"indexOf", true, "string, string, int", "int", &IndexOf},
      {"lastIndexOf", true, "string, string", "int", &LastIndexOf},
      {"lastIndexOf", true, "string, string, int", "int", &LastIndexOf},
      {"lowerAscii", true, "string", "string", &AsciiCase<false>},
      {"upperAscii", true, "string", "string", &AsciiCase<true>},
      {"replace", true, "string, string, string", "string", &Replace},
      {"replace", true, "string, string, string, int", "string", &Replace},
      {"split", true, "string, string", "list(string)", &Split},
      {"split", true, "string, string, int", "list(string)", &Split},
      {"substring", true, "string, int", "string", &Substring},
      {"substring", true, "string, int, int", "string", &Substring},
      {"trim", true, "string", "string", &Trim},
      {"join", true, "list(string)", "string", &Join},
      {"join", true, "list(string), string", "string", &Join},
      {"strings.quote", false, "string", "string", &Quote},
      {"reverse", true, "string", "string", &ReverseText},
      {"format", true, "string, list(dyn)", "string", &FormatText},
  };
  return kRows;
}

}  // namespace antiphon::expression

#include "engine/expression/format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <system_error>

#include "engine/expression/text_builder.h"

namespace antiphon::expression {
namespace {

constexpr int kPrecisionDefault = 6;
constexpr int kPrecisionMax = 100;

constexpr Value BadClause() { return BadArgument("a format clause that is none of %s %d %f %e %b %o %x %X %%"); }
constexpr Value BadKind() { return BadArgument("a format clause does not fit the kind of its argument"); }

class Formatter {
 public:
  explicit Formatter(CallContext& context) : context_(context), out_(context.arena) {}

  Value Run(std::string_view format, std::span<const Value> args) {
    std::size_t next = 0;
    for (std::size_t i = 0; i < format.size(); ++i) {
      if (format[i] != '%') {
        const std::size_t end = std::min(format.find('%', i), format.size());
        out_.Append(format.substr(i, end - i));
        i = end - 1;
        continue;
      }
      if (++i == format.size()) return BadClause();
      if (format[i] == '%') {
        out_.Append('%');
        continue;
      }
      int precision = kPrecisionDefault;
      if (format[i] == '.') {
        const auto [end, error] = std::from_chars(format.data() + i + 1, format.data() + format.size(), precision);
        if (error != std::errc() || precision < 0 || precision > kPrecisionMax || end == format.data() + format.size()) return BadClause();
        i = static_cast<std::size_t>(end - format.data());
      }
      if (next >= args.size()) return Value::Error(ErrorCode::kOutOfRange, "the format has more clauses than arguments");
      if (!context_.Spend(1)) return TooManySteps();
      if (const std::optional<Value> failure = Clause(format[i], precision, args[next++])) return *failure;
    }
    return out_.Finish();
  }

 private:
  std::optional<Value> Clause(char clause, int precision, const Value& arg) {
    switch (clause) {
      case 's':
        return Text(arg, kValueNestingMax);
      case 'd':
        if (arg.is(Kind::kDouble) || arg.is(Kind::kInt) || arg.is(Kind::kUint)) return Scalar(arg);
        return BadKind();
      case 'f':
        return Real(arg, precision, std::chars_format::fixed);
      case 'e':
        return Real(arg, precision, std::chars_format::scientific);
      case 'b':
        if (arg.is(Kind::kBool)) return Digits(Value::Uint(arg.as_bool() ? 1 : 0), 2, false);
        return Digits(arg, 2, false);
      case 'o':
        return Digits(arg, 8, false);
      case 'x':
      case 'X':
        if (arg.is(Kind::kString) || arg.is(Kind::kBytes)) return HexText(arg.as_text(), clause == 'X');
        return Digits(arg, 16, clause == 'X');
      default:
        return BadClause();
    }
  }

  std::optional<Value> Scalar(const Value& value) {
    const Value text = FormatScalar(context_, value);
    if (text.is_error()) return text;
    out_.Append(text.as_text());
    return std::nullopt;
  }

  std::optional<Value> Text(const Value& value, int levels) {
    if (levels == 0 || !context_.Spend(1)) return TooManySteps();
    switch (value.kind()) {
      case Kind::kString:
      case Kind::kBytes:
      case Kind::kType:
        out_.Append(value.as_text());
        return std::nullopt;
      case Kind::kNull:
        out_.Append("null");
        return std::nullopt;
      case Kind::kList: {
        out_.Append('[');
        bool first = true;
        for (const Value& item : value.as_list()) {
          if (!first) out_.Append(", ");
          first = false;
          if (const std::optional<Value> failure = Text(item, levels - 1)) return failure;
        }
        out_.Append(']');
        return std::nullopt;
      }
      case Kind::kMap:
        return Map(value, levels);
      case Kind::kAbsent:
      case Kind::kOptional:
      case Kind::kError:
        return BadKind();
      default:
        return Scalar(value);
    }
  }

  // Entries in the order of their keys' texts.
  std::optional<Value> Map(const Value& map, int levels) {
    struct Item {
      std::string_view key;
      const Value* value;
    };
    const std::size_t size = map.as_map().size();
    if (!context_.Spend(size)) return TooManySteps();
    Item* const items = context_.arena.AllocateArray<Item>(size);
    if (items == nullptr) return TooLarge();
    for (std::size_t i = 0; i < size; ++i) {
      const MapEntry& entry = map.as_map()[i];
      const Value key = entry.key.is(Kind::kString) ? entry.key : FormatScalar(context_, entry.key);
      if (key.is_error()) return key;
      items[i] = {key.as_text(), &entry.value};
    }
    std::sort(items, items + size, [](const Item& a, const Item& b) { return a.key < b.key; });
    out_.Append('{');
    for (std::size_t i = 0; i < size; ++i) {
      if (i > 0) out_.Append(", ");
      out_.Append(items[i].key);
      out_.Append(": ");
      if (const std::optional<Value> failure = Text(*items[i].value, levels - 1)) return failure;
    }
    out_.Append('}');
    return std::nullopt;
  }

  std::optional<Value> Real(const Value& arg, int precision, std::chars_format style) {
    double number = 0;
    if (arg.is(Kind::kDouble)) {
      number = arg.as_double();
    } else if (arg.is(Kind::kInt)) {
      number = static_cast<double>(arg.as_int());
    } else if (arg.is(Kind::kUint)) {
      number = static_cast<double>(arg.as_uint());
    } else {
      return BadKind();
    }
    if (!std::isfinite(number)) return Scalar(Value::Double(number));
    std::array<char, 512> buffer;  // 309 digits, a sign, a point and the precision
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, style, precision);
    out_.Append(std::string_view(buffer.data(), static_cast<std::size_t>(end - buffer.data())));
    return std::nullopt;
  }

  std::optional<Value> Digits(const Value& arg, int base, bool upper) {
    if (!arg.is(Kind::kInt) && !arg.is(Kind::kUint)) return BadKind();
    std::array<char, 72> buffer;
    char* const last = buffer.data() + buffer.size();
    char* const end = arg.is(Kind::kInt) ? std::to_chars(buffer.data(), last, arg.as_int(), base).ptr
                                         : std::to_chars(buffer.data(), last, arg.as_uint(), base).ptr;
    if (upper)
      for (char* c = buffer.data(); c != end; ++c)
        if (*c >= 'a') *c = static_cast<char>(*c - 'a' + 'A');
    out_.Append(std::string_view(buffer.data(), static_cast<std::size_t>(end - buffer.data())));
    return std::nullopt;
  }

  std::optional<Value> HexText(std::string_view bytes, bool upper) {
    const std::string_view digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    for (const char c : bytes) {
      out_.Append(digits[static_cast<unsigned char>(c) >> 4U]);
      out_.Append(digits[static_cast<unsigned char>(c) & 15U]);
    }
    return std::nullopt;
  }

  CallContext& context_;
  TextBuilder out_;
};

}  // namespace

Value Format(CallContext& context, std::string_view format, std::span<const Value> args) { return Formatter(context).Run(format, args); }

}  // namespace antiphon::expression

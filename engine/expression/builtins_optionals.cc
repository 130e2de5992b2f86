// Optional values. `or` and `orValue` do not evaluate what they do not need: they are opcodes.
#include "engine/expression/builtins.h"

namespace antiphon::expression {
namespace {

bool IsZero(const Value& value) {
  switch (value.kind()) {
    case Kind::kNull:
    case Kind::kAbsent:
      return true;
    case Kind::kBool:
    case Kind::kInt:
      return value.as_int() == 0;
    case Kind::kUint:
      return value.as_uint() == 0;
    case Kind::kDouble:
      return value.as_double() == 0;
    case Kind::kString:
    case Kind::kBytes:
      return value.as_text().empty();
    case Kind::kList:
      return value.as_list().empty();
    case Kind::kMap:
      return value.as_map().empty();
    case Kind::kTimestamp:
    case Kind::kDuration:
      return value.seconds() == 0 && value.nanos() == 0;
    case Kind::kOptional:
      return value.as_optional() == nullptr;
    case Kind::kType:
    case Kind::kError:
      break;
  }
  return false;
}

Value Of(CallContext& context, Arguments args) { return context.arena.MakeOptional(args[0]); }
Value OfNonZero(CallContext& context, Arguments args) {
  return IsZero(args[0]) ? Value::Optional(nullptr) : context.arena.MakeOptional(args[0]);
}
Value None(CallContext& /*context*/, Arguments /*args*/) { return Value::Optional(nullptr); }

Value HasValue(CallContext& /*context*/, Arguments args) {
  return args[0].is(Kind::kOptional) ? Value::Bool(args[0].as_optional() != nullptr) : NoOverload();
}

Value GetValue(CallContext& /*context*/, Arguments args) {
  if (!args[0].is(Kind::kOptional)) return NoOverload();
  if (args[0].as_optional() == nullptr) return Value::Error(ErrorCode::kNoSuchKey, "the optional is empty");
  return *args[0].as_optional();
}

}  // namespace

std::span<const BuiltinRow> OptionalRows() {
  static constexpr BuiltinRow kRows[] = {
      {"optional.of", false, "A", "optional_type(A)", &Of},
      {"optional.ofNonZeroValue", false, "A", "optional_type(A)", &OfNonZero},
      {"optional.none", false, "", "optional_type(A)", &None},
      {"hasValue", true, "optional_type(A)", "bool", &HasValue},
      {"value", true, "optional_type(A)", "A", &GetValue},
      {"or", true, "optional_type(A), optional_type(A)", "optional_type(A)", nullptr},
      {"orValue", true, "optional_type(A), A", "A", nullptr},
  };
  return kRows;
}

}  // namespace antiphon::expression

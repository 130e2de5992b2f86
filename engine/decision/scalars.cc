#include "engine/decision/scalars.h"

#include <string>

namespace antiphon::decision {
namespace {

using expression::Kind;
using expression::Value;

struct AsValue {
  Value operator()(std::monostate /*absent*/) const { return Value::Absent(); }
  Value operator()(bool value) const { return Value::Bool(value); }
  Value operator()(std::int64_t value) const { return Value::Int(value); }
  Value operator()(double value) const { return Value::Double(value); }
  Value operator()(const std::string& value) const { return Value::String(value); }
  Value operator()(EngineTime value) const { return Value::TimestampMs(ToEpochMs(value)); }
  Value operator()(Milliseconds value) const { return Value::DurationMs(value.count()); }
};

}  // namespace

Value ToValue(const state::Scalar& scalar) { return std::visit(AsValue{}, scalar); }

state::Scalar ToScalar(const Value& value) {
  switch (value.kind()) {
    case Kind::kBool:
      return value.as_bool();
    case Kind::kInt:
      return value.as_int();
    case Kind::kDouble:
      return value.as_double();
    case Kind::kString:
      return std::string(value.as_text());
    case Kind::kTimestamp:
      return FromEpochMs(value.as_ms());
    case Kind::kDuration:
      return Milliseconds{value.as_ms()};
    default:
      return std::monostate{};
  }
}

}  // namespace antiphon::decision

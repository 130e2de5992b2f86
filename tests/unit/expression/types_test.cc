#include <gtest/gtest.h>

#include <array>

#include "tests/unit/expression/test_host.h"

namespace antiphon::expression {
namespace {

TEST(TypeTest, NamesReadBack) {
  for (const char* const name : {"int", "dyn", "list(int)", "map(string, list(dyn))", "optional_type(T)", "type(int)",
                                 "tuple(int, uint, dyn)", "timestamp", "null_type", "a.b.Message"}) {
    const std::optional<Type> type = Type::Parse(name);
    ASSERT_TRUE(type.has_value()) << name;
    EXPECT_EQ(type->name(), name);
    EXPECT_EQ(*type, *Type::Parse(type->name()));
  }
  EXPECT_EQ(Type::Parse("google.protobuf.Duration"), Type::Duration());
  for (const char* const name : {"", "list(", "list(int", "list(int))", "(int)", "list(int, int)", "map(int)", "a b"})
    EXPECT_FALSE(Type::Parse(name).has_value()) << name;
}

TEST(TypeTest, DiffersByKindNameAndParameters) {
  EXPECT_NE(Type::List(Type::Int()), Type::List(Type::Uint()));
  EXPECT_NE(Type::Abstract("a"), Type::Abstract("b"));
  EXPECT_NE(Type::Parameter("T"), Type::Abstract("T"));
  EXPECT_EQ(Type::Map(Type::String(), Type::Dyn()), Type::Map(Type::String(), Type::Dyn()));
}

TEST(TypeTest, DeducesTheResult) {
  const TestHost host = BankHost();
  const auto type_of = [&](std::string_view text) { return CompileOrDie(text, host.declarations).result_type().name(); };
  EXPECT_EQ(type_of("[1, 2].map(x, string(x))"), "list(string)");
  EXPECT_EQ(type_of("{'a': now}"), "map(string, timestamp)");
  EXPECT_EQ(type_of("[1, 'a']"), "list(dyn)");
  EXPECT_EQ(type_of("request.context.?page"), "optional_type(dyn)");
  EXPECT_EQ(type_of("now - now"), "duration");
  EXPECT_EQ(type_of("true ? [] : [1]"), "list(int)");
}

TEST(ValueTest, IsSmall) {
  EXPECT_EQ(sizeof(Value), 16U);
  EXPECT_TRUE(Value().is(Kind::kAbsent));
}

TEST(ValueTest, ComparesAsCelDoes) {
  EXPECT_TRUE(Equal(Value::Int(1), Value::Uint(1)));
  EXPECT_TRUE(Equal(Value::Double(1.0), Value::Int(1)));
  EXPECT_FALSE(Equal(Value::Int(-1), Value::Uint(UINT64_MAX)));
  EXPECT_FALSE(Equal(Value::Double(0.0 / 0.0), Value::Double(0.0 / 0.0)));
  EXPECT_FALSE(Equal(Value::String("1"), Value::Int(1)));
  EXPECT_FALSE(Equal(Value::String("a"), Value::Bytes("a")));
  const std::array<MapEntry, 2> one = {{{Value::Int(1), Value::Bool(true)}, {Value::String("a"), Value::Null()}}};
  const std::array<MapEntry, 2> two = {{{Value::String("a"), Value::Null()}, {Value::Uint(1), Value::Bool(true)}}};
  EXPECT_TRUE(Equal(Value::Map(one), Value::Map(two)));
  EXPECT_NE(FindKey(Value::Map(one), Value::Double(1.0)), nullptr);
  EXPECT_EQ(FindKey(Value::Map(one), Value::String("b")), nullptr);
}

TEST(ValueTest, ReadsMillisecondsTowardsThePast) {
  EXPECT_EQ(Value::DurationMs(-1500).seconds(), -2);
  EXPECT_EQ(Value::DurationMs(-1500).nanos(), 500'000'000U);
  for (const std::int64_t ms : {-1500, -1, 0, 1, 999, 1000, 1001}) EXPECT_EQ(Value::TimestampMs(ms).as_ms(), ms);
  EXPECT_EQ(Value::Timestamp(-1, 999'999'999).as_ms(), -1);
}

TEST(DeclarationsTest, ChildShadowsParent) {
  Declarations parent;
  parent.AddVariable("a.b", {Type::Int(), HostSlot(1), {}});
  parent.AddVariable("a.c", {Type::Int(), HostSlot(2), {}});
  Declarations child(&parent);
  child.AddVariable("a.b", {Type::String(), HostSlot(3), {}});
  EXPECT_EQ(child.FindVariable("a.b")->slot, HostSlot(3));
  EXPECT_EQ(child.FindVariable("a.c")->slot, HostSlot(2));
  EXPECT_EQ(parent.FindVariable("a.b")->slot, HostSlot(1));
  EXPECT_TRUE(child.HasVariableBelow("a"));
  EXPECT_FALSE(child.HasVariableBelow("a.b"));
  EXPECT_EQ(child.VariableNames(), (std::vector<std::string>{"a.b", "a.c"}));
}

}  // namespace
}  // namespace antiphon::expression

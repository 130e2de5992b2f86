#include "tests/unit/expression/test_host.h"

#include <gtest/gtest.h>

#include <array>
#include <stdexcept>
#include <utility>

namespace antiphon::expression {

void TestHost::Add(std::string name, Type type, Value value, std::string unit) {
  values_.push_back(value);
  declarations.AddVariable(std::move(name), {std::move(type), HostSlot(static_cast<std::uint32_t>(values_.size() - 1)), std::move(unit)});
}

void TestHost::Set(std::string_view name, Value value) { values_.at(declarations.FindVariable(name)->slot.value()) = value; }

void TestHost::AddFunction(std::string name, std::vector<Type> parameters, Type result, Function function, ArgumentCheck check) {
  functions_.push_back(std::move(function));
  FunctionOverload overload;
  overload.parameters = std::move(parameters);
  overload.result = std::move(result);
  overload.function = HostFunction(static_cast<std::uint32_t>(functions_.size() - 1));
  overload.argument_check = std::move(check);
  declarations.AddFunction(std::move(name), std::move(overload));
}

TestHost BankHost() {
  static const std::array<MapEntry, 2> kContext = {
      {{Value::String("page"), Value::String("/mortgage")}, {Value::String("empty"), Value::Absent()}}};
  TestHost host;
  host.Add("event.amount", Type::Int(), Value::Int(15000), "CZK:2");
  host.Add("event.purpose", Type::String(), Value::String("salary"));
  host.Add("event.note", Type::String());
  host.Add("features.balance", Type::Int(), Value::Int(1000000), "CZK:2");
  host.Add("features.balance.previous", Type::Int(), Value::Int(9000), "CZK:2");
  host.Add("features.visits", Type::Int(), Value::Int(3));
  host.Add("fees.paid", Type::Int(), Value::Int(500), "EUR:2");
  host.Add("customer.active", Type::Bool(), Value::Bool(true));
  host.Add("now", Type::Timestamp(), Value::Timestamp(1772357400));  // 2026-03-01T09:30:00Z
  host.Add("request.context", Type::Map(Type::String(), Type::Dyn()), Value::Map(kContext));
  host.AddFunction(
      "customer.holds", {Type::String()}, Type::Bool(), [](auto args, Arena&) { return Value::Bool(args[0].as_text() == "savings"); },
      [](std::size_t, std::string_view literal) -> std::optional<std::string> {
        if (literal == "savings" || literal == "mortgage") return std::nullopt;
        return "no product '" + std::string(literal) + "'; did you mean " + NearestName(literal, {"mortgage", "savings"}) + "?";
      });
  return host;
}

Program CompileOrDie(std::string_view text, const Declarations& declarations, const CompileOptions& options) {
  auto program = Compile(text, declarations, options);
  if (!program) throw std::runtime_error(std::string(text) + ": " + ToString(program.error().front()));
  return *program;
}

std::vector<std::string> Mistakes(std::string_view text, const Declarations& declarations, const CompileOptions& options) {
  const auto program = Compile(text, declarations, options);
  std::vector<std::string> mistakes;
  if (!program)
    for (const ExpressionDiagnostic& diagnostic : program.error()) mistakes.push_back(ToString(diagnostic));
  return mistakes;
}

}  // namespace antiphon::expression

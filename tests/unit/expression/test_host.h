#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/expression/compiler.h"

namespace antiphon::expression {

// TestHost: declarations and the values behind them, in one place. A variable declared without a value is absent.
class TestHost final : public Host {
 public:
  using Function = std::function<Value(std::span<const Value>, Arena&)>;

  void Add(std::string name, Type type, Value value = Value::Absent(), std::string unit = {});
  void Set(std::string_view name, Value value);
  void AddFunction(std::string name, std::vector<Type> parameters, Type result, Function function, ArgumentCheck check = {});

  [[nodiscard]] Value Load(HostSlot slot) const override { return values_.at(slot.value()); }
  [[nodiscard]] Value Call(HostFunction function, std::span<const Value> args, Arena& arena) const override {
    return functions_.at(function.value())(args, arena);
  }

  Declarations declarations;

 private:
  std::vector<Value> values_;
  std::vector<Function> functions_;
};

// The bank of the tests: event.amount (CZK, 150.00), event.purpose ("salary"), event.note (absent), features.balance (CZK, 10000.00),
// features.balance.previous (CZK, 90.00), features.visits (3), fees.paid (EUR, 5.00), customer.active (true), now,
// request.context (map(string, dyn)), customer.holds(string) -> bool, which knows "savings" and "mortgage".
TestHost BankHost();

// The program, or a test failure.
Program CompileOrDie(std::string_view text, const Declarations& declarations, const CompileOptions& options = {});

// "line:column: message; remedy" of every mistake; empty if there is none.
std::vector<std::string> Mistakes(std::string_view text, const Declarations& declarations, const CompileOptions& options = {});

}  // namespace antiphon::expression

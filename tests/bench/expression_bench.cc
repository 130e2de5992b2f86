// What expressions cost on the event path. Release build only: cmake --preset release && build/release/tests/bench/expression_bench
#include <benchmark/benchmark.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "engine/expression/compiler.h"

namespace antiphon::expression {
namespace {

// As in an engine: values in an array by slot, behind the virtual Load.
class BenchHost final : public Host {
 public:
  [[nodiscard]] Value Load(HostSlot slot) const override { return values_[slot.value()]; }
  [[nodiscard]] Value Call(HostFunction /*function*/, std::span<const Value> args, Arena& /*arena*/) const override {
    return Value::Bool(args[0].as_text() == "savings");
  }

 private:
  std::array<Value, 8> values_ = {Value::Int(125'000'00),          Value::Int(12),        Value::Int(3),
                                  Value::String("salary"),         Value::Double(0.25),   Value::Bool(true),
                                  Value::Timestamp(1'772'000'000), Value::Int(130'000'00)};
};

Declarations BenchDeclarations() {
  Declarations declarations;
  const auto add = [&](const char* name, Type type, std::uint32_t slot, const char* unit = "") {
    declarations.AddVariable(name, {std::move(type), HostSlot(slot), unit});
  };
  add("features.balance", Type::Int(), 0, "CZK:2");
  add("features.visits", Type::Int(), 1);
  add("features.logins", Type::Int(), 2);
  add("event.purpose", Type::String(), 3);
  add("features.ratio", Type::Double(), 4);
  add("customer.active", Type::Bool(), 5);
  add("now", Type::Timestamp(), 6);
  add("salary.amount", Type::Int(), 7, "CZK:2");
  declarations.AddFunction("customer.holds", {{Type::String()}, Type::Bool(), HostFunction(0)});
  return declarations;
}

void Evaluate(benchmark::State& state, const char* text) {
  const Declarations declarations = BenchDeclarations();
  const auto program = Compile(text, declarations);
  if (!program) {
    std::fprintf(stderr, "%s\n", ToString(program.error().front()).c_str());
    std::exit(2);
  }
  const BenchHost host;
  const Host* const virtual_host = &host;
  benchmark::DoNotOptimize(virtual_host);
  Arena arena;
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(program->Evaluate(*virtual_host, arena));
    arena.Reset();
  }
}

BENCHMARK_CAPTURE(Evaluate, three_comparisons_of_features, "features.balance >= 5000000 && features.visits > 3 && features.logins < 10");
BENCHMARK_CAPTURE(Evaluate, one_comparison_of_a_text, "event.purpose == 'salary'");
BENCHMARK_CAPTURE(Evaluate, most_of_the_salary, "features.balance * 10 >= salary.amount * 8");
BENCHMARK_CAPTURE(Evaluate, eligibility_with_a_call, "customer.active && !customer.holds('mortgage') && features.ratio < 0.4");
BENCHMARK_CAPTURE(Evaluate, score, "math.least(double(features.balance) * 0.012, 40000.0)");
BENCHMARK_CAPTURE(Evaluate, one_of_a_list, "event.purpose in ['rent', 'pension', 'salary']");
BENCHMARK_CAPTURE(Evaluate, hour_in_a_zone, "now.getHours('Europe/Prague') < 20");
BENCHMARK_CAPTURE(Evaluate, pattern_of_re2, "event.purpose.matches('^sal.*y$')");
BENCHMARK_CAPTURE(Evaluate, loop_of_three, "[1, 2, 3].exists(x, x == features.logins)");

void CompileRule(benchmark::State& state) {
  const Declarations declarations = BenchDeclarations();
  for ([[maybe_unused]] auto _ : state)
    benchmark::DoNotOptimize(Compile("features.balance >= 5000000 && features.visits > 3 && features.logins < 10", declarations));
}
BENCHMARK(CompileRule);

}  // namespace
}  // namespace antiphon::expression

// Mutated expressions: compiling and evaluating them ends, within the limits, without a crash (run it in the asan preset). What compiles
// must also have a place for every mistake within its text. Deterministic: a seed gives the same run.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "engine/expression/compiler.h"

namespace antiphon::expression {
namespace {

const std::vector<std::string_view> kSeeds = {
    "event.amount > 5 && has(event.note) || !f(event.text)",
    "[1, 2u, 3.0].map(x, x + 1).filter(y, y in [event.amount])",
    "{'a': [?optional.none()], true: b'\\xff'}.?a.orValue([])[0]",
    "event.text.format([event.amount, {1: 'x'}]).split(',', 3).join('-')",
    "timestamp('2026-03-01T09:30:00Z').getHours('Europe/Prague') + duration('1h30m').getMinutes()",
    "cel.bind(x, event.map, x.transformMap(k, v, k + string(v)))",
    "math.greatest(event.amount, -9223372036854775808, 1e300) == 0x1F % 3",
    "event.text.matches(r'^(a|b)*c{2,5}$') ? '\\u00e9' : \"\"\"a\n\"\"\"",
    "base64.decode(base64.encode(b'abc')) == bytes(event.text.substring(1, 2).reverse())",
    "event.map.all(k, k.size() < 3) && event.map[?'a'].optMap(v, v).hasValue()",
};
const std::vector<std::string_view> kPieces = {"(",
                                               ")",
                                               "[",
                                               "]",
                                               "{",
                                               "}",
                                               ".",
                                               "?",
                                               ":",
                                               ",",
                                               "'",
                                               "\"",
                                               "`",
                                               "\\",
                                               "&&",
                                               "||",
                                               "-",
                                               "!",
                                               "%",
                                               "in",
                                               "has(",
                                               ".map(x, ",
                                               "event.amount",
                                               "9223372036854775807",
                                               "1e999",
                                               "\xFF",
                                               "\xC3\xA9"};

class FuzzHost final : public Host {
 public:
  [[nodiscard]] Value Load(HostSlot slot) const override {
    static constexpr MapEntry kEntries[] = {{Value::String("a"), Value::Int(1)}, {Value::Int(2), Value::Null()}};
    switch (slot.value()) {
      case 0:
        return Value::Int(-1);
      case 1:
        return Value::String("h\xC3\xA9llo");
      case 2:
        return Value::Map(kEntries);
      default:
        return Value::Absent();
    }
  }
  [[nodiscard]] Value Call(HostFunction /*function*/, std::span<const Value> args, Arena& arena) const override {
    return Value::Bool(arena.CopyString(args[0].as_text()).is(Kind::kString));
  }
};

std::string Mutate(std::mt19937_64& random) {
  const auto below = [&](std::size_t end) { return static_cast<std::size_t>(random() % end); };
  std::string text(kSeeds[below(kSeeds.size())]);
  for (std::size_t i = below(6); i > 0; --i) {
    const std::size_t at = below(text.size() + 1);
    const std::size_t length = below(12);
    switch (below(4)) {
      case 0:
        text.erase(at, length);
        break;
      case 1:
        text.insert(at, kPieces[below(kPieces.size())]);
        break;
      case 2: {
        const std::string_view other = kSeeds[below(kSeeds.size())];
        text.insert(at, other.substr(below(other.size()), 20));
        break;
      }
      default:
        if (at < text.size()) text[at] = static_cast<char>(random());
        break;
    }
  }
  return text;
}

void Check(bool holds, const char* what, const std::string& text) {
  if (holds) return;
  std::fprintf(stderr, "expression_fuzz: %s: %s\n", what, text.c_str());
  std::abort();
}

int Fuzz(int rounds, std::uint64_t seed) {
  Declarations declarations;
  declarations.AddVariable("event.amount", {Type::Int(), HostSlot(0), "CZK:2"});
  declarations.AddVariable("event.text", {Type::String(), HostSlot(1), {}});
  declarations.AddVariable("event.map", {Type::Map(Type::Dyn(), Type::Dyn()), HostSlot(2), {}});
  declarations.AddVariable("event.note", {Type::String(), HostSlot(3), {}});
  FunctionOverload overload;
  overload.parameters = {Type::String()};
  overload.result = Type::Bool();
  declarations.AddFunction("f", std::move(overload));
  CompileOptions dynamic;
  dynamic.checking = Checking::kDynamic;
  const FuzzHost host;
  Arena arena(1U << 20U);
  std::mt19937_64 random(seed);
  int compiled = 0;
  for (int i = 0; i < rounds; ++i) {
    const std::string text = Mutate(random);
    for (const CompileOptions& options : {CompileOptions{}, dynamic}) {
      const auto program = Compile(text, declarations, options);
      if (!program) {
        Check(!program.error().empty(), "a refusal without a mistake", text);
        for (const ExpressionDiagnostic& diagnostic : program.error())
          Check(diagnostic.offset + std::size_t{diagnostic.length} <= text.size(), "a place outside of the text", text);
        continue;
      }
      ++compiled;
      arena.Reset();
      const Value value = program->Evaluate(host, arena);
      Check(!value.is(Kind::kAbsent), "an absent result", text);
      if (value.is_error()) Check(value.error_place() <= text.size(), "an error without a place", text);
    }
  }
  std::printf("%d rounds, seed %llu, %d programs evaluated\n", rounds, static_cast<unsigned long long>(seed), compiled);
  return 0;
}

}  // namespace
}  // namespace antiphon::expression

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 10'000;
  const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  return antiphon::expression::Fuzz(rounds, seed);
}

// cel_vectors FILE: runs CEL conformance cases, one JSON object per line, and names each that fails. The form of the file is that of the
// CEL conformance suite as JSON lines: expr, bindings, type_env, expect, needs. Exit code 0, 1 (a case failed) or 2 (bad usage, unreadable
// file).
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/expression/compiler.h"

namespace antiphon::expression {
namespace {

using Json = nlohmann::json;

// A case that cannot be read: it fails, with this as the reason.
struct BadCase : std::runtime_error {
  using std::runtime_error::runtime_error;
};

const std::set<std::string, std::less<>> kSupported = {"ext:strings", "ext:math", "optionals", "bindings",
                                                       "encoders",    "checker",  "macros2"};

// ---- typed values ----

// Values of a case; owns their texts.
class ValueReader {
 public:
  Value Read(const Json& typed) {
    if (!typed.is_object() || typed.size() != 1) throw BadCase("a typed value is an object with one member");
    const std::string kind = typed.begin().key();
    const Json& content = typed.begin().value();
    if (kind == "int") return Value::Int(std::stoll(content.get<std::string>()));
    if (kind == "uint") return Value::Uint(std::stoull(content.get<std::string>()));
    if (kind == "double") return Value::Double(std::strtod(content.get<std::string>().c_str(), nullptr));
    if (kind == "bool") return Value::Bool(content.get<bool>());
    if (kind == "null") return Value::Null();
    if (kind == "string") return Value::String(Keep(content.get<std::string>()));
    if (kind == "bytes") return Value::Bytes(Keep(DecodeBase64(content.get<std::string>())));
    if (kind == "type") return Value::TypeName(Keep(content.get<std::string>()));
    if (kind == "timestamp") return Evaluated("timestamp('" + content.get<std::string>() + "')");
    if (kind == "duration") return Evaluated("duration('" + content.get<std::string>() + "')");
    if (kind == "list") return ReadList(content);
    if (kind == "map") return ReadMap(content);
    throw BadCase("no value of kind " + kind + " here");
  }

 private:
  std::string_view Keep(std::string text) { return texts_.emplace_back(std::move(text)); }

  Value ReadList(const Json& items) {
    std::vector<Value>& list = lists_.emplace_back();
    std::vector<Value> read;
    for (const Json& item : items) read.push_back(Read(item));
    list = std::move(read);
    return Value::List(list);
  }

  Value ReadMap(const Json& entries) {
    std::vector<MapEntry> read;
    for (const Json& entry : entries) read.push_back({Read(entry.at(0)), Read(entry.at(1))});
    return Value::Map(maps_.emplace_back(std::move(read)));
  }

  // Times are read by the expressions themselves.
  Value Evaluated(const std::string& text) {
    const auto program = Compile(text, {});
    const std::optional<Value> time = program ? program->constant() : std::nullopt;
    if (!time) throw BadCase("not a time: " + text);
    // The value holds no pointer: it outlives the program.
    return *time;
  }

  static std::string DecodeBase64(const std::string& text) {
    static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const char c : text) {
      const std::size_t digit = kDigits.find(c);
      if (digit == std::string_view::npos) break;
      bits = (bits << 6U) | static_cast<std::uint32_t>(digit);
      held += 6;
      if (held < 8) continue;
      held -= 8;
      bytes += static_cast<char>((bits >> held) & 0xFFU);
    }
    return bytes;
  }

  std::deque<std::string> texts_;
  std::deque<std::vector<Value>> lists_;
  std::deque<std::vector<MapEntry>> maps_;
};

// The suite's equality: same kind and content, maps in any order, NaN equals NaN.
bool Same(const Value& left, const Value& right) {
  if (left.kind() != right.kind()) return false;
  if (left.is(Kind::kDouble)) {
    if (std::isnan(left.as_double()) || std::isnan(right.as_double())) return std::isnan(left.as_double()) && std::isnan(right.as_double());
    return left.as_double() == right.as_double() && std::signbit(left.as_double()) == std::signbit(right.as_double());
  }
  if (left.is(Kind::kList)) {
    if (left.as_list().size() != right.as_list().size()) return false;
    for (std::size_t i = 0; i < left.as_list().size(); ++i)
      if (!Same(left.as_list()[i], right.as_list()[i])) return false;
    return true;
  }
  if (!left.is(Kind::kMap)) return Equal(left, right);
  if (left.as_map().size() != right.as_map().size()) return false;
  for (const MapEntry& entry : left.as_map()) {
    bool found = false;
    for (const MapEntry& other : right.as_map()) found = found || (Same(entry.key, other.key) && Same(entry.value, other.value));
    if (!found) return false;
  }
  return true;
}

std::string Write(const Value& value) {
  switch (value.kind()) {
    case Kind::kBool:
      return value.as_bool() ? "true" : "false";
    case Kind::kInt:
      return std::to_string(value.as_int());
    case Kind::kUint:
      return std::to_string(value.as_uint()) + "u";
    case Kind::kDouble: {
      char buffer[64];
      const auto end = std::to_chars(buffer, buffer + sizeof buffer, value.as_double()).ptr;
      return "double " + std::string(buffer, end);
    }
    case Kind::kString:
      return Json(value.as_text()).dump(-1, ' ', true, Json::error_handler_t::replace);
    case Kind::kBytes:
      return "bytes " + Json(value.as_text()).dump(-1, ' ', true, Json::error_handler_t::replace);
    case Kind::kType:
      return "type " + std::string(value.as_text());
    case Kind::kTimestamp:
    case Kind::kDuration:
      return std::string(KindName(value.kind())) + " " + std::to_string(value.seconds()) + "s " + std::to_string(value.nanos()) + "ns";
    case Kind::kList: {
      std::string text = "[";
      for (const Value& item : value.as_list()) text += (text.size() > 1 ? ", " : "") + Write(item);
      return text + "]";
    }
    case Kind::kMap: {
      std::string text = "{";
      for (const MapEntry& entry : value.as_map()) text += (text.size() > 1 ? ", " : "") + Write(entry.key) + ": " + Write(entry.value);
      return text + "}";
    }
    case Kind::kOptional:
      return value.as_optional() == nullptr ? "optional.none()" : "optional.of(" + Write(*value.as_optional()) + ")";
    case Kind::kError:
      return std::string("error: ") + value.error_message();
    default:
      return KindName(value.kind());
  }
}

// ---- cases ----

class CaseHost final : public Host {
 public:
  HostSlot Add(const Value& value) {
    values_.push_back(value);
    return HostSlot(static_cast<std::uint32_t>(values_.size() - 1));
  }
  [[nodiscard]] Value Load(HostSlot slot) const override { return values_.at(slot.value()); }
  [[nodiscard]] Value Call(HostFunction /*function*/, std::span<const Value> /*args*/, Arena& /*arena*/) const override {
    return Value::Error(ErrorCode::kHost, "declared functions have no bodies here");
  }

 private:
  std::vector<Value> values_;
};

Type ReadType(const Json& name) {
  const std::optional<Type> type = Type::Parse(name.get<std::string>());
  if (!type) throw BadCase("not a type: " + name.get<std::string>());
  return *type;
}

// A result may be an optional; the suite's values name what it holds.
const Value& Unwrapped(const Value& value) {
  return value.is(Kind::kOptional) && value.as_optional() != nullptr ? *value.as_optional() : value;
}

void Declare(const Json& test, ValueReader& reader, CaseHost& host, Declarations& declarations) {
  std::map<std::string, Value> bindings;
  if (test.contains("bindings"))
    for (const auto& [name, typed] : test.at("bindings").items()) bindings[name] = reader.Read(typed);
  for (const auto& [name, value] : bindings) declarations.AddVariable(name, {Type::Dyn(), host.Add(value), {}});
  if (!test.contains("type_env")) return;
  for (const Json& declaration : test.at("type_env")) {
    const auto name = declaration.at("name").get<std::string>();
    if (declaration.contains("type")) {
      const auto bound = bindings.find(name);
      declarations.AddVariable(name, {ReadType(declaration.at("type")), host.Add(bound == bindings.end() ? Value() : bound->second), {}});
      continue;
    }
    for (const Json& overload : declaration.at("overloads")) {
      FunctionOverload function;
      for (const Json& parameter : overload.at("params")) function.parameters.push_back(ReadType(parameter));
      function.result = ReadType(overload.at("result"));
      function.member = overload.value("member", false);
      declarations.AddFunction(name, std::move(function));
    }
  }
}

// Empty if the case passes; else what was expected and what came.
std::string RunCase(const Json& test) {
  ValueReader reader;
  CaseHost host;
  Declarations declarations;
  Declare(test, reader, host, declarations);
  CompileOptions options;
  options.container = test.value("container", "");
  options.checking = test.value("disable_check", false) ? Checking::kDynamic : Checking::kStrict;
  const Json& expect = test.at("expect");
  const bool expects_error = expect.value("error", false);
  const auto program = Compile(test.at("expr").get<std::string>(), declarations, options);
  if (!program) {
    if (expects_error) return {};
    return "expected " + expect.dump() + ", got compile error " + ToString(program.error().front());
  }
  if (expect.contains("type")) {
    const Type type = ReadType(expect.at("type"));
    if (!(program->result_type() == type)) return "expected type " + type.name() + ", got type " + program->result_type().name();
  }
  if (test.value("check_only", false)) return expects_error ? "expected an error of the checker, got none" : "";
  Arena arena;
  const Value value = program->Evaluate(host, arena);
  if (expects_error) return value.is_error() ? "" : "expected an error, got " + Write(value);
  if (!expect.contains("value")) return {};
  const Value expected = reader.Read(expect.at("value"));
  return Same(Unwrapped(value), expected) ? "" : "expected " + Write(expected) + ", got " + Write(value);
}

struct Totals {
  int passed = 0;
  int failed = 0;
};

void RunLine(const std::string& line, std::size_t number, Totals& totals) {
  std::string name = "line " + std::to_string(number);
  std::string complaint;
  try {
    const Json test = Json::parse(line);
    name = test.value("file", "") + "/" + test.value("section", "") + "/" + test.value("name", "");
    if (test.contains("needs")) {
      for (const Json& need : test.at("needs")) {
        if (kSupported.contains(need.get<std::string>())) continue;
        std::printf("skipped %s: %s\n", name.c_str(), need.get<std::string>().c_str());
        return;
      }
    }
    complaint = RunCase(test);
  } catch (const std::exception& failure) {
    complaint = std::string("the case cannot be read: ") + failure.what();
  }
  if (complaint.empty()) {
    ++totals.passed;
    return;
  }
  ++totals.failed;
  std::printf("FAILED %s: %s\n", name.c_str(), complaint.c_str());
}

int RunFile(const char* path) {
  std::ifstream file(path);
  if (!file) {
    std::fprintf(stderr, "cel_vectors: cannot read %s\n", path);
    return 2;
  }
  Totals totals;
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number)
    if (line.find_first_not_of(" \t\r") != std::string::npos) RunLine(line, number, totals);
  if (file.bad()) {
    std::fprintf(stderr, "cel_vectors: reading %s failed\n", path);
    return 2;
  }
  std::printf("%d passed, %d failed\n", totals.passed, totals.failed);
  return totals.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace antiphon::expression

int main(int argc, char** argv) {
  const bool may_be_absent = argc == 3 && std::string_view(argv[1]) == "--skip-if-absent";
  if (argc != 2 && !may_be_absent) {
    std::fprintf(stderr, "usage: cel_vectors [--skip-if-absent] FILE\n");
    return 2;
  }
  const char* const path = argv[argc - 1];
  if (may_be_absent && !std::ifstream(path)) {
    std::printf("not run: the CEL vectors (no %s)\n", path);
    return 0;
  }
  return antiphon::expression::RunFile(path);
}

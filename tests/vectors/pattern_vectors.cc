// pattern_vectors FILE: runs the reference cases of a JSON Lines file (form: tests/vectors/README.md) against engine/pattern.
// Prints every failing and every skipped case by name, then "N passed, N failed". Exit code: 0 all passed, 1 some failed, 2 bad usage
// or input.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/pattern/matcher.h"
#include "engine/pattern/pattern_compiler.h"

namespace antiphon::pattern {
namespace {

using nlohmann::json;

// ---- conditions -----------------------------------------------------------------------------------------------------------------

using Value = std::variant<std::monostate, std::int64_t, double, std::string>;

Value ToValue(const json& from) {
  if (from.is_number_integer()) return from.get<std::int64_t>();
  if (from.is_number()) return from.get<double>();
  if (from.is_string()) return from.get<std::string>();
  return {};
}

state::Scalar ToScalar(const Value& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return *whole;
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return {};
}

Value FromScalar(const state::Scalar& scalar) {
  if (const auto* whole = std::get_if<std::int64_t>(&scalar)) return *whole;
  if (const auto* number = std::get_if<double>(&scalar)) return *number;
  if (const auto* text = std::get_if<std::string>(&scalar)) return *text;
  return {};
}

double AsDouble(const Value& value) {
  const auto* whole = std::get_if<std::int64_t>(&value);
  return whole != nullptr ? static_cast<double>(*whole) : std::get<double>(value);
}

bool IsNumber(const Value& value) { return std::holds_alternative<std::int64_t>(value) || std::holds_alternative<double>(value); }

Value Arithmetic(const std::string& op, const Value& left, const Value& right) {
  if (!IsNumber(left) || !IsNumber(right)) return {};
  const auto* a = std::get_if<std::int64_t>(&left);
  const auto* b = std::get_if<std::int64_t>(&right);
  std::int64_t result = 0;
  if (a != nullptr && b != nullptr) {
    const bool overflows = op == "+"   ? __builtin_add_overflow(*a, *b, &result)
                           : op == "-" ? __builtin_sub_overflow(*a, *b, &result)
                                       : __builtin_mul_overflow(*a, *b, &result);
    if (!overflows) return result;
  }
  const double x = AsDouble(left);
  const double y = AsDouble(right);
  return op == "+" ? x + y : op == "-" ? x - y : x * y;
}

template <typename T>
bool CompareAs(const std::string& op, const T& left, const T& right) {
  if (op == "==") return left == right;
  if (op == "!=") return left != right;
  if (op == "<") return left < right;
  if (op == "<=") return left <= right;
  return op == ">" ? left > right : left >= right;
}

// A comparison with what is not there, or of a text with a number, is false.
bool Compare(const std::string& op, const Value& left, const Value& right) {
  const auto* text_left = std::get_if<std::string>(&left);
  const auto* text_right = std::get_if<std::string>(&right);
  if (text_left != nullptr && text_right != nullptr) return CompareAs(op, *text_left, *text_right);
  if (!IsNumber(left) || !IsNumber(right)) return false;
  const auto* a = std::get_if<std::int64_t>(&left);
  const auto* b = std::get_if<std::int64_t>(&right);
  return a != nullptr && b != nullptr ? CompareAs(op, *a, *b) : CompareAs(op, AsDouble(left), AsDouble(right));
}

const std::set<std::string>& Comparisons() {
  static const std::set<std::string> kComparisons{"==", "!=", "<", "<=", ">", ">="};
  return kComparisons;
}

// The conditions of one case: numbered for the matcher, their values of the run declared as captures.
class CaseConditions final : public Conditions {
 public:
  // Nothing in `problem` if the condition is well formed.
  ConditionId Add(const json& condition, std::string& problem) {
    CheckCondition(condition, problem);
    conditions_.push_back(condition);
    return static_cast<ConditionId>(conditions_.size() - 1);
  }

  // Once the steps are known: fills the captures that the conditions read.
  void DeclareCaptures(PatternSpec& spec) {
    for (const json& condition : conditions_) Declare(condition, spec);
  }

  void SetEvent(const json& event) { event_ = &event; }

  bool Holds(ConditionId id, const RunView& run) override { return Evaluate(conditions_[id], run); }

  state::Scalar Capture(FieldId field) override { return ToScalar(FieldOfEvent(fields_[field])); }

 private:
  static void CheckCondition(const json& condition, std::string& problem) {
    if (condition.is_boolean()) return;
    if (!condition.is_object() || condition.size() != 1) {
      problem = "not a condition: " + condition.dump();
      return;
    }
    const std::string& op = condition.begin().key();
    const json& operands = condition.begin().value();
    if (op == "not") {
      CheckCondition(operands, problem);
    } else if ((op == "and" || op == "or") && operands.is_array()) {
      for (const json& operand : operands) CheckCondition(operand, problem);
    } else if (Comparisons().contains(op) && operands.is_array() && operands.size() == 2) {
      for (const json& operand : operands) CheckValue(operand, problem);
    } else {
      problem = "not a condition: " + condition.dump();
    }
  }

  static void CheckValue(const json& value, std::string& problem) {
    if (value.is_number() || value.is_string()) return;
    if (value.is_object() && value.contains("step")) {
      static const std::set<std::string> kTakes{"first", "last", "sum", "min", "max", "count"};
      const std::string take = value.value("take", "");
      if (kTakes.contains(take) && (take == "count" || value.contains("field"))) return;
    } else if (value.is_object() && value.contains("field")) {
      return;
    } else if (value.is_object() && value.size() == 1) {
      const std::string& op = value.begin().key();
      const json& operands = value.begin().value();
      if ((op == "+" || op == "-" || op == "*") && operands.is_array() && operands.size() == 2) {
        for (const json& operand : operands) CheckValue(operand, problem);
        return;
      }
    }
    problem = "not a value: " + value.dump();
  }

  static Take ToTake(const std::string& word) {
    static const std::map<std::string, Take> kTakes{{"first", Take::kFirst}, {"last", Take::kLast}, {"sum", Take::kSum},
                                                    {"min", Take::kMin},     {"max", Take::kMax},   {"count", Take::kCount}};
    return kTakes.at(word);
  }

  using CaptureKey = std::tuple<std::string, std::string, std::string>;  // step, take, field
  static CaptureKey KeyOf(const json& value) { return {value.at("step"), value.at("take"), value.value("field", "")}; }

  void Declare(const json& node, PatternSpec& spec) {
    if (node.is_object() && node.contains("step")) {
      const CaptureKey key = KeyOf(node);
      const std::optional<StepNumber> step = FindStep(spec, std::get<0>(key));
      if (!step || capture_of_.contains(key)) return;
      capture_of_[key] = spec.captures.size();
      spec.captures.push_back({*step, static_cast<FieldId>(fields_.size()), ToTake(std::get<1>(key))});
      fields_.push_back(std::get<2>(key));
    } else if (node.is_structured()) {
      for (const json& child : node) Declare(child, spec);
    }
  }

  Value FieldOfEvent(const std::string& field) const {
    const auto found = event_->find(field);
    return found == event_->end() ? Value{} : ToValue(*found);
  }

  Value ValueOf(const json& value, const RunView& run) const {
    if (!value.is_object()) return ToValue(value);
    if (value.contains("step")) {
      const auto found = capture_of_.find(KeyOf(value));
      if (found != capture_of_.end()) return FromScalar(run.captures[found->second]);
      const std::string take = value.at("take");
      return take == "sum" || take == "count" ? Value{std::int64_t{0}} : Value{};
    }
    if (value.contains("field")) return FieldOfEvent(value.at("field"));
    const json& operands = value.begin().value();
    return Arithmetic(value.begin().key(), ValueOf(operands[0], run), ValueOf(operands[1], run));
  }

  bool Evaluate(const json& condition, const RunView& run) const {
    if (condition.is_boolean()) return condition.get<bool>();
    const std::string& op = condition.begin().key();
    const json& operands = condition.begin().value();
    const auto holds = [&](const json& operand) { return Evaluate(operand, run); };
    if (op == "not") return !holds(operands);
    if (op == "and") return std::all_of(operands.begin(), operands.end(), holds);
    if (op == "or") return std::any_of(operands.begin(), operands.end(), holds);
    return Compare(op, ValueOf(operands[0], run), ValueOf(operands[1], run));
  }

  std::vector<json> conditions_;
  std::map<CaptureKey, std::size_t> capture_of_;
  std::vector<std::string> fields_;
  const json* event_ = nullptr;
};

// ---- patterns -------------------------------------------------------------------------------------------------------------------

// Reads the pattern of a case. What the form does not know is a problem of the case, not of the pattern.
class PatternReader {
 public:
  explicit PatternReader(CaseConditions& conditions) : conditions_(conditions) {}

  PatternSpec Read(const json& pattern) {
    PatternSpec spec;
    KnownKeys(pattern, {"steps", "within", "after_match"});
    for (const json& element : pattern.at("steps")) spec.elements.push_back(ReadElement(element));
    if (pattern.contains("within")) spec.within = Milliseconds{pattern["within"].get<std::int64_t>()};
    if (pattern.contains("after_match")) ReadAfterMatch(pattern["after_match"], spec);
    conditions_.DeclareCaptures(spec);
    return spec;
  }

  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  void KnownKeys(const json& object, const std::set<std::string>& known) {
    for (const auto& [key, value] : object.items()) {
      if (!known.contains(key)) problem_ = "unknown key '" + key + "'";
    }
  }

  template <typename T>
  T Word(const json& word, const std::map<std::string, T>& words) {
    const auto found = words.find(word.get<std::string>());
    if (found != words.end()) return found->second;
    problem_ = "unknown word " + word.dump();
    return words.begin()->second;
  }

  std::optional<ConditionId> ReadCondition(const json& element, const char* key) {
    if (!element.contains(key)) return std::nullopt;
    const json& condition = element[key];
    if (condition == true && std::string_view(key) == "where") return std::nullopt;
    return conditions_.Add(condition, problem_);
  }

  std::optional<Milliseconds> ReadLength(const json& element, const char* key) {
    if (!element.contains(key)) return std::nullopt;
    return Milliseconds{element[key].get<std::int64_t>()};
  }

  PatternElement ReadElement(const json& from) {
    KnownKeys(from, {"name", "where", "group", "contiguity", "times", "one_or_more", "inner", "greedy", "optional", "until", "times_within",
                     "within_previous"});
    PatternElement element;
    element.name = from.value("name", "");
    if (from.contains("group")) {
      element.group.emplace();
      for (const json& inner : from["group"]) element.group->push_back(ReadElement(inner));
    }
    if (from.contains("contiguity")) {
      element.contiguity = Word<Contiguity>(from["contiguity"], {{"followed_by", Contiguity::kFollowedBy},
                                                                 {"next", Contiguity::kNext},
                                                                 {"followed_by_any", Contiguity::kFollowedByAny},
                                                                 {"not_next", Contiguity::kNotNext},
                                                                 {"not_followed_by", Contiguity::kNotFollowedBy}});
    }
    if (from.contains("inner")) {
      element.inner = Word<Inner>(
          from["inner"],
          {{"relaxed", Inner::kRelaxed}, {"consecutive", Inner::kConsecutive}, {"allow_combinations", Inner::kAllowCombinations}});
    }
    if (from.contains("times")) element.times = ReadTimes(from["times"]);
    if (from.value("one_or_more", false)) element.times = Times{1, std::nullopt};
    element.greedy = from.value("greedy", false);
    element.optional = from.value("optional", false);
    element.where = ReadCondition(from, "where");
    element.until = ReadCondition(from, "until");
    element.within_previous = ReadLength(from, "within_previous");
    element.times_within = ReadLength(from, "times_within");
    return element;
  }

  static Times ReadTimes(const json& times) {
    if (!times.is_array()) return {times.get<std::int64_t>(), times.get<std::int64_t>()};
    Times range{times.at(0).get<std::int64_t>(), std::nullopt};
    if (!times.at(1).is_null()) range.max = times.at(1).get<std::int64_t>();
    return range;
  }

  void ReadAfterMatch(const json& after, PatternSpec& spec) {
    if (after.is_object() && after.size() == 1) {
      spec.after_match = Word<AfterMatch>(json(after.begin().key()),
                                          {{"skip_to_first", AfterMatch::kSkipToFirst}, {"skip_to_last", AfterMatch::kSkipToLast}});
      spec.skip_to = after.begin().value().get<std::string>();
    } else {
      spec.after_match = Word<AfterMatch>(after, {{"no_skip", AfterMatch::kNoSkip},
                                                  {"skip_to_next", AfterMatch::kSkipToNext},
                                                  {"skip_past_last_event", AfterMatch::kSkipPastLastEvent},
                                                  {"restart", AfterMatch::kRestart}});
    }
  }

  CaseConditions& conditions_;
  std::string problem_;
};

// ---- a case ---------------------------------------------------------------------------------------------------------------------

// What was told, in the form of the file, without order.
struct Answer {
  std::multiset<std::string> matches;
  std::set<std::string> timeouts;
};

Answer FromFile(const json& from) {
  Answer answer;
  for (const json& match : from.at("matches")) answer.matches.insert(match.dump());
  if (from.contains("timeouts")) {
    for (const json& timeout : from["timeouts"]) answer.timeouts.insert(timeout.dump());
  }
  return answer;
}

json StepsOf(const state::PatternRun& run, const CompiledPattern& pattern) {
  json steps = json::object();
  for (const state::TakenEvent& event : run.taken) steps[pattern.step_names[event.step]].push_back(event.ordinal);
  return steps;
}

Answer Run(const CompiledPattern& pattern, const json& test, CaseConditions& conditions) {
  const Matcher matcher(pattern, {});
  state::PatternRuns runs;
  MatcherScratch scratch;
  Told told;
  told.keep_timeouts = true;
  Answer answer;
  const auto collect = [&](const json& on) {
    for (const ToldMatch& match : told.matches) {
      const json as_json{{"at", ToEpochMs(match.at)}, {"on", match.by_clock ? json() : on}, {"steps", StepsOf(match.run, pattern)}};
      answer.matches.insert(as_json.dump());
    }
    for (const ToldTimeout& timeout : told.timeouts) {
      const json as_json{{"at", ToEpochMs(timeout.at)}, {"steps", StepsOf(timeout.run, pattern)}};
      answer.timeouts.insert(as_json.dump());
    }
    told.Clear();
  };
  std::uint64_t ordinal = 0;
  for (const json& event : test.at("events")) {
    conditions.SetEvent(event);
    matcher.OnEvent(runs, {.time = FromEpochMs(event.at("t").get<std::int64_t>()), .ordinal = ordinal, .id = "", .mark = 0}, conditions,
                    scratch, told);
    collect(ordinal++);
  }
  matcher.AdvanceTo(runs, FromEpochMs(test.at("advance_to").get<std::int64_t>()), scratch, told);
  collect({});
  return answer;
}

template <typename Set>
std::string Join(const Set& lines) {
  std::string out;
  for (const std::string& line : lines) out += (out.empty() ? "" : " ") + line;
  return out.empty() ? "nothing" : out;
}

enum class Outcome { kPassed, kFailed, kSkipped };

struct Verdict {
  Outcome outcome = Outcome::kPassed;
  std::string reason;
};

Verdict Failed(std::string reason) { return {Outcome::kFailed, std::move(reason)}; }

// What we refuse where Flink answers, by decision (docs/patterns.md, "Where we differ from Flink").
bool IsRefusedByDecision(const std::string& code) {
  static const std::set<std::string> kOurs{"within_zero", "times_within", "within_previous_on_optional", "within_previous_on_repeated",
                                           "within_previous_zero"};
  return kOurs.contains(code);
}

// Why we may differ from the answer of a case with this quirk; empty: we may not.
std::string DecisionOn(const std::string& quirk) {
  if (quirk == "loop_before_absence") return "a run whose repetitions are satisfied waits for the absence, its last event included";
  if (quirk == "nots_at_the_end") return "of several nots at the end all count";
  return "";
}

Verdict JudgeRefusal(const json& test, const std::vector<PatternProblem>& problems) {
  std::set<std::string> codes;
  for (const PatternProblem& problem : problems) codes.insert(problem.code);
  if (test.contains("rejected")) {
    const std::string expected = test["rejected"].get<std::string>();
    if (codes.contains(expected)) return {};
    return Failed("expected to be rejected as " + expected + ", got " + Join(codes));
  }
  if (std::ranges::all_of(codes, IsRefusedByDecision)) return {Outcome::kSkipped, "refused at load by decision: " + Join(codes)};
  return Failed("expected an answer, got rejected as " + Join(codes));
}

std::multiset<std::string> WithoutRepeats(const std::multiset<std::string>& lines) {
  const std::set<std::string> once(lines.begin(), lines.end());
  return {once.begin(), once.end()};
}

Verdict JudgeAnswer(const json& test, Answer answer) {
  const json quirks = test.value("quirks", json::array());
  const auto has = [&](const char* quirk) { return std::ranges::find(quirks, quirk) != quirks.end(); };
  Answer expected = FromFile(test);
  if (has("duplicates")) expected.matches = WithoutRepeats(expected.matches);  // what Flink tells twice is told once
  const auto agrees = [&](const Answer& with) { return with.matches == answer.matches && with.timeouts == answer.timeouts; };
  if (agrees(expected)) return {};
  if (has("tie") && test.contains("longest_first")) {
    json other = test["longest_first"];
    if (other.is_array()) other = {{"matches", other}};
    if (!other.contains("timeouts")) other["timeouts"] = test["timeouts"];
    if (agrees(FromFile(other))) return {};
  }
  for (const json& quirk : quirks) {
    const std::string decision = DecisionOn(quirk.get<std::string>());
    if (!decision.empty()) return {Outcome::kSkipped, quirk.get<std::string>() + ": " + decision};
  }
  return Failed("\n  expected matches  " + Join(expected.matches) + "\n  got               " + Join(answer.matches) +
                "\n  expected timeouts " + Join(expected.timeouts) + "\n  got               " + Join(answer.timeouts));
}

Verdict Judge(const json& test) {
  CaseConditions conditions;
  PatternReader reader(conditions);
  const PatternSpec spec = reader.Read(test.at("pattern"));
  if (!reader.problem().empty()) return Failed("the case is not of the known form: " + reader.problem());
  const auto compiled = CompilePattern(spec);
  if (!compiled) return JudgeRefusal(test, compiled.error());
  if (test.contains("rejected")) return Failed("expected to be rejected as " + test["rejected"].get<std::string>() + ", got accepted");
  return JudgeAnswer(test, Run(*compiled, test, conditions));
}

// A case whose members are missing or of the wrong type fails, it does not end the program.
Verdict JudgeSafely(const json& test) {
  try {
    return Judge(test);
  } catch (const json::exception& error) {
    return Failed(std::string("the case is not of the known form: ") + error.what());
  }
}

// Nothing if the line is not one JSON object.
std::optional<json> ParseLine(const std::string& line) {
  json parsed = json::parse(line, nullptr, false);
  if (!parsed.is_object()) return std::nullopt;
  return parsed;
}

int JudgeFile(const char* path) {
  std::ifstream file(path);
  if (!file || !file.is_open() || file.peek() == std::ifstream::traits_type::eof()) {
    std::fprintf(stderr, "pattern_vectors: cannot read %s, or it is empty\n", path);
    return 2;
  }
  std::size_t passed = 0;
  std::size_t failed = 0;
  std::size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const std::optional<json> test = ParseLine(line);
    if (!test) {
      std::fprintf(stderr, "pattern_vectors: %s:%zu: not a JSON object\n", path, number);
      return 2;
    }
    const auto named = test->find("name");
    const std::string name = named != test->end() && named->is_string() ? named->get<std::string>() : "line " + std::to_string(number);
    const Verdict verdict = JudgeSafely(*test);
    if (verdict.outcome == Outcome::kPassed) ++passed;
    if (verdict.outcome == Outcome::kFailed) {
      ++failed;
      std::printf("failed %s: %s\n", name.c_str(), verdict.reason.c_str());
    }
    if (verdict.outcome == Outcome::kSkipped) std::printf("skipped %s: %s\n", name.c_str(), verdict.reason.c_str());
  }
  if (file.bad()) {
    std::fprintf(stderr, "pattern_vectors: cannot read %s to its end\n", path);
    return 2;
  }
  std::printf("%zu passed, %zu failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace antiphon::pattern

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: pattern_vectors FILE\n  e.g. pattern_vectors tests/vectors/patterns/cases.jsonl\n");
    return 2;
  }
  return antiphon::pattern::JudgeFile(argv[1]);
}

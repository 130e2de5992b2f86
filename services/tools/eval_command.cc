#include "services/tools/eval_command.h"

#include <optional>
#include <utility>
#include <vector>

#include "engine/expression/compiler.h"
#include "engine/expression/text.h"
#include "engine/topology/expression_scope.h"
#include "services/replay/progress.h"
#include "services/tools/customer_view.h"
#include "services/tools/json_out.h"
#include "services/tools/time_text.h"
#include "services/tools/value_text.h"

namespace antiphon::tools {
namespace {

using expression::Value;

constexpr int kOk = 0;
constexpr int kNoValue = 1;
constexpr int kBadInput = 2;

// The line of the text that holds byte `offset`, and carets under `length` bytes from there.
std::string WithCaret(std::string_view text, std::size_t offset, std::size_t length) {
  offset = std::min(offset, text.size());
  const std::size_t before = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
  const std::size_t start = before == std::string_view::npos ? 0 : before + 1;
  const std::string_view line = text.substr(start, text.find('\n', start) - start);
  const std::string_view marked = line.substr(offset - start).substr(0, length);
  std::string carets(expression::CountCodePoints(line.substr(0, offset - start)), ' ');
  carets.append(std::max<std::size_t>(1, expression::CountCodePoints(marked)), '^');
  return "  " + std::string(line) + "\n  " + carets + "\n";
}

class Silence final : public StepObserver {
 public:
  void OnStep(SessionStep& /*step*/) override {}
};

void PrintMistakes(const std::string& text, const std::vector<expression::ExpressionDiagnostic>& mistakes, std::FILE* err) {
  for (const expression::ExpressionDiagnostic& mistake : mistakes) {
    std::fprintf(err, "antiphon eval: %s\n%s", expression::ToString(mistake).c_str(),
                 WithCaret(text, mistake.offset, mistake.length).c_str());
  }
}

std::string AnswerText(const expression::Program& program, const EvaluationResult& result, EngineTime now, const calendar::Zone& zone) {
  std::string out = ValueText(result.value, program.unit()) + "\n  type " + program.result_type().name();
  if (!program.unit().empty()) out += " of " + program.unit().substr(0, program.unit().find(':')) + ", in minor units";
  out += "\n  at " + LocalTimeText(now, zone) + " (" + zone.name() + ")\n";
  for (const Reading& reading : result.readings) out += "  read " + reading.name + " = " + reading.value + "\n";
  return out;
}

std::string AnswerJson(const EvalOptions& options, const expression::Program& program, const EvaluationResult& result, EngineTime now) {
  std::string out;
  JsonOut json(out);
  json.BeginObject();
  json.Field("customer", options.customer);
  json.Field("at", FormatTime(now));
  json.Field("expression", options.expression);
  json.Field("type", program.result_type().name());
  json.FieldIfAny("unit", program.unit());
  json.Key("value");
  WriteValue(json, result.value);
  if (result.value.is_error()) json.Field("error", result.value.error_message());
  json.Key("read");
  json.BeginObject();
  for (const Reading& reading : result.readings) json.Field(reading.name, reading.value);
  json.EndObject();
  json.EndObject();
  return out + "\n";
}

struct Asked {
  std::unique_ptr<CustomerView> view;
  bool known = false;
};

// The customer as he stood at the end of the span.
Result<Asked> Stand(const EvalOptions& options, const topology::Topology& topology, std::FILE* err) {
  std::optional<EngineTime> until;
  if (!options.at.empty()) {
    const auto span = ReadTimeSpan(options.at, topology.zone);
    if (!span) return Fail(Recovery::kStopProcess, "--at " + options.at + " is no time; " + std::string(kTimeRemedy));
    until = span->until - Milliseconds{1};
  }
  auto resolved = ResolveLogs(options.logs, topology);
  if (!resolved) return std::unexpected(std::move(resolved.error()));
  for (const std::string& note : resolved->notes) std::fprintf(err, "antiphon eval: note: %s\n", note.c_str());
  Silence silence;
  auto walk = LogWalk::Open({.topology = &topology,
                             .logs = std::move(resolved->logs),
                             .customer = options.customer,
                             .observer = &silence,
                             .progress = replay::TerminalOrNull(err)});
  if (!walk) return std::unexpected(std::move(walk.error()));
  if (auto walked = (*walk)->WalkTo(until, LogWalk::Beyond::kGoOn); !walked) return std::unexpected(std::move(walked.error()));
  return Asked{.view = std::make_unique<CustomerView>(topology, (*walk)->Look(), (*walk)->clock()), .known = (*walk)->known()};
}

}  // namespace

int RunEval(const EvalOptions& options, const LoadTopologyFolder& load, std::FILE* out, std::FILE* err) {
  const auto complain = [err](const std::string& message, int code) {
    std::fprintf(err, "antiphon eval: %s\n", message.c_str());
    return code;
  };
  if (options.customer.empty()) return complain("name a customer: --customer C00692", kBadInput);
  const auto loaded = load(options.topology);
  if (!loaded) return complain(loaded.error().message, kBadInput);
  const topology::Topology& topology = **loaded;
  const expression::Declarations scope = topology::ScopeOf(topology);
  const auto program = expression::Compile(options.expression, scope);
  if (!program) {
    PrintMistakes(options.expression, program.error(), err);
    return kBadInput;
  }
  const auto asked = Stand(options, topology, err);
  if (!asked) return complain(asked.error().message, kBadInput);
  if (!asked->known) return complain("the logs hold no event of customer " + options.customer + " up to then", kNoValue);
  const EvaluationResult result = EvaluateAndNote(*program, *asked->view);
  const std::string text = options.json ? AnswerJson(options, *program, result, asked->view->now())
                                        : AnswerText(*program, result, asked->view->now(), topology.zone);
  std::fputs(text.c_str(), out);
  if (!result.value.is_error()) return kOk;
  const std::uint32_t place = result.value.error_place();
  if (place != Value::kNoPlace) std::fputs(WithCaret(options.expression, place, 1).c_str(), err);
  return kNoValue;
}

}  // namespace antiphon::tools

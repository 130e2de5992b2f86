#include "engine/expression/compiler.h"

#include <memory>
#include <utility>

#include "engine/expression/checker.h"
#include "engine/expression/code.h"
#include "engine/expression/emitter.h"
#include "engine/expression/parser.h"
#include "engine/expression/text.h"

namespace antiphon::expression {
namespace {

// What the parser may assume of a text.
void CheckText(std::string_view text, const CompileLimits& limits, DiagnosticsSink& diagnostics) {
  if (text.size() > limits.text_bytes_max) {
    diagnostics.Report({static_cast<std::uint32_t>(limits.text_bytes_max), 0},
                       "the expression is too long, at most " + std::to_string(limits.text_bytes_max) + " bytes");
    return;
  }
  for (std::size_t position = 0; position < text.size();) {
    const std::size_t start = position;
    if (NextCodePoint(text, position) != kNoCodePoint) continue;
    diagnostics.Report({static_cast<std::uint32_t>(start), 1}, "the expression is not UTF-8");
    return;
  }
}

}  // namespace

std::expected<Program, std::vector<ExpressionDiagnostic>> Compile(std::string_view text, const Declarations& declarations,
                                                                  const CompileOptions& options) {
  DiagnosticsSink diagnostics(text, options.limits.diagnostics_max);
  CheckText(text, options.limits, diagnostics);
  if (!diagnostics.empty()) return std::unexpected(diagnostics.Take());
  const std::optional<Ast> ast = Parser(text, options.limits.depth_max, diagnostics).Run();
  if (!ast) return std::unexpected(diagnostics.Take());
  Checker checker(*ast, declarations, options, diagnostics);
  const std::vector<Note> notes = checker.Run();
  if (!diagnostics.empty()) return std::unexpected(diagnostics.Take());

  const auto code = std::make_shared<Code>();
  code->text = text;
  code->steps_max = options.limits.steps_max;
  code->locals = checker.locals();
  code->constant_arena = Arena(options.limits.constant_bytes_max);
  code->result_type = notes[ast->root].type;
  code->unit = notes[ast->root].unit;
  Emitter(*ast, notes, options, diagnostics, *code).Run();
  if (!diagnostics.empty()) return std::unexpected(diagnostics.Take());
  return Program(code);
}

}  // namespace antiphon::expression

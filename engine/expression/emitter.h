#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/expression/ast.h"
#include "engine/expression/checker.h"
#include "engine/expression/code.h"
#include "engine/expression/compiler.h"
#include "engine/expression/diagnostics_sink.h"

namespace antiphon::expression {

// Emitter: a checked tree to code. Folds what does not depend on the host, fuses comparisons of a slot with a constant, prepares constant
// patterns and zones; a constant that can only fail (a bad pattern, zone, timestamp or duration) is reported.
class Emitter {
 public:
  Emitter(const Ast& ast, const std::vector<Note>& notes, const CompileOptions& options, DiagnosticsSink& diagnostics, Code& code);

  void Run();

 private:
  struct Emitted {
    NodeId node = kNoNode;
    bool pure = true;                         // reads nothing of the host, and is no error
    std::uint32_t lowest_local = 0xFFFFFFFF;  // the outermost variable that it reads
  };
  // What has been emitted so far; what is folded is taken back to it.
  struct Mark {
    std::size_t nodes;
    std::size_t links;
  };

  Emitted Emit(ExprId id);
  Emitted EmitName(ExprId id);
  Emitted EmitSelect(ExprId id);
  Emitted EmitLogic(ExprId id);
  Emitted EmitConditional(ExprId id);
  Emitted EmitList(ExprId id);
  Emitted EmitMap(ExprId id);
  Emitted EmitComprehension(ExprId id);
  Emitted EmitBinding(ExprId id);
  Emitted EmitCall(ExprId id);
  Emitted EmitOperator(ExprId id, Op op, std::uint8_t detail);
  Emitted EmitFunction(ExprId id, const std::vector<ExprId>& args);
  Emitted EmitHostCall(ExprId id, const std::vector<ExprId>& args, Node call, Emitted about);
  bool EmitMatches(ExprId id, const std::vector<Emitted>& args, Emitted& result);
  bool EmitTimePart(ExprId id, const std::vector<Emitted>& args, Emitted& result);
  bool Fuse(const Emitted& left, const Emitted& right, Comparison comparison, Mark mark, Emitted& result);
  void NoteComparison(const Emitted& slot, const Emitted& constant);

  [[nodiscard]] Mark Here() const { return {code_.nodes.size(), code_.links.size()}; }
  void TakeBack(Mark mark);
  Emitted AddNode(Node node, std::uint32_t place, Emitted about);
  Emitted Constant(const Value& value, std::uint32_t place);
  Emitted ErrorConstant(ErrorCode code, const char* message, std::uint32_t place);
  [[nodiscard]] const Value* AsConstant(const Emitted& emitted) const;
  // Replaces what was emitted since `mark` by its value, if it has one.
  Emitted Fold(ExprId id, Mark mark, Emitted emitted);
  static Emitted Combine(const Emitted& left, const Emitted& right);
  std::uint32_t AddLinks(const std::vector<NodeId>& nodes);
  Value KeepLiteral(const Value& value);
  void CollectUses(NodeId node);

  const Ast& ast_;
  const std::vector<Note>& notes_;
  const CompileOptions& options_;
  DiagnosticsSink& diagnostics_;
  Code& code_;
  std::uint32_t locals_ = 0;  // variables in scope
  std::map<HostSlot, std::string> slot_names_;
  std::map<HostFunction, std::string> function_names_;
};

}  // namespace antiphon::expression

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/expression/arena.h"
#include "engine/expression/builtins.h"
#include "engine/expression/host.h"
#include "engine/expression/program.h"
#include "engine/expression/regex.h"
#include "engine/expression/type.h"
#include "engine/expression/zone.h"

// The compiled form: a tree of small nodes in one array, constants and tables beside it. Made by the emitter, run by the evaluator.
namespace antiphon::expression {

using NodeId = std::uint32_t;
inline constexpr NodeId kNoNode = 0xFFFFFFFF;

enum class Op : std::uint8_t {
  kConst,              // a: constant (also errors)
  kLocal,              // a: local
  kSlot,               // a: HostSlot
  kHasSlot,            // a: HostSlot
  kSlotCompare,        // Comparison in `detail`; a: HostSlot, b: constant
  kSelect,             // a: operand, b: constant (the field)
  kHasField,           // the same
  kOptionalSelect,     // the same
  kIndex,              // a: container, b: key
  kOptionalIndex,      // the same
  kNot,                // a
  kNegate,             // a
  kAdd,                // a, b
  kSubtract,           //
  kMultiply,           //
  kDivide,             //
  kModulo,             //
  kEqual,              //
  kNotEqual,           //
  kOrder,              // Comparison in `detail`; a, b
  kIn,                 // a, b
  kAnd,                // b: links, c: count
  kOr,                 //
  kConditional,        // a ? b : c
  kList,               // b: links, c: count; a link with kOptionalLink is an optional item
  kMap,                // b: links, c: count of entries; links: key, value; the mark is on the key
  kBuiltin,            // a: builtins, b: links, c: count
  kHost,               // a: host calls, b: links, c: count
  kHostByKind,         // a: host calls, `detail` of them in a row: the first that takes the arguments' kinds
  kMatches,            // a: text, b: regex
  kTimePart,           // TimePart in `detail`; a: timestamp, b: zone
  kAll,                // a: range, b: links (filter or kNoNode, body), c: local; `detail`: steps of one round but one
  kExists,             //
  kExistsOne,          //
  kCollect,            // the list of map, filter and transformList; without a body: the items themselves
  kTransformMap,       //
  kTransformMapEntry,  //
  kBind,               // a: value, b: body, c: local
  kOptMap,             // a: optional, b: body, c: local
  kOptFlatMap,         //
  kOptionalOr,         // a, b
  kOptionalOrValue,    //
};

inline constexpr NodeId kOptionalLink = 0x80000000;

struct Node {
  Op op = Op::kConst;
  std::uint8_t detail = 0;
  bool two_variables = false;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  std::uint32_t c = 0;
};

// A declared overload as it is called: with the kinds its arguments must have (nothing: any).
struct HostCall {
  HostFunction function;
  std::vector<std::optional<Kind>> kinds;
};

struct Code {
  std::string text;
  std::vector<Node> nodes;
  std::vector<std::uint32_t> places;  // of the nodes: byte offsets in the text
  std::vector<NodeId> links;
  std::vector<Value> constants;
  std::vector<BuiltinFunction> builtins;
  std::vector<HostCall> host_calls;
  std::vector<Regex> regexes;
  std::vector<Zone> zones;
  NodeId root = kNoNode;
  std::uint32_t locals = 0;
  std::uint64_t steps_max = 0;

  Arena literal_arena;   // texts of literals
  Arena constant_arena;  // folded values
  Type result_type;
  std::string unit;
  std::vector<SlotUse> slots;
  std::vector<FunctionUse> functions;
  std::vector<TextComparison> text_comparisons;
};

// Runs the tree under `root` (evaluator.cc).
[[nodiscard]] Value Run(const Code& code, NodeId root, const Host& host, Arena& arena, std::uint64_t steps_max);

}  // namespace antiphon::expression

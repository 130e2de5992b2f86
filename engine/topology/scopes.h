#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/expression/declarations.h"
#include "engine/expression/program.h"
#include "engine/topology/loading.h"
#include "engine/topology/names_in_reach.h"
#include "engine/topology/slots.h"

namespace antiphon::topology {

// What is in reach of an expression, from less to more; each stage sees the ones before it. Source: docs/topology-reference.md, "Names".
enum class Stage : std::uint8_t {
  kCustomer,  // customer.*, now
  kSegments,  // features.*, segments.*
  kContacts,  // contacts.*, since()
  kTrigger,   // features.x.previous
  kOffer,     // planned, channel, request.*; no previous
};

// Scopes: the declarations of each stage, filled as the topology is loaded. Owns them; lives as long as the load.
class Scopes {
 public:
  explicit Scopes(Loading& loading);
  Scopes(const Scopes&) = delete;
  Scopes& operator=(const Scopes&) = delete;

  // Each once, in this order, as soon as loading.topology has what it declares.
  void DeclareCustomer();
  void DeclareFeatures();
  void DeclareSegment(std::uint16_t scheme);
  void DeclareContacts();
  void DeclareRequest();

  [[nodiscard]] const expression::Declarations& At(Stage stage) const { return stages_[static_cast<std::size_t>(stage)]; }
  // The stage's names and those of an event of the type: event.*.
  [[nodiscard]] const expression::Declarations& WithEvent(Stage stage, EventTypeIndex type);

 private:
  [[nodiscard]] expression::Declarations& Of(Stage stage) { return stages_[static_cast<std::size_t>(stage)]; }
  [[nodiscard]] NameLists Names() const;  // of the load

  Loading& loading_;
  std::array<expression::Declarations, 5> stages_;
  std::map<std::pair<Stage, EventTypeIndex>, std::unique_ptr<expression::Declarations>> with_event_;
};

// Whether a record can keep it: texts, numbers, bools, times; no lists and maps.
[[nodiscard]] bool IsScalar(const expression::Type& type);

struct CompileRequest {
  const YamlNode* node = nullptr;
  const expression::Declarations* scope = nullptr;
  std::vector<expression::Type> expected;  // none: any
  std::size_t offset = 0;                  // of `text` within the node's text
  std::optional<std::string> text;         // else the node's
  std::string place;                       // " (for events of type x)": said after a complaint
  bool may_be_constant = true;             // else a warning
};

// Compiles, reports every mistake at its place in the file, and notes what is read. Nothing on failure.
[[nodiscard]] std::optional<expression::Program> Compile(Loading& loading, const CompileRequest& request);

// A condition: bool, and a warning if it is constant.
[[nodiscard]] std::optional<expression::Program> CompileCondition(Loading& loading, const YamlNode& node,
                                                                  const expression::Declarations& scope, std::string place = {});

}  // namespace antiphon::topology

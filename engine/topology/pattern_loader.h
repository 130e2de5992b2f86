#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/pattern/pattern.h"
#include "engine/topology/loading.h"
#include "engine/topology/map_reader.h"
#include "engine/topology/scopes.h"

namespace antiphon::topology {

// A value that the moments of a trigger can keep for offers.
struct MomentSource {
  ValueType value;
  std::vector<EventFieldRef> event_fields;  // from the event that opened it; empty: from a step of the pattern, by this name
};
using MomentSources = std::map<std::string, MomentSource, std::less<>>;

// PatternLoader: reads the pattern of one trigger (`pattern`, or its short forms `absence` and `count`) and compiles it. In two steps,
// since what its runs keep depends on what offers want. Source: docs/patterns.md.
class PatternLoader {
 public:
  PatternLoader(Loading& loading, Scopes& scopes, Trigger& trigger) : loading_(loading), scopes_(scopes), trigger_(trigger) {}

  // Asks `reader` for the keys of patterns. `written`: the value of whichever of pattern, absence and count is there.
  void Read(MapReader& reader, const YamlNode& written, std::string_view form);

  // Adds what the steps can give: "salary.amount", "salary.amount.sum", "salary.count".
  void AddSources(MomentSources& sources) const;

  // Compiles the conditions and the pattern; its runs keep what conditions read and what `wanted` names. Says where each of these is.
  std::map<std::string, std::uint32_t> Compile(const std::set<std::string, std::less<>>& wanted);

 private:
  struct Step {
    std::string name;
    std::vector<EventTypeIndex> types;
    bool looping = false;
    bool is_not = false;
  };
  // A condition to compile: of a step or of its `until`.
  struct Draft {
    const YamlNode* where = nullptr;
    std::vector<EventTypeIndex> types;
    pattern::StepNumber step = 0;
  };
  // Something that runs could keep.
  struct Capture {
    std::string name;
    ValueType value;
    pattern::StepNumber step = 0;
    pattern::FieldId field = 0;
    pattern::Take take = pattern::Take::kLast;
  };
  using Path = std::vector<std::uint32_t>;

  void ReadPattern(const YamlNode& written);
  void ReadAbsence(const YamlNode& written);
  void ReadCount(const YamlNode& written);
  void ReadAfterMatch(const YamlNode& node);
  std::vector<pattern::PatternElement> ReadElements(const YamlNode& list, Path& path);
  pattern::PatternElement ReadElement(const YamlNode& item, Path& path);
  pattern::PatternElement ReadStep(const YamlNode& key, const YamlNode& value);
  void ReadQuantifiers(MapReader& reader, pattern::PatternElement& element);
  std::optional<pattern::Times> ReadTimes(const YamlNode& node);
  std::vector<EventTypeIndex> ReadTypes(const YamlNode& node);
  pattern::ConditionId AddCondition(const YamlNode* where, std::vector<EventTypeIndex> types, pattern::StepNumber step);
  void CheckStepName(const YamlNode& key) const;
  void FinishWatches(MapReader& reader);

  void CollectCaptures();
  void CollectCapturesOf(pattern::StepNumber number);
  void AddCapture(const std::string& name, const ValueType& value, pattern::StepNumber step, pattern::FieldId field, pattern::Take take);
  pattern::FieldId FieldOf(const std::string& name);
  std::vector<std::vector<EventCondition>> CompileConditions(const std::vector<Capture>& captures, std::set<std::uint32_t>& used);
  void ReportProblems();

  Loading& loading_;
  Scopes& scopes_;
  Trigger& trigger_;
  const YamlNode* node_ = nullptr;     // of the whole trigger
  const YamlNode* written_ = nullptr;  // of the pattern
  pattern::PatternSpec spec_;
  std::map<Path, const YamlNode*> nodes_;  // of elements, for complaints
  std::vector<Step> steps_;
  std::vector<Draft> drafts_;        // by ConditionId
  std::vector<Capture> captures_;    // all that could be kept
  std::vector<std::string> fields_;  // by FieldId
  bool broken_ = false;              // an element could not be read
};

}  // namespace antiphon::topology

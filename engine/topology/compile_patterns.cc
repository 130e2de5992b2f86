#include <algorithm>
#include <utility>

#include "engine/pattern/pattern_compiler.h"
#include "engine/topology/pattern_loader.h"

namespace antiphon::topology {

void PatternLoader::AddSources(MomentSources& sources) const {
  for (const Capture& capture : captures_) sources.emplace(capture.name, MomentSource{capture.value, {}});
}

std::map<std::string, std::uint32_t> PatternLoader::Compile(const std::set<std::string, std::less<>>& wanted) {
  std::map<std::string, std::uint32_t> places;
  if (broken_) return places;
  std::set<std::uint32_t> used;
  trigger_.conditions = CompileConditions(captures_, used);
  std::vector<Capture> kept;
  for (std::size_t i = 0; i < captures_.size(); ++i) {
    if (!used.contains(static_cast<std::uint32_t>(i)) && !wanted.contains(captures_[i].name)) continue;
    places.emplace(captures_[i].name, static_cast<std::uint32_t>(kept.size()));
    kept.push_back(captures_[i]);
  }
  if (!used.empty()) trigger_.conditions = CompileConditions(kept, used);

  std::vector<std::string> fields;
  for (const Capture& capture : kept) {
    const std::string& field = fields_[capture.field];
    const auto known = std::ranges::find(fields, field);
    spec_.captures.push_back({capture.step, static_cast<pattern::FieldId>(known - fields.begin()), capture.take});
    if (known == fields.end()) fields.push_back(field);
  }
  for (const std::string& field : fields) {
    std::vector<EventFieldRef> refs;
    for (const EventTypeIndex type : trigger_.watches) {
      const auto position = FindById(loading_.topology.event_types[type].fields, field);
      if (field == "time")
        refs.push_back({type, kEventTimeField});
      else if (field == "id")
        refs.push_back({type, kEventIdField});
      else if (position)
        refs.push_back({type, *position});
    }
    trigger_.capture_fields.push_back(std::move(refs));
  }
  ReportProblems();
  return places;
}

// Each condition sees what its own step and those before it took.
std::vector<std::vector<EventCondition>> PatternLoader::CompileConditions(const std::vector<Capture>& captures,
                                                                          std::set<std::uint32_t>& used) {
  std::vector<std::unique_ptr<expression::Declarations>> scopes;
  for (std::size_t step = 0; step < steps_.size(); ++step) {
    scopes.push_back(std::make_unique<expression::Declarations>(step == 0 ? &scopes_.At(Stage::kTrigger) : scopes.back().get()));
    for (std::size_t i = 0; i < captures.size(); ++i)
      if (captures[i].step == step)
        scopes.back()->AddVariable(captures[i].name, {captures[i].value.type, MakeSlot(SlotKind::kCapture, static_cast<std::uint32_t>(i)),
                                                      captures[i].value.unit});
  }
  std::vector<std::vector<EventCondition>> conditions;
  for (const Draft& draft : drafts_) {
    std::vector<EventCondition>& condition = conditions.emplace_back();
    for (const EventTypeIndex type : draft.types) {
      EventCondition of_type{type, std::nullopt};
      if (draft.where != nullptr) {
        expression::Declarations scope(scopes[draft.step].get());
        DeclareEvent(loading_.topology, type, scope);
        of_type.where = CompileCondition(loading_, *draft.where, scope,
                                         draft.types.size() > 1 ? " (for events of type " + loading_.event_names[type] + ")" : "");
        if (of_type.where)
          for (const expression::SlotUse& use : of_type.where->slots())
            if (KindOfSlot(use.slot) == SlotKind::kCapture) used.insert(PositionOfSlot(use.slot));
      }
      condition.push_back(std::move(of_type));
    }
  }
  return conditions;
}

void PatternLoader::ReportProblems() {
  const auto place = [this](const pattern::PatternProblem& problem) -> const YamlNode& {
    const auto found = nodes_.find(problem.path);
    const YamlNode* node = found == nodes_.end() ? nullptr : found->second;
    if (node == nullptr) node = problem.word.empty() ? written_ : node_;
    const YamlNode* word = node->Find(problem.word);
    if (word != nullptr) return *word;
    return node == node_ ? *written_ : *node;
  };
  auto compiled = pattern::CompilePattern(spec_);
  if (!compiled) {
    for (const pattern::PatternProblem& problem : compiled.error()) loading_.Error(place(problem), problem.code, problem.message);
    return;
  }
  trigger_.pattern = std::move(*compiled);
  for (const pattern::PatternProblem& problem : pattern::WarnOfPattern(spec_)) loading_.Warn(place(problem), problem.code, problem.message);
}

}  // namespace antiphon::topology

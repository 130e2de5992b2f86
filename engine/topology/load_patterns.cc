#include <algorithm>
#include <utility>

#include "engine/topology/paths.h"
#include "engine/topology/pattern_loader.h"

namespace antiphon::topology {
namespace {

using pattern::AfterMatch;
using pattern::Contiguity;
using pattern::Inner;
using pattern::PatternElement;

const Words<Contiguity>& ContiguityWords() {
  static const Words<Contiguity> kWords = {{"followed_by", Contiguity::kFollowedBy},
                                           {"next", Contiguity::kNext},
                                           {"followed_by_any", Contiguity::kFollowedByAny},
                                           {"not_next", Contiguity::kNotNext},
                                           {"not_followed_by", Contiguity::kNotFollowedBy}};
  return kWords;
}

}  // namespace

void PatternLoader::Read(MapReader& reader, const YamlNode& written, std::string_view form) {
  node_ = &reader.node();
  written_ = &written;
  if (form == "pattern") ReadPattern(written);
  if (form == "absence") ReadAbsence(written);
  if (form == "count") ReadCount(written);
  const YamlNode* within = reader.Find("within");
  if (within != nullptr && form != "pattern")
    loading_.Error(*within, "misplaced_key", "`" + std::string(form) + "` has its own length of time");
  if (const auto length = reader.Duration("within"); length && form == "pattern") spec_.within = *length;
  spec_.after_match = pattern::EndsInAbsence(spec_) ? AfterMatch::kNoSkip : AfterMatch::kRestart;
  if (const YamlNode* after_match = reader.Find("after_match")) ReadAfterMatch(*after_match);
  if (const auto runs = reader.Int("max_runs", 1, 65'536)) trigger_.runs_max = static_cast<std::uint32_t>(*runs);
  FinishWatches(reader);
  CollectCaptures();
}

void PatternLoader::FinishWatches(MapReader& reader) {
  std::set<EventTypeIndex> watches;
  for (const Step& step : steps_) watches.insert(step.types.begin(), step.types.end());
  if (const YamlNode* on = reader.Find("on")) {
    const std::vector<EventTypeIndex> named = ReadTypes(*on);
    for (const EventTypeIndex type : watches)
      if (std::ranges::find(named, type) == named.end())
        loading_.Error(*on, "pattern_event_not_listed", "the pattern names " + loading_.event_names[type] + ", `on` does not",
                       "add it to the list");
    watches.insert(named.begin(), named.end());
  }
  trigger_.watches.assign(watches.begin(), watches.end());
  for (const EventTypeIndex type : watches) trigger_.lateness = std::max(trigger_.lateness, loading_.topology.event_types[type].lateness);
}

void PatternLoader::ReadPattern(const YamlNode& written) {
  if (!written.is_sequence()) {
    broken_ = true;
    return loading_.Error(written, "wrong_type", "a pattern is written as a list of steps", "write `- name: {event: ...}` for each");
  }
  Path path;
  spec_.elements = ReadElements(written, path);
}

// absence: {after: {event: a}, of: {event: b}, for: 14d}  is  pattern: [after: {event: a}, of: {event: b, contiguity: not_followed_by}]
// with within: 14d.
void PatternLoader::ReadAbsence(const YamlNode& written) {
  MapReader reader(loading_, written, "an absence");
  const YamlNode* after = reader.Require("after");
  const YamlNode* of = reader.Require("of");
  static_cast<void>(reader.Require("for"));
  spec_.within = reader.Duration("for");
  reader.Finish();
  broken_ = after == nullptr || of == nullptr || !spec_.within;
  if (broken_) return;
  YamlNode key;
  key.text = "after";
  spec_.elements.push_back(ReadStep(key, *after));
  key.text = "of";
  spec_.elements.push_back(ReadStep(key, *of));
  spec_.elements.back().contiguity = Contiguity::kNotFollowedBy;
  steps_.back().is_not = true;
}

// count: {event: a, times: 3, within: 7d}  is  pattern: [events: {event: a, times: 3}] with within: 7d.
void PatternLoader::ReadCount(const YamlNode& written) {
  MapReader reader(loading_, written, "a count");
  static_cast<void>(reader.Require("event"));
  static_cast<void>(reader.Find("where"));
  const YamlNode* times = reader.Require("times");
  static_cast<void>(reader.Require("within"));
  spec_.within = reader.Duration("within");
  reader.Finish();
  const auto count = times == nullptr ? std::nullopt : ReadInt(loading_, *times, "times", 1, 1000);
  broken_ = !count || !spec_.within || written.Find("event") == nullptr;
  if (broken_) return;
  Step step{"events", ReadTypes(*written.Find("event")), *count > 1, false};
  PatternElement element;
  element.name = step.name;
  element.where = AddCondition(written.Find("where"), step.types, 0);
  if (*count > 1) element.times = pattern::Times{*count, *count};
  steps_.push_back(std::move(step));
  spec_.elements.push_back(std::move(element));
}

void PatternLoader::ReadAfterMatch(const YamlNode& node) {
  if (node.is_map()) {
    MapReader reader(loading_, node, "`after_match`");
    for (const auto& [key, skip] :
         Words<AfterMatch>{{"skip_to_first", AfterMatch::kSkipToFirst}, {"skip_to_last", AfterMatch::kSkipToLast}})
      if (reader.Has(key)) {
        spec_.after_match = skip;
        spec_.skip_to = reader.Text(key);
      }
    reader.Finish();
    return;
  }
  const std::vector<AfterMatch> meanings = {AfterMatch::kRestart, AfterMatch::kNoSkip, AfterMatch::kSkipToNext,
                                            AfterMatch::kSkipPastLastEvent};
  if (const auto word = ReadWord(loading_, node, "after_match", {"restart", "no_skip", "skip_to_next", "skip_past_last_event"}))
    spec_.after_match = meanings[*word];
}

std::vector<PatternElement> PatternLoader::ReadElements(const YamlNode& list, Path& path) {
  std::vector<PatternElement> elements;
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    path.push_back(static_cast<std::uint32_t>(i));
    elements.push_back(ReadElement(list.items[i], path));
    path.pop_back();
  }
  return elements;
}

PatternElement PatternLoader::ReadElement(const YamlNode& item, Path& path) {
  PatternElement element;
  nodes_[path] = &item;
  if (const YamlNode* group = item.Find("group")) {
    MapReader reader(loading_, item, "a group of steps");
    static_cast<void>(reader.Find("group"));
    ReadQuantifiers(reader, element);
    reader.Finish();
    element.group.emplace();
    const bool repeated = element.times && (!element.times->max || *element.times->max > 1);
    const std::size_t first = steps_.size();
    if (group->is_sequence()) element.group = ReadElements(*group, path);
    for (std::size_t i = first; i < steps_.size(); ++i) steps_[i].looping = steps_[i].looping || repeated;
    return element;
  }
  if (!item.is_map() || item.entries.size() != 1) {
    broken_ = true;
    loading_.Error(item, "wrong_type", "a step of a pattern is written as `- name: {event: ...}`");
    return element;
  }
  nodes_[path] = &item.entries.front().value;
  return ReadStep(item.entries.front().key, item.entries.front().value);
}

PatternElement PatternLoader::ReadStep(const YamlNode& key, const YamlNode& value) {
  PatternElement element;
  element.name = key.text;
  CheckStepName(key);
  MapReader reader(loading_, value, "a step");
  Step step;
  step.name = key.text;
  if (const YamlNode* event = reader.Require("event")) step.types = ReadTypes(*event);
  if (step.types.empty()) broken_ = true;
  const YamlNode* where = reader.Find("where");
  ReadQuantifiers(reader, element);
  step.is_not = pattern::IsNot(element.contiguity);
  step.looping = element.times && (!element.times->max || *element.times->max > 1);
  const auto number = static_cast<pattern::StepNumber>(steps_.size());
  const YamlNode* until = reader.Find("until");
  reader.Finish();
  element.where = AddCondition(where, step.types, number);
  if (until != nullptr && until->is_map()) {
    MapReader other(loading_, *until, "`until`");
    const YamlNode* event = other.Require("event");
    const YamlNode* condition = other.Find("where");
    other.Finish();
    if (event != nullptr) element.until = AddCondition(condition, ReadTypes(*event), number);
  } else if (until != nullptr) {
    element.until = AddCondition(until, step.types, number);
  }
  steps_.push_back(std::move(step));
  return element;
}

void PatternLoader::ReadQuantifiers(MapReader& reader, PatternElement& element) {
  element.contiguity = reader.Word<Contiguity>("contiguity", ContiguityWords()).value_or(Contiguity::kFollowedBy);
  element.inner = reader
                      .Word<Inner>("inner", {{"relaxed", Inner::kRelaxed},
                                             {"consecutive", Inner::kConsecutive},
                                             {"allow_combinations", Inner::kAllowCombinations}})
                      .value_or(Inner::kRelaxed);
  element.greedy = reader.Bool("greedy", false);
  element.optional = reader.Bool("optional", false);
  element.within_previous = reader.Duration("within_previous");
  element.times_within = reader.Duration("times_within");
  if (const YamlNode* times = reader.Find("times")) element.times = ReadTimes(*times);
  if (!reader.Bool("one_or_more", false)) return;
  if (element.times) loading_.Error(*reader.Find("one_or_more"), "second_operation", "a step has either `times` or `one_or_more`");
  element.times = pattern::Times{1, std::nullopt};
}

std::optional<pattern::Times> PatternLoader::ReadTimes(const YamlNode& node) {
  constexpr std::int64_t kTimesMax = 4096;
  if (node.is_scalar()) {
    const auto count = ReadInt(loading_, node, "times", 0, kTimesMax);
    if (!count) return std::nullopt;
    return pattern::Times{*count, *count};
  }
  if (!node.is_sequence() || node.items.size() != 2) {
    loading_.Error(node, "wrong_type", "`times` must be a number, or two like [2, 5] or [2, null]");
    return std::nullopt;
  }
  const auto least = ReadInt(loading_, node.items[0], "times", 0, kTimesMax);
  if (!least) return std::nullopt;
  if (node.items[1].is_null()) return pattern::Times{*least, std::nullopt};
  const auto most = ReadInt(loading_, node.items[1], "times", 0, kTimesMax);
  if (!most) return std::nullopt;
  return pattern::Times{*least, *most};
}

std::vector<EventTypeIndex> PatternLoader::ReadTypes(const YamlNode& node) {
  std::set<EventTypeIndex> types;
  for (const YamlNode* event : ReadScalars(loading_, node, "event"))
    if (const auto type = loading_.Resolve(*event, "event type", loading_.event_names)) types.insert(*type);
  return {types.begin(), types.end()};
}

pattern::ConditionId PatternLoader::AddCondition(const YamlNode* where, std::vector<EventTypeIndex> types, pattern::StepNumber step) {
  drafts_.push_back({where, std::move(types), step});
  return static_cast<pattern::ConditionId>(drafts_.size() - 1);
}

void PatternLoader::CheckStepName(const YamlNode& key) const {
  static const std::vector<std::string> kTaken = {"event",   "features", "segments", "customer", "contacts", "request", "channel",
                                                  "planned", "now",      "true",     "false",    "null",     "in",      "group"};
  if (!IsName(key.text) || key.text.contains('.') || std::ranges::find(kTaken, key.text) != kTaken.end())
    loading_.Error(key, "bad_step_name", "'" + key.text + "' cannot be the name of a step",
                   "use letters, digits and '_', and no word that means something in expressions");
}

pattern::FieldId PatternLoader::FieldOf(const std::string& name) {
  const auto found = std::ranges::find(fields_, name);
  if (found != fields_.end()) return static_cast<pattern::FieldId>(found - fields_.begin());
  fields_.push_back(name);
  return static_cast<pattern::FieldId>(fields_.size() - 1);
}

void PatternLoader::AddCapture(const std::string& name, const ValueType& value, pattern::StepNumber step, pattern::FieldId field,
                               pattern::Take take) {
  if (std::ranges::none_of(captures_, [&](const Capture& other) { return other.step == step && other.name == name; }))
    captures_.push_back({name, value, step, field, take});
}

void PatternLoader::CollectCaptures() {
  for (std::size_t i = 0; i < steps_.size(); ++i)
    if (!steps_[i].is_not) CollectCapturesOf(static_cast<pattern::StepNumber>(i));
}

// The fields that all types of the step know alike; of a step that takes several events also what can be said of all of them.
void PatternLoader::CollectCapturesOf(pattern::StepNumber number) {
  using expression::Type;
  using expression::TypeKind;
  using pattern::Take;
  const Step& step = steps_[number];
  if (step.types.empty()) return;
  const auto add = [&](const std::string& name, const ValueType& value) {
    const std::string base = step.name + "." + name;
    const pattern::FieldId field = FieldOf(name);
    AddCapture(base, value, number, field, Take::kLast);
    if (!step.looping) return;
    AddCapture(base + ".first", value, number, field, Take::kFirst);
    AddCapture(base + ".last", value, number, field, Take::kLast);
    if (value.type.kind() != TypeKind::kInt && value.type.kind() != TypeKind::kDouble) return;
    AddCapture(base + ".sum", value, number, field, Take::kSum);
    AddCapture(base + ".min", value, number, field, Take::kMin);
    AddCapture(base + ".max", value, number, field, Take::kMax);
  };
  for (const EventField& field : loading_.topology.event_types[step.types.front()].fields) {
    const ValueType value = TypeOfField(field);
    const bool shared = std::ranges::all_of(step.types, [&](EventTypeIndex type) {
      const std::vector<EventField>& fields = loading_.topology.event_types[type].fields;
      const auto position = FindById(fields, field.name);
      return position && TypeOfField(fields[*position]) == value;
    });
    if (shared && IsScalar(value.type)) add(field.name, value);
  }
  add("time", {Type::Timestamp(), {}});
  add("id", {Type::String(), {}});
  if (step.looping) AddCapture(step.name + ".count", {Type::Int(), {}}, number, FieldOf("time"), Take::kCount);
}

}  // namespace antiphon::topology

#include <algorithm>
#include <array>
#include <utility>

#include "engine/topology/trigger_loader.h"

namespace antiphon::topology {
namespace {

constexpr std::int64_t kPriorityMax = 1'000'000;

// "10:00", since midnight.
std::optional<Milliseconds> ReadTimeOfDay(Loading& loading, const YamlNode& node) {
  const std::string& text = node.text;
  const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9' ? text[at] - '0' : 100; };
  if (node.is_scalar() && text.size() == 5 && text[2] == ':') {
    const int hour = digit(0) * 10 + digit(1);
    const int minute = digit(3) * 10 + digit(4);
    if (hour < 24 && minute < 60) return std::chrono::hours{hour} + std::chrono::minutes{minute};
  }
  loading.Error(node, "bad_time", "`at` must be a time of day", "write it as \"10:00\"");
  return std::nullopt;
}

// "-30d": whole days, before or after.
int ReadDayOffset(Loading& loading, const YamlNode& node) {
  const bool negative = node.text.starts_with('-');
  const auto length = ParseDuration(std::string_view(node.text).substr(negative ? 1 : 0));
  constexpr Milliseconds kDay = std::chrono::days{1};
  if (!node.is_scalar() || !length || length->count() % kDay.count() != 0 || *length > kDay * 100'000) {
    loading.Error(node, "bad_duration", "`offset` must be a number of days", "write 30d or -30d");
    return 0;
  }
  const auto days = static_cast<int>(length->count() / kDay.count());
  return negative ? -days : days;
}

}  // namespace

void TriggerLoader::Read() {
  const std::vector<Written> definitions = SortedDefinitions(loading_, "triggers", loading_.trigger_names);
  loading_.topology.triggers.resize(definitions.size());
  drafts_.resize(definitions.size());
  triggers_of_.resize(loading_.offer_names.size());
  for (std::size_t i = 0; i < definitions.size(); ++i) {
    ReadTrigger(definitions[i], loading_.topology.triggers[i], drafts_[i]);
    for (const state::OfferId offer : loading_.topology.triggers[i].offers)
      triggers_of_[offer.value()].emplace_back(static_cast<std::uint16_t>(i));
  }
}

void TriggerLoader::ReadTrigger(const Written& written, Trigger& trigger, Draft& draft) {
  trigger.id = written.key->text;
  MapReader reader(loading_, *written.value, "a trigger");
  trigger.about = reader.Text("about");
  trigger.tell = reader.Text("tell");
  static_cast<void>(reader.Text("owner"));
  if (const auto priority = reader.Int("priority", -kPriorityMax, kPriorityMax)) trigger.priority = static_cast<std::int32_t>(*priority);
  if (const auto expires = reader.Duration("expires_after")) {
    trigger.expires_after = *expires;
  } else if (!reader.Has("expires_after")) {
    loading_.Note(*written.key, "default_expires_after",
                  "moments of '" + trigger.id + "' expire after " + FormatDuration(trigger.expires_after));
  }
  trigger.retry_when_open = reader.Word<bool>("retry", {{"when_open", true}, {"never", false}}).value_or(false);
  trigger.again_after = reader.Duration("again_after");
  if (const YamlNode* campaign = reader.Find("campaign"))
    if (const auto known = loading_.Resolve(*campaign, "campaign", loading_.campaign_names)) trigger.campaign = state::CampaignId{*known};
  ReadOffers(reader, trigger);
  ReadStory(written, reader, trigger, draft);
  reader.Finish();
}

void TriggerLoader::ReadOffers(MapReader& reader, Trigger& trigger) {
  std::set<std::uint16_t> offers;
  for (const YamlNode* offer : reader.Scalars("offers")) {
    const auto known = loading_.Resolve(*offer, "offer", loading_.offer_names);
    if (known && !offers.insert(*known).second) loading_.Error(*offer, "duplicate_name", "'" + offer->text + "' is listed twice");
  }
  for (const std::uint16_t offer : offers) trigger.offers.emplace_back(offer);
  if (offers.empty() && !reader.Has("offers")) loading_.Warn(reader.node(), "trigger_without_offers", "'" + trigger.id + "' has no offers");
}

void TriggerLoader::ReadStory(const Written& written, MapReader& reader, Trigger& trigger, Draft& draft) {
  constexpr std::array<std::string_view, 4> kForms = {"pattern", "absence", "count", "on_date"};
  std::string_view form;
  for (const std::string_view key : kForms) {
    const YamlNode* node = reader.Find(key);
    if (node == nullptr) continue;
    if (!form.empty())
      loading_.Error(*node, "second_operation", "a trigger has either `" + std::string(form) + "` or `" + std::string(key) + "`");
    else
      form = key;
  }
  draft.where = reader.Find("where");
  const YamlNode* on = reader.Find("on");
  if (form.empty()) {
    if (on != nullptr) return ReadEvents(*on, trigger, draft);
    if (reader.good())
      loading_.Error(*written.key, "missing_key", "the trigger '" + trigger.id + "' does not say what brings it out",
                     "write `on`, `pattern`, `absence`, `count` or `on_date`");
    return;
  }
  if (draft.where != nullptr)
    loading_.Error(*draft.where, "misplaced_key", "`where` beside `" + std::string(form) + "`",
                   form == "on_date" ? "" : "write it into the step it is about");
  draft.where = nullptr;
  const YamlNode& story = *reader.Find(form);
  if (form == "on_date") {
    trigger.kind = TriggerKind::kDate;
    if (on != nullptr) loading_.Error(*on, "misplaced_key", "`on` beside `on_date`");
    return ReadDate(story, trigger);
  }
  trigger.kind = TriggerKind::kPattern;
  draft.pattern = std::make_unique<PatternLoader>(loading_, scopes_, trigger);
  draft.pattern->Read(reader, story, form);
  draft.pattern->AddSources(draft.sources);
}

void TriggerLoader::ReadEvents(const YamlNode& on, Trigger& trigger, Draft& draft) {
  trigger.kind = TriggerKind::kEvent;
  std::set<EventTypeIndex> types;
  for (const YamlNode* event : ReadScalars(loading_, on, "on")) {
    const auto type = loading_.Resolve(*event, "event type", loading_.event_names);
    if (type && !types.insert(*type).second) loading_.Error(*event, "duplicate_name", "'" + event->text + "' is named twice");
  }
  for (const EventTypeIndex type : types) trigger.on.push_back({type, std::nullopt});
  if (trigger.on.empty()) return;
  const Topology& topology = loading_.topology;
  for (const EventField& field : topology.event_types[trigger.on.front().event_type].fields) {
    MomentSource source{TypeOfField(field), {}};
    if (!IsScalar(source.value.type)) continue;
    for (const EventCondition& event : trigger.on) {
      const std::vector<EventField>& fields = topology.event_types[event.event_type].fields;
      const auto position = FindById(fields, field.name);
      if (position && TypeOfField(fields[*position]) == source.value) source.event_fields.push_back({event.event_type, *position});
    }
    if (source.event_fields.size() == trigger.on.size()) draft.sources.emplace("event." + field.name, std::move(source));
  }
  MomentSource time{{expression::Type::Timestamp(), {}}, {}};
  MomentSource id{{expression::Type::String(), {}}, {}};
  for (const EventCondition& event : trigger.on) {
    time.event_fields.push_back({event.event_type, kEventTimeField});
    id.event_fields.push_back({event.event_type, kEventIdField});
  }
  draft.sources.emplace("event.time", std::move(time));
  draft.sources.emplace("event.id", std::move(id));
}

void TriggerLoader::ReadDate(const YamlNode& node, Trigger& trigger) {
  MapReader reader(loading_, node, "`on_date`");
  const std::vector<ProfileFieldDefinition>& fields = loading_.topology.profile_fields;
  std::vector<std::string> names;
  for (const ProfileFieldDefinition& field : fields) names.push_back("customer." + field.name);
  if (const YamlNode* field = reader.Require("field"))
    if (const auto known = loading_.Resolve(*field, "field of the customer", names)) {
      trigger.date.field = state::ProfileFieldId{*known};
      if (fields[*known].type != FieldType::kDate && fields[*known].type != FieldType::kTimestamp)
        loading_.Error(*field, "wrong_type", "a field of type date is expected here");
    }
  calendar::DateRule& rule = trigger.date.rule;
  rule.every = reader
                   .Word<calendar::Every>(
                       "every", {{"once", calendar::Every::kOnce}, {"year", calendar::Every::kYear}, {"month", calendar::Every::kMonth}})
                   .value_or(calendar::Every::kOnce);
  rule.feb29 = reader
                   .Word<calendar::Feb29>(
                       "feb29", {{"feb28", calendar::Feb29::kFeb28}, {"mar1", calendar::Feb29::kMar1}, {"skip", calendar::Feb29::kSkip}})
                   .value_or(calendar::Feb29::kFeb28);
  if (const YamlNode* at = reader.Find("at")) rule.at = ReadTimeOfDay(loading_, *at).value_or(Milliseconds{0});
  if (const YamlNode* offset = reader.Find("offset")) rule.offset_days = ReadDayOffset(loading_, *offset);
  reader.Finish();
}

void TriggerLoader::Compile() {
  for (std::size_t i = 0; i < drafts_.size(); ++i) {
    Trigger& trigger = loading_.topology.triggers[i];
    Draft& draft = drafts_[i];
    if (draft.where != nullptr)
      for (EventCondition& event : trigger.on)
        event.where = CompileCondition(loading_, *draft.where, scopes_.WithEvent(Stage::kTrigger, event.event_type),
                                       trigger.on.size() > 1 ? " (for events of type " + loading_.event_names[event.event_type] + ")" : "");
    std::map<std::string, std::uint32_t> captures;
    if (draft.pattern != nullptr) captures = draft.pattern->Compile(draft.wanted);
    for (const std::string& name : draft.wanted) {
      const std::vector<std::string>& known = loading_.topology.moment_values;
      const auto id = static_cast<std::uint16_t>(std::ranges::find(known, name) - known.begin());
      MomentCapture capture{state::MomentValueId{id}, draft.sources.at(name).event_fields, std::nullopt};
      if (const auto place = captures.find(name); place != captures.end()) capture.capture = place->second;
      trigger.moment_captures.push_back(std::move(capture));
    }
    std::ranges::sort(trigger.moment_captures, {}, &MomentCapture::name);
    if (trigger.kind == TriggerKind::kDate) loading_.topology.date_triggers.emplace_back(static_cast<std::uint16_t>(i));
  }
}

}  // namespace antiphon::topology

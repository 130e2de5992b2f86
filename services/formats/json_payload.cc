#include "services/formats/json_payload.h"

#include <algorithm>

#include <simdjson.h>

namespace antiphon::formats {
namespace {

constexpr const char* kNotJsonText = "not JSON, or cut off";

std::string Dotted(const std::vector<std::string>& path) {
  std::string name;
  for (const std::string& key : path) name.append(name.empty() ? "" : ".").append(key);
  return name;
}

}  // namespace

bool JsonPayload::CheckUtf8(std::string_view text, Decoded& out) {
  if (simdjson::validate_utf8(text)) return true;
  MakeDeadLetter(out, DeadLetterReason::kNotJson, "not UTF-8");
  return false;
}

JsonPayload::Found JsonPayload::FindPath(const std::vector<std::string>& path) {
  for (const std::string& wanted : path) {
    if (cursor_.Peek() != '{') return Found::kNo;
    (void)cursor_.Enter('{');
    while (true) {
      JsonString key;
      const JsonCursor::Next next = cursor_.NextMember(key);
      if (next == JsonCursor::Next::kFault) return Found::kNotJson;
      if (next == JsonCursor::Next::kEnd) return Found::kNo;
      if (key.escaped ? Unescaped(key.raw) == wanted : key.raw == wanted) break;
      if (!cursor_.SkipValue()) return Found::kNotJson;
    }
  }
  return Found::kYes;
}

bool JsonPayload::FindType(PaddedText object, const std::vector<std::string>& path, std::string_view& type, Decoded& out) {
  cursor_.Start(object);
  if (cursor_.Peek() != '{') {
    MakeDeadLetter(out, DeadLetterReason::kNotJson, "not a JSON object");
    return false;
  }
  const Found found = FindPath(path);
  if (found == Found::kYes && cursor_.Peek() == '"') {
    JsonString string;
    if (!cursor_.ReadString(string)) {
      MakeDeadLetter(out, DeadLetterReason::kNotJson, kNotJsonText);
      return false;
    }
    type = string.raw;
    if (string.escaped) type = type_.Assign(Unescaped(string.raw)).text();
    out.type = type;
    return true;
  }
  cursor_.Start(object);
  if (found == Found::kNotJson || !cursor_.SkipValue() || !cursor_.AtEnd()) {
    MakeDeadLetter(out, DeadLetterReason::kNotJson, kNotJsonText);
  } else {
    MakeDeadLetter(out, DeadLetterReason::kNoType, "no text at " + Dotted(path));
  }
  return false;
}

std::uint32_t JsonPayload::FindMember(const DecodePlan& plan, std::uint32_t node, const JsonString& key) {
  if (!key.escaped) [[likely]]
    return plan.nodes[node].keys.Find(key.raw);
  return plan.nodes[node].keys.Find(key_.Assign(Unescaped(key.raw)).text());
}

// These return false if the text is no JSON.
bool JsonPayload::ReadObject(EventDraft& draft, std::uint32_t node) {
  if (!cursor_.Enter('{')) return false;
  while (true) {
    JsonString key;
    const JsonCursor::Next next = cursor_.NextMember(key);
    if (next == JsonCursor::Next::kFault) return false;
    if (next == JsonCursor::Next::kEnd) return true;
    const std::uint32_t member = FindMember(*draft.plan, node, key);
    if (member == KeyTable::kNone) {
      if (!cursor_.SkipValue()) return false;
    } else if (!ReadMember(draft, member)) {
      return false;
    }
  }
}

bool JsonPayload::ReadMember(EventDraft& draft, std::uint32_t number) {
  const DecodePlan::Member& member = draft.plan->members[number];
  if (seen_[number] != 0) {
    draft.Note({.reason = DeadLetterReason::kNotJson, .what = "the key stands there twice"}, member.path);
    return cursor_.SkipValue();
  }
  seen_[number] = 1;
  reader_.set_form(draft.forms.empty() ? nullptr : &draft.forms[number]);
  const JsonCursor::Place begin = cursor_.place();
  for (std::size_t i = 0; i < member.targets.size(); ++i) {
    if (i > 0) cursor_.GoBack(begin);
    const ValueFault fault = ReadTarget(draft, member.targets[i]);
    if (!fault.bad()) continue;
    draft.Note(fault, member.path);
    cursor_.GoBack(begin);  // the rest is read on, so that a line that is no JSON is always called that
    if (!cursor_.SkipValue()) return false;
  }
  if (member.node == DecodePlan::kNoNode) return true;
  cursor_.GoBack(begin);
  if (cursor_.Peek() == '{') return ReadObject(draft, member.node);
  if (cursor_.Peek() != 'n') draft.Note({.reason = DeadLetterReason::kBadField, .what = "not an object"}, member.path);
  return cursor_.SkipValue();
}

ValueFault JsonPayload::ReadTarget(EventDraft& draft, const Target& target) {
  switch (target.kind) {
    case TargetKind::kField:
      return reader_.ReadField(draft.plan->type->fields[target.index], *draft.arena, draft.fields[target.index]);
    case TargetKind::kType:
      return cursor_.SkipValue() ? ValueFault{} : ValueFault{DeadLetterReason::kNotJson, "not JSON"};
    case TargetKind::kId:
      return AsIdFault(reader_.ReadId(*draft.arena, draft.id));
    case TargetKind::kCustomer:
      return AsCustomerFault(reader_.ReadId(*draft.arena, draft.customer));
    case TargetKind::kTime:
      return AsTimeFault(reader_.ReadTime(draft.time));
    case TargetKind::kBackfill:
      return reader_.ReadBool(draft.backfill);
    case TargetKind::kControlTarget:
      return ReadControlTarget(draft, static_cast<state::PausedKind>(target.index));
    case TargetKind::kControlVersion:
      return ReadControlVersion(draft);
  }
  return {};
}

ValueFault JsonPayload::ReadControlTarget(EventDraft& draft, state::PausedKind kind) {
  bool named = false;
  std::string_view id;
  ValueFault fault = kind == state::PausedKind::kAll ? reader_.ReadBool(named) : reader_.ReadText(*draft.arena, id);
  if (fault.reason == DeadLetterReason::kBadField) fault.reason = DeadLetterReason::kBadControl;
  if (!fault.bad() && (named || !id.empty())) draft.SetControlTarget(kind, id);
  return fault;
}

ValueFault JsonPayload::ReadControlVersion(EventDraft& draft) {
  std::string_view version;
  ValueFault fault = reader_.ReadText(*draft.arena, version);
  if (fault.reason == DeadLetterReason::kBadField) fault.reason = DeadLetterReason::kBadControl;
  if (!fault.bad()) draft.SetControlVersion(version);
  return fault;
}

bool JsonPayload::Read(PaddedText object, EventDraft& draft, Decoded& out) {
  cursor_.Start(object);
  std::fill_n(seen_.begin(), draft.plan->members.size(), char{0});
  if (ReadObject(draft, 0)) return CheckRest(out);
  MakeDeadLetter(out, DeadLetterReason::kNotJson, kNotJsonText);
  return false;
}

bool JsonPayload::Check(PaddedText text, Decoded& out) {
  cursor_.Start(text);
  if (cursor_.SkipValue()) return CheckRest(out);
  MakeDeadLetter(out, DeadLetterReason::kNotJson, kNotJsonText);
  return false;
}

std::optional<EngineTime> JsonPayload::FindTime(PaddedText object, const std::vector<std::string>& path) {
  cursor_.Start(object);
  reader_.set_form(nullptr);
  std::optional<EngineTime> time;
  if (FindPath(path) != Found::kYes || reader_.ReadTime(time).bad()) return std::nullopt;
  return time;
}

// The value that the cursor is at, `depth` keys into the path. A list within a list is nobody's way to name customers; so nothing that
// comes from outside decides how deep this calls itself.
ValueFault JsonPayload::CollectIds(const Ids& ids, std::size_t depth, bool within_list) {
  const char c = cursor_.Peek();
  if (c == '[' && !within_list) {
    (void)cursor_.Enter('[');
    while (true) {
      const JsonCursor::Next next = cursor_.NextItem(']');
      if (next == JsonCursor::Next::kEnd) return {};
      if (next == JsonCursor::Next::kFault) return {DeadLetterReason::kNotJson, kNotJsonText};
      if (const ValueFault fault = CollectIds(ids, depth, true); fault.bad()) return fault;
    }
  }
  if (depth < ids.path.size() && c == '{') return CollectMember(ids, depth);
  if (depth < ids.path.size() && c != 'n') return {DeadLetterReason::kBadCustomer, "not an object"};
  std::string_view id;
  reader_.set_form(nullptr);
  if (const ValueFault fault = AsCustomerFault(reader_.ReadId(ids.arena, id)); fault.bad()) return fault;
  // No further than it matters: a hostile record has millions.
  const bool counts = !id.empty() && ids.found.size() <= ids.max;
  if (counts && std::ranges::find(ids.found, id) == ids.found.end()) ids.found.push_back(id);
  return {};
}

ValueFault JsonPayload::CollectMember(const Ids& ids, std::size_t depth) {
  (void)cursor_.Enter('{');
  for (bool seen = false;;) {
    JsonString key;
    const JsonCursor::Next next = cursor_.NextMember(key);
    if (next == JsonCursor::Next::kEnd) return {};
    if (next == JsonCursor::Next::kFault) return {DeadLetterReason::kNotJson, kNotJsonText};
    const bool wanted = key.escaped ? Unescaped(key.raw) == ids.path[depth] : key.raw == ids.path[depth];
    if (!wanted) {
      if (!cursor_.SkipValue()) return {DeadLetterReason::kNotJson, kNotJsonText};
      continue;
    }
    if (seen) return {DeadLetterReason::kNotJson, "the key stands there twice"};
    seen = true;
    if (const ValueFault fault = CollectIds(ids, depth + 1, false); fault.bad()) return fault;
  }
}

bool JsonPayload::FindIds(PaddedText object, const std::vector<std::string>& path, std::size_t ids_max, expression::Arena& arena,
                          std::vector<std::string_view>& ids, Decoded& out) {
  cursor_.Start(object);
  const ValueFault fault = CollectIds({.path = path, .max = ids_max, .arena = arena, .found = ids}, 0, true);
  if (!fault.bad()) return true;
  if (!Check(object, out)) return false;  // what is no JSON is always called that
  MakeDeadLetter(out, fault.reason, Dotted(path).append(": ").append(fault.what));
  return false;
}

// The record was read: nothing but space may follow.
bool JsonPayload::CheckRest(Decoded& out) {
  if (cursor_.AtEnd()) return true;
  MakeDeadLetter(out, DeadLetterReason::kNotJson, "more than one JSON object in the line");
  return false;
}

}  // namespace antiphon::formats

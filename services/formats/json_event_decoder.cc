#include "services/formats/json_event_decoder.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <simdjson.h>

#include "services/formats/decode_plan.h"
#include "services/formats/json_cursor.h"
#include "services/formats/value_reader.h"

namespace antiphon::formats {
namespace {

using expression::Arena;
using expression::Value;

constexpr std::uint32_t kPauseType = 0xFFFFFFFE;  // numbers in the table of types that are no event types
constexpr std::uint32_t kResumeType = 0xFFFFFFFD;

}  // namespace

class JsonEventDecoder::Impl {
 public:
  Impl(const topology::Topology& topology, std::size_t line_bytes_max);

  Decoded Decode(PaddedText line, const RecordPosition& position, Arena& arena);
  [[nodiscard]] std::size_t ArenaBytes(std::size_t batch_lines, std::size_t batch_bytes) const;
  std::optional<EngineTime> PeekTime(PaddedText line);

 private:
  // What one pass has found so far.
  struct Pass {
    const DecodePlan* plan = nullptr;
    Arena* arena = nullptr;
    std::span<Value> fields;
    std::string_view id;
    std::string_view customer;
    std::optional<EngineTime> time;
    bool backfill = false;
    int control_targets = 0;
    state::PausedKind paused = state::PausedKind::kAll;
    std::string_view control_id;
    ValueFault fault;           // the first one
    std::string_view fault_at;  // the path of its value
  };

  enum class Found : std::uint8_t { kYes, kNo, kNotJson };
  Found FindPath(const std::vector<std::string>& path);
  [[nodiscard]] std::uint32_t TypeNumber(std::string_view name) const { return types_.Find(name); }
  bool FindType(PaddedText line, std::string_view& type, Decoded& out);

  bool ReadObject(Pass& pass, std::uint32_t node);
  bool ReadMember(Pass& pass, std::uint32_t member);
  ValueFault ReadTarget(Pass& pass, const Target& target);
  ValueFault ReadControlTarget(Pass& pass, state::PausedKind kind);
  std::uint32_t FindMember(const DecodePlan& plan, std::uint32_t node, const JsonString& key);

  bool CheckRest(Decoded& out);
  void FinishEvent(Pass& pass, std::uint32_t type, const RecordPosition& position, Decoded& out);
  void FinishControl(const Pass& pass, bool pause, Decoded& out);
  [[nodiscard]] std::optional<EngineTime> FinishTime(const Pass& pass, Decoded& out) const;
  std::string_view MadeId(const topology::EventType& type, const RecordPosition& position, Arena& arena);

  const topology::Topology& topology_;
  std::size_t line_bytes_max_;
  std::vector<std::string> type_path_;
  std::vector<DecodePlan> plans_;  // by EventTypeIndex
  DecodePlan control_plan_;
  KeyTable types_;
  std::size_t fields_max_ = 0;
  std::size_t targets_max_ = 1;  // of one value

  JsonCursor cursor_;
  ValueReader reader_{cursor_};
  PaddedBuffer key_;   // a key with escapes, resolved
  PaddedBuffer type_;  // likewise the type
  std::string made_id_;
  std::vector<char> seen_;  // by member: its key occurred
};

namespace {

void MakeDeadLetter(Decoded& out, DeadLetterReason reason, std::string message) {
  out.kind = Decoded::Kind::kDeadLetter;
  out.reason = reason;
  out.message = std::move(message);
}

std::string Dotted(const std::vector<std::string>& path) {
  std::string name;
  for (const std::string& key : path) name.append(name.empty() ? "" : ".").append(key);
  return name;
}

}  // namespace

JsonEventDecoder::Impl::Impl(const topology::Topology& topology, std::size_t line_bytes_max)
    : topology_(topology), line_bytes_max_(line_bytes_max), type_path_(topology.envelope.type_path) {
  if (type_path_.empty()) type_path_ = {"type"};
  std::size_t members_max = 0;
  const auto measure = [&](const DecodePlan& plan) {
    members_max = std::max(members_max, plan.members.size());
    for (const DecodePlan::Member& member : plan.members) targets_max_ = std::max(targets_max_, member.targets.size());
  };
  for (const topology::EventType& type : topology.event_types) {
    const std::string& name = type.name_in_log.empty() ? type.name : type.name_in_log;
    if (types_.Find(PaddedBuffer(name).padded().text()) == KeyTable::kNone && name != "control.pause" && name != "control.resume") {
      types_.Add(name, static_cast<std::uint32_t>(plans_.size()));
    }
    plans_.push_back(PlanOf(type, topology.envelope));
    fields_max_ = std::max(fields_max_, type.fields.size());
    measure(plans_.back());
  }
  types_.Add("control.pause", kPauseType);
  types_.Add("control.resume", kResumeType);
  control_plan_ = PlanOfControl(topology.envelope);
  measure(control_plan_);
  seen_.resize(members_max);
}

std::size_t JsonEventDecoder::Impl::ArenaBytes(std::size_t batch_lines, std::size_t batch_bytes) const {
  // A list of one digit and a comma for each item takes 8 bytes for each byte of the line, for every field that reads it; twice that for
  // what is lost at the ends of the arena's blocks.
  return 2 * (batch_lines * (fields_max_ * sizeof(Value) + 2 * kIdBytesMax) + 9 * targets_max_ * batch_bytes) + (std::size_t{64} << 10U);
}

JsonEventDecoder::Impl::Found JsonEventDecoder::Impl::FindPath(const std::vector<std::string>& path) {
  for (const std::string& wanted : path) {
    if (cursor_.Peek() != '{') return Found::kNo;
    (void)cursor_.Enter('{');
    while (true) {
      JsonString key;
      const JsonCursor::Next next = cursor_.NextMember(key);
      if (next == JsonCursor::Next::kFault) return Found::kNotJson;
      if (next == JsonCursor::Next::kEnd) return Found::kNo;
      if (!key.escaped) {
        if (key.raw == wanted) break;
      } else {
        std::string name(key.raw.size(), '\0');
        name.resize(Unescape(key.raw, name.data()));
        if (name == wanted) break;
      }
      if (!cursor_.SkipValue()) return Found::kNotJson;
    }
  }
  return Found::kYes;
}

// False: `out` says what it is.
bool JsonEventDecoder::Impl::FindType(PaddedText line, std::string_view& type, Decoded& out) {
  cursor_.Start(line);
  if (cursor_.Peek() != '{') {
    MakeDeadLetter(out, DeadLetterReason::kNotJson, "not a JSON object");
    return false;
  }
  const Found found = FindPath(type_path_);
  if (found == Found::kYes && cursor_.Peek() == '"') {
    JsonString string;
    if (!cursor_.ReadString(string)) {
      MakeDeadLetter(out, DeadLetterReason::kNotJson, "not JSON, or cut off");
      return false;
    }
    type = string.raw;
    if (string.escaped) {
      std::string name(string.raw.size(), '\0');
      name.resize(Unescape(string.raw, name.data()));
      type = type_.Assign(name).text();
    }
    out.type = type;
    return true;
  }
  cursor_.Start(line);
  if (found == Found::kNotJson || !cursor_.SkipValue() || !cursor_.AtEnd()) {
    MakeDeadLetter(out, DeadLetterReason::kNotJson, "not JSON, or cut off");
  } else {
    MakeDeadLetter(out, DeadLetterReason::kNoType, "no text at " + Dotted(type_path_));
  }
  return false;
}

std::uint32_t JsonEventDecoder::Impl::FindMember(const DecodePlan& plan, std::uint32_t node, const JsonString& key) {
  if (!key.escaped) [[likely]]
    return plan.nodes[node].keys.Find(key.raw);
  std::string name(key.raw.size(), '\0');
  name.resize(Unescape(key.raw, name.data()));
  return plan.nodes[node].keys.Find(key_.Assign(name).text());
}

// These return false if the text is no JSON.
bool JsonEventDecoder::Impl::ReadObject(Pass& pass, std::uint32_t node) {
  if (!cursor_.Enter('{')) return false;
  while (true) {
    JsonString key;
    const JsonCursor::Next next = cursor_.NextMember(key);
    if (next == JsonCursor::Next::kFault) return false;
    if (next == JsonCursor::Next::kEnd) return true;
    const std::uint32_t member = FindMember(*pass.plan, node, key);
    if (member == KeyTable::kNone) {
      if (!cursor_.SkipValue()) return false;
    } else if (!ReadMember(pass, member)) {
      return false;
    }
  }
}

bool JsonEventDecoder::Impl::ReadMember(Pass& pass, std::uint32_t number) {
  const DecodePlan::Member& member = pass.plan->members[number];
  const auto note = [&](const ValueFault& fault) {
    if (pass.fault.bad()) return;
    pass.fault = fault;
    pass.fault_at = member.path;
  };
  if (seen_[number] != 0) {
    note({.reason = DeadLetterReason::kNotJson, .what = "the key stands there twice"});
    return cursor_.SkipValue();
  }
  seen_[number] = 1;
  const JsonCursor::Place begin = cursor_.place();
  for (std::size_t i = 0; i < member.targets.size(); ++i) {
    if (i > 0) cursor_.GoBack(begin);
    const ValueFault fault = ReadTarget(pass, member.targets[i]);
    if (!fault.bad()) continue;
    note(fault);
    cursor_.GoBack(begin);  // the rest is read on, so that a line that is no JSON is always called that
    if (!cursor_.SkipValue()) return false;
  }
  if (member.node == DecodePlan::kNoNode) return true;
  cursor_.GoBack(begin);
  if (cursor_.Peek() == '{') return ReadObject(pass, member.node);
  if (cursor_.Peek() != 'n') note({.reason = DeadLetterReason::kBadField, .what = "not an object"});
  return cursor_.SkipValue();
}

ValueFault JsonEventDecoder::Impl::ReadTarget(Pass& pass, const Target& target) {
  switch (target.kind) {
    case TargetKind::kField:
      return reader_.ReadField(pass.plan->type->fields[target.index], *pass.arena, pass.fields[target.index]);
    case TargetKind::kType:
      return cursor_.SkipValue() ? ValueFault{} : ValueFault{DeadLetterReason::kNotJson, "not JSON"};
    case TargetKind::kId: {
      ValueFault fault = reader_.ReadId(*pass.arena, pass.id);
      if (fault.bad()) fault.reason = fault.reason == DeadLetterReason::kTooLarge ? fault.reason : DeadLetterReason::kBadId;
      return fault;
    }
    case TargetKind::kCustomer: {
      ValueFault fault = reader_.ReadId(*pass.arena, pass.customer);
      if (fault.bad()) fault.reason = fault.reason == DeadLetterReason::kTooLarge ? fault.reason : DeadLetterReason::kBadCustomer;
      return fault;
    }
    case TargetKind::kTime: {
      ValueFault fault = reader_.ReadTime(pass.time);
      if (fault.reason == DeadLetterReason::kBadField) fault.reason = DeadLetterReason::kNoTime;
      if (fault.reason == DeadLetterReason::kFieldOutOfRange) fault.reason = DeadLetterReason::kTimeOutOfBounds;
      return fault;
    }
    case TargetKind::kBackfill:
      return reader_.ReadBool(pass.backfill);
    case TargetKind::kControlTarget:
      return ReadControlTarget(pass, static_cast<state::PausedKind>(target.index));
  }
  return {};
}

ValueFault JsonEventDecoder::Impl::ReadControlTarget(Pass& pass, state::PausedKind kind) {
  bool named = false;
  std::string_view id;
  ValueFault fault = kind == state::PausedKind::kAll ? reader_.ReadBool(named) : reader_.ReadText(*pass.arena, id);
  if (fault.reason == DeadLetterReason::kBadField) fault.reason = DeadLetterReason::kBadControl;
  if (fault.bad() || (!named && id.empty())) return fault;
  ++pass.control_targets;
  pass.paused = kind;
  pass.control_id = id;
  return {};
}

// The record was read: nothing but space may follow.
bool JsonEventDecoder::Impl::CheckRest(Decoded& out) {
  if (cursor_.AtEnd()) return true;
  MakeDeadLetter(out, DeadLetterReason::kNotJson, "more than one JSON object in the line");
  return false;
}

// Nothing: `out` says why.
std::optional<EngineTime> JsonEventDecoder::Impl::FinishTime(const Pass& pass, Decoded& out) const {
  if (!pass.time) {
    MakeDeadLetter(out, DeadLetterReason::kNoTime, "no time at " + Dotted(pass.plan->time_path));
    return std::nullopt;
  }
  if (*pass.time < kEngineTimeMin || *pass.time >= kEngineTimeMax) {
    MakeDeadLetter(out, DeadLetterReason::kTimeOutOfBounds, "the time is not in [1970-01-02, 2100-01-01)");
    return std::nullopt;
  }
  return pass.time;
}

std::string_view JsonEventDecoder::Impl::MadeId(const topology::EventType& type, const RecordPosition& position, Arena& arena) {
  made_id_.assign(type.source).append("@").append(std::to_string(position.partition)).append(":").append(std::to_string(position.offset));
  const Value copy = arena.CopyString(made_id_);
  return copy.is_error() ? std::string_view() : copy.as_text();
}

void JsonEventDecoder::Impl::FinishEvent(Pass& pass, std::uint32_t number, const RecordPosition& position, Decoded& out) {
  const topology::EventType& type = topology_.event_types[number];
  const auto time = FinishTime(pass, out);
  if (!time) return;
  if (pass.customer.empty()) return MakeDeadLetter(out, DeadLetterReason::kNoCustomer, "no customer");
  for (const std::uint16_t field : pass.plan->required) {
    if (pass.fields[field].is(expression::Kind::kAbsent)) {
      return MakeDeadLetter(out, DeadLetterReason::kMissingField, "field " + type.fields[field].name + " is required");
    }
  }
  if (pass.id.empty()) {
    pass.id = MadeId(type, position, *pass.arena);
    if (pass.id.empty()) return MakeDeadLetter(out, DeadLetterReason::kTooLarge, "no memory left for the batch");
  }
  out.kind = Decoded::Kind::kEvent;
  out.event = {.type = static_cast<topology::EventTypeIndex>(number),
               .backfill = pass.backfill,
               .time = *time,
               .source = type.source,
               .id = pass.id,
               .customer = pass.customer,
               .fields = pass.fields};
}

void JsonEventDecoder::Impl::FinishControl(const Pass& pass, bool pause, Decoded& out) {
  const auto time = FinishTime(pass, out);
  if (!time) return;
  if (pass.control_targets != 1) {
    return MakeDeadLetter(out, DeadLetterReason::kBadControl, "name one of offer, campaign, channel, trigger, or all: true");
  }
  std::optional<std::uint16_t> what;
  switch (pass.paused) {
    case state::PausedKind::kOffer:
      what = topology::FindById(topology_.offers, pass.control_id);
      break;
    case state::PausedKind::kCampaign:
      what = topology::FindById(topology_.campaigns, pass.control_id);
      break;
    case state::PausedKind::kChannel:
      what = topology::FindById(topology_.channels, pass.control_id);
      break;
    case state::PausedKind::kTrigger:
      what = topology::FindById(topology_.triggers, pass.control_id);
      break;
    case state::PausedKind::kAll:
      what = 0;
      break;
  }
  if (!what) return MakeDeadLetter(out, DeadLetterReason::kUnknownTarget, "the topology has no such id");
  out.kind = Decoded::Kind::kControl;
  out.control = {.kind = pause ? decision::Control::Kind::kPause : decision::Control::Kind::kResume,
                 .paused = pass.paused,
                 .what = *what,
                 .time = *time};
}

Decoded JsonEventDecoder::Impl::Decode(PaddedText line, const RecordPosition& position, Arena& arena) {
  Decoded out;
  if (line.size() > line_bytes_max_) {
    MakeDeadLetter(out, DeadLetterReason::kTooLarge, "longer than the line limit");
    return out;
  }
  if (!simdjson::validate_utf8(line.text())) {
    MakeDeadLetter(out, DeadLetterReason::kNotJson, "not UTF-8");
    return out;
  }
  std::string_view type;
  if (!FindType(line, type, out)) return out;
  const std::uint32_t number = TypeNumber(type);
  cursor_.Start(line);
  if (number == KeyTable::kNone) {
    if (!cursor_.SkipValue()) {
      MakeDeadLetter(out, DeadLetterReason::kNotJson, "not JSON, or cut off");
    } else if (CheckRest(out)) {
      out.kind = Decoded::Kind::kSkipped;
      if (topology_.envelope.unknown_types_dead_letter)
        MakeDeadLetter(out, DeadLetterReason::kUnknownType, "no such event type is declared");
    }
    return out;
  }
  const bool control = number == kPauseType || number == kResumeType;
  Pass pass;
  pass.plan = control ? &control_plan_ : &plans_[number];
  pass.arena = &arena;
  std::fill_n(seen_.begin(), pass.plan->members.size(), char{0});
  if (!control) {
    const std::size_t count = pass.plan->type->fields.size();
    Value* const fields = arena.AllocateArray<Value>(count);
    if (fields == nullptr) {
      MakeDeadLetter(out, DeadLetterReason::kTooLarge, "no memory left for the batch");
      return out;
    }
    std::fill_n(fields, count, Value{});
    pass.fields = {fields, count};
  }
  if (!ReadObject(pass, 0)) {
    MakeDeadLetter(out, DeadLetterReason::kNotJson, "not JSON, or cut off");
    return out;
  }
  if (!CheckRest(out)) return out;
  out.time = pass.time;
  if (pass.fault.bad()) {
    MakeDeadLetter(out, pass.fault.reason, std::string(pass.fault_at).append(": ").append(pass.fault.what));
  } else if (control) {
    FinishControl(pass, number == kPauseType, out);
  } else {
    FinishEvent(pass, number, position, out);
  }
  return out;
}

std::optional<EngineTime> JsonEventDecoder::Impl::PeekTime(PaddedText line) {
  Decoded ignored;
  std::string_view type;
  if (line.size() > line_bytes_max_ || !FindType(line, type, ignored)) return std::nullopt;
  const std::uint32_t number = TypeNumber(type);
  if (number == KeyTable::kNone) return std::nullopt;
  const DecodePlan& plan = number == kPauseType || number == kResumeType ? control_plan_ : plans_[number];
  cursor_.Start(line);
  std::optional<EngineTime> time;
  if (FindPath(plan.time_path) != Found::kYes || reader_.ReadTime(time).bad() || !time) return std::nullopt;
  if (*time < kEngineTimeMin || *time >= kEngineTimeMax) return std::nullopt;
  return time;
}

JsonEventDecoder::JsonEventDecoder(const topology::Topology& topology, std::size_t line_bytes_max)
    : impl_(std::make_unique<Impl>(topology, line_bytes_max)) {}
JsonEventDecoder::~JsonEventDecoder() = default;
JsonEventDecoder::JsonEventDecoder(JsonEventDecoder&&) noexcept = default;
JsonEventDecoder& JsonEventDecoder::operator=(JsonEventDecoder&&) noexcept = default;

Decoded JsonEventDecoder::Decode(PaddedText line, const RecordPosition& position, expression::Arena& arena) {
  return impl_->Decode(line, position, arena);
}
std::size_t JsonEventDecoder::ArenaBytes(std::size_t batch_lines, std::size_t batch_bytes) const {
  return impl_->ArenaBytes(batch_lines, batch_bytes);
}
std::optional<EngineTime> JsonEventDecoder::PeekTime(PaddedText line) { return impl_->PeekTime(line); }

}  // namespace antiphon::formats

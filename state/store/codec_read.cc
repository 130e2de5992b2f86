#include <algorithm>
#include <bit>
#include <limits>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "state/store/codec.h"
#include "state/store/record_parts.h"
#include "state/store/wire.h"

namespace antiphon::store {
namespace {

using state::CustomerState;
using state::Scalar;

// What becomes of an entry that was read.
enum class Keep : std::uint8_t { kYes, kNo };

// The least bytes of an entry: what keeps memory in proportion to the bytes.
template <typename Entry>
consteval std::size_t EntryBytesMin() {
  if constexpr (std::is_same_v<Entry, state::Contact>) return 33;
  if constexpr (std::is_same_v<Entry, state::Moment>) return 8;
  if constexpr (std::is_same_v<Entry, state::TriggerState>) return 7;
  if constexpr (std::is_same_v<Entry, state::FeatureState>) return 5;
  if constexpr (std::is_same_v<Entry, state::Aftermath>) return 2;
  return 3;
}

class RecordReader {
 public:
  RecordReader(std::string_view bytes, const SlotMap& map) : map_(map), in_(bytes) {}

  // False if the bytes are no record. REQUIRES: the version was read.
  bool Read(CustomerState& customer, DecodeNote& note) {
    unsigned sections = in_.U16();
    const bool decided = (sections & kSectionDecided) != 0;
    customer.newest_event = in_.Time();
    customer.arrivals = in_.V();
    customer.decisions = in_.V32();
    customer.contact_records = in_.V32();
    customer.moments_opened = in_.V32();
    customer.contacts_made = in_.V32();
    customer.timers_set = in_.V32();
    ForEachSection(customer, [&](auto& section) {
      const bool present = (sections & 1U) != 0;
      sections >>= 1U;
      Section(section, present);
    });
    customer.decided = decided ? in_.Time() : EngineTime{};
    customer.decided_then = decided ? in_.V32() : 0;
    if (decided && customer.decided_then == 0) in_.SetFailed();
    if (in_.failed() || !in_.AtEnd()) return false;
    if (dropped_) DropTimersOfLostMoments(customer);
    note = {.dropped = dropped_};
    return Arrange(customer);
  }

  std::uint8_t Version() { return in_.U8(); }

 private:
  void Section(state::RecentIds& ids, bool present) {
    const std::span<state::RecentIds::Entry> entries = ids.Refill(present ? SectionCount(sizeof(Hash128) + 1) : 0);
    for (state::RecentIds::Entry& entry : entries) {
      entry.id = in_.Hash();
      entry.seen = in_.Time();
    }
  }

  template <typename Entry>
  void Section(std::vector<Entry>& entries, bool present) {
    if (!present) return entries.clear();
    number_ = 0;
    Entries(entries, SectionCount(EntryBytesMin<Entry>()));
  }

  std::size_t SectionCount(std::size_t bytes_min) {
    const std::size_t count = in_.Count(bytes_min);
    if (count == 0) in_.SetFailed();  // an empty section has no bit
    return count;
  }

  template <typename Entry>
  void Entries(std::vector<Entry>& entries, std::size_t count) {
    entries.resize(count);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (Get(entries[kept]) == Keep::kYes) ++kept;
      if (in_.failed()) [[unlikely]] {
        return entries.clear();
      }
    }
    if (kept != count) {
      dropped_ = true;
      entries.resize(kept);
    }
  }

  // Of a slot: its index, kNone, or dropped.
  struct Slot {
    std::uint16_t index = SlotMap::kIndexMax;
    bool dropped = false;
  };

  Slot GetSlot(SlotKind kind) {
    const std::uint64_t code = in_.V();
    if (code == 0) return {};
    const std::int32_t index = map_.IndexOf(kind, code - 1);
    if (index >= 0) [[likely]] {
      return {.index = static_cast<std::uint16_t>(index), .dropped = false};
    }
    if (index == SlotMap::kUnknown) in_.SetFailed();
    return {.index = SlotMap::kIndexMax, .dropped = true};
  }

  // Of an entry that is named by it: a dropped slot drops the entry.
  template <typename Id>
  Keep NameOrNone(Id& id) {
    const Slot slot = GetSlot(kSlotKindOf<Id>);
    id = Id{slot.index};
    return slot.dropped ? Keep::kNo : Keep::kYes;
  }

  template <typename Id>
  Keep Name(Id& id) {
    const Keep keep = NameOrNone(id);
    if (keep == Keep::kYes && id == state::kNone<Id>) in_.SetFailed();
    return keep;
  }

  // Of an entry that outlives it: a dropped slot is kNone.
  template <typename Id>
  void Reference(Id& id) {
    if (NameOrNone(id) == Keep::kNo) dropped_ = true;
  }

  bool Flag() { return in_.List<std::uint8_t>(in_.U8(), 0, 1) == 1; }

  static void Assign(std::string& out, std::string_view text) { out.assign(text); }

  void Get(Scalar& value) {
    switch (in_.U8()) {
      case kScalarAbsent:
        value.emplace<std::monostate>();
        return;
      case kScalarFalse:
        value.emplace<bool>(false);
        return;
      case kScalarTrue:
        value.emplace<bool>(true);
        return;
      case kScalarInt:
        value.emplace<std::int64_t>(in_.Z());
        return;
      case kScalarDouble:
        value.emplace<double>(std::bit_cast<double>(in_.U64()));
        return;
      case kScalarText:
        if (auto* text = std::get_if<std::string>(&value); text != nullptr) return Assign(*text, in_.Text());
        value.emplace<std::string>(in_.Text());
        return;
      case kScalarTime:
        value.emplace<EngineTime>(in_.Time());
        return;
      case kScalarLength:
        value.emplace<Milliseconds>(in_.Z());
        return;
      default:
        in_.SetFailed();
    }
  }

  void Scalars(std::vector<Scalar>& values, std::size_t count) {
    values.resize(count);
    for (Scalar& value : values) Get(value);
  }

  Keep Get(state::ProfileField& field) {
    const Keep keep = Name(field.field);
    field.time = in_.Time();
    Get(field.value);
    return keep;
  }

  Keep Get(state::Holding& holding) {
    const Keep keep = Name(holding.product);
    holding.since = in_.Time();
    Assign(holding.account, in_.Text());
    return keep;
  }

  // The next of a list of 32-bit numbers that are written as differences.
  template <typename T>
  T Next(std::int64_t& before) {
    const std::int64_t difference = in_.Z();
    std::int64_t number = 0;
    if (__builtin_add_overflow(before, difference, &number) || number < std::numeric_limits<T>::min() ||
        number > std::numeric_limits<T>::max()) [[unlikely]] {
      in_.SetFailed();
      return 0;
    }
    before = number;
    return static_cast<T>(number);
  }

  Keep Get(state::FeatureState& feature) {
    const Keep keep = Name(feature.feature);
    feature.not_counted = in_.V32();
    feature.newest = in_.Time();
    const std::size_t buckets = in_.Count(3);
    const std::size_t scalars = in_.Count(3);
    feature.buckets.resize(buckets);
    std::int64_t before = 0;
    for (state::FeatureBucket& bucket : feature.buckets) {
      bucket.index = Next<std::uint32_t>(before);
      const std::uint64_t count = in_.V();
      if (count >> 33U != 0) in_.SetFailed();
      bucket.count = static_cast<std::uint32_t>(count >> 1U);
      bucket.value = (count & 1U) != 0 ? in_.U64() : static_cast<std::uint64_t>(in_.Z());
    }
    if (in_.failed()) return Keep::kNo;
    feature.scalars.resize(scalars);
    before = 0;
    for (state::TimedScalar& scalar : feature.scalars) {
      scalar.index = Next<std::uint32_t>(before);
      scalar.time = in_.Time();
      Get(scalar.value);
    }
    return keep;
  }

  Keep Get(state::SegmentState& segment) {
    const Keep keep = Name(segment.scheme);
    segment.segment_class = in_.V16();
    segment.since = in_.Time();
    return keep;
  }

  Keep Get(state::Consent& consent) {
    const Keep channel = NameOrNone(consent.channel);  // a dropped channel must not become "all channels"
    const Keep purpose = Name(consent.purpose);
    consent.granted = Flag();
    consent.time = in_.Time();
    return channel == Keep::kYes ? purpose : Keep::kNo;
  }

  Keep Get(state::ContactPoint& point) {
    const Keep keep = Name(point.kind);
    point.good = Flag();
    point.time = in_.Time();
    return keep;
  }

  Keep Get(state::SuppressionCase& suppression) {
    const Keep keep = Name(suppression.suppression);
    suppression.opened = in_.Time();
    Assign(suppression.case_id, in_.Text());
    return keep;
  }

  Keep Get(state::Aftermath& aftermath) {
    const Keep keep = Name(aftermath.suppression);
    aftermath.until = in_.Time();
    return keep;
  }

  Keep Get(state::CooldownState& cooldown) {
    Keep keep = Name(cooldown.cooldown);
    const std::uint64_t what = in_.V();
    const SlotKind kind = map_.CooldownRefersTo(cooldown.cooldown.value());
    if (keep == Keep::kYes && kind != SlotKind::kNone) {
      const std::int32_t index = map_.IndexOf(kind, what);
      if (index == SlotMap::kUnknown) in_.SetFailed();
      if (index < 0) keep = Keep::kNo;
      cooldown.what = static_cast<std::uint16_t>(index);
    } else {
      if (keep == Keep::kYes && what > SlotMap::kIndexMax) in_.SetFailed();
      cooldown.what = static_cast<std::uint16_t>(what);
    }
    cooldown.until = in_.Time();
    return keep;
  }

  Keep Get(state::PatternRun& run) {
    run.place = in_.V16();
    run.mark = in_.U8();
    run.started_at = in_.Time();
    run.last_at = in_.Time();
    Assign(run.first_event_id, in_.Text());
    const std::size_t taken_count = in_.Count(2);
    const std::size_t captures = in_.Count(1);
    run.taken.resize(taken_count);
    std::uint64_t before = 0;
    for (state::TakenEvent& taken : run.taken) {
      before += static_cast<std::uint64_t>(in_.Z());
      taken.ordinal = before;
      taken.step = in_.V16();
    }
    if (in_.failed()) return Keep::kNo;
    Scalars(run.captures, captures);
    return Keep::kYes;
  }

  Keep Get(state::HeldEvent& event) {
    const Slot type = GetSlot(SlotKind::kEventType);
    event.event_type = type.index;
    if (!type.dropped && type.index == SlotMap::kIndexMax) in_.SetFailed();
    event.backfill = Flag();
    event.time = in_.Time();
    event.arrival = in_.V();
    Assign(event.source, in_.Text());
    Assign(event.id, in_.Text());
    Scalars(event.fields, in_.Count(1));
    return type.dropped ? Keep::kNo : Keep::kYes;
  }

  Keep Get(state::TriggerState& trigger) {
    const Keep keep = Name(trigger.trigger);
    trigger.fired = Flag();
    trigger.last_fired = in_.Time();
    trigger.runs_refused = in_.V32();
    const std::size_t open = in_.Count(7);
    const std::size_t waiting = in_.Count(7);
    const std::size_t held = in_.Count(7);
    Entries(trigger.runs.open, open);
    Entries(trigger.runs.waiting, waiting);
    Entries(trigger.held, held);
    return keep;
  }

  Keep Get(state::MomentValue& value) {
    const Keep keep = Name(value.name);
    Get(value.value);
    return keep;
  }

  Keep Get(state::Moment& moment) {
    moment.number = Next<std::uint32_t>(number_);
    const Keep keep = Name(moment.trigger);
    const unsigned flags = in_.U8();
    if (flags > kMomentFlagsAll) in_.SetFailed();
    moment.has_contact = (flags & kMomentHasContact) != 0;
    moment.had_turn = (flags & kMomentHadTurn) != 0;
    moment.opened = in_.Time();
    moment.expires = in_.Time();
    Assign(moment.source, in_.Text());
    Assign(moment.cause_id, in_.Text());
    Entries(moment.values, in_.Count(2));
    return keep;
  }

  Keep Get(state::Contact& contact) {
    contact.number = Next<std::uint32_t>(number_);
    contact.status = in_.List(in_.U8(), state::ContactStatus::kNone, state::ContactStatus::kExpired);
    const unsigned kinds = in_.U8();
    const unsigned parts = in_.U8();
    contact.direction = in_.List(kinds & kDirectionMask, state::Direction::kOutbound, state::Direction::kInbound);
    contact.contact_class = in_.List((kinds >> kClassShift) & kClassMask, state::ContactClass::kMarketing, state::ContactClass::kMandatory);
    contact.withholding =
        in_.List((kinds >> kWithholdingShift) & kWithholdingMask, state::Withholding::kNone, state::Withholding::kControl);
    contact.settled = (kinds & kSettledBit) != 0;
    contact.id = in_.Hash();
    Reference(contact.channel);
    Reference(contact.offer);
    Reference(contact.treatment);
    Reference(contact.campaign);
    Reference(contact.trigger);
    Reference(contact.language);
    contact.decided = in_.Time();
    contact.counted = in_.Time();
    contact.due = in_.Time();
    contact.expires = in_.Time();
    contact.changed = in_.Time();
    contact.cost = in_.Z();
    contact.moments.resize(in_.Count(1));
    std::int64_t before = 0;
    for (std::uint32_t& moment : contact.moments) moment = Next<std::uint32_t>(before);
    if (parts > kPartsAll) in_.SetFailed();
    GetParts(contact, parts);
    return Keep::kYes;
  }

  void TextIf(unsigned part, std::string& out) {
    if (part != 0) return Assign(out, in_.Text());
    out.clear();
  }

  void GetParts(state::Contact& contact, unsigned parts) {
    contact.decision_id = (parts & kPartDecision) != 0 ? in_.Hash() : Hash128{};
    contact.facts = (parts & kPartFacts) != 0 ? in_.U8() : std::uint8_t{0};
    contact.attempt = (parts & kPartFacts) != 0 ? in_.U8() : std::uint8_t{1};
    const unsigned actor = parts & kPartActor;
    contact.actor.kind =
        actor != 0 ? in_.List(in_.U8(), state::ActorKind::kSystem, state::ActorKind::kCustomer) : state::ActorKind::kSystem;
    TextIf(actor, contact.actor.id);
    TextIf(actor, contact.actor.branch);
    TextIf(parts & kPartInteraction, contact.interaction_id);
    TextIf(parts & kPartForeignId, contact.foreign_id);
    TextIf(parts & kPartSourceSystem, contact.source_system);
    TextIf(parts & kPartForeignOffer, contact.foreign_offer);
  }

  Keep Get(state::Timer& timer) {
    timer.kind = in_.List(in_.U8(), state::TimerKind::kPattern, state::TimerKind::kMomentExpires);
    timer.due = in_.Time();
    timer.sequence = in_.V32();
    if (!RefersToTrigger(timer.kind)) {
      timer.reference = in_.V32();
      return Keep::kYes;
    }
    state::TriggerId trigger;
    const Keep keep = Name(trigger);
    timer.reference = trigger.value();
    return keep;
  }

  Keep Get(state::PageView& view) {
    view.time = in_.Time();
    view.sensitive = Flag();
    Assign(view.path, in_.Text());
    return Keep::kYes;
  }

  static void DropTimersOfLostMoments(CustomerState& customer) {
    std::erase_if(customer.timers, [&](const state::Timer& timer) {
      return RefersToMoment(timer.kind) && !std::ranges::binary_search(customer.moments, timer.reference, {}, &state::Moment::number);
    });
  }

  // Sorts a section that the change of slots put out of order. False if two entries have one name.
  template <typename Entry, typename Name>
  static bool Arrange(std::vector<Entry>& entries, Name name) {
    const auto less = [&](const Entry& left, const Entry& right) { return name(left) < name(right); };
    const auto not_ascending = [&](const Entry& left, const Entry& right) { return !less(left, right); };
    if (std::ranges::adjacent_find(entries, not_ascending) == entries.end()) return true;
    std::ranges::sort(entries, less);
    return std::ranges::adjacent_find(entries, not_ascending) == entries.end();
  }

  static bool Arrange(CustomerState& customer) {
    return Arrange(customer.profile, [](const state::ProfileField& entry) { return entry.field; }) &&
           Arrange(customer.holdings, [](const state::Holding& entry) { return std::tie(entry.product, entry.account); }) &&
           Arrange(customer.features, [](const state::FeatureState& entry) { return entry.feature; }) &&
           Arrange(customer.segments, [](const state::SegmentState& entry) { return entry.scheme; }) &&
           Arrange(customer.consents, [](const state::Consent& entry) { return std::tie(entry.channel, entry.purpose); }) &&
           Arrange(customer.contact_points, [](const state::ContactPoint& entry) { return entry.kind; }) &&
           Arrange(customer.suppressions, [](const state::SuppressionCase& entry) { return std::tie(entry.suppression, entry.case_id); }) &&
           Arrange(customer.aftermaths, [](const state::Aftermath& entry) { return entry.suppression; }) &&
           Arrange(customer.cooldowns, [](const state::CooldownState& entry) { return std::tie(entry.cooldown, entry.what); }) &&
           Arrange(customer.triggers, [](const state::TriggerState& entry) { return entry.trigger; }) &&
           Arrange(customer.moments, [](const state::Moment& entry) { return entry.number; }) &&
           Arrange(customer.contacts, [](const state::Contact& entry) { return entry.number; }) &&
           Arrange(customer.timers, [](const state::Timer& entry) { return std::tie(entry.due, entry.sequence); });
  }

  const SlotMap& map_;
  WireReader in_;
  std::int64_t number_ = 0;  // the number of the moment or contact before
  bool dropped_ = false;
};

}  // namespace

Result<DecodeNote> DecodeCustomerInto(std::string_view bytes, const SlotMap& map, CustomerState& customer) {
  RecordReader reader(bytes, map);
  const std::uint8_t version = reader.Version();
  if ((version < kRecordVersionOldest || version > kRecordVersion) && !bytes.empty()) {
    return Fail(Recovery::kStopProcess, "a customer's record has version " + std::to_string(version) +
                                            ", this program reads 1 and 2: use the program that wrote it, or a newer one");
  }
  DecodeNote note;
  if (!reader.Read(customer, note)) {
    return Fail(Recovery::kRestartTask, "a customer's record of " + std::to_string(bytes.size()) +
                                            " bytes is damaged, or not of this slot dictionary: restore the partition's state");
  }
  return note;
}

Result<CustomerState> DecodeCustomer(std::string_view bytes, const SlotMap& map) {
  CustomerState customer;
  if (Result<DecodeNote> note = DecodeCustomerInto(bytes, map, customer); !note.has_value())
    return std::unexpected(std::move(note).error());
  return customer;
}

Result<state::PartitionState> DecodePartition(std::string_view bytes, const SlotMap& map) {
  WireReader in(bytes);
  const std::uint8_t version = in.U8();
  if (version != kPartitionVersion && !bytes.empty()) {
    return Fail(Recovery::kStopProcess, "a partition's state has version " + std::to_string(version) + ", this program reads 1");
  }
  state::PartitionState partition;
  partition.clock = in.Time();
  partition.newest_backfill = in.Time();
  const std::size_t count = in.Count(3);
  for (std::size_t i = 0; i < count && !in.failed(); ++i) {
    state::Pause pause;
    pause.kind = in.List(in.U8(), state::PausedKind::kOffer, state::PausedKind::kAll);
    const std::uint64_t code = in.V();
    pause.since = in.Time();
    const SlotKind kind = SlotKindOf(pause.kind);
    if ((kind == SlotKind::kNone) != (code == 0)) {
      in.SetFailed();
    } else if (kind != SlotKind::kNone) {
      const std::int32_t index = map.IndexOf(kind, code - 1);
      if (index == SlotMap::kUnknown) in.SetFailed();
      if (index < 0) continue;
      pause.what = static_cast<std::uint16_t>(index);
    }
    partition.pauses.push_back(pause);
  }
  if (in.failed() || !in.AtEnd()) {
    return Fail(Recovery::kRestartTask, "a partition's state is damaged, or not of this slot dictionary: restore it");
  }
  std::ranges::sort(partition.pauses, {}, [](const state::Pause& pause) { return std::tuple(pause.kind, pause.what); });
  return partition;
}

}  // namespace antiphon::store

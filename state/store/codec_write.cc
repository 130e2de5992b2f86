#include <bit>
#include <variant>

#include "state/store/codec.h"
#include "state/store/record_parts.h"
#include "state/store/wire.h"

namespace antiphon::store {
namespace {

using state::CustomerState;
using state::Scalar;

class RecordWriter {
 public:
  RecordWriter(const SlotMap& map, std::string& out) : map_(map), out_(out) {}

  void Write(const CustomerState& customer) {
    out_.U8(kRecordVersion);
    out_.U16(Sections(customer));
    out_.Time(customer.newest_event);
    out_.V(customer.arrivals);
    for (const std::uint32_t count :
         {customer.decisions, customer.contact_records, customer.moments_opened, customer.contacts_made, customer.timers_set}) {
      out_.V(count);
    }
    WriteRecentIds(customer.recent_ids);
    Section(customer.profile);
    Section(customer.holdings);
    Section(customer.features);
    Section(customer.segments);
    Section(customer.consents);
    Section(customer.contact_points);
    Section(customer.suppressions);
    Section(customer.aftermaths);
    Section(customer.cooldowns);
    Section(customer.triggers);
    number_ = 0;
    Section(customer.moments);
    number_ = 0;
    Section(customer.contacts);
    Section(customer.timers);
    Section(customer.page_views);
    if (customer.decided_then > 0) {
      out_.Room();
      out_.Time(customer.decided);
      out_.V(customer.decided_then);
    }
    out_.Finish();
  }

 private:
  static std::uint16_t Sections(const CustomerState& customer) {
    unsigned sections = 0;
    unsigned bit = 0;
    ForEachSection(customer, [&](const auto& section) { sections |= (section.size() != 0 ? 1U : 0U) << bit++; });
    if (customer.decided_then > 0) sections |= kSectionDecided;
    return static_cast<std::uint16_t>(sections);
  }

  template <typename Entry>
  void Section(const std::vector<Entry>& entries) {
    if (entries.empty()) return;
    out_.Room();
    out_.V(entries.size());
    for (const Entry& entry : entries) {
      out_.Room();
      Put(entry);
    }
  }

  // What names an entry is never kNone.
  template <typename Id>
  void Name(Id id) {
    out_.V(std::uint64_t{map_.StoredOf(kSlotKindOf<Id>, id.value())} + 1);
  }
  template <typename Id>
  void NameOrNone(Id id) {
    if (id == state::kNone<Id>) return out_.V(0);
    Name(id);
  }

  void Put(const Scalar& value) {
    switch (value.index()) {
      case 0:
        return out_.U8(kScalarAbsent);
      case 1:
        return out_.U8(*std::get_if<bool>(&value) ? kScalarTrue : kScalarFalse);
      case 2:
        out_.U8(kScalarInt);
        return out_.Z(*std::get_if<std::int64_t>(&value));
      case 3:
        out_.U8(kScalarDouble);
        return out_.U64(std::bit_cast<std::uint64_t>(*std::get_if<double>(&value)));
      case 4:
        out_.U8(kScalarText);
        return out_.Text(*std::get_if<std::string>(&value));
      case 5:
        out_.U8(kScalarTime);
        return out_.Time(*std::get_if<EngineTime>(&value));
      default:
        out_.U8(kScalarLength);
        return out_.Z(std::get_if<Milliseconds>(&value)->count());
    }
  }

  void Scalars(const std::vector<Scalar>& values) {
    for (const Scalar& value : values) {
      out_.Room();
      Put(value);
    }
  }

  void WriteRecentIds(const state::RecentIds& ids) {
    if (ids.size() == 0) return;
    out_.V(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
      out_.Room();
      const state::RecentIds::Entry& entry = ids.At(i);
      out_.Hash(entry.id);
      out_.Time(entry.seen);
    }
  }

  void Put(const state::ProfileField& field) {
    Name(field.field);
    out_.Time(field.time);
    Put(field.value);
  }

  void Put(const state::Holding& holding) {
    Name(holding.product);
    out_.Time(holding.since);
    out_.Text(holding.account);
  }

  void Put(const state::FeatureState& feature) {
    Name(feature.feature);
    out_.V(feature.not_counted);
    out_.Time(feature.newest);
    out_.V(feature.buckets.size());
    out_.V(feature.scalars.size());
    std::int64_t before = 0;
    for (const state::FeatureBucket& bucket : feature.buckets) {
      out_.Room();
      out_.Z(std::int64_t{bucket.index} - before);
      before = bucket.index;
      const std::uint64_t value = ZigZag(static_cast<std::int64_t>(bucket.value));
      const bool wide = value >= kWideFrom;
      out_.V((std::uint64_t{bucket.count} << 1U) | (wide ? 1U : 0U));
      wide ? out_.U64(bucket.value) : out_.V(value);
    }
    before = 0;
    for (const state::TimedScalar& scalar : feature.scalars) {
      out_.Room();
      out_.Z(std::int64_t{scalar.index} - before);
      before = scalar.index;
      out_.Time(scalar.time);
      Put(scalar.value);
    }
  }

  void Put(const state::SegmentState& segment) {
    Name(segment.scheme);
    out_.V(segment.segment_class);
    out_.Time(segment.since);
  }

  void Put(const state::Consent& consent) {
    NameOrNone(consent.channel);
    Name(consent.purpose);
    out_.U8(consent.granted ? 1 : 0);
    out_.Time(consent.time);
  }

  void Put(const state::ContactPoint& point) {
    Name(point.kind);
    out_.U8(point.good ? 1 : 0);
    out_.Time(point.time);
  }

  void Put(const state::SuppressionCase& suppression) {
    Name(suppression.suppression);
    out_.Time(suppression.opened);
    out_.Text(suppression.case_id);
  }

  void Put(const state::Aftermath& aftermath) {
    Name(aftermath.suppression);
    out_.Time(aftermath.until);
  }

  void Put(const state::CooldownState& cooldown) {
    Name(cooldown.cooldown);
    const SlotKind kind = map_.CooldownRefersTo(cooldown.cooldown.value());
    out_.V(kind == SlotKind::kNone ? cooldown.what : map_.StoredOf(kind, cooldown.what));
    out_.Time(cooldown.until);
  }

  void Put(const state::PatternRun& run) {
    out_.V(run.place);
    out_.U8(run.mark);
    out_.Time(run.started_at);
    out_.Time(run.last_at);
    out_.Text(run.first_event_id);
    out_.V(run.taken.size());
    out_.V(run.captures.size());
    std::uint64_t before = 0;
    for (const state::TakenEvent& taken : run.taken) {
      out_.Room();
      out_.Z(static_cast<std::int64_t>(taken.ordinal - before));
      before = taken.ordinal;
      out_.V(taken.step);
    }
    Scalars(run.captures);
  }

  void Put(const state::HeldEvent& event) {
    out_.V(std::uint64_t{map_.StoredOf(SlotKind::kEventType, event.event_type)} + 1);
    out_.U8(event.backfill ? 1 : 0);
    out_.Time(event.time);
    out_.V(event.arrival);
    out_.Text(event.source);
    out_.Text(event.id);
    out_.V(event.fields.size());
    Scalars(event.fields);
  }

  template <typename Entry>
  void Entries(const std::vector<Entry>& entries) {
    for (const Entry& entry : entries) {
      out_.Room();
      Put(entry);
    }
  }

  void Put(const state::TriggerState& trigger) {
    Name(trigger.trigger);
    out_.U8(trigger.fired ? 1 : 0);
    out_.Time(trigger.last_fired);
    out_.V(trigger.runs_refused);
    out_.V(trigger.runs.open.size());
    out_.V(trigger.runs.waiting.size());
    out_.V(trigger.held.size());
    Entries(trigger.runs.open);
    Entries(trigger.runs.waiting);
    Entries(trigger.held);
  }

  // A number less the one before of its section, or of its list.
  void Number(std::uint32_t number, std::int64_t& before) {
    out_.Z(std::int64_t{number} - before);
    before = number;
  }

  void Put(const state::Moment& moment) {
    Number(moment.number, number_);
    Name(moment.trigger);
    out_.U8(static_cast<std::uint8_t>((moment.has_contact ? kMomentHasContact : 0U) | (moment.had_turn ? kMomentHadTurn : 0U)));
    out_.Time(moment.opened);
    out_.Time(moment.expires);
    out_.Text(moment.source);
    out_.Text(moment.cause_id);
    out_.V(moment.values.size());
    for (const state::MomentValue& value : moment.values) {
      out_.Room();
      Name(value.name);
      Put(value.value);
    }
  }

  static unsigned ContactParts(const state::Contact& contact) {
    unsigned parts = 0;
    if (contact.decision_id != Hash128{}) parts |= kPartDecision;
    if (contact.facts != 0 || contact.attempt != 1) parts |= kPartFacts;
    if (contact.actor.kind != state::ActorKind::kSystem || !contact.actor.id.empty() || !contact.actor.branch.empty()) parts |= kPartActor;
    if (!contact.interaction_id.empty()) parts |= kPartInteraction;
    if (!contact.foreign_id.empty()) parts |= kPartForeignId;
    if (!contact.source_system.empty()) parts |= kPartSourceSystem;
    if (!contact.foreign_offer.empty()) parts |= kPartForeignOffer;
    return parts;
  }

  void Put(const state::Contact& contact) {
    const unsigned parts = ContactParts(contact);
    Number(contact.number, number_);
    out_.U8(static_cast<std::uint8_t>(contact.status));
    out_.U8(
        static_cast<std::uint8_t>(static_cast<unsigned>(contact.direction) | static_cast<unsigned>(contact.contact_class) << kClassShift |
                                  static_cast<unsigned>(contact.withholding) << kWithholdingShift | (contact.settled ? kSettledBit : 0U)));
    out_.U8(static_cast<std::uint8_t>(parts));
    out_.Hash(contact.id);
    NameOrNone(contact.channel);
    NameOrNone(contact.offer);
    NameOrNone(contact.treatment);
    NameOrNone(contact.campaign);
    NameOrNone(contact.trigger);
    NameOrNone(contact.language);
    out_.Time(contact.decided);
    out_.Time(contact.counted);
    out_.Time(contact.due);
    out_.Time(contact.expires);
    out_.Time(contact.changed);
    out_.Z(contact.cost);
    out_.V(contact.moments.size());
    std::int64_t before = 0;
    for (const std::uint32_t moment : contact.moments) {
      out_.Room();
      Number(moment, before);
    }
    if (parts != 0) PutParts(contact, parts);
  }

  void PutParts(const state::Contact& contact, unsigned parts) {
    out_.Room();
    if ((parts & kPartDecision) != 0) out_.Hash(contact.decision_id);
    if ((parts & kPartFacts) != 0) {
      out_.U8(contact.facts);
      out_.U8(contact.attempt);
    }
    if ((parts & kPartActor) != 0) {
      out_.U8(static_cast<std::uint8_t>(contact.actor.kind));
      out_.Text(contact.actor.id);
      out_.Text(contact.actor.branch);
    }
    if ((parts & kPartInteraction) != 0) out_.Text(contact.interaction_id);
    if ((parts & kPartForeignId) != 0) out_.Text(contact.foreign_id);
    if ((parts & kPartSourceSystem) != 0) out_.Text(contact.source_system);
    if ((parts & kPartForeignOffer) != 0) out_.Text(contact.foreign_offer);
  }

  void Put(const state::Timer& timer) {
    out_.U8(static_cast<std::uint8_t>(timer.kind));
    out_.Time(timer.due);
    out_.V(timer.sequence);
    if (RefersToTrigger(timer.kind)) {
      ANTIPHON_CHECK(timer.reference < SlotMap::kIndexMax);  // before it is cut to 16 bits
      Name(state::TriggerId{static_cast<std::uint16_t>(timer.reference)});
    } else {
      out_.V(timer.reference);
    }
  }

  void Put(const state::PageView& view) {
    out_.Time(view.time);
    out_.U8(view.sensitive ? 1 : 0);
    out_.Text(view.path);
  }

  const SlotMap& map_;
  WireWriter out_;
  std::int64_t number_ = 0;  // the number of the moment or contact before
};

}  // namespace

void EncodeCustomer(const CustomerState& customer, const SlotMap& map, std::string& out) { RecordWriter(map, out).Write(customer); }

void EncodePartition(const state::PartitionState& partition, const SlotMap& map, std::string& out) {
  WireWriter writer(out);
  writer.U8(kPartitionVersion);
  writer.Time(partition.clock);
  writer.Time(partition.newest_backfill);
  writer.V(partition.pauses.size());
  for (const state::Pause& pause : partition.pauses) {
    writer.Room();
    writer.U8(static_cast<std::uint8_t>(pause.kind));
    const SlotKind kind = SlotKindOf(pause.kind);
    writer.V(kind == SlotKind::kNone ? 0 : std::uint64_t{map.StoredOf(kind, pause.what)} + 1);
    writer.Time(pause.since);
  }
  writer.Finish();
}

}  // namespace antiphon::store

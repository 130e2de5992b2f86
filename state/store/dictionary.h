#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "state/base/check.h"
#include "state/base/hash.h"
#include "state/base/result.h"
#include "state/model/ids.h"

namespace antiphon::store {

// The kinds of definitions that a stored record refers to. The numbers are stored; new ones go to the end.
enum class SlotKind : std::uint8_t {
  kNone = 0,
  kChannel = 1,
  kOffer = 2,
  kTreatment = 3,
  kCampaign = 4,
  kTrigger = 5,
  kFeature = 6,
  kProfileField = 7,
  kSegmentScheme = 8,
  kSuppression = 9,
  kCooldown = 10,
  kProduct = 11,
  kPurpose = 12,
  kContactPoint = 13,
  kLanguage = 14,
  kMomentValue = 15,
  kEventType = 16,
  kGroup = 17,
  kIssue = 18,
};
inline constexpr std::size_t kSlotKinds = 19;

// "feature", "segment_scheme": as operators write a kind.
[[nodiscard]] std::string_view SlotKindName(SlotKind kind);
// Nothing: there is no such kind.
[[nodiscard]] std::optional<SlotKind> SlotKindOf(std::string_view name);

// What the topology's owner says of one definition. The order of the definitions of one kind is their order in the topology in force: the
// n-th is index n in CustomerState.
struct SlotDefinition {
  SlotKind kind = SlotKind::kNone;
  std::string id;      // the author's
  Hash128 definition;  // of all that gives the stored value its meaning (a window, a `where`, the classes of a scheme, an event type's
                       // fields); zero where the value means the same under any definition (a channel, a product, a purpose)
  SlotKind refers_to = SlotKind::kNone;  // of a cooldown: what CooldownState::what is (offer, group, issue, channel, campaign)
  friend bool operator==(const SlotDefinition&, const SlotDefinition&) = default;
};

// SlotDictionary: (kind, author's id, definition) <-> stored number; append-only, kept with the state. Numbers count from 0 per kind, so
// that a fresh dictionary numbers a topology in its own order. A changed definition is another slot and gets another number; so does one
// that comes back after it was dropped. Value type.
//
// Stored form, integers little-endian, v = LEB128: version u8 = 1, v entries, then per entry kind u8, in_force u8 (0 or 1),
// v length of id, id, definition low u64, high u64. The number of an entry is its position among those of its kind.
class SlotDictionary {
 public:
  struct Entry {
    SlotKind kind = SlotKind::kNone;
    bool in_force = false;  // in the topology that was planned last
    std::string id;
    Hash128 definition;
    std::uint32_t number = 0;
    friend bool operator==(const Entry&, const Entry&) = default;
  };

  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
  [[nodiscard]] std::string Encode() const;
  // Fails (stop the process) on an unknown version or bytes that are no dictionary. Never allocates more than a few times `bytes`.
  [[nodiscard]] static Result<SlotDictionary> Decode(std::string_view bytes);

  friend bool operator==(const SlotDictionary&, const SlotDictionary&) = default;

 private:
  friend class SlotPlanner;
  void Append(Entry entry);

  std::vector<Entry> entries_;
  std::array<std::uint32_t, kSlotKinds> counts_{};
};

// SlotMap: per kind, index in the topology in force <-> stored number. Immutable once made; may be shared by threads.
class SlotMap {
 public:
  static constexpr std::int32_t kDropped = -1;  // the number is known, but not of the topology in force
  static constexpr std::int32_t kUnknown = -2;  // no such number: the dictionary is not the record's

  // Every index is its own number. The map of the canonical record (digest.h).
  [[nodiscard]] static SlotMap Identity() { return {}; }

  // REQUIRES: `index` is of the topology in force (checked), so never kNone.
  [[nodiscard]] std::uint32_t StoredOf(SlotKind kind, std::uint16_t index) const {
    ANTIPHON_CHECK(index != kIndexMax);
    if (identity_) return index;
    const auto& stored = to_stored_[static_cast<std::size_t>(kind)];
    ANTIPHON_CHECK(index < stored.size());
    return stored[index];
  }

  // The index, kDropped or kUnknown.
  [[nodiscard]] std::int32_t IndexOf(SlotKind kind, std::uint64_t number) const {
    if (identity_) return number < kIndexMax ? static_cast<std::int32_t>(number) : kUnknown;
    const auto& indices = to_index_[static_cast<std::size_t>(kind)];
    return number < indices.size() ? indices[number] : kUnknown;
  }

  // What CooldownState::what of this cooldown refers to; kNone: it is kept as it is.
  [[nodiscard]] SlotKind CooldownRefersTo(std::uint16_t index) const {
    return index < cooldown_refers_to_.size() ? cooldown_refers_to_[index] : SlotKind::kNone;
  }

  static constexpr std::size_t kIndexMax = 0xFFFF;  // state::kNone; real indices are below

 private:
  friend class SlotPlanner;

  bool identity_ = true;
  std::array<std::vector<std::uint32_t>, kSlotKinds> to_stored_;
  std::array<std::vector<std::int32_t>, kSlotKinds> to_index_;
  std::vector<SlotKind> cooldown_refers_to_;
};

enum class SlotFate : std::uint8_t {
  kKeep,     // the stored values go on
  kNew,      // begins without a value; also what an earlier topology dropped
  kDropped,  // in the topology before, not in this one: dropped from a record when it is read
};

struct SlotPlanEntry {
  SlotKind kind = SlotKind::kNone;
  std::string id;
  SlotFate fate = SlotFate::kNew;
  friend bool operator==(const SlotPlanEntry&, const SlotPlanEntry&) = default;
};

// What becomes of the stored slots under a topology; nothing has happened yet. A changed definition is listed twice: dropped and new.
struct SlotPlan {
  std::vector<SlotPlanEntry> slots;  // the definitions in their order, then the dropped in the dictionary's order
  SlotDictionary dictionary;         // the dictionary, with what is new
  SlotMap map;

  [[nodiscard]] bool DropsAnything() const;
  // What is dropped, as operators name it: "feature/spend_30d". In the plan's order.
  [[nodiscard]] std::vector<std::string> DroppedNames() const;
};

// Fails (stop the process) if a kind has two definitions of one id, or more than 65,535. O(all slots).
[[nodiscard]] Result<SlotPlan> PlanSlots(const SlotDictionary& dictionary, std::span<const SlotDefinition> definitions);

// The kind of an id's type, for the codec.
template <typename Id>
inline constexpr SlotKind kSlotKindOf = SlotKind::kNone;
template <>
inline constexpr SlotKind kSlotKindOf<state::ChannelId> = SlotKind::kChannel;
template <>
inline constexpr SlotKind kSlotKindOf<state::OfferId> = SlotKind::kOffer;
template <>
inline constexpr SlotKind kSlotKindOf<state::TreatmentId> = SlotKind::kTreatment;
template <>
inline constexpr SlotKind kSlotKindOf<state::CampaignId> = SlotKind::kCampaign;
template <>
inline constexpr SlotKind kSlotKindOf<state::TriggerId> = SlotKind::kTrigger;
template <>
inline constexpr SlotKind kSlotKindOf<state::FeatureId> = SlotKind::kFeature;
template <>
inline constexpr SlotKind kSlotKindOf<state::ProfileFieldId> = SlotKind::kProfileField;
template <>
inline constexpr SlotKind kSlotKindOf<state::SegmentSchemeId> = SlotKind::kSegmentScheme;
template <>
inline constexpr SlotKind kSlotKindOf<state::SuppressionId> = SlotKind::kSuppression;
template <>
inline constexpr SlotKind kSlotKindOf<state::CooldownId> = SlotKind::kCooldown;
template <>
inline constexpr SlotKind kSlotKindOf<state::ProductId> = SlotKind::kProduct;
template <>
inline constexpr SlotKind kSlotKindOf<state::PurposeId> = SlotKind::kPurpose;
template <>
inline constexpr SlotKind kSlotKindOf<state::ContactPointId> = SlotKind::kContactPoint;
template <>
inline constexpr SlotKind kSlotKindOf<state::LanguageId> = SlotKind::kLanguage;
template <>
inline constexpr SlotKind kSlotKindOf<state::MomentValueId> = SlotKind::kMomentValue;

}  // namespace antiphon::store

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "state/base/time.h"
#include "state/model/contact.h"
#include "state/model/feature_state.h"
#include "state/model/ids.h"
#include "state/model/moment.h"
#include "state/model/pattern_runs.h"
#include "state/model/recent_ids.h"
#include "state/model/scalar.h"
#include "state/model/timer.h"

namespace antiphon::state {

struct ProfileField {
  ProfileFieldId field;
  EngineTime time{};  // of the event that set it; an older event does not overwrite a newer one
  Scalar value;       // absent: told to be unknown
  friend bool operator==(const ProfileField&, const ProfileField&) = default;
};

// A product that the customer holds, once per account.
struct Holding {
  ProductId product;
  EngineTime since{};
  std::string account;
  friend bool operator==(const Holding&, const Holding&) = default;
};

struct SegmentState {
  SegmentSchemeId scheme;
  std::uint16_t segment_class = 0;  // position in the scheme
  EngineTime since{};
  friend bool operator==(const SegmentState&, const SegmentState&) = default;
};

// The latest word of the customer on one purpose; channel kNone: on all channels.
struct Consent {
  ChannelId channel = kNone<ChannelId>;
  PurposeId purpose;
  bool granted = false;
  EngineTime time{};
  friend bool operator==(const Consent&, const Consent&) = default;
};

struct ContactPoint {
  ContactPointId kind;
  bool good = true;
  EngineTime time{};
  friend bool operator==(const ContactPoint&, const ContactPoint&) = default;
};

// A suppression that stands open by one case; closing one of two lifts nothing.
struct SuppressionCase {
  SuppressionId suppression;
  EngineTime opened{};
  std::string case_id;
  friend bool operator==(const SuppressionCase&, const SuppressionCase&) = default;
};

// The quiet after a suppression's last case was closed, in [closed, until).
struct Aftermath {
  SuppressionId suppression;
  EngineTime until{};
  friend bool operator==(const Aftermath&, const Aftermath&) = default;
};

// A cooldown in force: `after: declined: {suppress: offer, over: 90d}`.
struct CooldownState {
  CooldownId cooldown;
  std::uint16_t what = 0;  // an offer, or the position of a group, issue, channel or campaign, as the cooldown says
  EngineTime until{};
  friend bool operator==(const CooldownState&, const CooldownState&) = default;
};

// An event held back for a trigger with lateness: what its pattern may still read.
struct HeldEvent {
  EngineTime time{};
  std::uint64_t arrival = 0;
  std::uint16_t event_type = 0;
  bool backfill = false;
  std::string source;
  std::string id;
  std::vector<Scalar> fields = {};  // by the event type's field positions; absent for fields that nobody reads later
  friend bool operator==(const HeldEvent&, const HeldEvent&) = default;
};

// What is kept of one trigger of one customer.
struct TriggerState {
  TriggerId trigger;
  EngineTime last_fired{};  // for again_after; only if the trigger has one
  bool fired = false;
  std::uint32_t runs_refused = 0;  // max_runs was met
  PatternRuns runs;
  std::vector<HeldEvent> held;  // sorted by (time, arrival)
  friend bool operator==(const TriggerState&, const TriggerState&) = default;
};

// A page seen, for the agent's answer.
struct PageView {
  EngineTime time{};
  bool sensitive = false;
  std::string path;
  friend bool operator==(const PageView&, const PageView&) = default;
};

// CustomerState: all that is remembered of one customer, read, changed and written as a whole. Sparse: a customer costs what he did.
// Owned by the PartitionTask of the customer's partition. Every vector is sorted by its first member unless said otherwise; that order,
// and nothing else, is the order of the stored form.
struct CustomerState {
  std::string customer;
  EngineTime newest_event{};    // the newest time of an event of a type that patterns watch
  std::uint64_t arrivals = 0;   // events applied
  std::uint32_t decisions = 0;  // ordinals of output lines, for the digests
  std::uint32_t contact_records = 0;
  std::uint32_t moments_opened = 0;
  std::uint32_t contacts_made = 0;
  std::uint32_t timers_set = 0;
  EngineTime decided{};            // engine time of the last decision
  std::uint32_t decided_then = 0;  // decisions made then: keeps the ids of those apart that have one cause at one time

  RecentIds recent_ids;
  std::vector<ProfileField> profile;
  std::vector<Holding> holdings;  // by product, then account
  std::vector<FeatureState> features;
  std::vector<SegmentState> segments;
  std::vector<Consent> consents;  // by channel, then purpose
  std::vector<ContactPoint> contact_points;
  std::vector<SuppressionCase> suppressions;  // by suppression, then case
  std::vector<Aftermath> aftermaths;
  std::vector<CooldownState> cooldowns;  // by cooldown, then what
  std::vector<TriggerState> triggers;
  std::vector<Moment> moments;       // by number
  std::vector<Contact> contacts;     // by number
  std::vector<Timer> timers;         // by (due, sequence)
  std::vector<PageView> page_views;  // by arrival

  friend bool operator==(const CustomerState&, const CustomerState&) = default;
};

}  // namespace antiphon::state

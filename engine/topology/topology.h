#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/calendar/zone.h"
#include "engine/expression/program.h"
#include "engine/topology/channels.h"
#include "engine/topology/events.h"
#include "engine/topology/features.h"
#include "engine/topology/offers.h"
#include "engine/topology/policy.h"
#include "engine/topology/triggers.h"
#include "state/base/hash.h"
#include "state/base/time.h"

namespace antiphon::topology {

// How the moments that one input opens are decided.
enum class MomentOrder : std::uint8_t { kTogether, kInOrder };

// Which candidates a decision record holds.
enum class RecordCandidates : std::uint8_t { kAll, kPastGates, kChosen };

// What happens at an event of one type, so that an event costs what listens to it.
struct EventPlan {
  struct Use {
    std::uint16_t definition = 0;  // position among the definitions of its kind
    std::uint16_t input = 0;       // position among the inputs of that definition
  };
  std::vector<Use> profile_fields;
  std::vector<Use> holdings;  // `input` unused
  std::vector<Use> features;
  std::vector<Use> suppressions_open;
  std::vector<Use> suppressions_close;
  std::vector<Use> event_triggers;                 // `input`: position in Trigger::on
  std::vector<state::TriggerId> pattern_triggers;  // that watch the type
};

// Topology: the validated, compiled whole of what operators wrote. Immutable; shared by all partitions. Definitions of a kind are sorted by
// id (by bytes), and an id type of state/model/ids.h is a position among them. Policy rules keep the order written.
// Made by LoadTopology (topology_loader.h). Source: docs/topology-reference.md.
struct Topology {
  std::string name;
  std::string about;
  Hash128 version;      // of everything that decides, zone transitions and holidays included
  calendar::Zone zone;  // of the bank
  std::chrono::weekday week_starts = std::chrono::Monday;

  Envelope envelope;
  std::vector<EventType> event_types;
  std::unordered_map<std::string, EventTypeIndex> event_type_by_log_name;
  std::vector<EventPlan> event_plans;          // by EventTypeIndex
  std::optional<EventTypeIndex> request_type;  // the decision.requested of this topology

  std::vector<ProfileFieldDefinition> profile_fields;
  std::optional<state::ProfileFieldId> birth_date;  // for customer.age
  std::optional<state::ProfileFieldId> language_field;
  std::optional<state::ProfileFieldId> zone_field;
  std::vector<calendar::Zone> customer_zones;  // sorted by name; a customer's zone that is not among them counts as the bank's
  std::vector<std::string> products;           // sorted
  std::vector<HoldingRule> holding_rules;
  std::vector<std::string> contact_points;  // sorted
  std::vector<std::string> languages;       // sorted
  state::LanguageId default_language{0};
  std::vector<std::string> moment_values;  // names by MomentValueId
  std::vector<std::string> placements;     // sorted

  std::vector<Feature> features;
  std::vector<SegmentScheme> segments;
  std::vector<Trigger> triggers;
  std::vector<state::TriggerId> date_triggers;
  std::vector<Offer> offers;
  std::vector<Treatment> treatments;
  std::vector<Campaign> campaigns;
  std::vector<Channel> channels;
  std::vector<std::vector<state::OfferId>> offers_by_placement;  // by placement, ascending

  std::array<ClassRules, 5> classes;          // by ContactClass; [0] unused
  std::vector<ConsentPurpose> purposes;       // sorted by id
  std::optional<state::PurposeId> profiling;  // must be granted for web behaviour to be shown
  std::vector<Cap> caps;
  std::vector<Gap> gaps;
  std::vector<Cooldown> cooldowns;
  std::vector<Exclusion> exclusions;
  std::vector<Suppression> suppressions;
  Milliseconds remember{0};  // contacts: the longest reach of any rule, or more if the author wants

  std::optional<expression::Program> score;  // over propensity, value, context, lever, cost; docs/arbitration.md
  bool score_floating = false;               // all factors and the score are doubles rather than ints
  UniversalHoldout universal_holdout;
  MomentOrder moments = MomentOrder::kTogether;
  RecordCandidates record_candidates = RecordCandidates::kAll;

  std::uint32_t duplicate_ids_max = 64;
  Milliseconds duplicate_horizon{std::chrono::days{7}};
  std::uint32_t page_views_max = 20;
  std::uint32_t answer_slots_default = 3;
};

// What a slot of kind kScoreFactor stands for.
enum class ScoreFactor : std::uint32_t { kPropensity, kValue, kContext, kLever, kCost };

// The position of `id` in a sorted list of definitions with a member `id` or `name`, or of plain texts; nothing if it is not there.
template <typename Definitions>
[[nodiscard]] std::optional<std::uint16_t> FindById(const Definitions& definitions, std::string_view id) {
  const auto name_of = [](const auto& definition) -> std::string_view {
    if constexpr (requires { definition.id; }) {
      return definition.id;
    } else if constexpr (requires { definition.name; }) {
      return definition.name;
    } else {
      return definition;
    }
  };
  std::size_t low = 0;
  std::size_t high = definitions.size();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (name_of(definitions[middle]) < id) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == definitions.size() || name_of(definitions[low]) != id) return std::nullopt;
  return static_cast<std::uint16_t>(low);
}

}  // namespace antiphon::topology

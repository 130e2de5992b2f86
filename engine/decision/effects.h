#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/decision/reused_list.h"
#include "engine/expression/program.h"
#include "engine/expression/value.h"
#include "state/base/hash.h"
#include "state/base/time.h"
#include "state/model/contact.h"
#include "state/model/ids.h"

namespace antiphon::decision {

// Where a candidate was closed, in the order in which the stages are asked. Source: docs/reasons.md.
enum class Stage : std::uint8_t {
  kPaused,
  kValidity,
  kEligible,
  kApplicable,
  kSuitable,
  kTreatment,
  kReachable,
  kConsent,
  kSuppression,
  kExclusion,
  kCooldown,
  kGap,
  kCap,
  kSchedule,
  kCapacity,
  kTemplate,
  kError,
  kOutranked,
  kControl,
  kHoldout,
  kChosen,
};
inline constexpr std::size_t kStageCount = 21;
[[nodiscard]] std::string_view StageName(Stage stage);

enum class CauseKind : std::uint8_t { kMoment, kRequest, kDue, kRetry, kResponse, kRecorded };
[[nodiscard]] std::string_view CauseKindName(CauseKind kind);

struct Cause {
  CauseKind kind = CauseKind::kMoment;
  std::string source;
  std::string id;
};
// The same where it is asked for: lives as long as what it points into.
struct CauseView {
  CauseKind kind = CauseKind::kMoment;
  std::string_view source;
  std::string_view id;
};

// One candidate of a decision with its reason. `rule` is the id of what closed it (a cap, a gate, a suppression), or a word of
// docs/reasons.md; it points into the topology or is static.
struct CandidateRecord {
  state::TriggerId trigger = state::kNone<state::TriggerId>;
  state::OfferId offer;
  state::TreatmentId treatment = state::kNone<state::TreatmentId>;  // none: no treatment fits
  state::ChannelId channel = state::kNone<state::ChannelId>;
  EngineTime planned{};  // the epoch: none was found
  Stage stage = Stage::kChosen;
  std::string_view rule;
  expression::Value score;                   // int or double; absent if it was not computed
  std::array<expression::Value, 5> factors;  // propensity, value, context, lever, cost (topology::ScoreFactor); absent likewise
  std::string_view arm;                      // of the universal holdout and the campaign's control: "treated", "holdout", "control"
};

// One evaluation of candidates for one customer at one time.
struct DecisionRecord {
  Hash128 id;
  std::string customer;
  std::uint32_t ordinal = 0;  // of the customer's decisions, from 1
  EngineTime time{};
  Cause cause;
  std::vector<state::TriggerId> triggers;   // the moments decided
  std::vector<CandidateRecord> candidates;  // in order: chosen and ranked first by score, then the closed ones by offer and treatment
  std::vector<Hash128> chosen;              // contact ids, by rank
  Stage silence_stage = Stage::kChosen;     // kChosen: there is no silence
  std::string_view silence_rule;
};

// One change of one contact: its state after the change.
struct ContactRecord {
  state::Contact contact;
  state::ContactStatus previous = state::ContactStatus::kNone;
  std::string customer;
  std::uint32_t ordinal = 0;  // of the customer's contact records, from 1
  EngineTime time{};          // engine time of the change
  std::string reason;         // why: a rule's id, a response code, or a word of docs/reasons.md; may be empty
  std::string note = {};      // of a response: what the agent said of his choice; may be empty
};

struct AnsweredOffer {
  Hash128 contact_id;
  state::OfferId offer;
  state::TreatmentId treatment;
  std::string text;       // the script or text, filled in
  std::string_view tell;  // what may be told as the reason; points into the topology
  expression::Value score;
};

struct RecentContact {
  EngineTime time{};
  state::ChannelId channel;
  state::OfferId offer;
  std::string offer_text;  // of a foreign offer
  state::Direction direction = state::Direction::kOutbound;
  state::ContactStatus status = state::ContactStatus::kNone;
};

struct RecentPage {
  EngineTime time{};
  std::string path;
};

// What leaves on a channel, or as the answer to a request.
struct OutboundRecord {
  enum class Kind : std::uint8_t { kSend, kAnswer };
  Kind kind = Kind::kSend;
  std::string customer;
  EngineTime time{};
  // kSend
  Hash128 contact_id;
  state::ChannelId channel = state::kNone<state::ChannelId>;
  state::TreatmentId treatment = state::kNone<state::TreatmentId>;
  state::LanguageId language = state::kNone<state::LanguageId>;
  std::string text;
  // kAnswer
  std::string request_id = {};
  Hash128 decision_id = {};
  ReusedList<AnsweredOffer> offers = {};
  std::vector<std::string_view> holdings = {};     // products, sorted; they point into the topology
  ReusedList<RecentContact> recent_contacts = {};  // newest first
  bool web_allowed = false;                        // the customer consents to profiling
  ReusedList<RecentPage> web = {};                 // newest first
};

// What happened that is no record. The order is the order of the summary.
enum class Counter : std::uint8_t {
  kLateForPatterns,   // events older than the customer's newest pattern event: features only
  kRunsRefused,       // max_runs was met
  kBackfillMatches,   // matches, absences and dates of backfill that opened nothing
  kBackfillRequests,  // requests of backfill that were not answered
  kMomentsOpened,
  kMomentsHeldBack,       // again_after was not over
  kMomentsExpired,        // without a contact
  kMomentsCrowdedOut,     // open moments of one trigger beyond the bound: the oldest without a contact ended early
  kMomentsExpiredUnseen,  // expired before the partition got to them: decided never
  kFeatureValuesKept,     // sums that would overflow, distinct values beyond the bound
  kOrphanResponses,
  kStatusChangesRefused,  // a change that the ledger does not have
  kResponsesNoted,        // of lower rank than what is known
  kUnknownResponseCodes,
  kCapsBrokenFromOutside,  // by what other systems or agents report late
  kUnknownWords,           // a channel, purpose or offer in an event that the topology does not know
  kDeferred,               // planned or due while the partition was not current
  kCount,
};
[[nodiscard]] std::string_view CounterName(Counter counter);

// An expression failed or met an absent value where the rule is then closed.
struct ExpressionFailure {
  const expression::Program* program = nullptr;  // of the topology
  expression::ErrorCode code = expression::ErrorCode::kNoValue;
};

// Effects: what one step wants done, as a closed list of values. The change of the customer's record is made in place. Reused from
// step to step: Clear() keeps the memory, that of the records included.
struct Effects {
  ReusedList<DecisionRecord> decisions;
  ReusedList<ContactRecord> contacts;
  ReusedList<OutboundRecord> outbound;
  std::array<std::uint64_t, static_cast<std::size_t>(Counter::kCount)> counters{};
  std::vector<ExpressionFailure> failures;

  void Count(Counter counter, std::uint64_t by = 1) { counters[static_cast<std::size_t>(counter)] += by; }
  void Clear();
};

}  // namespace antiphon::decision

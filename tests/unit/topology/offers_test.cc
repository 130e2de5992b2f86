#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/topology/expression_owners.h"
#include "engine/topology/slots.h"
#include "tests/unit/topology/topology_support.h"

// Triggers, patterns and offers, and what they read of each other.
namespace antiphon::topology {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::shared_ptr<const Topology> Good(const std::string& extra) {
  const LoadOutcome outcome = LoadWith(extra);
  EXPECT_NE(outcome.topology, nullptr) << Lines(outcome.diagnostics);
  return outcome.topology == nullptr ? std::make_shared<const Topology>() : outcome.topology;
}

template <typename Definitions>
const auto& Of(const Definitions& definitions, const char* id) {
  return definitions[*FindById(definitions, id)];
}

std::string FieldName(const Topology& topology, const EventFieldRef& ref) {
  const std::vector<EventField>& fields = topology.event_types[ref.event_type].fields;
  return ref.field < fields.size() ? fields[ref.field].name : std::to_string(ref.field);
}

constexpr const char* kSalary = R"(
features: {balance: {on: transaction.posted, last: event.amount, default: 0}}
triggers:
  salary_leaves:
    tell: you often move your salary on
    expires_after: 48h
    again_after: 20d
    retry: when_open
    pattern:
      - salary: {event: transaction.posted, where: 'event.purpose == "salary"'}
      - drain: {event: transaction.posted, where: 'event.amount * 10 >= salary.amount * 8', times: 2}
    within: 3d
    offers: [sweep]
  page:
    on: [web.page_viewed, transaction.posted]
    where: 'features.balance.previous > 5'
    offers: [page]
offers:
  sweep:
    eligible:
      adult: 'customer.age >= 18 && !customer.holds("savings")'
      known: {when: 'contacts.count({"channel": "sms"}, duration("1200h")) < 3', about: not too often}
    propensity: 1
    value: 'double(features.balance) * 0.012'
    treatments:
      sms: {template: {cs: "{{ drain.amount.sum }} z {{ salary.amount }}", en: "of {{salary.amount}}"}, cost: 3}
      branch: {script: page.md, replies_to: {channel: sms, open_within: 2h}}
  page:
    request: {placements: [home, teller], intents: [browse]}
    treatments: {sms: {template: "{{ event.id }}"}}
)";

std::shared_ptr<const Topology> Salary() {
  FilesInMemory files{kBank};
  files.files["extra.yaml"] = kSalary;
  files.files["page.md"] = "# {{ salary.time }}\nText\n";
  const LoadOutcome outcome = LoadTopology(files, SomeMessages{});
  EXPECT_NE(outcome.topology, nullptr) << Lines(outcome.diagnostics);
  return outcome.topology == nullptr ? std::make_shared<const Topology>() : outcome.topology;
}

TEST(PatternsTest, RunsKeepOnlyWhatConditionsAndOffersRead) {
  const auto topology = Salary();
  const Trigger& trigger = Of(topology->triggers, "salary_leaves");
  EXPECT_EQ(trigger.kind, TriggerKind::kPattern);
  EXPECT_EQ(trigger.pattern.after_match, pattern::AfterMatch::kRestart);
  EXPECT_TRUE(trigger.retry_when_open);
  ASSERT_EQ(trigger.pattern.captures.size(), 3U);  // salary.amount, salary.time, drain.amount.sum
  std::vector<std::string> kept;
  kept.reserve(trigger.pattern.captures.size());
  for (const pattern::CaptureSpec& capture : trigger.pattern.captures)
    kept.push_back(trigger.pattern.step_names[capture.step] + "." + FieldName(*topology, trigger.capture_fields[capture.field][0]) + "/" +
                   std::to_string(static_cast<int>(capture.take)));
  EXPECT_THAT(kept, ElementsAre("salary.amount/1", "salary." + std::to_string(kEventTimeField) + "/1", "drain.amount/2"));
  // The condition of `drain` reads the first of them, by its place.
  const expression::Program& drain = *trigger.conditions[1][0].where;
  ASSERT_EQ(drain.slots().size(), 2U);
  EXPECT_EQ(drain.slots()[1].slot, MakeSlot(SlotKind::kCapture, 0));
}

TEST(PatternsTest, MomentsKeepWhatOffersRead) {
  const auto topology = Salary();
  EXPECT_THAT(topology->moment_values, ElementsAre("event.id", "drain.amount.sum", "salary.amount", "salary.time"));
  const Trigger& trigger = Of(topology->triggers, "salary_leaves");
  ASSERT_EQ(trigger.moment_captures.size(), 3U);
  for (const MomentCapture& capture : trigger.moment_captures) {
    EXPECT_TRUE(capture.event_fields.empty());
    ASSERT_TRUE(capture.capture.has_value());
  }
  EXPECT_EQ(trigger.moment_captures[0].capture, 2U);  // drain.amount.sum
  const Trigger& page = Of(topology->triggers, "page");
  ASSERT_EQ(page.moment_captures.size(), 1U);
  EXPECT_EQ(page.moment_captures[0].event_fields.size(), 2U);
  EXPECT_EQ(page.moment_captures[0].event_fields[0].field, kEventIdField);
}

TEST(OffersTest, TreatmentsHaveTextsByLanguageWithValues) {
  const auto topology = Salary();
  const Offer& offer = Of(topology->offers, "sweep");
  ASSERT_EQ(offer.treatments.size(), 2U);
  const Treatment& sms = Of(topology->treatments, "sweep.sms");
  ASSERT_EQ(sms.by_language.size(), 2U);
  ASSERT_EQ(sms.by_language[0]->pieces.size(), 3U);
  EXPECT_EQ(sms.by_language[0]->pieces[0].currency, "CZK");
  EXPECT_EQ(sms.by_language[0]->pieces[0].scale, 2);
  EXPECT_EQ(KindOfSlot(sms.by_language[0]->pieces[0].program->slots()[0].slot), SlotKind::kMomentValue);
  EXPECT_EQ(topology->moment_values[PositionOfSlot(sms.by_language[0]->pieces[0].program->slots()[0].slot)], "drain.amount.sum");
  EXPECT_EQ(sms.by_language[0]->pieces[1].text, " z ");
  EXPECT_EQ(sms.cost, 3);
  const Treatment& branch = Of(topology->treatments, "sweep.branch");
  EXPECT_TRUE(branch.script);
  EXPECT_EQ(branch.by_language[0]->file, "page.md");
  EXPECT_FALSE(branch.by_language[1].has_value());
  EXPECT_EQ(branch.replies_to->open_within, std::chrono::hours{2});
}

TEST(OffersTest, GatesHaveTheNamesOfTheirRules) {
  const auto topology = Salary();
  const Offer& offer = Of(topology->offers, "sweep");
  ASSERT_EQ(offer.eligible.size(), 2U);
  EXPECT_EQ(offer.eligible[0].rule, "eligible/adult");
  EXPECT_EQ(offer.eligible[1].about, "not too often");
}

TEST(OffersTest, WholeNumbersMayStandAmongDoubles) {
  const auto topology = Salary();
  EXPECT_TRUE(topology->score_floating);
  EXPECT_EQ(Of(topology->offers, "sweep").propensity->result_type().name(), "double");
  EXPECT_EQ(topology->score->result_type().name(), "double");
}

TEST(OffersTest, RequestsFindOffersByPlacement) {
  const auto topology = Salary();
  EXPECT_THAT(topology->placements, ElementsAre("home", "teller"));
  ASSERT_EQ(topology->offers_by_placement[1].size(), 1U);
  EXPECT_EQ(topology->offers[topology->offers_by_placement[1][0].value()].id, "page");
}

TEST(OffersTest, ContactsAreRememberedAsLongAsAnyExpressionCountsThem) { EXPECT_EQ(Salary()->remember, std::chrono::hours{1200}); }

TEST(FeaturesTest, PreviousIsKeptWhereItIsRead) { EXPECT_TRUE(Of(Salary()->features, "balance").previous_is_read); }

TEST(OffersTest, ScriptsAreCompiledWithPlacesInTheirFile) {
  FilesInMemory files{kBank};
  files.files["extra.yaml"] = "triggers: {t: {on: web.page_viewed, offers: [a]}}\noffers: {a: {treatments: {sms: {file: {cs: a.txt}}}}}\n";
  files.files["a.txt"] = "Dobrý den,\nčtete {{ event.paht }}\n";
  EXPECT_THAT(Lines(LoadTopology(files, SomeMessages{}).diagnostics),
              HasSubstr("a.txt:2:10: error: 'event' has no field 'paht'; did you mean event.path? [bad_expression]"));
}

TEST(PatternsTest, ShortFormsArePatterns) {
  const auto topology = Good(R"(
triggers:
  unused:
    absence: {after: {event: customer.profile}, of: {event: transaction.posted, where: 'event.direction == "debit"'}, for: 14d}
  thrice:
    count: {event: web.page_viewed, where: 'event.path.startsWith("/mortgage")', times: 3, within: 7d}
)");
  const Trigger& unused = Of(topology->triggers, "unused");
  EXPECT_TRUE(unused.pattern.tells_by_clock);
  EXPECT_EQ(unused.pattern.after_match, pattern::AfterMatch::kNoSkip);
  EXPECT_EQ(unused.pattern.within, std::chrono::days{14});
  EXPECT_EQ(unused.watches.size(), 2U);
  EXPECT_THAT(unused.pattern.step_names, ElementsAre("after", "of"));
  const Trigger& thrice = Of(topology->triggers, "thrice");
  EXPECT_EQ(thrice.pattern.after_match, pattern::AfterMatch::kRestart);
  EXPECT_EQ(thrice.pattern.within, std::chrono::days{7});
}

TEST(PatternsTest, WordsAreThoseOfPatterns) {
  const auto topology = Good(R"(
triggers:
  t:
    on: [transaction.posted, web.page_viewed, complaint.opened]
    pattern:
      - view: {event: web.page_viewed, one_or_more: true, greedy: true, inner: consecutive, until: 'view.count > 3'}
      - pause: {event: complaint.opened}
      - group:
          - pay: {event: transaction.posted, within_previous: 3h}
        optional: true
      - done: {event: [transaction.posted, web.page_viewed], contiguity: next, where: 'pay.amount > 3'}
    within: 2d
    after_match: {skip_to_last: view}
    max_runs: 9
)");
  ASSERT_EQ(topology->triggers.size(), 1U);
  const Trigger& trigger = topology->triggers[0];
  EXPECT_EQ(trigger.runs_max, 9U);
  EXPECT_EQ(trigger.watches.size(), 3U);
  EXPECT_EQ(trigger.pattern.after_match, pattern::AfterMatch::kSkipToLast);
  EXPECT_THAT(trigger.pattern.step_names, ElementsAre("view", "pause", "pay", "done"));
  ASSERT_EQ(trigger.pattern.captures.size(), 2U);
  EXPECT_EQ(trigger.pattern.captures[0].take, pattern::Take::kCount);
  EXPECT_EQ(trigger.conditions.size(), 5U);     // four steps and an until
  EXPECT_EQ(trigger.conditions[4].size(), 2U);  // `done`, for both types
}

TEST(TriggersTest, DatesOfTheCustomer) {
  const auto topology = Good(R"(
triggers:
  birthday: {on_date: {field: customer.birth_date, every: year, at: "10:30", feb29: mar1, offset: -3d}}
)");
  ASSERT_EQ(topology->date_triggers.size(), 1U);
  const DateRule& date = topology->triggers[0].date;
  EXPECT_EQ(topology->profile_fields[date.field.value()].name, "birth_date");
  EXPECT_EQ(date.rule.every, calendar::Every::kYear);
  EXPECT_EQ(date.rule.at, std::chrono::minutes{630});
  EXPECT_EQ(date.rule.feb29, calendar::Feb29::kMar1);
  EXPECT_EQ(date.rule.offset_days, -3);
}

TEST(TriggersTest, PatternsWaitForTheLatestOfTheirEvents) {
  FilesInMemory files{kBank};
  files.files["extra.yaml"] = R"(
events: {late: {lateness: 2h}, later: {lateness: 3h}}
triggers: {t: {pattern: [{a: {event: late}}, {b: {event: [later, web.page_viewed]}}], within: 1d}}
)";
  const auto topology = LoadTopology(files, SomeMessages{}).topology;
  ASSERT_NE(topology, nullptr);
  EXPECT_EQ(topology->triggers[0].lateness, std::chrono::hours{3});
}

TEST(ExpressionOwnersTest, EveryExpressionIsVisitedWithItsOwner) {
  const LoadOutcome outcome = LoadWith(R"(
features:
  spent: {on: transaction.posted, where: 'event.direction == "debit"', sum: event.amount, over: 7d}
segments:
  tier: [{rich: 'features.spent > 5'}, {other: 'true'}]
triggers:
  views: {on: web.page_viewed, where: 'event.path == "x"', offers: [card]}
  two: {pattern: [{a: {event: web.page_viewed, where: 'event.path == "y"'}}, {b: {event: web.page_viewed}}], offers: [card]}
offers:
  card:
    eligible: {adult: 'customer.id != ""', known: {when: 'segments.tier == "rich"', about: rich}}
    suitable: 'features.spent > 1'
    value: '3 + features.spent'
    propensity: '1'
    treatments:
      sms: {template: 'Hello {{ customer.id }}', where: 'channel == "sms"'}
contact_policy:
  suppressions:
    complaint: {open: {on: complaint.opened, where: 'event.case_id != ""'}, close: complaint.closed, case: event.case_id}
arbitration: {score: 'value - cost'}
)");
  ASSERT_NE(outcome.topology, nullptr) << Lines(outcome.diagnostics);
  std::vector<std::string> visited;
  VisitExpressions(*outcome.topology, [&visited](const expression::Program& program, const std::string& owner) {
    visited.push_back(owner + ": " + std::string(program.text()));
  });
  std::ranges::sort(visited);
  EXPECT_EQ(visited, (std::vector<std::string>{
                         "arbitration, score: value - cost",
                         "customer holdings: event.purpose == \"loan\"",
                         "feature spent, value: event.amount",
                         "feature spent, where: event.direction == \"debit\"",
                         "offer card, eligible/adult: customer.id != \"\"",
                         "offer card, eligible/known: segments.tier == \"rich\"",
                         "offer card, propensity: 1",
                         "offer card, suitable: features.spent > 1",
                         "offer card, value: 3 + features.spent",
                         "segment tier, other: true",
                         "segment tier, rich: features.spent > 5",
                         "suppression complaint, case: event.case_id",
                         "suppression complaint, case: event.case_id",
                         "suppression complaint: event.case_id != \"\"",
                         "treatment card.sms, text:  customer.id ",
                         "treatment card.sms, where: channel == \"sms\"",
                         "trigger two: event.path == \"y\"",
                         "trigger views: event.path == \"x\"",
                     }));
}

}  // namespace
}  // namespace antiphon::topology

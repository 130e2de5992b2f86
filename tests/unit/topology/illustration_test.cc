#include <gtest/gtest.h>

#include "tests/unit/topology/topology_support.h"

namespace antiphon::topology {
namespace {

// The illustration of the language in the design, word for word but for `include` and the languages.
constexpr const char* kIllustration = R"yaml(antiphon: 1
name: retail-bank
timezone: Europe/Prague
week_starts: monday
languages: [cs, en, zh]
default_language: cs
include: [bank/*.yaml]

events:
  transaction.posted:
    message: antiphon.v1.TransactionPosted       # or inline `fields:`; `from: /payload/betrag` maps a bank's own names
    fields: {amount: {type: decimal(2), currency: CZK}}      # read exactly; in expressions an int of minor units
features:
  salary_90d:     {on: transaction.posted, where: 'event.purpose == "salary"', sum: event.amount, over: 90d, grain: 1d}
  mortgage_views: {on: web.page_viewed, where: 'event.path.startsWith("/mortgage")', count: true, over: 7d}
  balance:        {on: transaction.posted, last: event.balance, default: 0}
segments:
  asset_tier:
    - private: 'features.balance >= 600000000'
    - affluent: 'features.balance >= 50000000'
    - mass: 'true'
triggers:
  salary_leaves:
    about: most of a salary is moved out within three days; keep part of it with a savings product
    tell: you often move your salary on; part of it could earn interest with us     # what an agent may say
    pattern:
      - salary: {event: transaction.posted, where: 'event.purpose == "salary"'}
      - drain:  {event: transaction.posted, where: 'event.direction == "debit" && event.amount * 10 >= salary.amount * 8'}
    within: 3d
    expires_after: 48h
    offers: [savings_sweep]
  birthday:
    on_date: {field: customer.birth_date, every: year, at: "10:00", feb29: feb28}
    offers: [birthday_greeting]
offers:
  savings_sweep:
    class: marketing
    issue: grow
    product: savings
    eligible: 'customer.age >= 18 && !customer.holds("savings")'
    suitable: 'segments.asset_tier != "private"'
    propensity: '0.04'
    value: 'math.least(double(features.balance) * 0.012, 40000.0)'
    treatments:
      call: {script: savings_sweep.call.md}
      sms:  {template: {cs: "...", en: "...", zh: "..."}, replies_to: {channel: call_centre, open_within: 2h}}
consent:
  marketing: {sms: opt_in, call: opt_in, email: opt_in, default: unknown_is_no}
contact_policy:
  caps:
    - {id: weekly, max: 1, over: 7d}                                     # counts and limits outbound marketing unless it says more
    - {id: monthly_sms, max: 3, per: calendar month, channel: sms}
    - {id: any_side, max: 2, over: 14d, group: credit, counts: [outbound, inbound], limits: [outbound]}
  after:
    declined: {suppress: offer, over: 90d}
  suppressions:
    complaint: {open: complaint.opened, close: complaint.closed, case: event.case_id, then: {quiet: 14d}}
channels:
  call: {direction: outbound, open: {mon-fri: "09:30-11:30,13:30-16:30"}, holidays: cz, response_window: 3d, cost: 250}
  sms:  {direction: outbound, open: {every day: "08:00-20:00"}, quiet: {every day: "21:00-08:00"}, when_due: decide_again, cost: 12}
arbitration:
  score: 'propensity * value * context * lever - cost'
experiments:
  universal_holdout: {share: 5%, salt: h1}
)yaml";

// What it takes for granted.
constexpr const char* kRest = R"yaml(
envelope: {customer: customer}
events:
  web.page_viewed: {fields: {path: string}}
  complaint.opened: {fields: {case_id: string}}
  complaint.closed: {fields: {case_id: string}}
  customer.profile: {fields: {birth_date: date}}
  account.opened: {fields: {product: string}}
customer:
  fields: {birth_date: {from: {customer.profile: birth_date}}}
  birth_date: birth_date
  holdings: {products: [savings, loan], open: {on: account.opened, product: event.product}}
channels:
  call_centre: {direction: inbound, open: {mon-fri: "08:00-18:00"}}
  email: {}
offers:
  birthday_greeting: {class: service, treatments: {email: {template: Happy birthday}}}
)yaml";

constexpr const char* kSaid = R"(topology.yaml:14:3: note: nothing reads the feature 'salary_90d' [unused_feature]
topology.yaml:15:3: note: nothing reads the feature 'mortgage_views' [unused_feature]
topology.yaml:15:105: note: the grain of 'mortgage_views' is 1d (7 buckets) [default_grain]
topology.yaml:32:3: note: moments of 'birthday' expire after 3d [default_expires_after]
topology.yaml:53:7: warning: the cap 'any_side' can never bind: there is nothing that it limits [rule_never_binds]
topology.yaml:53:48: warning: no offer has the group 'credit' [unknown_group]
)";

TEST(IllustrationTest, OfTheDesignIsATopology) {
  FilesInMemory files{kIllustration};
  files.files["bank/rest.yaml"] = kRest;
  files.files["savings_sweep.call.md"] = "Part of your salary could earn interest.\n";
  SomeMessages messages;
  SomeMessages::Message posted;
  for (const char* name : {"amount", "balance", "direction", "purpose"}) {
    EventField field;
    field.name = name;
    field.path = {name};
    if (field.name == "balance") field.type = FieldType::kInt;
    posted.fields.push_back(field);
  }
  messages.messages["antiphon.v1.TransactionPosted"] = posted;
  const LoadOutcome outcome = LoadTopology(files, messages);
  ASSERT_NE(outcome.topology, nullptr) << Lines(outcome.diagnostics);
  EXPECT_EQ(Lines(outcome.diagnostics), kSaid);
  EXPECT_EQ(outcome.topology->treatments.size(), 3U);
  EXPECT_TRUE(outcome.topology->score_floating);
}

}  // namespace
}  // namespace antiphon::topology

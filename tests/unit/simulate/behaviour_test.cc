#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/simulate/simulated_log.h"

namespace antiphon::simulate {
namespace {

using nlohmann::json;
using testing::IsSupersetOf;

std::int64_t Minor(const json& amount) { return std::llround(amount.get<double>() * 100); }

// One bank for all tests: 2,000 customers over 90 days.
class BankTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const SimulatedLog log = RunSimulation({.customers = 2'000, .days = 90, .seed = 11, .truth_path = ""});
    for (const std::string_view line : LinesOf(log.events)) events_.push_back(json::parse(line));
    for (const std::string_view line : LinesOf(log.truth)) truth_.push_back(json::parse(line));
  }
  static void TearDownTestSuite() {
    events_.clear();
    truth_.clear();
  }

  static bool Befell(const json& customer, std::string_view kind) {
    for (const json& event : customer["life"]) {
      if (event["kind"] == kind) return true;
    }
    return false;
  }

  static std::size_t CountBefallen(std::string_view kind) {
    std::size_t count = 0;
    for (const json& customer : truth_) count += Befell(customer, kind) ? 1U : 0U;
    return count;
  }

  static std::vector<json> events_;
  static std::vector<json> truth_;
};
std::vector<json> BankTest::events_;
std::vector<json> BankTest::truth_;

const std::map<std::string, std::vector<std::string>>& FieldsByType() {
  static const std::map<std::string, std::vector<std::string>> kFields = {
      {"customer.profile",
       {"account_id", "role", "birth_date", "sex", "district_id", "district", "region", "language", "last_name", "zone"}},
      {"account.opened", {"account_id", "product", "statement_frequency", "district_id", "channel"}},
      {"account.closed", {"account_id", "product"}},
      {"transaction.posted", {"account_id", "amount", "currency", "direction", "operation", "purpose", "category", "balance"}},
      {"order.created", {"account_id", "amount", "currency", "purpose", "counterparty_bank", "counterparty_account"}},
      {"card.issued", {"account_id", "card_type"}},
      {"loan.granted", {"account_id", "amount", "currency", "duration_months", "monthly_payment", "kind"}},
      {"loan.repaid", {"account_id", "kind"}},
      {"web.page_viewed", {"session_id", "path", "device", "duration_ms", "channel"}},
      {"contact_point.changed", {"kind", "good"}},
      {"consent.changed", {"channel", "purpose", "granted"}},
      {"complaint.opened", {"case_id", "topic"}},
      {"complaint.closed", {"case_id", "topic"}},
      {"suppression.opened", {"kind", "case_id"}},
      {"suppression.closed", {"kind", "case_id"}},
      {"contact.recorded", {"contact_id", "channel", "direction", "class", "status", "source_system"}},
      {"contact.response", {"contact_id", "code"}},
      {"decision.requested", {"request_id", "channel", "placement", "slots", "intent", "language", "actor", "interaction_id", "context"}},
      {"interaction.ended", {"interaction_id"}},
  };
  return kFields;
}

TEST_F(BankTest, EveryTypeOccursWithItsFields) {
  std::set<std::string> seen;
  for (const json& event : events_) {
    const std::string type = event["type"];
    seen.insert(type);
    std::vector<std::string> keys;
    for (const auto& [key, value] : event.items()) keys.push_back(key);
    std::vector<std::string> wanted = FieldsByType().at(type);
    wanted.insert(wanted.end(), {"id", "type", "time", "customer_id"});
    ASSERT_THAT(keys, IsSupersetOf(wanted)) << event;
    if (type == "decision.requested") {
      ASSERT_TRUE(event["actor"].is_object() && event["context"].is_object()) << event;
    }
  }
  EXPECT_EQ(seen.size(), FieldsByType().size());
}

TEST_F(BankTest, OptionalFieldsAreSometimesThere) {
  std::map<std::string, std::pair<int, int>> presence;  // with, without
  const auto note = [&](const json& event, const char* field) {
    auto& [with, without] = presence[field];
    ++(event.contains(field) ? with : without);
  };
  for (const json& event : events_) {
    if (event["type"] == "customer.profile") {
      for (const char* field : {"first_name", "phone", "email", "risk_profile"}) note(event, field);
    } else if (event["type"] == "web.page_viewed") {
      note(event, "sensitive");
    } else if (event["type"] == "loan.granted") {
      EXPECT_EQ(event.contains("fixation_ends"), event["kind"] == "mortgage");
    }
  }
  EXPECT_EQ(presence.size(), 5U);
  for (const auto& [field, counts] : presence) {
    EXPECT_GT(counts.first, 0) << field;
    EXPECT_GT(counts.second, 0) << field;
  }
}

TEST_F(BankTest, BalancesFollowFromTransactionsOfOpenAccounts) {
  std::map<std::string, std::int64_t> balances;
  std::set<std::string> closed;
  for (const json& event : events_) {
    if (event["type"] == "account.opened") balances.emplace(event["account_id"], 0);
    if (event["type"] == "account.closed") {
      EXPECT_EQ(balances.at(event["account_id"]), 0) << event;
      closed.insert(event["account_id"]);
    }
    if (event["type"] != "transaction.posted") continue;
    ASSERT_TRUE(balances.contains(event["account_id"])) << event;
    ASSERT_FALSE(closed.contains(event["account_id"])) << event;
    ASSERT_GT(Minor(event["amount"]), 0) << event;
    std::int64_t& balance = balances[event["account_id"]];
    balance += event["direction"] == "credit" ? Minor(event["amount"]) : -Minor(event["amount"]);
    ASSERT_EQ(Minor(event["balance"]), balance) << event;
  }
}

TEST_F(BankTest, CasesContactsAndInteractionsBeginBeforeTheyEnd) {
  std::set<std::string> begun;
  std::size_t two_open = 0;
  std::map<std::string, int> open_complaints;
  for (const json& event : events_) {
    const std::string type = event["type"];
    if (type == "complaint.opened" || type == "suppression.opened") {
      EXPECT_TRUE(begun.insert(event["case_id"]).second) << event;
    }
    if (type == "complaint.closed" || type == "suppression.closed") {
      EXPECT_TRUE(begun.contains(event["case_id"])) << event;
    }
    if (type == "contact.recorded") {
      EXPECT_TRUE(begun.insert(event["contact_id"]).second) << event;
    }
    if (type == "contact.response") {
      EXPECT_TRUE(begun.contains(event["contact_id"])) << event;
    }
    if (type == "decision.requested") {
      EXPECT_TRUE(begun.insert(event["interaction_id"]).second) << event;
    }
    if (type == "interaction.ended") {
      EXPECT_TRUE(begun.contains(event["interaction_id"])) << event;
    }
    if (type == "complaint.opened" && ++open_complaints[event["customer_id"]] == 2) ++two_open;
    if (type == "complaint.closed") --open_complaints[event["customer_id"]];
  }
  EXPECT_GT(two_open, 0U);
}

TEST_F(BankTest, AuthorisedUsersActOnAnAccountThatExists) {
  std::map<std::string, std::string> owners;
  for (const json& event : events_) {
    if (event["type"] == "account.opened") owners.emplace(event["account_id"], event["customer_id"]);
  }
  int authorised = 0;
  for (const json& event : events_) {
    if (event["type"] != "customer.profile" || event["role"] != "authorised_user") continue;
    ++authorised;
    ASSERT_TRUE(owners.contains(event["account_id"])) << event;
    EXPECT_NE(owners.at(event["account_id"]), event["customer_id"].get<std::string>());
  }
  EXPECT_GT(authorised, 40);
}

TEST_F(BankTest, MarginalsArePlausible) {
  const double per_customer = static_cast<double>(events_.size()) / 2'000;
  EXPECT_GT(per_customer, 100);
  EXPECT_LT(per_customer, 150);
  std::map<std::string, int> segments;
  for (const json& customer : truth_) ++segments[customer["segment"]];
  EXPECT_NEAR(segments["salaried"], 1'040, 160);
  EXPECT_NEAR(segments["pensioner"], 500, 120);
  EXPECT_NEAR(segments["self_employed"], 170, 60);
  EXPECT_NEAR(segments["student"], 160, 60);
  EXPECT_NEAR(segments["wealthy"], 90, 40);
  EXPECT_NEAR(static_cast<double>(CountBefallen("new_customer")), 230, 70);
  EXPECT_NEAR(static_cast<double>(CountBefallen("salary_leaver")), 150, 60);
  EXPECT_NEAR(static_cast<double>(CountBefallen("dormant")), 45, 30);
  EXPECT_GT(CountBefallen("mortgage_in_the_making"), 8U);
}

TEST_F(BankTest, SalariesAreMonthlyAndWithinReason) {
  std::map<std::string, int> count;
  std::vector<std::int64_t> amounts;
  for (const json& event : events_) {
    if (event["type"] != "transaction.posted" || event["purpose"] != "salary") continue;
    ++count[event["customer_id"]];
    amounts.push_back(Minor(event["amount"]));
  }
  for (const auto& [customer, salaries] : count) EXPECT_LE(salaries, 3) << customer;
  std::ranges::sort(amounts);
  EXPECT_NEAR(static_cast<double>(amounts[amounts.size() / 2]) / 100, 32'000, 3'500);
}

// A leaver moves at least four fifths of his salary on within three days: the pattern that the marketer looks for is there to be found.
TEST_F(BankTest, SalaryLeaversMoveItOnWithinThreeDays) {
  std::set<std::string> leavers;
  for (const json& customer : truth_) {
    if (Befell(customer, "salary_leaver") && !Befell(customer, "dormant")) leavers.insert(customer["customer_id"]);
  }
  const auto day_of = [](const json& event) {
    const auto time = ParseTime(event["time"].get<std::string>());
    return ToEpochMs(*time) / 86'400'000;
  };
  std::map<std::string, json> last_salary;
  std::map<std::string, std::int64_t> moved;
  std::set<std::string> found;
  for (const json& event : events_) {
    const std::string customer = event["customer_id"];
    if (event["type"] != "transaction.posted" || !leavers.contains(customer)) continue;
    if (event["purpose"] == "salary") {
      last_salary[customer] = event;
      moved[customer] = 0;
    } else if (event["operation"] == "transfer_out" && last_salary.contains(customer) &&
               day_of(event) - day_of(last_salary[customer]) <= 3) {
      moved[customer] += Minor(event["amount"]);
      if (moved[customer] * 10 >= Minor(last_salary[customer]["amount"]) * 8) found.insert(customer);
    }
  }
  EXPECT_GT(found.size() * 10, leavers.size() * 6);  // those who began late or have not been paid yet are missing
}

TEST_F(BankTest, AMortgageInTheMakingIsSeenOnTheWebAndInPayments) {
  std::set<std::string> makers;
  for (const json& customer : truth_) {
    if (Befell(customer, "mortgage_in_the_making")) makers.insert(customer["customer_id"]);
  }
  std::size_t views_of_makers = 0;
  std::size_t views = 0;
  std::set<std::string> payers;
  for (const json& event : events_) {
    const std::string customer = event["customer_id"];
    if (event["type"] == "web.page_viewed" && event["path"].get<std::string>().starts_with("/mortgage/")) {
      ++views;
      views_of_makers += makers.contains(customer) ? 1U : 0U;
    }
    if (event["type"] == "transaction.posted" && event["purpose"] == "property" && event["direction"] == "debit") payers.insert(customer);
  }
  EXPECT_GT(views_of_makers * 2, views);  // they are one customer in a hundred
  EXPECT_FALSE(payers.empty());
  for (const std::string& payer : payers) EXPECT_TRUE(makers.contains(payer)) << payer;
}

TEST_F(BankTest, TheSilentAreSilentAndTheUnusedUnused) {
  std::map<std::string, std::pair<std::string, std::string>> silence;
  std::set<std::string> unused;
  for (const json& customer : truth_) {
    for (const json& event : customer["life"]) {
      if (event["kind"] == "dormant") silence[customer["customer_id"]] = {event["from"], event.value("until", "9999-12-31")};
      if (event["kind"] == "never_uses") unused.insert(customer["customer_id"]);
    }
  }
  EXPECT_GT(unused.size(), 20U);
  for (const json& event : events_) {
    const bool own_act = event["type"] == "web.page_viewed" || event.value("operation", "") == "card_payment";
    if (!own_act) continue;
    EXPECT_FALSE(unused.contains(event["customer_id"])) << event;
    const auto found = silence.find(event["customer_id"]);
    if (found == silence.end()) continue;
    const std::string date = event["time"].get<std::string>().substr(0, 10);  // UTC; the night before local midnight is left out
    EXPECT_FALSE(date > found->second.first && date < found->second.second) << event;
  }
}

TEST_F(BankTest, SomeAreBornOnTheLeapDay) {
  int leap = 0;
  for (const json& event : events_) {
    if (event["type"] == "customer.profile" && event["birth_date"].get<std::string>().ends_with("-02-29")) ++leap;
  }
  EXPECT_GT(leap, 0);
  EXPECT_LT(leap, 30);
}

}  // namespace
}  // namespace antiphon::simulate

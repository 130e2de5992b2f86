// How a customer comes into the log: loaded on the eve with what the bank already knows, or as a newcomer.
#include <algorithm>
#include <array>

#include "services/simulate/behaviour.h"
#include "services/simulate/emit.h"
#include "services/simulate/names.h"

namespace antiphon::simulate {
namespace {

constexpr std::string_view kMigration = "migration";  // the channel of accounts that are older than the log

struct Range {
  std::int64_t low;
  std::int64_t high;
};

// The balance of a current account, in crowns, by segment.
constexpr std::array<Range, 6> kBalances = {
    {{100, 6'000}, {500, 25'000}, {4'000, 140'000}, {3'000, 220'000}, {150'000, 4'000'000}, {3'000, 170'000}}};

Money DrawBalance(Segment segment, Stream& stream) {
  const Range& range = kBalances[static_cast<std::size_t>(segment)];
  return stream.Skewed(Crowns(range.low), Crowns(range.high));
}

void Deposit(const Day& day, std::int64_t ms, Customer& customer, std::uint32_t ordinal, Money amount, DayLog& log) {
  Post(customer, day, ms, {.ordinal = ordinal, .credit = true, .amount = amount, .operation = "transfer_in", .purpose = "opening_deposit"},
       log);
}

// Made of braces, which draw in order.
struct Payee {
  std::string_view purpose;
  Money amount;
  std::string_view name;
  std::string_view bank;
};

struct Step {
  std::int64_t ms;
  std::int64_t Next() { return ms += 1'000; }
};

void LoadHoldings(const Day& day, Step& step, Customer& customer, Stream& stream, DayLog& log) {
  const Segment segment = customer.traits.segment;
  const bool wealthy = segment == Segment::kWealthy;
  if (segment >= Segment::kSalaried && stream.Chance(wealthy ? 900 : 450)) {
    const std::uint32_t ordinal = OpenAccount(customer, day, step.Next(), Product::kSavings, kMigration, log);
    const Money amount = wealthy ? stream.Skewed(Crowns(400'000), Crowns(8'000'000)) : stream.Skewed(Crowns(2'000), Crowns(450'000));
    Deposit(day, step.Next(), customer, ordinal, amount, log);
  }
  if (segment >= Segment::kSalaried && stream.Chance(wealthy ? 750 : 110)) {
    OpenAccount(customer, day, step.Next(), Product::kFund, kMigration, log);
  }
  if (segment >= Segment::kSalaried && stream.Chance(wealthy ? 300 : 120)) {
    OpenAccount(customer, day, step.Next(), Product::kCard, kMigration, log);
  }
}

// Loans under way: granted before the log, so only what is left of them is shown, as if it were granted on the eve.
void LoadLoans(const Day& day, Step& step, Customer& customer, Stream& stream, DayLog& log) {
  const Segment segment = customer.traits.segment;
  if (segment != Segment::kSalaried && segment != Segment::kSelfEmployed) return;
  const std::int32_t age = AgeOn(customer.traits.birth_date, day.date);
  const Money income = customer.traits.income;
  if (age >= 26 && age < 62 && !customer.traits.rents && income > Crowns(28'000) && stream.Chance(330)) {
    const LoanTerms terms{.product = Product::kMortgage,
                          .amount = income / Crowns(1) * stream.Between(20, 60) / 1'000 * Crowns(1'000),
                          .months = static_cast<std::uint32_t>(stream.Between(60, 340)),
                          .rate_basis_points = static_cast<std::uint32_t>(stream.Between(190, 560)),
                          .fixed_years = static_cast<std::uint32_t>(stream.Between(0, 4)),
                          .due_day_of_month = 20};
    GrantLoan(customer, day, step.Next(), terms, kMigration, log);
    step.Next();
  }
  if (stream.Chance(140)) {
    const LoanTerms terms{.amount = Crowns(stream.Skewed(10, 250) * 1'000),
                          .months = static_cast<std::uint32_t>(stream.Skewed(1, 70)),
                          .rate_basis_points = static_cast<std::uint32_t>(stream.Between(590, 1'190))};
    GrantLoan(customer, day, step.Next(), terms, kMigration, log);
    step.Next();
  }
}

}  // namespace

std::uint32_t LoadHour(std::uint32_t index) { return static_cast<std::uint32_t>(Mix64(index / 2 + 1) % 23); }

void SetUpOrders(const Day& day, std::int64_t ms, Customer& customer, Stream& stream, DayLog& log) {
  const Traits& traits = customer.traits;
  if (traits.segment <= Segment::kStudent) return;
  Step step{ms};
  const auto create = [&](const Payee& payee) {
    const bool early = stream.Chance(450);
    const std::int64_t day_of_month = early ? stream.Between(1, 3) : stream.Between(4, 28);
    const StandingOrder order{payee.amount,
                              payee.purpose,
                              payee.bank,
                              payee.name,
                              CounterpartyAccount(customer.index, payee.name),
                              static_cast<std::uint32_t>(day_of_month)};
    CreateOrder(customer, day, step.Next(), order, log);
  };
  const auto crowns = [&](std::int64_t low, std::int64_t high, std::int64_t unit) {
    return Crowns(stream.Skewed(low, high) / unit * unit);
  };
  if (traits.rents) {
    const Money rent = std::min(crowns(7'500, 24'000, 100), traits.income * 45 / 100);
    create({"rent", rent, stream.Pick(Landlords()), stream.Pick(RivalBanks())});
  }
  if (stream.Chance(750)) create({"household", crowns(900, 5'500, 10), stream.Pick(Utilities()), stream.Pick(RivalBanks())});
  if (stream.Chance(250)) create({"household", crowns(300, 900, 1), stream.Pick(Utilities()), stream.Pick(RivalBanks())});
  if (stream.Chance(550)) create({"insurance", crowns(200, 2'600, 1), stream.Pick(Insurers()), stream.Pick(RivalBanks())});
  if (customer.Find(Product::kFund) != nullptr && stream.Chance(500)) {
    create({"investment", traits.segment == Segment::kWealthy ? crowns(5'000, 60'000, 1'000) : crowns(500, 6'000, 500), kNone, kOwnBank});
  }
  if (customer.Find(Product::kSavings) != nullptr && stream.Chance(400))
    create({"savings_transfer", crowns(500, 6'000, 500), kNone, kOwnBank});
}

void LoadOnEve(const Day& eve, Customer& customer, Stream& stream, DayLog& log) {
  const std::int64_t minute = customer.authorised_user ? stream.Between(30, 49) : stream.Between(0, 28);
  Step step{AtHour(LoadHour(customer.index), minute) + stream.Between(0, 30'000)};
  Profile(customer, eve, step.Next(), log);
  if (customer.authorised_user) {
    GiveFirstConsents(eve, step.Next(), customer, stream, log);
    if (stream.Chance(600)) IssueCard(customer, eve, step.ms += 10'000, log);
    return;
  }
  OpenAccount(customer, eve, step.Next(), Product::kCurrent, kMigration, log);
  Deposit(eve, step.Next(), customer, 1, DrawBalance(customer.traits.segment, stream), log);
  LoadHoldings(eve, step, customer, stream, log);
  GiveFirstConsents(eve, step.Next(), customer, stream, log);
  step.ms += 10'000;
  if (stream.Chance(850)) IssueCard(customer, eve, step.Next(), log);
  SetUpOrders(eve, step.Next(), customer, stream, log);
  step.ms += 10'000;
  LoadLoans(eve, step, customer, stream, log);
}

void Join(const Day& day, Customer& customer, Stream& stream, DayLog& log) {
  if (customer.authorised_user) {  // comes with the owner, later on the same day
    const std::int64_t ms = AtHour(18, stream.Between(0, 59));
    Profile(customer, day, ms, log);
    GiveFirstConsents(day, ms + 60'000, customer, stream, log);
    return;
  }
  const bool branch = !customer.traits.online || stream.Chance(350);
  const std::string_view channel = branch ? "branch" : (customer.traits.prefers_app ? "app" : "web");
  const std::int64_t ms = branch ? AtHour(9, stream.Between(0, 420)) : AtHour(10, stream.Between(0, 420));
  Profile(customer, day, ms, log);
  if (stream.Chance(500)) {
    constexpr std::array<std::string_view, 4> kContexts = {
        R"({"goal":"house","horizon_years":5,"risk":"cautious"})", R"({"goal":"reserve","horizon_years":1,"risk":"cautious"})",
        R"({"goal":"retirement","horizon_years":20,"risk":"balanced"})", R"({"goal":"travel","horizon_years":2,"risk":"dynamic"})"};
    RequestDecision(day, ms + 120'000, customer,
                    {.channel = channel,
                     .placement = "account_opening",
                     .intent = "open_account",
                     .by_agent = branch,
                     .context = stream.Pick(kContexts),
                     .slots = 2,
                     .lasts_ms = stream.Between(300'000, 1'500'000)},
                    log);
  }
  OpenAccount(customer, day, ms + 240'000, Product::kCurrent, channel, log);
  GiveFirstConsents(day, ms + 300'000, customer, stream, log);
  if (customer.never_uses) {
    if (stream.Chance(600)) Deposit(day, ms + 360'000, customer, 1, Crowns(stream.Between(1, 10) * 100), log);
    return;
  }
  Deposit(day, ms + 360'000, customer, 1, DrawBalance(customer.traits.segment, stream) / 3 + Crowns(100), log);
  const auto in_days = [&](std::int64_t low, std::int64_t high) {
    return day.number + static_cast<std::int32_t>(stream.Between(low, high));
  };
  customer.Schedule(in_days(3, 7), AgendaKind::kIssueCard);
  customer.Schedule(in_days(5, 40), AgendaKind::kSetUpOrders);
  if (customer.traits.online) customer.Schedule(in_days(1, 3), AgendaKind::kFirstVisit);
  if (customer.traits.segment >= Segment::kSalaried && stream.Chance(250)) customer.Schedule(in_days(10, 75), AgendaKind::kOpenSavings);
}

}  // namespace antiphon::simulate

// What befalls customers, quarter by quarter. The rates are guesses: docs/simulated-bank.md, "Life events".
#include <algorithm>
#include <array>

#include "services/simulate/behaviour.h"

namespace antiphon::simulate {
namespace {

// Draws the events of one quarter of one customer.
class QuarterPlan {
 public:
  QuarterPlan(const Day& day, Customer& customer, Stream& stream)
      : day_(day), customer_(customer), stream_(stream), age_(AgeOn(customer.traits.birth_date, day.date)) {}

  void DrawHousing() {
    const Segment segment = customer_.traits.segment;
    const bool may = (segment == Segment::kSalaried || segment == Segment::kSelfEmployed) && age_ >= 24 && age_ < 55;
    if (!may || customer_.Find(Product::kMortgage) != nullptr || customer_.housing_until >= day_.number || !stream_.Chance(45)) return;
    const std::int32_t from = Soon();
    const std::int32_t outcome_day = from + Days(32, 62);
    const std::uint32_t draw = stream_.Below(1000);
    const MortgageOutcome outcome =
        draw < 550 ? MortgageOutcome::kHere : (draw < 850 ? MortgageOutcome::kRival : MortgageOutcome::kGivesUp);
    constexpr std::array<std::string_view, 3> kDetails = {"granted_here", "granted_by_rival", "gives_up"};
    customer_.housing_from = from;
    customer_.housing_until = outcome_day;
    customer_.Schedule(from + Days(6, 20), AgendaKind::kReservationFee);
    if (stream_.Chance(500)) customer_.Schedule(from + Days(21, 31), AgendaKind::kDeveloperPayment);
    customer_.Schedule(outcome_day, AgendaKind::kMortgageOutcome, static_cast<std::uint8_t>(outcome));
    Tell(LifeKind::kMortgageInTheMaking, from, outcome_day, kDetails[static_cast<std::size_t>(outcome)]);
  }

  void DrawLoanNeed() {
    const Segment segment = customer_.traits.segment;
    if ((segment != Segment::kSalaried && segment != Segment::kSelfEmployed) || customer_.Find(Product::kLoan) != nullptr) return;
    if (age_ < 19 || !stream_.Chance(30)) return;
    const std::int32_t from = Soon();
    const bool taken = stream_.Chance(500);
    customer_.loan_interest_until = from + Days(8, 30);
    if (taken) customer_.Schedule(customer_.loan_interest_until, AgendaKind::kConsumerLoan);
    Tell(LifeKind::kLoanNeed, from, customer_.loan_interest_until, taken ? "granted_here" : "gives_up");
  }

  void DrawWindfall() {
    if (age_ < 30) return;
    if (stream_.Chance(8)) Windfall(AgendaKind::kInheritance, LifeKind::kInheritance);
    if (stream_.Chance(5)) Windfall(AgendaKind::kPropertySale, LifeKind::kPropertySale);
  }

  // Nobody falls silent in the midst of something that is already planned. True if the customer is silent at some time of the quarter.
  bool DrawDormancy() {
    const bool was = customer_.dormant_from != kForever && customer_.dormant_until > day_.number;
    if (was || !customer_.agenda.empty() || customer_.housing_until >= day_.number || !stream_.Chance(30)) return was;
    customer_.dormant_from = Soon();
    customer_.dormant_until = stream_.Chance(300) ? kForever : customer_.dormant_from + Days(45, 240);
    Tell(LifeKind::kDormant, customer_.dormant_from, customer_.dormant_until, customer_.dormant_until == kForever ? "for_good" : "wakes");
    return true;
  }

  void DrawTrouble() {
    if (age_ >= 40 && stream_.Chance(8)) {
      const std::int32_t from = Soon();
      Suppress(SuppressionKind::kBereavement, LifeKind::kBereavement, from, Days(60, 180));
    }
    if (stream_.Chance(5)) {
      const std::int32_t from = Soon();
      Suppress(SuppressionKind::kFraud, LifeKind::kFraud, from, Days(2, 12));
    }
    const bool owes = customer_.Find(Product::kLoan) != nullptr || customer_.Find(Product::kMortgage) != nullptr;
    const bool in_arrears = customer_.arrears_from != kForever && customer_.arrears_until >= day_.number;
    if (owes && !in_arrears && stream_.Chance(40)) {
      const std::int32_t from = Soon();
      const std::int32_t length = Days(15, 70);
      customer_.arrears_from = std::max(day_.number, from - 20);
      customer_.arrears_until = from + length;
      Suppress(SuppressionKind::kArrears, LifeKind::kArrears, from, length);
    }
    if (!stream_.Chance(22)) return;
    const std::int32_t from = Soon();
    const std::int32_t length = Days(3, 40);
    const bool two = stream_.Chance(250);  // the second opens while the first is open
    Complain(from, length);
    if (two) Complain(from + length / 2, Days(length, 60));
    Tell(LifeKind::kComplaint, from, from + length, two ? "two" : "one");
  }

  void DrawProducts() {
    if (customer_.traits.segment <= Segment::kStudent) return;
    const bool wealthy = customer_.traits.segment == Segment::kWealthy;
    if (customer_.Find(Product::kSavings) == nullptr && stream_.Chance(35)) Acquire(AgendaKind::kOpenSavings, "savings");
    if (customer_.Find(Product::kTermDeposit) == nullptr && stream_.Chance(wealthy ? 100 : 15)) {
      Acquire(AgendaKind::kOpenTermDeposit, "term_deposit");
    }
    if (customer_.Find(Product::kFund) == nullptr && stream_.Chance(wealthy ? 80 : 18)) Acquire(AgendaKind::kOpenFund, "fund");
    if (customer_.Find(Product::kCard) == nullptr && stream_.Chance(15)) Acquire(AgendaKind::kOpenCreditCard, "card");
  }

  // What also happens to authorised users.
  void DrawService() {
    if (stream_.Chance(40)) customer_.Schedule(Soon(), AgendaKind::kConsentChanges);
    if (stream_.Chance(30)) customer_.Schedule(Soon(), AgendaKind::kContactPointChanges);
    if (age_ >= 18 && customer_.traits.risk == RiskProfile::kUnclassified && stream_.Chance(20)) {
      customer_.Schedule(Soon(), AgendaKind::kRiskProfile);
    }
    if (age_ >= 18 && stream_.Chance(280)) customer_.Schedule(Soon(), AgendaKind::kCrmContact);
  }

  void DrawLeaving() {
    const bool owes = customer_.Find(Product::kLoan) != nullptr || customer_.Find(Product::kMortgage) != nullptr;
    if (owes || customer_.housing_until >= day_.number || !stream_.Chance(6)) return;
    const std::int32_t from = Soon();
    customer_.Schedule(from, AgendaKind::kLeaves);
    Tell(LifeKind::kLeaving, from, kForever, "");
  }

 private:
  std::int32_t Days(std::int32_t low, std::int32_t high) { return static_cast<std::int32_t>(stream_.Between(low, high)); }
  std::int32_t Soon() { return day_.number + Days(1, kQuarterDays - 1); }

  void Tell(LifeKind kind, std::int32_t from, std::int32_t until, std::string_view detail) {
    customer_.life.push_back({kind, from, until, detail});
  }

  void Windfall(AgendaKind agenda, LifeKind kind) {
    const std::int32_t from = Soon();
    customer_.Schedule(from, agenda);
    Tell(kind, from, from + 1, "");
  }

  void Acquire(AgendaKind agenda, std::string_view product) {
    const std::int32_t from = Soon();
    customer_.Schedule(from, agenda);
    Tell(LifeKind::kSecondAccount, from, from + 1, product);
  }

  void Suppress(SuppressionKind kind, LifeKind life, std::int32_t from, std::int32_t length) {
    const std::uint32_t number = ++customer_.cases;
    customer_.Schedule(from, AgendaKind::kSuppressionOpens, static_cast<std::uint8_t>(kind), number);
    customer_.Schedule(from + length, AgendaKind::kSuppressionCloses, static_cast<std::uint8_t>(kind), number);
    Tell(life, from, from + length, "");
  }

  void Complain(std::int32_t from, std::int32_t length) {
    const std::uint32_t number = ++customer_.cases;
    const auto topic = static_cast<std::uint8_t>(stream_.Below(256));
    customer_.Schedule(from, AgendaKind::kComplaintOpens, topic, number);
    customer_.Schedule(from + length, AgendaKind::kComplaintCloses, topic, number);
  }

  const Day& day_;
  Customer& customer_;
  Stream& stream_;
  std::int32_t age_;
};

}  // namespace

void PlanQuarter(const Day& day, Customer& customer, Stream& stream) {
  QuarterPlan plan(day, customer, stream);
  if (customer.authorised_user) return plan.DrawService();
  if (plan.DrawDormancy()) return;
  plan.DrawService();
  plan.DrawHousing();
  plan.DrawLoanNeed();
  plan.DrawWindfall();
  plan.DrawTrouble();
  plan.DrawProducts();
  plan.DrawLeaving();
}

}  // namespace antiphon::simulate

// A home in the making, loans, and deposits out of the ordinary.
#include <algorithm>
#include <array>

#include "services/simulate/behaviour.h"
#include "services/simulate/emit.h"
#include "services/simulate/names.h"

namespace antiphon::simulate {
namespace {

std::int64_t OfficeTime(Stream& stream) { return DrawTimeOfDay(stream, 9, 420); }

// Who lacks the money for a payment on a home gets it from the family an hour before.
void PayForHome(const Day& day, Customer& customer, Money amount, std::string_view payee, Stream& stream, DayLog& log) {
  const std::int64_t ms = OfficeTime(stream) + AtHour(1);
  if (customer.Current().projected < amount) {
    Post(customer, day, ms - AtHour(1),
         {.credit = true,
          .amount = (amount - customer.Current().projected) / Crowns(1'000) * Crowns(1'000) + Crowns(5'000),
          .operation = "transfer_in",
          .bank = stream.Pick(RivalBanks()),
          .counterparty_account = CounterpartyAccount(customer.index, "family")},
         log);
  }
  Post(customer, day, ms,
       {.amount = amount,
        .operation = "transfer_out",
        .purpose = "property",
        .bank = stream.Pick(RivalBanks()),
        .counterparty_account = CounterpartyAccount(0, payee),
        .counterparty_name = payee},
       log);
}

void ReceiveLarge(const Day& day, Customer& customer, Money amount, std::string_view purpose, std::string_view payer, Stream& stream,
                  DayLog& log) {
  const std::int64_t ms = OfficeTime(stream);
  Post(customer, day, ms,
       {.credit = true,
        .amount = amount,
        .operation = "transfer_in",
        .purpose = purpose,
        .bank = stream.Pick(RivalBanks()),
        .counterparty_account = CounterpartyAccount(0, payer),
        .counterparty_name = payer},
       log);
  customer.invest_interest_until = day.number + 30;
}

}  // namespace

void PayReservationFee(const Day& day, Customer& customer, Stream& stream, DayLog& log) {
  const Money amount = Crowns(stream.Skewed(5, 15) * 10'000);
  PayForHome(day, customer, amount, stream.Pick(EstateAgents()), stream, log);
}

void PayDeveloper(const Day& day, Customer& customer, Stream& stream, DayLog& log) {
  const Money amount = Crowns(stream.Skewed(10, 60) * 10'000);
  PayForHome(day, customer, amount, stream.Pick(Developers()), stream, log);
}

void DecideMortgage(const Day& day, Customer& customer, MortgageOutcome outcome, Stream& stream, DayLog& log) {
  if (outcome == MortgageOutcome::kGivesUp) return;
  constexpr std::array<std::uint32_t, 4> kFixations = {1, 3, 5, 10};
  constexpr std::array<std::uint32_t, 4> kFixationWeights = {5, 45, 42, 8};
  const Money debt_max = std::max(Crowns(1'000'000), customer.traits.income * 80);
  const LoanTerms terms{.product = Product::kMortgage,
                        .amount = std::min(debt_max, Crowns(stream.Skewed(1'200, 7'000) * 1'000)) / Crowns(1'000) * Crowns(1'000),
                        .months = static_cast<std::uint32_t>(12 * stream.Between(20, 30)),
                        .rate_basis_points = static_cast<std::uint32_t>(stream.Between(440, 570)),
                        .fixed_years = kFixations[stream.PickWeighted(kFixationWeights)],
                        .due_day_of_month = 20};
  if (outcome == MortgageOutcome::kHere) {
    GrantLoan(customer, day, OfficeTime(stream), terms, "branch", log);
    return;
  }
  const StandingOrder order{MonthlyPayment(terms.amount, terms.months, terms.rate_basis_points),
                            "mortgage_payment",
                            stream.Pick(RivalBanks()),
                            "",
                            CounterpartyAccount(customer.index, "mortgage"),
                            20};
  CreateOrder(customer, day, OfficeTime(stream), order, log);
}

void TakeConsumerLoan(const Day& day, Customer& customer, Stream& stream, DayLog& log) {
  if (customer.Find(Product::kLoan) != nullptr) return;
  const LoanTerms terms{.amount = Crowns(stream.Skewed(2, 50) * 10'000),
                        .months = static_cast<std::uint32_t>(12 * stream.Between(1, 8)),
                        .rate_basis_points = static_cast<std::uint32_t>(stream.Between(590, 1'190))};
  const std::int64_t ms = OfficeTime(stream);
  const std::uint32_t ordinal = GrantLoan(customer, day, ms, terms, customer.traits.online ? "app" : "branch", log);
  Post(customer, day, ms + 60'000,
       {.credit = true,
        .amount = terms.amount,
        .operation = "transfer_in",
        .purpose = "loan_drawdown",
        .bank = kOwnBank,
        .counterparty_account = static_cast<std::uint64_t>(customer.index) * 100 + ordinal},
       log);
}

void ReceiveInheritance(const Day& day, Customer& customer, Stream& stream, DayLog& log) {
  ReceiveLarge(day, customer, Crowns(stream.Skewed(200, 3'000) * 1'000), "", "Notářka Pečeť vzor", stream, log);
}

void SellProperty(const Day& day, Customer& customer, Stream& stream, DayLog& log) {
  ReceiveLarge(day, customer, Crowns(stream.Skewed(1'800, 7'500) * 1'000), "property", "Advokátní úschova Trezor vzor", stream, log);
}

}  // namespace antiphon::simulate

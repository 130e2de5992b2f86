// Income by segment, and the salary that does not stay.
#include <algorithm>

#include "services/simulate/behaviour.h"
#include "services/simulate/emit.h"
#include "services/simulate/names.h"

namespace antiphon::simulate {
namespace {

void Receive(const Day& day, std::int64_t ms, Customer& customer, Money amount, std::string_view purpose, std::string_view payer,
             DayLog& log) {
  Post(customer, day, ms,
       {.credit = true,
        .amount = amount,
        .operation = "transfer_in",
        .purpose = purpose,
        .bank = RivalBanks()[payer.size() % RivalBanks().size()],
        .counterparty_account = CounterpartyAccount(0, payer),
        .counterparty_name = payer},
       log);
}

// The employer's batch runs in the small hours, each at its own quarter of an hour.
void ReceiveSalary(const Day& day, Customer& customer, Stream& stream, DayLog& log) {
  const Traits& traits = customer.traits;
  const std::string_view employer = Employers()[traits.employer];
  const std::int64_t ms = AtHour(1, std::int64_t{15} * (traits.employer % 16)) + stream.Between(0, 600'000);
  const Money salary = traits.income * stream.Between(97, 103) / 100 / 100 * 100;
  Receive(day, ms, customer, salary, "salary", employer, log);
  const bool yearly = traits.bonus_yearly && (day.month == 6 || day.month == 11);
  const bool quarterly = traits.bonus_quarterly && day.month % 3 == 0;
  if (yearly || quarterly)
    Receive(day, ms + 2'000, customer, traits.income * stream.Between(20, yearly ? 100 : 50) / 100, "bonus", employer, log);
  if (customer.leaving == Leaving::kNot || day.number < customer.leaving_from) return;
  const bool once = customer.leaving == Leaving::kOnce;
  customer.leave_left = once ? 1 : 3;
  customer.leave_amount = salary * (once ? stream.Between(80, 90) : stream.Between(29, 31)) / 100;
  customer.leave_day = day.number + (once ? static_cast<std::int32_t>(stream.Between(0, 1)) : 0);
}

void ReceiveInvoice(const Day& day, Customer& customer, Stream& stream, DayLog& log) {
  if (!day.business || !stream.Chance(330)) return;
  const Money amount = customer.traits.income / 7 * stream.Skewed(30, 280) / 100;
  const std::int64_t ms = DrawTimeOfDay(stream, 6, 720);
  Receive(day, ms, customer, amount, "invoice", stream.Pick(Clients()), log);
}

void ReceiveAllowance(const Day& day, Customer& customer, Stream& stream, DayLog& log) {
  Receive(day, AtHour(0, 20) + stream.Between(0, 3'000'000), customer, customer.traits.income, "allowance", "", log);
}

}  // namespace

void ReceiveIncome(const Day& day, Customer& customer, Stream& stream, DayLog& log) {
  if (day.number < customer.income_from) return;
  const Traits& traits = customer.traits;
  switch (traits.segment) {
    case Segment::kChild:
      if (day.day_of_month == traits.pay_day) ReceiveAllowance(day, customer, stream, log);
      break;
    case Segment::kStudent:  // two of five have a job as well
      if (day.day_of_month == traits.pay_day) ReceiveAllowance(day, customer, stream, log);
      if (customer.index % 5 < 2 && day.Pays(14)) {
        const Money amount = Crowns(stream.Between(2'500, 11'000));
        Receive(day, DrawTimeOfDay(stream, 3, 15), customer, amount, "salary", Employers()[traits.employer], log);
      }
      break;
    case Segment::kSalaried:
      if (day.Pays(traits.pay_day)) ReceiveSalary(day, customer, stream, log);
      break;
    case Segment::kSelfEmployed:
      ReceiveInvoice(day, customer, stream, log);
      break;
    case Segment::kWealthy:
      if (day.Pays(traits.pay_day)) {
        Receive(day, DrawTimeOfDay(stream, 4, 15), customer, traits.income, "salary", Employers()[traits.employer], log);
      }
      if (day.month % 3 == 0 && day.Pays(20)) {
        const Money amount = traits.income * stream.Between(50, 200) / 100;
        Receive(day, DrawTimeOfDay(stream, 5, 15), customer, amount, "dividend", RivalFunds()[customer.index % RivalFunds().size()], log);
      }
      break;
    case Segment::kPensioner:
      if (day.Pays(traits.pay_day))
        Receive(day, DrawTimeOfDay(stream, 2, 90), customer, traits.income, "pension", "Vzorová důchodová správa", log);
      break;
  }
}

void MoveSalaryOn(const Day& day, Customer& customer, Stream& stream, DayLog& log) {
  if (customer.leave_left == 0 || day.number < customer.leave_day) return;
  --customer.leave_left;
  customer.leave_day = day.number + 1;
  if (!customer.CanPay(customer.leave_amount)) return;
  const std::int64_t ms = DrawTimeOfDay(stream, 8, 600);
  const Account* savings = customer.Find(Product::kSavings);
  if (customer.leaves_to == LeavesTo::kOwnSavings && savings != nullptr) {
    const auto ordinal = static_cast<std::uint32_t>(savings - customer.accounts.data()) + 1;
    TransferWithin(customer, day, ms, 1, ordinal, customer.leave_amount, "savings_transfer", log);
    return;
  }
  const bool fund = customer.leaves_to == LeavesTo::kRivalFund;
  const std::string_view name = fund ? RivalFunds()[customer.index % RivalFunds().size()] : std::string_view{};
  Post(customer, day, ms,
       {.amount = customer.leave_amount,
        .operation = "transfer_out",
        .purpose = fund ? "investment" : "",
        .bank = RivalBanks()[customer.index % RivalBanks().size()],
        .counterparty_account = CounterpartyAccount(customer.index, name),
        .counterparty_name = name},
       log);
}

}  // namespace antiphon::simulate

// Money that moves by rule: standing orders, instalments, savings, interest, fees.
#include <algorithm>

#include "services/simulate/behaviour.h"
#include "services/simulate/emit.h"
#include "services/simulate/names.h"

namespace antiphon::simulate {
namespace {

constexpr std::int64_t kSavingsRateBasisPoints = 300;
constexpr std::int64_t kTermRateBasisPoints = 380;

std::uint32_t OrdinalOf(const Customer& customer, const Account& account) {
  return static_cast<std::uint32_t>(&account - customer.accounts.data()) + 1;
}

std::string_view OpeningChannel(const Customer& customer) {
  if (!customer.traits.online) return "branch";
  return customer.traits.prefers_app ? "app" : "web";
}

}  // namespace

void PayStandingOrders(const Day& day, Customer& customer, Stream& stream, DayLog& log) {
  for (std::size_t i = 0; i < customer.orders.size(); ++i) {
    const StandingOrder& order = customer.orders[i];
    if (order.day_of_month != day.day_of_month || !customer.CanPay(order.amount)) continue;
    const std::int64_t ms = AtHour(6, 10) + stream.Between(0, 1'800'000);
    const Account* savings = order.purpose == "savings_transfer" ? customer.Find(Product::kSavings) : nullptr;
    if (savings != nullptr) {
      TransferWithin(customer, day, ms, 1, OrdinalOf(customer, *savings), order.amount, order.purpose, log);
      continue;
    }
    Post(customer, day, ms,
         {.amount = order.amount,
          .operation = "standing_order",
          .purpose = order.purpose,
          .bank = order.bank,
          .counterparty_account = order.counterparty_account,
          .counterparty_name = order.name},
         log);
  }
}

void PayInstalments(const Day& day, Customer& customer, DayLog& log) {
  if (customer.InArrears(day.number)) return;
  for (std::size_t i = 1; i < customer.accounts.size(); ++i) {
    Account& account = customer.accounts[i];
    if (!account.open || account.instalments_left == 0 || account.due_day_of_month != day.day_of_month) continue;
    if (!customer.CanPay(account.instalment)) continue;
    const auto ordinal = static_cast<std::uint32_t>(i) + 1;
    const bool mortgage = account.product == Product::kMortgage;
    Post(customer, day, AtHour(6, 50) + static_cast<std::int64_t>(i) * 1'000,
         {.amount = account.instalment,
          .operation = "standing_order",
          .purpose = mortgage ? "mortgage_payment" : "loan_payment",
          .bank = kOwnBank,
          .counterparty_account = static_cast<std::uint64_t>(customer.index) * 100 + ordinal},
         log);
    if (--account.instalments_left > 0) continue;
    log.Add(EventType::kLoanRepaid, day.At(AtHour(7)), customer.index, ordinal).Text("kind", mortgage ? "mortgage" : "consumer");
    CloseAccount(customer, day, AtHour(7, 1), ordinal, log);
  }
}

void SaveSurplus(const Day& day, Customer& customer, Stream& stream, DayLog& log) {
  if (!stream.Chance(12)) return;
  const Account* savings = customer.Find(Product::kSavings);
  if (savings == nullptr) return;
  const std::uint32_t ordinal = OrdinalOf(customer, *savings);
  const std::int64_t ms = DrawTimeOfDay(stream, 9, 720);
  const Money surplus = customer.Current().projected - 2 * customer.traits.income;
  const auto part = [&](Money whole) { return whole * stream.Between(30, 80) / 100 / Crowns(500) * Crowns(500); };
  if (const Money amount = part(surplus); surplus > 0 && amount > 0) {
    TransferWithin(customer, day, ms, 1, ordinal, amount, "savings_transfer", log);
  } else if (customer.Current().projected < customer.traits.income / 5) {
    const Money back = std::min(part(savings->projected), customer.traits.income / 2);
    if (back > 0) TransferWithin(customer, day, ms, ordinal, 1, back, "savings_transfer", log);
  }
}

void CloseMonth(const Day& day, Customer& customer, DayLog& log) {
  if (!day.month_end) return;
  for (std::size_t i = 0; i < customer.accounts.size(); ++i) {
    const Account& account = customer.accounts[i];
    if (!account.open) continue;
    const auto ordinal = static_cast<std::uint32_t>(i) + 1;
    // Batches of the late evening, after everything else of the day.
    const std::int64_t ms =
        AtHour(23, 20) + static_cast<std::int64_t>(Mix64(customer.index) % 1'800'000) + static_cast<std::int64_t>(i) * 10;
    if (account.product == Product::kSavings) {
      const Money interest = account.projected * kSavingsRateBasisPoints / 120'000;
      if (interest > 0)
        Post(customer, day, ms, {.ordinal = ordinal, .credit = true, .amount = interest, .operation = "interest", .purpose = "interest"},
             log);
    } else if (account.product == Product::kCurrent) {
      const Money interest = account.projected / 120'000;  // 0.01 % a year
      if (interest > 0)
        Post(customer, day, ms, {.ordinal = ordinal, .credit = true, .amount = interest, .operation = "interest", .purpose = "interest"},
             log);
      const bool free = customer.traits.segment <= Segment::kStudent || customer.index % 3 != 0;
      const Money fee = Crowns(customer.traits.segment == Segment::kWealthy ? 199 : 59);
      if (!free && customer.CanPay(fee))
        Post(customer, day, ms + 5, {.ordinal = ordinal, .amount = fee, .operation = "fee", .purpose = "fee"}, log);
    }
  }
}

void OpenSavings(const Day& day, Customer& customer, Stream& stream, DayLog& log) {
  if (customer.Find(Product::kSavings) != nullptr) return;
  const std::int64_t ms = AtHour(10, stream.Between(0, 480));
  const std::uint32_t ordinal = OpenAccount(customer, day, ms, Product::kSavings, OpeningChannel(customer), log);
  const Money amount = customer.Current().projected * stream.Between(10, 60) / 100 / Crowns(100) * Crowns(100);
  if (amount > 0) TransferWithin(customer, day, ms + 120'000, 1, ordinal, amount, "savings_transfer", log);
}

void OpenTermDeposit(const Day& day, Customer& customer, Stream& stream, DayLog& log) {
  const Money amount = customer.Current().projected * stream.Between(30, 70) / 100 / Crowns(1'000) * Crowns(1'000);
  if (amount < Crowns(10'000)) return;
  const std::int64_t ms = AtHour(9, stream.Between(0, 420));
  const std::uint32_t ordinal = OpenAccount(customer, day, ms, Product::kTermDeposit, OpeningChannel(customer), log);
  TransferWithin(customer, day, ms + 60'000, 1, ordinal, amount, "term_deposit", log);
  const std::int32_t months = stream.Chance(300) ? 1 : (stream.Chance(500) ? 3 : 6);
  customer.Schedule(day.number + 30 * months, AgendaKind::kTermDepositMatures, 0, ordinal);
}

void MatureTermDeposit(const Day& day, Customer& customer, std::uint32_t ordinal, DayLog& log) {
  const Account& account = customer.accounts[ordinal - 1];
  if (!account.open) return;
  const Money interest = account.projected * kTermRateBasisPoints / 40'000;  // a quarter's, whatever the length
  Post(customer, day, AtHour(5), {.ordinal = ordinal, .credit = true, .amount = interest, .operation = "interest", .purpose = "interest"},
       log);
  TransferWithin(customer, day, AtHour(5, 1), ordinal, 1, customer.accounts[ordinal - 1].projected, "term_deposit", log);
  CloseAccount(customer, day, AtHour(5, 2), ordinal, log);
}

void OpenFund(const Day& day, Customer& customer, Stream& stream, DayLog& log) {
  if (customer.Find(Product::kFund) != nullptr) return;
  const std::int64_t ms = AtHour(9, stream.Between(0, 540));
  const std::uint32_t ordinal = OpenAccount(customer, day, ms, Product::kFund, OpeningChannel(customer), log);
  const Money amount = std::max(Crowns(1'000), customer.Current().projected * stream.Between(5, 40) / 100 / Crowns(500) * Crowns(500));
  if (!customer.CanPay(amount)) return;
  Post(customer, day, ms + 120'000,
       {.amount = amount,
        .operation = "transfer_out",
        .purpose = "investment",
        .bank = kOwnBank,
        .counterparty_account = static_cast<std::uint64_t>(customer.index) * 100 + ordinal},
       log);
}

void OpenCreditCard(const Day& day, Customer& customer, Stream& stream, DayLog& log) {
  if (customer.Find(Product::kCard) != nullptr) return;
  OpenAccount(customer, day, AtHour(9, stream.Between(0, 600)), Product::kCard, OpeningChannel(customer), log);
}

}  // namespace antiphon::simulate

#pragma once

#include <cstdint>
#include <string_view>

#include "services/simulate/calendar.h"
#include "services/simulate/customer.h"
#include "services/simulate/day_log.h"

namespace antiphon::simulate {

// The events that several subjects draft, each with its fields in one place. Times are milliseconds of the bank's local day.

struct Posting {
  std::uint32_t ordinal = 1;  // of the account; the current account is 1
  bool credit = false;
  Money amount = 0;  // positive
  std::string_view operation = kNone;
  std::string_view purpose = kNone;   // "" is null
  std::string_view category = kNone;  // "" is null
  std::string_view bank = kNone;      // "" means no counterparty
  std::uint64_t counterparty_account = 0;
  std::string_view counterparty_name = kNone;
};

// REQUIRES: the account is open and posting.amount > 0.
void Post(Customer& customer, const Day& day, std::int64_t ms, const Posting& posting, DayLog& log);

// A transfer between two accounts of the customer: a debit and a credit a moment later. `purpose` is of both.
void TransferWithin(Customer& customer, const Day& day, std::int64_t ms, std::uint32_t from, std::uint32_t to, Money amount,
                    std::string_view purpose, DayLog& log);

void Profile(const Customer& customer, const Day& day, std::int64_t ms, DayLog& log);

// Opens an account and returns its ordinal.
std::uint32_t OpenAccount(Customer& customer, const Day& day, std::int64_t ms, Product product, std::string_view channel, DayLog& log);
void CloseAccount(Customer& customer, const Day& day, std::int64_t ms, std::uint32_t ordinal, DayLog& log);

// Issues the debit card of the current account, his own or the one that he may use.
void IssueCard(const Customer& customer, const Day& day, std::int64_t ms, DayLog& log);

void CreateOrder(Customer& customer, const Day& day, std::int64_t ms, const StandingOrder& order, DayLog& log);

struct LoanTerms {
  Product product = Product::kLoan;
  Money amount = 0;
  std::uint32_t months = 0;
  std::uint32_t rate_basis_points = 0;  // per year
  std::uint32_t fixed_years = 0;        // mortgage
  std::uint32_t due_day_of_month = 15;
};

// Opens the loan's account and grants it. The money is not paid out here. Returns the ordinal.
std::uint32_t GrantLoan(Customer& customer, const Day& day, std::int64_t ms, const LoanTerms& terms, std::string_view channel, DayLog& log);

// The monthly payment of an annuity, in integers: the smallest payment (to the crown) that repays `amount` in `months`.
[[nodiscard]] Money MonthlyPayment(Money amount, std::uint32_t months, std::uint32_t rate_basis_points);

void ConsentChanged(const Day& day, std::int64_t ms, std::string_view channel, std::string_view purpose, bool granted, DayLog& log);

[[nodiscard]] std::string_view ProductName(Product product);
[[nodiscard]] std::string_view ChannelName(ConsentChannel channel);

// The customer's account as others know it: the customer's own account in that other bank, or a counterparty's.
[[nodiscard]] std::uint64_t CounterpartyAccount(std::uint32_t customer, std::string_view who);

}  // namespace antiphon::simulate

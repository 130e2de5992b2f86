#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "services/simulate/calendar.h"
#include "services/simulate/customer.h"
#include "services/simulate/day_log.h"
#include "services/simulate/random.h"

namespace antiphon::simulate {

// What the whole simulation shares; constant while it runs.
struct World {
  std::uint64_t seed = 1;
  std::chrono::sys_days start;
  std::int32_t days = 0;
  std::uint32_t activity_percent = 100;  // scales card payments and sessions
};

// The behaviour of customers, subject by subject: each function drafts the events of one customer on one day and changes his state. They
// are pure but for their arguments, and draw only from the stream that they are given. Each stands in the file of its subject.

// population.cc: who the customer is and when he joins; his truth so far. A function of (seed, days, index).
[[nodiscard]] Customer MakeCustomer(const World& world, std::uint32_t index);

// onboarding.cc
void LoadOnEve(const Day& eve, Customer& customer, Stream& stream, DayLog& log);  // existing customers: what the bank knows on the eve
void Join(const Day& day, Customer& customer, Stream& stream, DayLog& log);       // newcomers, on the day customer.joins
void SetUpOrders(const Day& day, std::int64_t ms, Customer& customer, Stream& stream, DayLog& log);
// The hour of the eve at which a customer is loaded, 0 to 23; an authorised user in the hour of the account's owner, after him.
[[nodiscard]] std::uint32_t LoadHour(std::uint32_t index);

// life.cc: what begins in the quarter (90 days) that begins today, counted from the first day or the
// joining; fills the agenda.
inline constexpr std::int32_t kQuarterDays = 90;
void PlanQuarter(const Day& day, Customer& customer, Stream& stream);

// agenda.cc: what was known to happen today, in the order in which it was planned; leaving the bank comes last.
void RunAgenda(const Day& day, Customer& customer, Stream& stream, DayLog& log);

// salaries.cc: salaries, pensions, allowances, invoices, dividends; and the salary that leaves.
void ReceiveIncome(const Day& day, Customer& customer, Stream& stream, DayLog& log);
void MoveSalaryOn(const Day& day, Customer& customer, Stream& stream, DayLog& log);

// money_flows.cc: standing orders, instalments, own transfers to savings; at the month's end interest and fees.
void PayStandingOrders(const Day& day, Customer& customer, Stream& stream, DayLog& log);
void PayInstalments(const Day& day, Customer& customer, DayLog& log);
void SaveSurplus(const Day& day, Customer& customer, Stream& stream, DayLog& log);
void CloseMonth(const Day& day, Customer& customer, DayLog& log);
void OpenSavings(const Day& day, Customer& customer, Stream& stream, DayLog& log);
void OpenTermDeposit(const Day& day, Customer& customer, Stream& stream, DayLog& log);
void MatureTermDeposit(const Day& day, Customer& customer, std::uint32_t ordinal, DayLog& log);
void OpenFund(const Day& day, Customer& customer, Stream& stream, DayLog& log);
void OpenCreditCard(const Day& day, Customer& customer, Stream& stream, DayLog& log);

// spending.cc: card payments by category, cash.
void Spend(const World& world, const Day& day, Customer& customer, Stream& stream, DayLog& log);

// housing.cc: a mortgage in the making, consumer loans, unusual deposits.
void PayReservationFee(const Day& day, Customer& customer, Stream& stream, DayLog& log);
void PayDeveloper(const Day& day, Customer& customer, Stream& stream, DayLog& log);
enum class MortgageOutcome : std::uint8_t { kHere, kRival, kGivesUp };
void DecideMortgage(const Day& day, Customer& customer, MortgageOutcome outcome, Stream& stream, DayLog& log);
void TakeConsumerLoan(const Day& day, Customer& customer, Stream& stream, DayLog& log);
void ReceiveInheritance(const Day& day, Customer& customer, Stream& stream, DayLog& log);
void SellProperty(const Day& day, Customer& customer, Stream& stream, DayLog& log);

// web.cc: sessions; the first one of a newcomer.
void BrowseFirst(const Day& day, Customer& customer, Stream& stream, DayLog& log);
void BrowseWeb(const World& world, const Day& day, Customer& customer, Stream& stream, DayLog& log);

// service.cc: complaints, suppressions, consent, addresses, risk profile, leaving the bank.
enum class SuppressionKind : std::uint8_t { kBereavement, kArrears, kFraud };
void OpenComplaint(const Day& day, const AgendaItem& item, const Customer& customer, Stream& stream, DayLog& log);
void CloseComplaint(const Day& day, const AgendaItem& item, const Customer& customer, Stream& stream, DayLog& log);
void OpenSuppression(const Day& day, const AgendaItem& item, const Customer& customer, Stream& stream, DayLog& log);
void CloseSuppression(const Day& day, const AgendaItem& item, const Customer& customer, Stream& stream, DayLog& log);
void ChangeConsent(const Day& day, Customer& customer, Stream& stream, DayLog& log);
void ChangeContactPoint(const Day& day, const Customer& customer, Stream& stream, DayLog& log);
void ClassifyRisk(const Day& day, Customer& customer, Stream& stream, DayLog& log);
void LeaveBank(const Day& day, Customer& customer, DayLog& log);
// The first consents of a customer; some give none, some say nothing at all.
void GiveFirstConsents(const Day& day, std::int64_t ms, Customer& customer, Stream& stream, DayLog& log);

// contacts.cc: requests of agents, pages and machines; contacts of the branch's own system and what the customer answered.
struct Request {
  std::string_view channel = kNone;
  std::string_view placement = kNone;
  std::string_view intent = kNone;
  bool by_agent = false;             // else by the customer himself
  std::string_view context = kNone;  // a JSON object
  std::uint32_t slots = 1;
  std::int64_t lasts_ms = 0;  // until interaction.ended
};
void RequestDecision(const Day& day, std::int64_t ms, Customer& customer, const Request& request, DayLog& log);
void CallOrVisit(const Day& day, Customer& customer, Stream& stream, DayLog& log);
void RecordCrmContact(const Day& day, Customer& customer, Stream& stream, DayLog& log);
void RecordCrmResponse(const Day& day, const AgendaItem& item, const Customer& customer, Stream& stream, DayLog& log);

}  // namespace antiphon::simulate

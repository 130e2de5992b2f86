#include "services/simulate/emit.h"

#include <array>

#include "services/simulate/names.h"
#include "services/simulate/random.h"
#include "state/base/check.h"
#include "state/base/hash.h"

namespace antiphon::simulate {
namespace {

using std::chrono::days;

std::string_view RiskName(RiskProfile risk) {
  switch (risk) {
    case RiskProfile::kCautious:
      return "cautious";
    case RiskProfile::kBalanced:
      return "balanced";
    case RiskProfile::kDynamic:
      return "dynamic";
    case RiskProfile::kUnclassified:
      break;
  }
  return "";
}

}  // namespace

Account* Customer::Find(Product product) {
  for (Account& account : accounts) {
    if (account.open && account.product == product) return &account;
  }
  return nullptr;
}

std::string_view ProductName(Product product) {
  constexpr std::array<std::string_view, 7> kNames = {"current", "savings", "term_deposit", "card", "loan", "mortgage", "fund"};
  return kNames[static_cast<std::size_t>(product)];
}

std::string_view ChannelName(ConsentChannel channel) {
  constexpr std::array<std::string_view, 5> kNames = {"sms", "email", "call", "push", "mail"};
  return kNames[static_cast<std::size_t>(channel)];
}

std::uint64_t CounterpartyAccount(std::uint32_t customer, std::string_view who) {
  constexpr std::uint64_t kTenDigits = 1'000'000'000;
  return kTenDigits + Mix64(HashBytes64(who) + customer) % (9 * kTenDigits);
}

void Post(Customer& customer, const Day& day, std::int64_t ms, const Posting& posting, DayLog& log) {
  Account& account = customer.accounts[posting.ordinal - 1];
  ANTIPHON_CHECK(account.open && posting.amount > 0);
  const Money delta = posting.credit ? posting.amount : -posting.amount;
  account.projected += delta;
  Fields fields = log.Add(EventType::kTransactionPosted, day.At(ms), customer.index, posting.ordinal, delta);
  fields.Amount("amount", posting.amount)
      .Text("currency", "CZK")
      .Text("direction", posting.credit ? "credit" : "debit")
      .Text("operation", posting.operation)
      .TextOrNull("purpose", posting.purpose);
  if (!posting.bank.empty()) {
    fields.Text("counterparty_bank", posting.bank).Coded("counterparty_account", "", posting.counterparty_account, 10);
  }
  if (!posting.counterparty_name.empty()) fields.Text("counterparty_name", posting.counterparty_name);
  fields.TextOrNull("category", posting.category);
}

void TransferWithin(Customer& customer, const Day& day, std::int64_t ms, std::uint32_t from, std::uint32_t to, Money amount,
                    std::string_view purpose, DayLog& log) {
  const auto own_account = [&](std::uint32_t ordinal) { return static_cast<std::uint64_t>(customer.index) * 100 + ordinal; };
  Posting posting{.ordinal = from, .amount = amount, .operation = "transfer_out", .purpose = purpose, .bank = kOwnBank};
  posting.counterparty_account = own_account(to);
  Post(customer, day, ms, posting, log);
  posting.ordinal = to;
  posting.credit = true;
  posting.operation = "transfer_in";
  posting.counterparty_account = own_account(from);
  Post(customer, day, ms + 400, posting, log);
}

void Profile(const Customer& customer, const Day& day, std::int64_t ms, DayLog& log) {
  const Traits& traits = customer.traits;
  const District& district = Districts()[traits.district];
  const std::uint32_t owner = customer.authorised_user ? customer.index - 1 : customer.index;
  Fields fields = log.Add(EventType::kCustomerProfile, day.At(ms), owner, 1);
  fields.Text("role", customer.authorised_user ? "authorised_user" : "owner")
      .Date("birth_date", traits.birth_date)
      .Text("sex", traits.female ? "female" : "male")
      .Number("district_id", traits.district + 1U)
      .Text("district", district.name)
      .Text("region", district.region)
      .Text("language", traits.language);
  if (traits.first_name_known) fields.Text("first_name", FirstNames(traits.female)[traits.first_name]);
  fields.Text("last_name", LastNames(traits.female)[traits.last_name]);
  if (traits.has_phone) {
    // No Czech number begins with 000: nobody can be called.
    fields.Coded("phone", "+420000", customer.index % 1'000'000, 6);
  }
  if (traits.has_email) fields.Coded("email", "customer", customer.index, 8, "@mail.example");
  fields.Text("zone", traits.zone);
  if (traits.risk != RiskProfile::kUnclassified) fields.Text("risk_profile", RiskName(traits.risk));
}

std::uint32_t OpenAccount(Customer& customer, const Day& day, std::int64_t ms, Product product, std::string_view channel, DayLog& log) {
  customer.accounts.push_back(Account{.product = product});
  const auto ordinal = static_cast<std::uint32_t>(customer.accounts.size());
  log.Add(EventType::kAccountOpened, day.At(ms), customer.index, ordinal)
      .Text("product", ProductName(product))
      .Text("statement_frequency", customer.index % 13 == 0 ? "weekly" : "monthly")
      .Number("district_id", customer.traits.district + 1U)
      .Text("channel", channel);
  return ordinal;
}

void CloseAccount(Customer& customer, const Day& day, std::int64_t ms, std::uint32_t ordinal, DayLog& log) {
  Account& account = customer.accounts[ordinal - 1];
  ANTIPHON_CHECK(account.open && account.projected == 0);
  account.open = false;
  log.Add(EventType::kAccountClosed, day.At(ms), customer.index, ordinal).Text("product", ProductName(account.product));
}

void IssueCard(const Customer& customer, const Day& day, std::int64_t ms, DayLog& log) {
  const Segment segment = customer.traits.segment;
  const bool junior = segment == Segment::kChild || (segment == Segment::kStudent && customer.index % 2 == 0);
  const std::uint32_t owner = customer.authorised_user ? customer.index - 1 : customer.index;
  log.Add(EventType::kCardIssued, day.At(ms), owner, 1)
      .Text("card_type", junior ? "junior" : (segment == Segment::kWealthy ? "gold" : "classic"));
}

void CreateOrder(Customer& customer, const Day& day, std::int64_t ms, const StandingOrder& order, DayLog& log) {
  customer.orders.push_back(order);
  log.Add(EventType::kOrderCreated, day.At(ms), customer.index, 1)
      .Amount("amount", order.amount)
      .Text("currency", "CZK")
      .TextOrNull("purpose", order.purpose)
      .Text("counterparty_bank", order.bank)
      .Coded("counterparty_account", "", order.counterparty_account, 10);
}

Money MonthlyPayment(Money amount, std::uint32_t months, std::uint32_t rate_basis_points) {
  const auto left_after = [&](Money payment) {
    Money debt = amount;
    for (std::uint32_t month = 0; month < months && debt > 0; ++month) {
      debt += debt * rate_basis_points / 120'000 - payment;
    }
    return debt;
  };
  Money low = amount / months / 100;  // crowns; too little unless there is no interest
  Money high = amount / 100 + 1;
  while (low < high) {
    const Money middle = low + (high - low) / 2;
    if (left_after(Crowns(middle)) <= 0) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return Crowns(low);
}

std::uint32_t GrantLoan(Customer& customer, const Day& day, std::int64_t ms, const LoanTerms& terms, std::string_view channel,
                        DayLog& log) {
  const std::uint32_t ordinal = OpenAccount(customer, day, ms, terms.product, channel, log);
  Account& account = customer.accounts[ordinal - 1];
  account.instalment = MonthlyPayment(terms.amount, terms.months, terms.rate_basis_points);
  account.instalments_left = terms.months;
  account.due_day_of_month = terms.due_day_of_month;
  const bool mortgage = terms.product == Product::kMortgage;
  Fields fields = log.Add(EventType::kLoanGranted, day.At(ms + 1'000), customer.index, ordinal);
  fields.Amount("amount", terms.amount)
      .Text("currency", "CZK")
      .Number("duration_months", terms.months)
      .Amount("monthly_payment", account.instalment)
      .Text("kind", mortgage ? "mortgage" : "consumer");
  if (mortgage) fields.Date("fixation_ends", day.date + days{365} * terms.fixed_years);
  return ordinal;
}

void ConsentChanged(const Day& day, std::int64_t ms, std::string_view channel, std::string_view purpose, bool granted, DayLog& log) {
  log.Add(EventType::kConsentChanged, day.At(ms)).Text("channel", channel).Text("purpose", purpose).Bool("granted", granted);
}

}  // namespace antiphon::simulate

#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>
#include <vector>

namespace antiphon::simulate {

using Money = std::int64_t;  // minor units: haléře, 1/100 CZK

constexpr Money Crowns(std::int64_t crowns) { return crowns * 100; }

// No text: printed as null or left out. A name, since an aggregate's members with a default may be left out without a warning.
inline constexpr std::string_view kNone;

enum class Segment : std::uint8_t { kChild, kStudent, kSalaried, kSelfEmployed, kWealthy, kPensioner };
enum class Product : std::uint8_t { kCurrent, kSavings, kTermDeposit, kCard, kLoan, kMortgage, kFund };
enum class RiskProfile : std::uint8_t { kUnclassified, kCautious, kBalanced, kDynamic };

// What a bank cannot see but a judge of lift must know. Written to the truth file under these names (truth.cc).
enum class LifeKind : std::uint8_t {
  kNewCustomer,
  kNeverUses,
  kSalaryLeaver,
  kMortgageInTheMaking,
  kLoanNeed,
  kDormant,
  kInheritance,
  kPropertySale,
  kBereavement,
  kArrears,
  kFraud,
  kComplaint,
  kSecondAccount,
  kLeaving,
};

struct LifeEvent {
  LifeKind kind;
  std::int32_t from;   // day number
  std::int32_t until;  // day number, exclusive; kForever
  std::string_view detail = kNone;
};

inline constexpr std::int32_t kForever = 1 << 29;
inline constexpr std::int32_t kNever = -kForever;

// Something that will happen to a customer on a day already known. What it means stands in agenda.cc.
enum class AgendaKind : std::uint8_t {
  kIssueCard,
  kSetUpOrders,
  kFirstVisit,
  kOpenSavings,
  kOpenTermDeposit,
  kOpenFund,
  kOpenCreditCard,
  kReservationFee,
  kDeveloperPayment,
  kMortgageOutcome,
  kConsumerLoan,
  kInheritance,
  kPropertySale,
  kComplaintOpens,
  kComplaintCloses,
  kSuppressionOpens,
  kSuppressionCloses,
  kConsentChanges,
  kContactPointChanges,
  kRiskProfile,
  kCrmContact,
  kCrmResponse,
  kTermDepositMatures,
  kLeaves,
};

struct AgendaItem {
  std::int32_t day;
  AgendaKind kind;
  std::uint8_t flavour;  // by kind: which suppression, topic, outcome, channel
  std::uint32_t number;  // by kind: the case, contact or account that it belongs to
};

struct Account {
  Product product = Product::kCurrent;
  bool open = true;
  Money balance = 0;                   // after the events that are written
  Money projected = 0;                 // after the events that are drafted for today
  Money instalment = 0;                // loan and mortgage: paid monthly
  std::uint32_t instalments_left = 0;  // loan and mortgage
  std::uint32_t due_day_of_month = 0;  // loan and mortgage
};

struct StandingOrder {
  Money amount = 0;
  std::string_view purpose = kNone;
  std::string_view bank = kNone;
  std::string_view name = kNone;
  std::uint64_t counterparty_account = 0;
  std::uint32_t day_of_month = 1;
};

enum class ConsentChannel : std::uint8_t { kSms, kEmail, kCall, kPush, kMail };
inline constexpr std::uint8_t kAllChannels = 0b11111;

struct Traits {
  std::chrono::sys_days birth_date;
  Segment segment = Segment::kSalaried;
  RiskProfile risk = RiskProfile::kUnclassified;
  bool female = false;
  bool first_name_known = true;
  bool has_phone = true;
  bool has_email = true;
  bool online = true;
  bool prefers_app = true;
  bool rents = false;
  bool bonus_quarterly = false;
  bool bonus_yearly = false;
  std::uint8_t district = 0;
  std::uint8_t first_name = 0;
  std::uint8_t last_name = 0;
  std::uint8_t employer = 0;
  std::uint8_t pay_day = 10;  // of the salary, pension or allowance
  std::string_view language = "cs";
  std::string_view zone = "Europe/Prague";
  Money income = 0;                      // per month, net
  std::uint32_t cards_per_mille = 0;     // card payments a day
  std::uint32_t sessions_per_mille = 0;  // web and app sessions a day
  std::uint32_t response_per_mille = 0;  // how readily a relevant, welcome offer is answered
};

// Salary leaver: how the salary goes.
enum class Leaving : std::uint8_t { kNot, kOnce, kThrice };
enum class LeavesTo : std::uint8_t { kRivalFund, kOwnSavings, kRivalBank };

// Customer: one life. Value type, owned by the Simulation; changed by the functions of behaviour.h, one day after the other.
// An authorised user acts on the account of the customer before him and has none of his own.
struct Customer {
  std::uint32_t index = 0;
  std::int32_t joins = -1;  // the day of his first event; -1: loaded on the eve
  bool authorised_user = false;
  bool never_uses = false;
  bool left = false;
  Traits traits;
  std::vector<Account> accounts;  // the ordinal in an account id is the position + 1; the current account comes first
  std::vector<StandingOrder> orders;
  std::vector<AgendaItem> agenda;
  std::vector<LifeEvent> life;

  std::int32_t dormant_from = kForever;
  std::int32_t dormant_until = kForever;
  std::int32_t housing_from = kNever;  // looks at mortgages in [from, until)
  std::int32_t housing_until = kNever;
  std::int32_t loan_interest_until = kNever;    // looks at loans
  std::int32_t invest_interest_until = kNever;  // looks at savings and funds
  std::int32_t arrears_from = kForever;         // instalments are missed in [from, until)
  std::int32_t arrears_until = kForever;
  std::int32_t income_from = kNever;  // a newcomer's income arrives later

  Leaving leaving = Leaving::kNot;
  std::int32_t leaving_from = kForever;
  LeavesTo leaves_to = LeavesTo::kRivalFund;
  std::uint8_t leave_left = 0;
  std::int32_t leave_day = kNever;
  Money leave_amount = 0;

  bool profiling = false;
  std::uint8_t marketing = 0;  // a bit for each ConsentChannel

  std::uint32_t events = 0;
  std::uint32_t cases = 0;
  std::uint32_t contacts = 0;
  std::uint32_t sessions = 0;
  std::uint32_t requests = 0;

  [[nodiscard]] bool Dormant(std::int32_t day) const { return day >= dormant_from && day < dormant_until; }
  [[nodiscard]] bool InArrears(std::int32_t day) const { return day >= arrears_from && day < arrears_until; }
  [[nodiscard]] bool HousingOn(std::int32_t day) const { return day >= housing_from && day < housing_until; }
  [[nodiscard]] Account* Find(Product product);
  [[nodiscard]] Account& Current() { return accounts.front(); }
  // Whether the current account can pay `amount` today and keep its overdraft.
  [[nodiscard]] bool CanPay(Money amount) { return accounts.front().open && accounts.front().projected - amount >= -Crowns(5'000); }
  void Schedule(std::int32_t day, AgendaKind kind, std::uint8_t flavour = 0, std::uint32_t number = 0) {
    agenda.push_back({day, kind, flavour, number});
  }
};

}  // namespace antiphon::simulate

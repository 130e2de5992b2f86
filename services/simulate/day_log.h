#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/simulate/calendar.h"
#include "services/simulate/customer.h"
#include "state/base/time.h"

namespace antiphon::simulate {

// The event types, in the order of their id prefixes, so that comparing (type, customer, number) is comparing ids by bytes.
enum class EventType : std::uint8_t {
  kAccountOpened,        // aco
  kAccountClosed,        // acx
  kComplaintClosed,      // cmc
  kComplaintOpened,      // cmo
  kConsentChanged,       // cns
  kContactPointChanged,  // cpt
  kCardIssued,           // crd
  kCustomerProfile,      // cst
  kContactRecorded,      // ctc
  kInteractionEnded,     // int
  kLoanGranted,          // log
  kLoanRepaid,           // lor
  kOrderCreated,         // ord
  kDecisionRequested,    // req
  kContactResponse,      // rsp
  kSuppressionClosed,    // spc
  kSuppressionOpened,    // spo
  kTransactionPosted,    // trx
  kPageViewed,           // web
};
inline constexpr std::size_t kEventTypes = 19;

[[nodiscard]] std::string_view TypeName(EventType type);
[[nodiscard]] std::string_view IdPrefix(EventType type);

// "A" + 8 digits of the customer + 2 of the ordinal; "C" + 8 digits.
void AppendAccountId(std::string& out, std::uint32_t customer, std::uint32_t ordinal);
void AppendCustomerId(std::string& out, std::uint32_t customer);
// `number` in decimal, with leading zeros up to `width` digits.
void AppendPadded(std::string& out, std::uint64_t number, std::uint32_t width);
// 900.00, -12.50
void AppendMoney(std::string& out, Money amount);

// Fields: appends `,"key":value` to an event that is being drafted. Texts must need no escape in JSON; all are the simulator's own.
class Fields {
 public:
  explicit Fields(std::string& out) : out_(&out) {}

  Fields& Text(std::string_view key, std::string_view value);
  Fields& TextOrNull(std::string_view key, std::string_view value);  // "" is null
  Fields& Number(std::string_view key, std::uint64_t value);
  // A text made of a number, padded to `width` digits, between `before` and `after`.
  Fields& Coded(std::string_view key, std::string_view before, std::uint64_t value, std::uint32_t width, std::string_view after = "");
  Fields& Amount(std::string_view key, Money value);
  Fields& Bool(std::string_view key, bool value);
  Fields& Date(std::string_view key, std::chrono::sys_days value);
  // An id made of a prefix, the customer and his own count: "crm-00000012-3".
  Fields& OwnId(std::string_view key, std::string_view prefix, std::uint32_t customer, std::uint32_t number);
  Fields& Raw(std::string_view key, std::string_view json);
  // A nested object: its first member as JSON, further ones by the functions above, then CloseObject.
  Fields& OpenObject(std::string_view key, std::string_view first_member);
  Fields& CloseObject();

 private:
  std::string* out_;
};

inline constexpr std::uint32_t kNoAccount = 0;

// A draft: an event without id and balance, which depend on what comes before it in the day.
struct Draft {
  EngineTime time;
  EventType type;
  std::uint32_t account_owner;    // meaningful unless ordinal is kNoAccount
  std::uint32_t account_ordinal;  // from 1
  Money delta;                    // of the account's balance; transactions only
  std::size_t text_begin;
};

// DayLog: the events of one customer on one day, in any order, while they are made up. Reused for all customers: Clear keeps memory.
class DayLog {
 public:
  void Clear() {
    drafts_.clear();
    text_.clear();
  }

  // Begins an event; the fields go to what is returned, before the next event begins.
  Fields Add(EventType type, EngineTime time, std::uint32_t account_owner = 0, std::uint32_t account_ordinal = kNoAccount, Money delta = 0);

  [[nodiscard]] const std::vector<Draft>& drafts() const { return drafts_; }
  [[nodiscard]] std::string_view TextOf(std::size_t draft) const {
    const std::size_t begin = drafts_[draft].text_begin;
    const std::size_t end = draft + 1 < drafts_.size() ? drafts_[draft + 1].text_begin : text_.size();
    return std::string_view(text_).substr(begin, end - begin);
  }

 private:
  std::vector<Draft> drafts_;
  std::string text_;
};

}  // namespace antiphon::simulate

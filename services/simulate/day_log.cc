#include "services/simulate/day_log.h"

#include <array>
#include <charconv>

namespace antiphon::simulate {
namespace {

struct TypeNames {
  std::string_view prefix;
  std::string_view name;
};

constexpr std::array<TypeNames, kEventTypes> kTypes = {{
    {"aco", "account.opened"},     {"acx", "account.closed"},        {"cmc", "complaint.closed"}, {"cmo", "complaint.opened"},
    {"cns", "consent.changed"},    {"cpt", "contact_point.changed"}, {"crd", "card.issued"},      {"cst", "customer.profile"},
    {"ctc", "contact.recorded"},   {"int", "interaction.ended"},     {"log", "loan.granted"},     {"lor", "loan.repaid"},
    {"ord", "order.created"},      {"req", "decision.requested"},    {"rsp", "contact.response"}, {"spc", "suppression.closed"},
    {"spo", "suppression.opened"}, {"trx", "transaction.posted"},    {"web", "web.page_viewed"},
}};

}  // namespace

std::string_view TypeName(EventType type) { return kTypes[static_cast<std::size_t>(type)].name; }
std::string_view IdPrefix(EventType type) { return kTypes[static_cast<std::size_t>(type)].prefix; }

void AppendPadded(std::string& out, std::uint64_t number, std::uint32_t width) {
  std::array<char, 20> digits;
  const char* end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  const auto length = static_cast<std::size_t>(end - digits.data());
  if (length < width) out.append(width - length, '0');
  out.append(digits.data(), length);
}

void AppendCustomerId(std::string& out, std::uint32_t customer) {
  out += 'C';
  AppendPadded(out, customer, 8);
}

void AppendAccountId(std::string& out, std::uint32_t customer, std::uint32_t ordinal) {
  out += 'A';
  AppendPadded(out, customer, 8);
  AppendPadded(out, ordinal, 2);
}

void AppendMoney(std::string& out, Money amount) {
  if (amount < 0) out += '-';
  const auto minor = static_cast<std::uint64_t>(amount < 0 ? -amount : amount);
  AppendPadded(out, minor / 100, 1);
  out += '.';
  AppendPadded(out, minor % 100, 2);
}

Fields& Fields::Raw(std::string_view key, std::string_view json) {
  out_->append(",\"").append(key).append("\":").append(json);
  return *this;
}

Fields& Fields::OpenObject(std::string_view key, std::string_view first_member) {
  Raw(key, "{").out_->append(first_member);
  return *this;
}

Fields& Fields::CloseObject() {
  *out_ += '}';
  return *this;
}

Fields& Fields::Text(std::string_view key, std::string_view value) {
  out_->append(",\"").append(key).append("\":\"").append(value).append("\"");
  return *this;
}

Fields& Fields::TextOrNull(std::string_view key, std::string_view value) { return value.empty() ? Raw(key, "null") : Text(key, value); }

Fields& Fields::Number(std::string_view key, std::uint64_t value) {
  Raw(key, "");
  AppendPadded(*out_, value, 1);
  return *this;
}

Fields& Fields::Coded(std::string_view key, std::string_view before, std::uint64_t value, std::uint32_t width, std::string_view after) {
  Raw(key, "\"").out_->append(before);
  AppendPadded(*out_, value, width);
  out_->append(after).append("\"");
  return *this;
}

Fields& Fields::Amount(std::string_view key, Money value) {
  Raw(key, "");
  AppendMoney(*out_, value);
  return *this;
}

Fields& Fields::Bool(std::string_view key, bool value) { return Raw(key, value ? "true" : "false"); }

Fields& Fields::Date(std::string_view key, std::chrono::sys_days value) {
  const std::chrono::year_month_day date{value};
  Raw(key, "\"");
  AppendPadded(*out_, static_cast<std::uint64_t>(int{date.year()}), 4);
  *out_ += '-';
  AppendPadded(*out_, unsigned{date.month()}, 2);
  *out_ += '-';
  AppendPadded(*out_, unsigned{date.day()}, 2);
  *out_ += '"';
  return *this;
}

Fields& Fields::OwnId(std::string_view key, std::string_view prefix, std::uint32_t customer, std::uint32_t number) {
  Raw(key, "\"").out_->append(prefix);
  *out_ += '-';
  AppendPadded(*out_, customer, 8);
  *out_ += '-';
  AppendPadded(*out_, number, 1);
  *out_ += '"';
  return *this;
}

Fields DayLog::Add(EventType type, EngineTime time, std::uint32_t account_owner, std::uint32_t account_ordinal, Money delta) {
  drafts_.push_back({time, type, account_owner, account_ordinal, delta, text_.size()});
  return Fields(text_);
}

}  // namespace antiphon::simulate

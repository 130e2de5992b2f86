// Complaints, suppressions, consent, addresses, risk profiles, and leaving the bank.
#include <algorithm>
#include <array>

#include "services/simulate/behaviour.h"
#include "services/simulate/emit.h"
#include "services/simulate/names.h"

namespace antiphon::simulate {
namespace {

constexpr std::array<std::string_view, 6> kTopics = {"fees",       "card_declined", "branch_service",
                                                     "app_outage", "wrong_payment", "too_many_calls"};
constexpr std::array<std::string_view, 3> kSuppressions = {"bereavement", "arrears", "fraud"};
constexpr std::array<std::string_view, 3> kContactPoints = {"phone", "email", "address"};
constexpr std::uint32_t kChannels = 5;

std::int64_t OfficeTime(Stream& stream) { return DrawTimeOfDay(stream, 8, 540); }

void Complaint(EventType type, const Day& day, const AgendaItem& item, const Customer& customer, Stream& stream, DayLog& log) {
  log.Add(type, day.At(OfficeTime(stream)))
      .OwnId("case_id", "case", customer.index, item.number)
      .Text("topic", kTopics[item.flavour % kTopics.size()]);
}

void Suppression(EventType type, const Day& day, const AgendaItem& item, const Customer& customer, Stream& stream, DayLog& log) {
  log.Add(type, day.At(OfficeTime(stream))).Text("kind", kSuppressions[item.flavour]).OwnId("case_id", "case", customer.index, item.number);
}

std::uint8_t BitOf(std::uint32_t channel) { return static_cast<std::uint8_t>(1U << channel); }

}  // namespace

void OpenComplaint(const Day& day, const AgendaItem& item, const Customer& customer, Stream& stream, DayLog& log) {
  Complaint(EventType::kComplaintOpened, day, item, customer, stream, log);
}
void CloseComplaint(const Day& day, const AgendaItem& item, const Customer& customer, Stream& stream, DayLog& log) {
  Complaint(EventType::kComplaintClosed, day, item, customer, stream, log);
}
void OpenSuppression(const Day& day, const AgendaItem& item, const Customer& customer, Stream& stream, DayLog& log) {
  Suppression(EventType::kSuppressionOpened, day, item, customer, stream, log);
}
void CloseSuppression(const Day& day, const AgendaItem& item, const Customer& customer, Stream& stream, DayLog& log) {
  Suppression(EventType::kSuppressionClosed, day, item, customer, stream, log);
}

void GiveFirstConsents(const Day& day, std::int64_t ms, Customer& customer, Stream& stream, DayLog& log) {
  const std::uint32_t draw = stream.Below(1000);
  if (draw < 70) return;  // never asked: unknown
  if (draw < 320) {
    ConsentChanged(day, ms, "all", "marketing", false, log);
    return;
  }
  if (draw < 720) {
    customer.marketing = kAllChannels;
    ConsentChanged(day, ms, "all", "marketing", true, log);
  } else {
    for (std::uint32_t channel = 0; channel < kChannels; ++channel) {
      if (!stream.Chance(450)) continue;
      customer.marketing = static_cast<std::uint8_t>(customer.marketing | BitOf(channel));
      ConsentChanged(day, ms + std::int64_t{channel} * 100, ChannelName(static_cast<ConsentChannel>(channel)), "marketing", true, log);
    }
  }
  customer.profiling = stream.Chance(650);
  ConsentChanged(day, ms + 1'000, "all", "profiling", customer.profiling, log);
}

void ChangeConsent(const Day& day, Customer& customer, Stream& stream, DayLog& log) {
  const std::int64_t ms = DrawTimeOfDay(stream, 8, 780);
  const std::uint32_t draw = stream.Below(1000);
  if (draw < 200) {
    customer.profiling = !customer.profiling;
    ConsentChanged(day, ms, "all", "profiling", customer.profiling, log);
  } else if (draw < 400) {
    const bool granted = customer.marketing == 0;
    customer.marketing = granted ? kAllChannels : std::uint8_t{0};
    ConsentChanged(day, ms, "all", "marketing", granted, log);
  } else {
    const std::uint32_t channel = stream.Below(kChannels);
    customer.marketing = static_cast<std::uint8_t>(customer.marketing ^ BitOf(channel));
    const bool granted = (customer.marketing & BitOf(channel)) != 0;
    ConsentChanged(day, ms, ChannelName(static_cast<ConsentChannel>(channel)), "marketing", granted, log);
  }
}

void ChangeContactPoint(const Day& day, const Customer& customer, Stream& stream, DayLog& log) {
  std::string_view kind = stream.Pick(kContactPoints);
  if ((kind == "phone" && !customer.traits.has_phone) || (kind == "email" && !customer.traits.has_email)) kind = "address";
  const bool returned = stream.Chance(600);  // found bad, and mostly put right on the same day
  const std::int64_t ms = OfficeTime(stream);
  if (returned) log.Add(EventType::kContactPointChanged, day.At(ms)).Text("kind", kind).Bool("good", false);
  if (!returned || stream.Chance(500)) {
    log.Add(EventType::kContactPointChanged, day.At(ms + AtHour(5))).Text("kind", kind).Bool("good", true);
  }
}

void ClassifyRisk(const Day& day, Customer& customer, Stream& stream, DayLog& log) {
  customer.traits.risk = static_cast<RiskProfile>(1 + stream.Below(3));
  Profile(customer, day, OfficeTime(stream), log);
}

void LeaveBank(const Day& day, Customer& customer, DayLog& log) {
  if (customer.Find(Product::kLoan) != nullptr || customer.Find(Product::kMortgage) != nullptr || customer.Current().projected < 0) return;
  std::int64_t ms = AtHour(22, 30);
  for (std::size_t i = customer.accounts.size(); i-- > 0;) {
    const Account& account = customer.accounts[i];
    if (!account.open) continue;
    const auto ordinal = static_cast<std::uint32_t>(i) + 1;
    if (account.projected > 0 && ordinal > 1) {
      TransferWithin(customer, day, ms, ordinal, 1, account.projected, "closing", log);
    } else if (account.projected > 0) {
      Post(customer, day, ms,
           {.amount = account.projected,
            .operation = "transfer_out",
            .purpose = "closing",
            .bank = RivalBanks()[customer.index % RivalBanks().size()],
            .counterparty_account = CounterpartyAccount(customer.index, "own")},
           log);
    }
    CloseAccount(customer, day, ms + 30'000, ordinal, log);
    ms += 60'000;
  }
  customer.orders.clear();
  customer.left = true;
}

}  // namespace antiphon::simulate

// The customer and the bank in talk: requests to Antiphon, and the contacts that the branches' own system makes.
#include <array>

#include "services/simulate/behaviour.h"
#include "services/simulate/emit.h"

namespace antiphon::simulate {
namespace {

enum class CrmChannel : std::uint8_t { kCall, kEmail, kMail, kBranch };
constexpr std::array<std::string_view, 4> kCrmChannels = {"call", "email", "mail", "branch"};
constexpr std::array<std::uint32_t, 4> kCrmWeights = {45, 25, 10, 20};
constexpr std::array<std::string_view, 4> kCrmOffers = {"crm_savings_review", "crm_insurance_check", "crm_card_upgrade",
                                                        "crm_loan_preapproved"};
constexpr std::array<std::string_view, 6> kIntents = {"balance", "card_problem", "payment", "savings", "loan", "other"};

bool Consents(const Customer& customer, CrmChannel channel) {
  constexpr std::array<ConsentChannel, 4> kNeeded = {ConsentChannel::kCall, ConsentChannel::kEmail, ConsentChannel::kMail,
                                                     ConsentChannel::kMail};
  if (channel == CrmChannel::kBranch) return true;  // he came himself
  return ((customer.marketing >> static_cast<unsigned>(kNeeded[static_cast<std::size_t>(channel)])) & 1U) != 0;
}

void Respond(const Day& day, std::int64_t ms, const Customer& customer, std::uint32_t contact, std::string_view code, DayLog& log) {
  log.Add(EventType::kContactResponse, day.At(ms)).OwnId("contact_id", "crm", customer.index, contact).Text("code", code);
}

std::string_view SpokenAnswer(const Customer& customer, Stream& stream) {
  const std::uint32_t draw = stream.Below(1000);
  if (draw < customer.traits.response_per_mille) return "accepted";
  return draw < 700 ? "declined" : "not_now";
}

}  // namespace

void RequestDecision(const Day& day, std::int64_t ms, Customer& customer, const Request& request, DayLog& log) {
  const std::uint32_t number = ++customer.requests;
  Fields fields = log.Add(EventType::kDecisionRequested, day.At(ms));
  fields.OwnId("request_id", "req", customer.index, number)
      .Text("channel", request.channel)
      .Text("placement", request.placement)
      .Number("slots", request.slots)
      .Text("intent", request.intent)
      .Text("language", customer.traits.language);
  fields.OpenObject("actor", request.by_agent ? R"("kind":"agent")" : R"("kind":"customer")");
  if (request.by_agent) {
    const std::uint64_t agent = Mix64((static_cast<std::uint64_t>(customer.index) << 20U) + number) % 40;
    fields.Coded("id", "agent-", agent, 3).Coded("branch", "branch-", customer.traits.district + 1U, 2);
  }
  fields.CloseObject().OwnId("interaction_id", "act", customer.index, number).Raw("context", request.context);
  log.Add(EventType::kInteractionEnded, day.At(ms + request.lasts_ms)).OwnId("interaction_id", "act", customer.index, number);
}

void CallOrVisit(const Day& day, Customer& customer, Stream& stream, DayLog& log) {
  const bool housing = customer.HousingOn(day.number);
  const bool call = stream.Below(10'000) < (housing ? 150U : 35U);
  const bool visit = day.business && stream.Below(10'000) < (housing ? 250U : (customer.traits.online ? 15U : 60U));
  if (!call && !visit) return;
  const Request request{.channel = call ? "call" : "branch",
                        .placement = call ? "call_screen" : "branch_screen",
                        .intent = housing ? "mortgage" : stream.Pick(kIntents),
                        .by_agent = true,
                        .context = housing ? R"({"goal":"house","horizon_years":25})" : "{}",
                        .slots = 3,
                        .lasts_ms = stream.Between(90'000, 1'200'000)};
  const std::int64_t ms = DrawTimeOfDay(stream, 8, 600);
  RequestDecision(day, ms, customer, request, log);
}

void RecordCrmContact(const Day& day, Customer& customer, Stream& stream, DayLog& log) {
  const auto channel = static_cast<CrmChannel>(stream.PickWeighted(kCrmWeights));
  if (!Consents(customer, channel)) return;
  const std::uint32_t contact = ++customer.contacts;
  const std::int64_t ms = DrawTimeOfDay(stream, 9, 420);
  const bool spoken = channel == CrmChannel::kCall || channel == CrmChannel::kBranch;
  const bool service = stream.Chance(150);
  Fields fields = log.Add(EventType::kContactRecorded, day.At(ms));
  fields.OwnId("contact_id", "crm", customer.index, contact)
      .Text("channel", kCrmChannels[static_cast<std::size_t>(channel)])
      .Text("direction", channel == CrmChannel::kBranch ? "inbound" : "outbound");
  if (!service) fields.Text("offer", stream.Pick(kCrmOffers));
  fields.Text("class", service ? "service" : "marketing").Text("status", spoken ? "presented" : "sent").Text("source_system", "branch-crm");
  if (channel == CrmChannel::kCall && stream.Chance(350)) return Respond(day, ms + 45'000, customer, contact, "no_answer", log);
  if (spoken && !service) {
    const std::string_view answer = SpokenAnswer(customer, stream);
    return Respond(day, ms + stream.Between(60'000, 900'000), customer, contact, answer, log);
  }
  if (channel == CrmChannel::kEmail) Respond(day, ms + stream.Between(2'000, 90'000), customer, contact, "delivered", log);
  if (!spoken && stream.Chance(customer.traits.response_per_mille * 3)) {
    customer.Schedule(day.number + static_cast<std::int32_t>(stream.Between(1, 5)), AgendaKind::kCrmResponse,
                      static_cast<std::uint8_t>(channel), contact);
  }
}

void RecordCrmResponse(const Day& day, const AgendaItem& item, const Customer& customer, Stream& stream, DayLog& log) {
  const std::int64_t ms = DrawTimeOfDay(stream, 8, 720);
  if (static_cast<CrmChannel>(item.flavour) == CrmChannel::kEmail) Respond(day, ms, customer, item.number, "clicked", log);
  if (stream.Chance(330)) Respond(day, ms + 600'000, customer, item.number, "accepted", log);
}

}  // namespace antiphon::simulate

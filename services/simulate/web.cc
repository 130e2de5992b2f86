// Sessions on the web and in the app. What a customer looks at follows what occupies him.
#include <algorithm>
#include <array>
#include <span>

#include "services/simulate/behaviour.h"

namespace antiphon::simulate {
namespace {

using Paths = std::span<const std::string_view>;

constexpr std::array<std::string_view, 12> kEverydayPaths = {"/accounts", "/accounts", "/accounts", "/payments", "/payments",  "/cards",
                                                             "/help",     "/savings",  "/funds",    "/loans",    "/insurance", "/mortgage"};
constexpr std::array<std::string_view, 4> kMortgagePaths = {"/mortgage", "/mortgage/calculator", "/mortgage/rates", "/mortgage/calculator"};
constexpr std::array<std::string_view, 4> kInvestPaths = {"/savings", "/savings/rates", "/funds", "/funds/calculator"};
constexpr std::array<std::string_view, 3> kLoansPaths = {"/loans", "/loans/calculator", "/loans/consolidation"};
constexpr std::array<std::string_view, 3> kSensitivePaths = {"/help/debt", "/insurance/health", "/help/bereavement"};
constexpr std::array<std::string_view, 3> kFirstPaths = {"/help/first-steps", "/cards", "/help"};
constexpr std::array<std::uint8_t, 24> kHours = {2, 1, 1, 0, 0, 1, 4, 8, 9, 8, 8, 8, 8, 7, 7, 7, 7, 8, 9, 11, 13, 12, 8, 0};

enum class Focus { kEveryday, kMortgage, kInvest, kLoans, kFirst };

Paths PathsOf(Focus focus) {
  switch (focus) {
    case Focus::kMortgage:
      return kMortgagePaths;
    case Focus::kInvest:
      return kInvestPaths;
    case Focus::kLoans:
      return kLoansPaths;
    case Focus::kFirst:
      return kFirstPaths;
    case Focus::kEveryday:
      break;
  }
  return kEverydayPaths;
}

Focus DrawFocus(const Day& day, const Customer& customer, Stream& stream) {
  const std::uint32_t draw = stream.Below(1000);
  if (customer.HousingOn(day.number)) return draw < 700 ? Focus::kMortgage : Focus::kEveryday;
  if (day.number < customer.loan_interest_until && draw < 600) return Focus::kLoans;
  if (day.number < customer.invest_interest_until && draw < 500) return Focus::kInvest;
  if (customer.leaving != Leaving::kNot && day.number >= customer.leaving_from && draw < 150) return Focus::kInvest;
  if (draw < 4) return Focus::kMortgage;
  return draw < 20 ? Focus::kInvest : Focus::kEveryday;
}

void Visit(const Day& day, Customer& customer, Focus focus, Stream& stream, DayLog& log) {
  const bool app = stream.Chance(customer.traits.prefers_app ? 850 : 200);
  const std::string_view device = app || stream.Chance(300) ? "mobile" : (stream.Chance(80) ? "tablet" : "desktop");
  const std::uint32_t session = ++customer.sessions;
  const std::int64_t begin = DrawTimeOfDay(stream, stream.PickWeighted(kHours), 60);
  const std::int64_t views = focus == Focus::kEveryday ? 1 + stream.Skewed(0, 3) : stream.Between(3, 6);
  const Paths paths = PathsOf(focus);
  std::int64_t ms = begin;
  for (std::int64_t view = 0; view < views; ++view) {
    std::string_view path = view == 0 ? "/" : stream.Pick(paths);
    if (view == 0 && app) path = "/accounts";
    const bool sensitive = view > 0 && stream.Chance(8);
    if (sensitive) path = stream.Pick(kSensitivePaths);
    const auto duration = static_cast<std::uint64_t>(stream.Skewed(2'000, focus == Focus::kEveryday ? 60'000 : 180'000));
    Fields fields = log.Add(EventType::kPageViewed, day.At(ms));
    fields.OwnId("session_id", "ses", customer.index, session)
        .Text("path", path)
        .Text("device", device)
        .Number("duration_ms", duration)
        .Text("channel", app ? "app" : "web");
    if (sensitive) fields.Bool("sensitive", true);
    ms += static_cast<std::int64_t>(duration);
  }
  if (!stream.Chance(120)) return;
  RequestDecision(day, begin + 300, customer,
                  {.channel = app ? "app" : "web",
                   .placement = app ? "app_home" : "web_banner",
                   .intent = focus == Focus::kMortgage ? "mortgage" : "browse",
                   .context = "{}",
                   .slots = 1 + stream.Below(3),
                   .lasts_ms = ms - begin},
                  log);
}

}  // namespace

void BrowseFirst(const Day& day, Customer& customer, Stream& stream, DayLog& log) { Visit(day, customer, Focus::kFirst, stream, log); }

void BrowseWeb(const World& world, const Day& day, Customer& customer, Stream& stream, DayLog& log) {
  if (!customer.traits.online) return;
  std::uint32_t rate = customer.traits.sessions_per_mille;
  if (customer.HousingOn(day.number)) rate = std::max(rate, 300U);
  if (day.number < std::max(customer.loan_interest_until, customer.invest_interest_until)) rate = std::max(rate, 200U);
  rate = rate * world.activity_percent / 100;
  const std::uint32_t trials = 2 + rate / 200;
  for (std::uint32_t trial = 0; trial < trials; ++trial) {
    if (stream.Below(1000 * trials) < rate) Visit(day, customer, DrawFocus(day, customer, stream), stream, log);
  }
}

}  // namespace antiphon::simulate

// Who the customers are. The figures and their sources: docs/simulated-bank.md, "Population".
#include <array>

#include "services/simulate/behaviour.h"
#include "services/simulate/names.h"

namespace antiphon::simulate {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year;

// Five-year bands from 10 to 89, per mille of the customers.
constexpr std::array<std::uint32_t, 16> kAgeBands = {30, 50, 60, 62, 72, 76, 86, 94, 78, 72, 66, 68, 68, 54, 38, 26};

// Net monthly salary in crowns at the per milles of kSalaryRanks; linear in between.
constexpr std::array<std::uint32_t, 9> kSalaryRanks = {0, 10, 100, 250, 500, 750, 900, 990, 1000};
constexpr std::array<std::uint32_t, 9> kSalaries = {12'000, 14'500, 18'500, 24'500, 32'000, 42'000, 57'000, 130'000, 260'000};

Money NetSalary(Stream& stream) {
  const std::uint32_t rank = stream.Below(1000);
  std::size_t band = 0;
  while (rank >= kSalaryRanks[band + 1]) ++band;
  const std::uint32_t span = kSalaryRanks[band + 1] - kSalaryRanks[band];
  const std::uint32_t rise = (kSalaries[band + 1] - kSalaries[band]) * (rank - kSalaryRanks[band]) / span;
  const std::int64_t tens = (kSalaries[band] + rise) / 10;
  return Crowns(tens * 10);
}

// Somebody in three of a thousand is made to be born on 29 February, more than nature's 0.7, so that small banks have them too.
sys_days DrawBirth(sys_days start, Stream& stream) {
  const std::uint32_t band = stream.PickWeighted(kAgeBands);
  const std::int64_t age_days = (10 + 5 * std::int64_t{band}) * 365 + stream.Between(0, 1'825);
  const sys_days birth = start - days{age_days + 10};
  if (!stream.Chance(3)) return birth;
  year leap = std::chrono::year_month_day{birth}.year();
  while (!leap.is_leap()) --leap;
  return leap / std::chrono::February / 29;
}

Segment DrawSegment(std::int32_t age, Stream& stream) {
  const std::uint32_t draw = stream.Below(1000);
  if (age < 15) return Segment::kChild;
  if (age < 19) return draw < 950 ? Segment::kStudent : Segment::kSalaried;
  if (age < 26) return draw < 400 ? Segment::kStudent : (draw < 940 ? Segment::kSalaried : Segment::kSelfEmployed);
  if (age < 63) return draw < 50 ? Segment::kWealthy : (draw < 180 ? Segment::kSelfEmployed : Segment::kSalaried);
  if (age < 67 && draw >= 600) return Segment::kSalaried;
  return draw < 40 ? Segment::kWealthy : Segment::kPensioner;
}

std::uint32_t OnlinePerMille(std::int32_t age) {
  if (age < 15) return 500;
  if (age < 25) return 850;
  if (age < 55) return 930;
  if (age < 65) return 780;
  return age < 75 ? 500 : 220;
}

void DrawPerson(Traits& traits, std::int32_t age, Stream& stream) {
  traits.female = stream.Chance(510);
  traits.first_name = static_cast<std::uint8_t>(stream.Below(static_cast<std::uint32_t>(FirstNames(true).size())));
  traits.last_name = static_cast<std::uint8_t>(stream.Below(static_cast<std::uint32_t>(LastNames(true).size())));
  traits.first_name_known = !stream.Chance(20);
  traits.has_phone = !stream.Chance(age < 15 ? 400 : 40);
  traits.has_email = !stream.Chance(age >= 70 ? 550 : 120);
  traits.online = stream.Chance(OnlinePerMille(age));
  traits.prefers_app = stream.Chance(age < 45 ? 800 : 350);
  std::array<std::uint32_t, 28> weights{};
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = Districts()[i].weight;
  traits.district = static_cast<std::uint8_t>(stream.PickWeighted(weights));
  constexpr std::array<std::string_view, 5> kLanguages = {"cs", "uk", "sk", "en", "vi"};
  constexpr std::array<std::uint32_t, 5> kLanguageWeights = {920, 35, 20, 15, 10};
  traits.language = kLanguages[stream.PickWeighted(kLanguageWeights)];
  constexpr std::array<std::string_view, 4> kZones = {"Europe/Prague", "Europe/London", "America/New_York", "Asia/Bangkok"};
  constexpr std::array<std::uint32_t, 4> kZoneWeights = {985, 8, 4, 3};
  traits.zone = kZones[stream.PickWeighted(kZoneWeights)];
}

void DrawMoney(Traits& traits, std::int32_t age, Stream& stream) {
  traits.employer = static_cast<std::uint8_t>(stream.Below(static_cast<std::uint32_t>(Employers().size())));
  traits.pay_day = static_cast<std::uint8_t>(8 + traits.employer % 8);  // the employer's day, the 8th to the 15th
  switch (traits.segment) {
    case Segment::kChild:
      traits.income = Crowns(stream.Skewed(200, 1'000) / 50 * 50);
      traits.cards_per_mille = 150;
      traits.sessions_per_mille = 100;
      break;
    case Segment::kStudent:
      traits.income = Crowns(stream.Skewed(1'500, 9'000) / 100 * 100);
      traits.cards_per_mille = 520;
      traits.sessions_per_mille = 220;
      break;
    case Segment::kSalaried:
      traits.income = NetSalary(stream);
      traits.cards_per_mille = 600;
      traits.sessions_per_mille = 220;
      traits.bonus_yearly = stream.Chance(350);
      traits.bonus_quarterly = stream.Chance(120);
      break;
    case Segment::kSelfEmployed:
      traits.income = NetSalary(stream) * 5 / 4;
      traits.cards_per_mille = 650;
      traits.sessions_per_mille = 320;
      break;
    case Segment::kWealthy:
      traits.income = Crowns(stream.Skewed(90'000, 500'000) / 1'000 * 1'000);
      traits.cards_per_mille = 800;
      traits.sessions_per_mille = 250;
      break;
    case Segment::kPensioner:
      traits.income = Crowns(stream.Between(14'000, 20'000));
      traits.income += Crowns(stream.Between(0, 7'500));
      traits.pay_day = static_cast<std::uint8_t>(2 * stream.Between(1, 12));  // the even days from the 2nd to the 24th
      traits.cards_per_mille = 330;
      traits.sessions_per_mille = 120;
      break;
  }
  const bool own_household = age >= 22 && traits.segment != Segment::kWealthy;
  traits.rents = own_household && stream.Chance(age < 40 ? 380 : 160);
  const std::uint32_t classified = traits.segment == Segment::kWealthy ? 900 : (age >= 26 ? 350 : 40);
  if (stream.Chance(classified)) traits.risk = static_cast<RiskProfile>(1 + stream.Below(3));
  traits.response_per_mille = static_cast<std::uint32_t>(stream.Skewed(5, 160));
}

// The salary leaves at once or in three parts; for most leavers it always did, some begin within the first half-year.
void DrawLeaving(Customer& customer, Stream& stream) {
  if (customer.traits.segment != Segment::kSalaried || !stream.Chance(150)) return;
  customer.leaving = stream.Chance(600) ? Leaving::kOnce : Leaving::kThrice;
  customer.leaves_to = static_cast<LeavesTo>(stream.Below(3));
  customer.leaving_from = stream.Chance(670) ? -1 : static_cast<std::int32_t>(stream.Between(0, 179));
  constexpr std::array<std::string_view, 3> kDetails = {"rival_fund", "own_savings", "rival_bank"};
  customer.life.push_back(
      {LifeKind::kSalaryLeaver, customer.leaving_from, kForever, kDetails[static_cast<std::size_t>(customer.leaves_to)]});
}

// 12 % of the customers join within each 90 days, up to 40 % of all in long runs; the others are there on the eve.
std::int32_t JoiningDay(const World& world, std::uint32_t index) {
  Stream stream(world.seed, index, Purpose::kJoining, 0);
  const std::int64_t day = stream.Between(0, 749);
  return day < world.days && day < 300 ? static_cast<std::int32_t>(day) : -1;
}

}  // namespace

Customer MakeCustomer(const World& world, std::uint32_t index) {
  Stream stream(world.seed, index, Purpose::kTraits, 0);
  Customer customer;
  customer.index = index;
  Traits& traits = customer.traits;
  traits.birth_date = DrawBirth(world.start, stream);
  const std::int32_t age = AgeOn(traits.birth_date, world.start);
  traits.segment = DrawSegment(age, stream);
  DrawPerson(traits, age, stream);
  DrawMoney(traits, age, stream);
  customer.authorised_user = index % 2 == 1 && age >= 18 && stream.Chance(100);
  if (customer.authorised_user) {
    customer.joins = JoiningDay(world, index - 1);
    return customer;
  }
  customer.joins = JoiningDay(world, index);
  if (customer.joins >= 0) {
    customer.life.push_back({LifeKind::kNewCustomer, customer.joins, kForever, ""});
    customer.income_from = customer.joins + static_cast<std::int32_t>(stream.Between(7, 50));
    customer.never_uses = stream.Chance(200);
  }
  if (customer.never_uses) {
    customer.life.push_back({LifeKind::kNeverUses, customer.joins, kForever, ""});
  } else {
    DrawLeaving(customer, stream);
  }
  return customer;
}

}  // namespace antiphon::simulate

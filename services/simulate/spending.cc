// Card payments and cash. Shapes of the day and the week: docs/simulated-bank.md, "Spending".
#include <array>

#include "services/simulate/behaviour.h"
#include "services/simulate/emit.h"
#include "services/simulate/names.h"

namespace antiphon::simulate {
namespace {

// Weights of the 24 hours.
using Hours = std::array<std::uint8_t, 24>;
constexpr Hours kShopHours = {0, 0, 0, 0, 0, 1, 3, 7, 9, 9, 9, 8, 7, 7, 8, 10, 13, 14, 11, 7, 3, 1, 0, 0};
constexpr Hours kMealHours = {1, 0, 0, 0, 0, 0, 1, 3, 3, 3, 5, 15, 18, 9, 4, 4, 5, 7, 10, 12, 9, 6, 4, 2};
constexpr Hours kRoadHours = {1, 1, 0, 0, 1, 4, 8, 10, 8, 6, 6, 6, 6, 6, 7, 9, 10, 9, 6, 4, 3, 2, 2, 1};
constexpr Hours kScreenHours = {3, 2, 1, 0, 0, 0, 1, 2, 4, 6, 6, 6, 6, 5, 5, 5, 5, 6, 7, 9, 11, 12, 9, 5};

struct Category {
  std::string_view name;
  std::uint32_t weight;
  std::int64_t low;  // crowns
  std::int64_t high;
  const Hours* hours;
  std::array<std::uint8_t, 7> weekdays;  // tenths, from Monday
  std::array<std::string_view, 3> merchants;
};

constexpr std::array<Category, 12> kCategories = {{
    {"groceries", 400, 45, 1'900, &kShopHours, {9, 9, 9, 10, 12, 13, 8}, {"Potraviny Bedýnka", "Samoobsluha Pultík", "Market Tykev"}},
    {"restaurants", 170, 90, 950, &kMealHours, {9, 10, 10, 10, 13, 12, 7}, {"Hostinec U Vařečky", "Bistro Lžička", "Kavárna Šálek"}},
    {"fuel", 75, 500, 2'300, &kRoadHours, {10, 9, 9, 10, 13, 10, 9}, {"Pumpa Kanystr", "Čerpačka Stojan", "Pumpa Dálnice vzor"}},
    {"drugstore", 60, 60, 900, &kShopHours, {9, 9, 9, 10, 12, 13, 6}, {"Drogerie Mýdlo", "Drogerie Kartáček", "Parfumerie Flakon"}},
    {"health", 50, 70, 1'200, &kShopHours, {12, 11, 11, 11, 10, 5, 2}, {"Lékárna Bylina", "Lékárna U Hada vzor", "Optika Brýle"}},
    {"clothing", 50, 250, 3'500, &kShopHours, {7, 8, 8, 9, 11, 16, 11}, {"Oděvy Knoflík", "Boty Tkanička", "Móda Ramínko"}},
    {"transport", 55, 24, 650, &kRoadHours, {11, 11, 11, 11, 12, 8, 7}, {"Dráhy Semafor", "Autobusy Zastávka", "Taxi Lampička"}},
    {"leisure", 50, 120, 1'600, &kMealHours, {6, 7, 8, 9, 13, 16, 11}, {"Kino Projektor", "Divadlo Opona vzor", "Bazén Vlnobití"}},
    {"online", 45, 150, 3'800, &kScreenHours, {11, 10, 10, 10, 9, 9, 11}, {"E-shop Balíček", "E-shop Krabice", "Předplatné Obraz"}},
    {"home", 25, 200, 9'000, &kShopHours, {8, 8, 8, 9, 11, 16, 10}, {"Hobby Kladívko", "Nábytek Šuplík", "Zahrada Konev"}},
    {"electronics", 12, 400, 24'000, &kShopHours, {9, 9, 9, 10, 11, 13, 9}, {"Elektro Zástrčka", "Počítače Tlačítko", "Foto Závěrka"}},
    {"travel", 8, 1'500, 38'000, &kScreenHours, {10, 10, 10, 10, 9, 10, 11}, {"Cestovka Kufr", "Letenky Oblak", "Hotel Klíč vzor"}},
}};

std::int64_t DrawTime(const Hours& hours, Stream& stream) { return DrawTimeOfDay(stream, stream.PickWeighted(hours), 60); }

void PayByCard(const Day& day, Customer& customer, Stream& stream, DayLog& log) {
  std::array<std::uint32_t, kCategories.size()> weights{};
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = kCategories[i].weight * kCategories[i].weekdays[day.weekday];
  const Category& category = kCategories[stream.PickWeighted(weights)];
  const Money most = stream.Skewed(Crowns(category.low), Crowns(category.high));
  Money amount = stream.Skewed(Crowns(category.low), most);
  if (category.name != "groceries" && category.name != "fuel") amount = amount / 100 * 100;
  if (customer.traits.segment <= Segment::kStudent) amount = amount / 2;
  if (customer.traits.segment == Segment::kWealthy) amount = amount * 2;
  if (amount <= 0 || !customer.CanPay(amount)) return;
  const std::string_view merchant = stream.Pick(category.merchants);
  Post(customer, day, DrawTime(*category.hours, stream),
       {.amount = amount,
        .operation = "card_payment",
        .category = category.name,
        .bank = RivalBanks()[merchant.size() % RivalBanks().size()],
        .counterparty_account = CounterpartyAccount(0, merchant),
        .counterparty_name = merchant},
       log);
}

// Payments per thousand days like this one.
std::uint32_t Rate(const World& world, const Day& day, const Customer& customer) {
  std::uint32_t rate = customer.traits.cards_per_mille * world.activity_percent / 100;
  constexpr std::array<std::uint32_t, 7> kWeek = {90, 90, 92, 98, 125, 120, 85};
  rate = rate * kWeek[day.weekday] / 100;
  const std::uint32_t since_pay = (day.day_of_month + 31 - customer.traits.pay_day) % 31;
  if (since_pay <= 4) rate = rate * 13 / 10;
  if (day.month_end) rate = rate * 15 / 10;
  if (day.month == 12 && day.day_of_month <= 23) rate = rate * 13 / 10;
  return rate;
}

void UseCash(const World& world, const Day& day, Customer& customer, Stream& stream, DayLog& log) {
  const bool old = customer.traits.segment == Segment::kPensioner;
  if (stream.Chance((old ? 60 : 30) * world.activity_percent / 100)) {
    const Money amount = Crowns((old ? stream.Skewed(5, 60) : stream.Skewed(2, 40)) * 100);
    if (customer.Current().projected >= amount) {
      Post(customer, day, DrawTime(kShopHours, stream), {.amount = amount, .operation = "cash_withdrawal"}, log);
    }
  }
  if (stream.Chance(5)) {
    const Money amount = Crowns(stream.Skewed(5, 300) * 100);
    Post(customer, day, DrawTime(kShopHours, stream), {.credit = true, .amount = amount, .operation = "cash_deposit"}, log);
  }
}

}  // namespace

void Spend(const World& world, const Day& day, Customer& customer, Stream& stream, DayLog& log) {
  // A binomial count whose mean is the rate: room for several payments a day without any logarithm.
  const std::uint32_t rate = Rate(world, day, customer);
  const std::uint32_t trials = 4 + rate / 200;
  for (std::uint32_t trial = 0; trial < trials; ++trial) {
    if (stream.Below(1000 * trials) < rate) PayByCard(day, customer, stream, log);
  }
  UseCash(world, day, customer, stream, log);
}

}  // namespace antiphon::simulate

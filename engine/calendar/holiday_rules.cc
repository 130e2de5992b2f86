#include "engine/calendar/holiday_rules.h"

#include <algorithm>
#include <array>

#include "engine/calendar/holidays.h"

namespace antiphon::calendar {
namespace {

using std::chrono::days;
using std::chrono::year_month_day;

constexpr HolidayRule Fixed(std::string_view name, int month, int day, int from = 1970, int to = 9999) {
  return {.name = name, .kind = HolidayRule::Kind::kFixed, .month = month, .day = day, .from = from, .to = to};
}
constexpr HolidayRule Once(std::string_view name, int year, int month, int day) { return Fixed(name, month, day, year, year); }
constexpr HolidayRule Easter(std::string_view name, int offset, int from = 1970, int to = 9999) {
  return {.name = name, .kind = HolidayRule::Kind::kEaster, .day = offset, .from = from, .to = to};
}
constexpr HolidayRule FixedExcept(std::string_view name, int month, int day, int from, int except) {
  return {.name = name, .month = month, .day = day, .from = from, .except = except};
}
constexpr HolidayRule During(HolidayRule::Kind kind, std::string_view name, int month, int from, int to, int except = 0) {
  return {.name = name, .kind = kind, .month = month, .day = 1, .from = from, .to = to, .except = except};
}
constexpr HolidayRule OrSubstitute(HolidayRule::Kind kind, std::string_view name, int month, int day, int from) {
  return {.name = name, .kind = kind, .month = month, .day = day, .from = from};
}

// Czech Republic: Act 245/2000 Coll. (from 9 August 2000), amended by 359/2015 (Good Friday); before it Act 93/1951 Coll. as amended, of
// its amendments 167/1990 (5 and 6 July, 28 October, 24 December) and 218/1991 (8 May for 9 May). 28 October also in 1988 and 1989.
constexpr std::array kCz = {
    Fixed("New Year's Day", 1, 1),
    Easter("Good Friday", -2, 2016),
    Easter("Easter Monday", 1),
    Fixed("Labour Day", 5, 1),
    Fixed("Liberation Day", 5, 9, 1970, 1991),
    Fixed("Victory Day", 5, 8, 1992),
    Fixed("Saints Cyril and Methodius", 7, 5, 1990),
    Fixed("Jan Hus Day", 7, 6, 1990),
    Fixed("Statehood Day", 9, 28, 2000),
    Fixed("Independence Day", 10, 28, 1988),
    Fixed("Struggle for Freedom and Democracy", 11, 17, 2000),
    Fixed("Christmas Eve", 12, 24, 1990),
    Fixed("Christmas Day", 12, 25),
    Fixed("Second Day of Christmas", 12, 26),
};

// Slovakia: Act 241/1993 Coll. (in force from 15 October 1993), amended by 201/1996 (8 May), 396/2000 (17 November), 2018 (30 October
// 2018), and by the acts that consolidate public finances: 530/2023 (1 September a working day from 2024), and that of autumn 2025 (17
// November a working day from 2025 on, 8 May and 15 September in 2026 only). Before it as in the Czech Republic.
constexpr std::array kSk = {
    Fixed("New Year's Day, Establishment of the Republic", 1, 1),
    Fixed("Epiphany", 1, 6, 1994),
    Easter("Good Friday", -2, 1994),
    Easter("Easter Monday", 1),
    Fixed("Labour Day", 5, 1),
    Fixed("Liberation Day", 5, 9, 1970, 1991),
    Fixed("Victory Day", 5, 8, 1992, 1993),
    FixedExcept("Victory over Fascism", 5, 8, 1997, 2026),
    Fixed("Saints Cyril and Methodius", 7, 5, 1990),
    Fixed("Jan Hus Day", 7, 6, 1990, 1993),
    Fixed("Slovak National Uprising", 8, 29, 1994),
    Fixed("Constitution Day", 9, 1, 1994, 2023),
    FixedExcept("Our Lady of Sorrows", 9, 15, 1994, 2026),
    Fixed("Independence Day", 10, 28, 1988, 1992),
    Once("Declaration of the Slovak Nation", 2018, 10, 30),
    Fixed("All Saints", 11, 1, 1993),
    Fixed("Struggle for Freedom and Democracy", 11, 17, 2001, 2024),
    Fixed("Christmas Eve", 12, 24, 1990),
    Fixed("Christmas Day", 12, 25),
    Fixed("Second Day of Christmas", 12, 26),
};

// Austria: Arbeitsruhegesetz (BGBl. 144/1983) section 7, before it Feiertagsruhegesetz 1957 (BGBl. 153/1957) with 26 October from 1967.
constexpr std::array kAt = {
    Fixed("New Year's Day", 1, 1),
    Fixed("Epiphany", 1, 6),
    Easter("Easter Monday", 1),
    Fixed("National Day of Labour", 5, 1),
    Easter("Ascension Day", 39),
    Easter("Whit Monday", 50),
    Easter("Corpus Christi", 60),
    Fixed("Assumption of Mary", 8, 15),
    Fixed("National Day", 10, 26),
    Fixed("All Saints", 11, 1),
    Fixed("Immaculate Conception", 12, 8),
    Fixed("Christmas Day", 12, 25),
    Fixed("St. Stephen's Day", 12, 26),
};

// Germany, what all states have in common: the holiday laws of the states; 3 October by the Unification Treaty, article 2 (1990); before
// it 17 June in the West (act of 4 August 1953). Day of Repentance in all states 1990 to 1994, given up for the care insurance (Saxony kept
// it). 31 October 2017 by all states once.
constexpr std::array kDe = {
    Fixed("New Year's Day", 1, 1),
    Easter("Good Friday", -2),
    Easter("Easter Monday", 1),
    Fixed("Labour Day", 5, 1),
    Easter("Ascension Day", 39),
    Easter("Whit Monday", 50),
    Fixed("Day of German Unity (17 June)", 6, 17, 1970, 1990),
    Fixed("Day of German Unity", 10, 3, 1990),
    Once("Reformation Day", 2017, 10, 31),
    // The Wednesday before 23 November.
    Once("Day of Repentance", 1990, 11, 21),
    Once("Day of Repentance", 1991, 11, 20),
    Once("Day of Repentance", 1992, 11, 18),
    Once("Day of Repentance", 1993, 11, 17),
    Once("Day of Repentance", 1994, 11, 16),
    Fixed("Christmas Day", 12, 25),
    Fixed("Second Day of Christmas", 12, 26),
};

// Poland: Act of 18 January 1951 on days free from work (Dz.U. 1951 no. 4 item 28), amended 1989 (15 August, 11 November), 1990 (3 May for
// 22 July), 2010 (Epiphany from 2011), 2018 (12 November 2018), 2024 (Christmas Eve from 2025).
constexpr std::array kPl = {
    Fixed("New Year's Day", 1, 1),
    Fixed("Epiphany", 1, 6, 2011),
    Easter("Easter Sunday", 0),
    Easter("Easter Monday", 1),
    Fixed("State Holiday", 5, 1),
    Fixed("Third of May", 5, 3, 1990),
    Easter("Pentecost", 49),
    Easter("Corpus Christi", 60),
    Fixed("Rebirth of Poland", 7, 22, 1970, 1989),
    Fixed("Assumption of Mary", 8, 15, 1989),
    Fixed("All Saints", 11, 1),
    Fixed("Independence Day", 11, 11, 1989),
    Once("Centenary of Independence", 2018, 11, 12),
    Fixed("Christmas Eve", 12, 24, 2025),
    Fixed("Christmas Day", 12, 25),
    Fixed("Second Day of Christmas", 12, 26),
};

// Hungary: Labour Code, Act I of 2012 section 102 (before it Act XXII of 1992 section 125); 15 March free from 1989, 23 October from 1991,
// Whit Monday from 1992, 1 November from 1999, Good Friday from 2017. The yearly decrees that swap working days are not here: add them.
constexpr std::array kHu = {
    Fixed("New Year's Day", 1, 1),
    Fixed("National Day", 3, 15, 1989),
    Fixed("Liberation Day", 4, 4, 1970, 1989),
    Easter("Good Friday", -2, 2017),
    Easter("Easter Monday", 1),
    Fixed("Labour Day", 5, 1),
    Easter("Whit Monday", 50, 1992),
    Fixed("Foundation of the State", 8, 20),
    Fixed("National Day", 10, 23, 1991),
    Fixed("All Saints", 11, 1, 1999),
    Fixed("October Revolution", 11, 7, 1970, 1988),
    Fixed("Christmas Day", 12, 25),
    Fixed("Second Day of Christmas", 12, 26),
};

// England and Wales: Banking and Financial Dealings Act 1971 (c. 80), schedule 1, and royal proclamations (New Year from 1974, May Day from
// 1978, moved days and single days); substitute days as proclaimed each year. Nothing before 1971.
constexpr std::array kGb = {
    OrSubstitute(HolidayRule::Kind::kOrNextMonday, "New Year's Day", 1, 1, 1974),
    Easter("Good Friday", -2, 1971),
    Easter("Easter Monday", 1, 1971),
    During(HolidayRule::Kind::kFirstMonday, "Early May", 5, 1978, 2019, 1995),
    During(HolidayRule::Kind::kFirstMonday, "Early May", 5, 2021, 9999),
    Once("Early May (VE Day)", 1995, 5, 8),
    Once("Early May (VE Day)", 2020, 5, 8),
    During(HolidayRule::Kind::kLastMonday, "Spring", 5, 1971, 2011, 2002),
    During(HolidayRule::Kind::kLastMonday, "Spring", 5, 2013, 9999, 2022),
    Once("Spring", 2002, 6, 4),
    Once("Spring", 2012, 6, 4),
    Once("Spring", 2022, 6, 2),
    During(HolidayRule::Kind::kLastMonday, "Summer", 8, 1971, 9999),
    OrSubstitute(HolidayRule::Kind::kOrTwoLater, "Christmas Day", 12, 25, 1971),
    OrSubstitute(HolidayRule::Kind::kOrTwoLater, "Boxing Day", 12, 26, 1971),
    Once("Royal Wedding", 1973, 11, 14),
    Once("Silver Jubilee", 1977, 6, 7),
    Once("Royal Wedding", 1981, 7, 29),
    Once("Millennium", 1999, 12, 31),
    Once("Golden Jubilee", 2002, 6, 3),
    Once("Royal Wedding", 2011, 4, 29),
    Once("Diamond Jubilee", 2012, 6, 5),
    Once("Platinum Jubilee", 2022, 6, 3),
    Once("State Funeral", 2022, 9, 19),
    Once("Coronation", 2023, 5, 8),
};

// France: Code du travail, article L3133-1; 8 May by act 81-893 (from 1982). Alsace-Moselle has two more, which are not nationwide.
constexpr std::array kFr = {
    Fixed("New Year's Day", 1, 1), Easter("Easter Monday", 1),     Fixed("Labour Day", 5, 1),      Fixed("Victory Day", 5, 8, 1982),
    Easter("Ascension Day", 39),   Easter("Whit Monday", 50),      Fixed("Bastille Day", 7, 14),   Fixed("Assumption of Mary", 8, 15),
    Fixed("All Saints", 11, 1),    Fixed("Armistice Day", 11, 11), Fixed("Christmas Day", 12, 25),
};

// Italy: act 260/1949; reduced by act 54/1977; Epiphany again by DPR 792/1985; 2 June again by act 336/2000; 4 October by act 151/2025.
constexpr std::array kIt = {
    Fixed("New Year's Day", 1, 1),
    Fixed("Epiphany", 1, 6, 1970, 1977),
    Fixed("Epiphany", 1, 6, 1986),
    Fixed("St. Joseph", 3, 19, 1970, 1976),
    Easter("Easter Monday", 1),
    Fixed("Liberation Day", 4, 25),
    Fixed("Labour Day", 5, 1),
    Easter("Ascension Day", 39, 1970, 1976),
    Easter("Corpus Christi", 60, 1970, 1976),
    Fixed("Republic Day", 6, 2, 1970, 1976),
    Fixed("Republic Day", 6, 2, 2001),
    Fixed("Saints Peter and Paul", 6, 29, 1970, 1976),
    Fixed("Assumption of Mary", 8, 15),
    Fixed("St. Francis", 10, 4, 2026),
    Fixed("All Saints", 11, 1),
    Fixed("National Unity", 11, 4, 1970, 1976),
    Fixed("Immaculate Conception", 12, 8),
    Fixed("Christmas Day", 12, 25),
    Fixed("St. Stephen's Day", 12, 26),
};

// Spain, nationwide: Estatuto de los Trabajadores, article 37.2, and Real Decreto 2001/1983, article 45; 6 December from 1986 (RD
// 2403/1985), 12 October by act 18/1987. Communities may move some of them to the Monday after a Sunday: add those.
constexpr std::array kEs = {
    Fixed("New Year's Day", 1, 1),
    Fixed("Epiphany", 1, 6),
    Easter("Good Friday", -2),
    Fixed("Labour Day", 5, 1),
    Fixed("Assumption of Mary", 8, 15),
    Fixed("National Day", 10, 12),
    Fixed("All Saints", 11, 1),
    Fixed("Constitution Day", 12, 6, 1986),
    Fixed("Immaculate Conception", 12, 8),
    Fixed("Christmas Day", 12, 25),
};

struct Country {
  std::string_view code;
  std::span<const HolidayRule> rules;
};

constexpr std::array kCountries = {Country{"at", kAt}, Country{"cz", kCz}, Country{"de", kDe}, Country{"es", kEs}, Country{"fr", kFr},
                                   Country{"gb", kGb}, Country{"hu", kHu}, Country{"it", kIt}, Country{"pl", kPl}, Country{"sk", kSk}};

constexpr auto kCodes = [] {
  std::array<std::string_view, kCountries.size()> codes;
  std::ranges::transform(kCountries, codes.begin(), &Country::code);
  return codes;
}();

}  // namespace

bool Matches(const HolidayRule& rule, LocalDay day) {
  const year_month_day date{day};
  const int year = static_cast<int>(date.year());
  if (year < rule.from || year > rule.to || year == rule.except) return false;
  if (rule.kind == HolidayRule::Kind::kEaster) return day == EasterSunday(date.year()) + days{rule.day};
  const std::chrono::month month{static_cast<unsigned>(rule.month)};
  const LocalDay written{date.year() / month / std::chrono::day{static_cast<unsigned>(rule.day)}};
  const std::chrono::weekday weekday{written};
  const bool weekend = weekday == std::chrono::Saturday || weekday == std::chrono::Sunday;
  switch (rule.kind) {
    case HolidayRule::Kind::kFirstMonday:
      return day == LocalDay{date.year() / month / std::chrono::Monday[1]};
    case HolidayRule::Kind::kLastMonday:
      return day == LocalDay{date.year() / month / std::chrono::Monday[std::chrono::last]};
    case HolidayRule::Kind::kOrNextMonday:
      return day == written || (weekend && day == written + (std::chrono::Monday - weekday));
    case HolidayRule::Kind::kOrTwoLater:
      return day == written || (weekend && day == written + days{2});
    case HolidayRule::Kind::kEaster:
    case HolidayRule::Kind::kFixed:
      break;
  }
  return day == written;
}

std::optional<std::span<const HolidayRule>> HolidayRulesOf(std::string_view country) {
  const auto* const found = std::ranges::find(kCountries, country, &Country::code);
  if (found == kCountries.end()) return std::nullopt;
  return found->rules;
}

std::span<const std::string_view> HolidayCountries() { return kCodes; }

}  // namespace antiphon::calendar

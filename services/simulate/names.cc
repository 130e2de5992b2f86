#include "services/simulate/names.h"

#include <array>

namespace antiphon::simulate {
namespace {

using Names = std::string_view;

constexpr std::array<District, 28> kDistricts = {{
    {"Praha", "Hlavní město Praha", 1360},
    {"Praha-východ", "Středočeský kraj", 200},
    {"Praha-západ", "Středočeský kraj", 155},
    {"Kladno", "Středočeský kraj", 170},
    {"Mladá Boleslav", "Středočeský kraj", 135},
    {"České Budějovice", "Jihočeský kraj", 200},
    {"Tábor", "Jihočeský kraj", 102},
    {"Plzeň-město", "Plzeňský kraj", 200},
    {"Klatovy", "Plzeňský kraj", 86},
    {"Karlovy Vary", "Karlovarský kraj", 115},
    {"Cheb", "Karlovarský kraj", 88},
    {"Ústí nad Labem", "Ústecký kraj", 118},
    {"Teplice", "Ústecký kraj", 128},
    {"Most", "Ústecký kraj", 108},
    {"Liberec", "Liberecký kraj", 178},
    {"Hradec Králové", "Královéhradecký kraj", 165},
    {"Náchod", "Královéhradecký kraj", 110},
    {"Pardubice", "Pardubický kraj", 178},
    {"Jihlava", "Kraj Vysočina", 115},
    {"Třebíč", "Kraj Vysočina", 110},
    {"Brno-město", "Jihomoravský kraj", 400},
    {"Brno-venkov", "Jihomoravský kraj", 230},
    {"Olomouc", "Olomoucký kraj", 238},
    {"Přerov", "Olomoucký kraj", 127},
    {"Zlín", "Zlínský kraj", 190},
    {"Ostrava-město", "Moravskoslezský kraj", 310},
    {"Frýdek-Místek", "Moravskoslezský kraj", 215},
    {"Opava", "Moravskoslezský kraj", 175},
}};

constexpr std::array<Names, 16> kMen = {"Jiří",     "Jan",    "Petr",   "Pavel",  "Josef", "Martin", "Tomáš", "Jaroslav",
                                        "Miroslav", "Zdeněk", "Václav", "Michal", "Lukáš", "Jakub",  "David", "Ondřej"};
constexpr std::array<Names, 16> kWomen = {"Marie", "Jana",  "Eva",   "Hana",     "Anna",   "Lenka",   "Kateřina", "Věra",
                                          "Lucie", "Alena", "Petra", "Veronika", "Tereza", "Martina", "Jitka",    "Adéla"};
constexpr std::array<Names, 20> kFamilies = {"Novák", "Svoboda", "Dvořák",   "Černý",   "Procházka", "Kučera",  "Veselý",
                                             "Horák", "Němec",   "Marek",    "Pokorný", "Hájek",     "Jelínek", "Růžička",
                                             "Beneš", "Fiala",   "Sedláček", "Zeman",   "Kolář",     "Urban"};
constexpr std::array<Names, 20> kFamiliesOfWomen = {
    "Nováková", "Svobodová", "Dvořáková", "Černá",     "Procházková", "Kučerová", "Veselá",     "Horáková", "Němcová",  "Marková",
    "Pokorná",  "Hájková",   "Jelínková", "Růžičková", "Benešová",    "Fialová",  "Sedláčková", "Zemanová", "Kolářová", "Urbanová"};
constexpr std::array<Names, 24> kEmployers = {"Strojírny Lipník vzor", "Vzorová pekárna Kalina", "Autodíly Hvozd vzor",
                                              "Nemocnice Javor vzor",  "Škola U Potoka vzor",    "Logistika Modřín",
                                              "Softhaus Vltavín",      "Sklárna Křišťálov",      "Stavby Kvádr vzor",
                                              "Úřad Vzorov",           "Elektro Jiskra vzor",    "Pivovar Chmelín",
                                              "Textil Niťov",          "Chemie Retorta",         "Obchody Košík vzor",
                                              "Doprava Vagón",         "Papírna Archov",         "Vodárna Pramínek",
                                              "Tiskárna Sazba",        "Hotel U Bažanta vzor",   "Energie Volt vzor",
                                              "Poradna Kompas",        "Lékárny Bylina",         "Farma Klas"};
constexpr std::array<Names, 6> kLandlords = {"Byty Okénko",      "Nájemní domy Štuk", "Družstvo Podkroví",
                                             "Správa Schodiště", "Bydlení Parkety",   "Domov Balkon"};
constexpr std::array<Names, 5> kEstateAgents = {"Reality Klíček", "Makléř Dveře", "Reality Komínek", "Domovní makléři Vzor",
                                                "Reality Práh"};
constexpr std::array<Names, 5> kDevelopers = {"Rezidence Cihla", "Vzorový developer Jeřáb", "Bytový dvůr Omítka", "Čtvrť Maltov",
                                              "Nové nábřeží Trám"};
constexpr std::array<Names, 4> kRivalFunds = {"Fondy Horizont vzor", "Investiční dům Stoupák", "Fond Zlatá větev", "Indexov"};
constexpr std::array<Names, 4> kInsurers = {"Pojišťovna Deštník", "Pojišťovna Pevnůstka", "Životka Vzor", "Pojištění Kotva vzor"};
constexpr std::array<Names, 5> kUtilities = {"Elektřina Zásuvka", "Plyn Plamínek", "Voda Kohoutek", "Internet Drátek", "Mobil Vlnka"};
constexpr std::array<Names, 8> kClients = {"Dílna Hoblík",  "Studio Štětec", "Kavárna Zrnko vzor", "Salon Hřeben",
                                           "Ordinace Vzor", "Zahrady Hrábě", "Servis Klika",       "Agentura Plakát"};
constexpr std::array<Names, 6> kRivalBanks = {"QB", "RU", "KO", "VL", "ME", "SI"};

}  // namespace

std::span<const District> Districts() { return kDistricts; }
std::span<const Names> FirstNames(bool female) { return female ? kWomen : kMen; }
std::span<const Names> LastNames(bool female) { return female ? kFamiliesOfWomen : kFamilies; }
std::span<const Names> Employers() { return kEmployers; }
std::span<const Names> Landlords() { return kLandlords; }
std::span<const Names> EstateAgents() { return kEstateAgents; }
std::span<const Names> Developers() { return kDevelopers; }
std::span<const Names> RivalFunds() { return kRivalFunds; }
std::span<const Names> Insurers() { return kInsurers; }
std::span<const Names> Utilities() { return kUtilities; }
std::span<const Names> Clients() { return kClients; }
std::span<const Names> RivalBanks() { return kRivalBanks; }

}  // namespace antiphon::simulate

#include "services/simulate/truth.h"

#include <array>

#include "services/simulate/day_log.h"

namespace antiphon::simulate {
namespace {

constexpr std::array<std::string_view, 6> kSegments = {"child", "student", "salaried", "self_employed", "wealthy", "pensioner"};
constexpr std::array<std::string_view, 14> kLifeKinds = {"new_customer",   "never_uses", "salary_leaver", "mortgage_in_the_making",
                                                         "loan_need",      "dormant",    "inheritance",   "property_sale",
                                                         "bereavement",    "arrears",    "fraud",         "complaint",
                                                         "second_account", "leaving"};

}  // namespace

void AppendTruth(std::string& out, const World& world, const Customer& customer) {
  out.append("{\"customer_id\":\"");
  AppendCustomerId(out, customer.index);
  out += '"';
  Fields fields(out);
  fields.Text("segment", kSegments[static_cast<std::size_t>(customer.traits.segment)])
      .Bool("authorised_user", customer.authorised_user)
      .Amount("income", customer.traits.income)
      .Number("response_per_mille", customer.traits.response_per_mille)
      .Raw("life", "[");
  bool first = true;
  for (const LifeEvent& event : customer.life) {
    if (event.from >= world.days) continue;
    out.append(first ? "{\"kind\":\"" : ",{\"kind\":\"").append(kLifeKinds[static_cast<std::size_t>(event.kind)]).append("\"");
    first = false;
    fields.Date("from", world.start + std::chrono::days{event.from});
    if (event.until != kForever) fields.Date("until", world.start + std::chrono::days{event.until});
    if (!event.detail.empty()) fields.Text("detail", event.detail);
    out += '}';
  }
  out.append("]}\n");
}

}  // namespace antiphon::simulate

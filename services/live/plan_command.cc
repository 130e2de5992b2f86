#include "services/live/plan_command.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "services/live/cluster_view.h"
#include "services/live/upgrade_plan.h"

namespace antiphon::live {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kExitNeedsConsent = 1;
constexpr int kExitBad = 2;

std::string NameOf(const std::pair<store::SlotKind, std::string>& slot) {
  return std::string(store::SlotKindName(slot.first)) + "/" + slot.second;
}

// What `antiphon run` would do with it.
const char* DoneBy(const UpgradePlan& plan) {
  if (plan.newest == plan.version) return "nothing";
  return plan.published_before ? "run_newest" : "publish";
}

Json AsJson(const UpgradePlan& plan) {
  Json partitions = Json::array();
  for (const PartitionStand& stand : plan.stands) {
    Json one{{"partition", stand.partition}, {"commits", stand.commits}};
    if (stand.commits > 0) one["version"] = ToHex(stand.version);
    partitions.push_back(std::move(one));
  }
  Json slots = Json::array();
  for (const auto& [slot, forecast] : plan.slots) {
    Json one{{"kind", store::SlotKindName(slot.first)}, {"id", slot.second}, {"fate", ToString(forecast.outlook)}};
    if (forecast.outlook == SlotOutlook::kChanged || forecast.outlook == SlotOutlook::kDropped) {
      one["customers"] = forecast.customers;
      if (slot.first == store::SlotKind::kTrigger) one["in_pattern"] = forecast.in_pattern;
      if (slot.first == store::SlotKind::kOffer) one["planned_contacts"] = forecast.planned;
    }
    slots.push_back(std::move(one));
  }
  Json json{{"version", ToHex(plan.version)}, {"name", plan.name}, {"run", DoneBy(plan)}};
  if (plan.newest) json["newest"] = ToHex(*plan.newest);
  json["partitions"] = std::move(partitions);
  json["slots"] = std::move(slots);
  json["needs_consent"] = plan.needs_consent;
  return json;
}

std::string Counted(std::uint64_t count, const char* what) { return std::to_string(count) + " " + what + (count == 1 ? "" : "s"); }

std::string LossOf(store::SlotKind kind, const SlotForecast& forecast) {
  std::string text = Counted(forecast.customers, "customer") + " lose" + (forecast.customers == 1 ? "s" : "") + " what they have of it";
  if (kind == store::SlotKind::kTrigger) text += ", " + std::to_string(forecast.in_pattern) + " in the middle of its pattern";
  if (kind == store::SlotKind::kOffer) text += ", " + Counted(forecast.planned, "planned contact") + " will not be said";
  return text;
}

void PrintSlots(std::FILE* output, const UpgradePlan& plan, SlotOutlook outlook) {
  const bool loses = outlook == SlotOutlook::kChanged || outlook == SlotOutlook::kDropped;
  std::map<std::string_view, std::string> by_kind;
  for (const auto& [slot, forecast] : plan.slots) {
    if (forecast.outlook != outlook) continue;
    if (loses) {
      std::fprintf(output, "%-8s %s: %s\n", ToString(outlook), NameOf(slot).c_str(), LossOf(slot.first, forecast).c_str());
    } else {
      by_kind[store::SlotKindName(slot.first)] += " " + slot.second;
    }
  }
  for (const auto& [kind, ids] : by_kind) {
    std::fprintf(output, "%-8s %s:%s\n", ToString(outlook), std::string(kind).c_str(), ids.c_str());
  }
}

void PrintWords(std::FILE* output, const UpgradePlan& plan, const std::string& process) {
  std::fprintf(output, "topology %s (%s)\n", ToHex(plan.version).c_str(), plan.name.c_str());
  std::map<std::string, std::uint64_t> running;
  for (const PartitionStand& stand : plan.stands) {
    ++running[stand.commits == 0 ? "nothing yet: they begin with the newest version" : "topology " + ToHex(stand.version)];
  }
  for (const auto& [what, partitions] : running) {
    std::fprintf(output, "%s run%s %s\n", Counted(partitions, "partition").c_str(), partitions == 1 ? "s" : "", what.c_str());
  }
  for (const SlotOutlook outlook : {SlotOutlook::kKept, SlotOutlook::kNew, SlotOutlook::kChanged, SlotOutlook::kDropped}) {
    PrintSlots(output, plan, outlook);
  }
  const std::string run = "antiphon run --process " + process + (plan.published_before ? " --activate" : "");
  if (plan.published_before) {
    std::fprintf(output, "It was published before, and another one since: %s goes back to it.\n", run.c_str());
  }
  if (plan.needs_consent.empty()) {
    std::fprintf(output, "Nothing is dropped that needs consent.\n");
    return;
  }
  constexpr std::size_t kFlagsMax = 8;
  std::string flags;
  for (const std::string& drop : plan.needs_consent) flags += " --allow-drop " + drop;
  if (plan.needs_consent.size() > kFlagsMax) flags = " --allow-drop all";
  std::fprintf(output, "Consent is needed: %s%s\n", run.c_str(), flags.c_str());
}

}  // namespace

int RunPlanCommand(const PlanCommand& command, std::FILE* output, std::FILE* messages) {
  const auto failed = [&](const Error& error) {
    std::fprintf(messages, "antiphon plan: %s\n", error.message.c_str());
    return kExitBad;
  };
  const auto view = ClusterView::Open(command.process);
  if (!view) return failed(view.error());
  const auto plan = MakeUpgradePlan(*view);
  if (!plan) return failed(plan.error());
  if (command.json) {
    std::fprintf(output, "%s\n", AsJson(*plan).dump(2).c_str());
  } else {
    PrintWords(output, *plan, command.process);
  }
  return plan->needs_consent.empty() ? 0 : kExitNeedsConsent;
}

}  // namespace antiphon::live

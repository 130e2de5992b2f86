#include "services/formats/decode_plan.h"

#include "services/formats/padded_text.h"
#include "state/base/check.h"
#include "state/model/partition_state.h"

namespace antiphon::formats {
namespace {

using Path = std::vector<std::string>;

Path OrElse(const Path& path, const char* fallback) { return path.empty() ? Path{fallback} : path; }

// One of the values that an envelope may hold in the payload's place.
void AddUnlessUsual(DecodePlan& plan, const Path& path, const char* usual, TargetKind kind, bool enveloped) {
  if (enveloped && (path.empty() || path == Path{usual})) return;
  plan.Add(OrElse(path, usual), {.kind = kind});
}

}  // namespace

void DecodePlan::Add(const std::vector<std::string>& path, Target target) {
  ANTIPHON_CHECK(!path.empty());
  wanted.push_back({.path = path, .target = target});
  std::uint32_t node = 0;
  std::string name;
  for (std::size_t i = 0; i < path.size(); ++i) {
    name.append(i == 0 ? "" : ".").append(path[i]);
    const PaddedBuffer key(path[i]);
    std::uint32_t member = nodes[node].keys.Find(key.padded().text());
    if (member == KeyTable::kNone) {
      member = static_cast<std::uint32_t>(members.size());
      members.push_back({.path = name, .top = i == 0, .node = kNoNode, .targets = {}});
      nodes[node].keys.Add(path[i], member);
    }
    if (i + 1 == path.size()) {
      members[member].targets.push_back(target);
      return;
    }
    if (members[member].node == kNoNode) {
      members[member].node = static_cast<std::uint32_t>(nodes.size());
      nodes.emplace_back();
    }
    node = members[member].node;
  }
}

DecodePlan PlanOf(const topology::EventType& type, const topology::Envelope& envelope, const PlanRoot& root) {
  DecodePlan plan;
  plan.nodes.emplace_back();
  plan.type = &type;
  plan.time_path = OrElse(type.time_path, "time");
  if (!root.enveloped && !root.type_elsewhere) plan.Add(OrElse(envelope.type_path, "type"), {.kind = TargetKind::kType});
  AddUnlessUsual(plan, envelope.backfill_path, "backfill", TargetKind::kBackfill, root.enveloped);
  AddUnlessUsual(plan, type.id_path, "id", TargetKind::kId, root.enveloped);
  if (!root.time_elsewhere) AddUnlessUsual(plan, type.time_path, "time", TargetKind::kTime, root.enveloped && !root.time_in_payload);
  if (!root.customer_elsewhere) plan.Add(OrElse(type.customer_path, "customer_id"), {.kind = TargetKind::kCustomer});
  for (std::size_t i = 0; i < type.fields.size(); ++i) {
    const topology::EventField& field = type.fields[i];
    const auto index = static_cast<std::uint16_t>(i);
    plan.Add(OrElse(field.path, field.name.c_str()), {.kind = TargetKind::kField, .index = index});
    if (field.required) plan.required.push_back(index);
  }
  return plan;
}

DecodePlan PlanOfControl(const topology::Envelope& envelope, const PlanRoot& root) {
  DecodePlan plan;
  plan.nodes.emplace_back();
  plan.time_path = {"time"};
  if (!root.enveloped && !root.type_elsewhere) plan.Add(OrElse(envelope.type_path, "type"), {.kind = TargetKind::kType});
  AddUnlessUsual(plan, plan.time_path, "time", TargetKind::kTime, root.time_elsewhere || (root.enveloped && !root.time_in_payload));
  const auto add = [&plan](const char* key, state::PausedKind kind) {
    plan.Add({key}, {.kind = TargetKind::kControlTarget, .index = static_cast<std::uint16_t>(kind)});
  };
  add("offer", state::PausedKind::kOffer);
  add("campaign", state::PausedKind::kCampaign);
  add("channel", state::PausedKind::kChannel);
  add("trigger", state::PausedKind::kTrigger);
  add("all", state::PausedKind::kAll);
  plan.Add({"version"}, {.kind = TargetKind::kControlVersion});
  return plan;
}

}  // namespace antiphon::formats

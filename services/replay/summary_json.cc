#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/decision/words.h"
#include "services/replay/output_folder.h"
#include "services/replay/summary.h"

namespace antiphon::replay {
namespace {

using Json = nlohmann::ordered_json;

double Rounded(double value) { return std::round(value * 1000) / 1000; }

Json FunnelOf(const Totals& totals) {
  Json funnel = Json::object();
  for (const auto& [offer, stages] : totals.funnel) {
    Json row = Json::object();
    std::uint64_t candidates = 0;
    for (std::size_t i = 0; i < decision::kStageCount; ++i) {
      candidates += stages[i];
      if (stages[i] != 0) row[std::string(decision::StageName(static_cast<decision::Stage>(i)))] = stages[i];
    }
    funnel[offer] = {{"candidates", candidates}, {"stages", std::move(row)}};
  }
  return funnel;
}

Json RulesOf(const std::map<std::pair<decision::Stage, std::string>, std::uint64_t>& counts) {
  Json list = Json::array();
  for (const auto& [key, count] : counts) {
    list.push_back({{"stage", decision::StageName(key.first)}, {"rule", key.second}, {"count", count}});
  }
  return list;
}

Json CapsOf(const Totals& totals) {
  Json caps = Json::object();
  for (const auto& [key, count] : totals.closings) {
    if (key.first == decision::Stage::kCap) caps[key.second] = count;
  }
  return caps;
}

Json ContactsOf(const Summary& summary) {
  const Totals& totals = summary.totals;
  Json by_status = Json::object();
  for (std::size_t i = 1; i < kStatusCount; ++i) {
    if (totals.contact_records_by_status[i] == 0) continue;
    by_status[std::string(decision::StatusName(static_cast<state::ContactStatus>(i)))] = totals.contact_records_by_status[i];
  }
  Json by_channel_and_day = Json::object();
  std::uint64_t said = 0;
  for (const auto& [key, count] : totals.said) {
    by_channel_and_day[key.first][key.second] = count;
    said += count;
  }
  return {{"said", said}, {"records_by_status", std::move(by_status)}, {"said_by_channel_and_day", std::move(by_channel_and_day)}};
}

Json CustomersOf(const Summary& summary) {
  const std::uint64_t reached = summary.totals.reached.size();
  return {{"known", summary.customers},
          {"reached", reached},
          {"never_reached", summary.customers - std::min(summary.customers, reached)},
          {"contacts_by_decile", ContactsByDecile(summary.totals, summary.customers)}};
}

Json EventsOf(const Summary& summary) {
  Json by_type = Json::object();
  for (std::size_t i = 0; i < summary.event_types.size() && i < summary.read.events_by_type.size(); ++i) {
    by_type[summary.event_types[i]] = summary.read.events_by_type[i];
  }
  return {{"lines", summary.read.lines},     {"events", summary.read.events},          {"controls", summary.read.controls},
          {"applied", summary.tasks.events}, {"duplicates", summary.tasks.duplicates}, {"timers_fired", summary.tasks.timers},
          {"by_type", std::move(by_type)},   {"skipped_types", summary.read.skipped},  {"dead_letters", summary.read.dead_letters}};
}

Json DecisionsOf(const Totals& totals) {
  Json by_cause = Json::object();
  for (std::size_t i = 0; i < kCauseCount; ++i) {
    if (totals.decisions_by_cause[i] == 0) continue;
    by_cause[std::string(decision::CauseKindName(static_cast<decision::CauseKind>(i)))] = totals.decisions_by_cause[i];
  }
  return {{"count", totals.files[0].lines},
          {"by_cause", std::move(by_cause)},
          {"silent", totals.decisions_silent},
          {"silences", RulesOf(totals.silences)}};
}

}  // namespace

std::string SummaryAsJson(const Summary& summary) {
  const Totals& totals = summary.totals;
  Json counters = Json::object();
  for (std::size_t i = 0; i < kCounterCount; ++i) {
    counters[std::string(decision::CounterName(static_cast<decision::Counter>(i)))] = totals.counters[i];
  }
  Json failures = Json::array();
  for (const auto& [name, count] : totals.failures)
    failures.push_back({{"owner", name.owner}, {"expression", name.expression}, {"error", name.kind}, {"count", count}});
  const double rate = summary.seconds > 0 ? static_cast<double>(summary.read.lines) / summary.seconds : 0;
  const double bytes = summary.customers > 0 ? static_cast<double>(summary.state_bytes) / static_cast<double>(summary.customers) : 0;
  const Json json{
      {"stopped", summary.stopped},
      {"notes", summary.notes},
      {"topology", {{"name", summary.topology_name}, {"version", ToHex(summary.topology_version)}}},
      {"semantics_version", summary.semantics_version},
      {"partitions", summary.partitions},
      {"threads", summary.threads},
      {"store", summary.store},
      {"clock", FormatTime(summary.clock)},
      {"digests",
       {{"decisions", ToHex(totals.files[0].sum)}, {"contacts", ToHex(totals.files[1].sum)}, {"state", ToHex(summary.state_digest)}}},
      {"records", {{"decisions", totals.files[0].lines}, {"contacts", totals.files[1].lines}, {"outbound", totals.files[2].lines}}},
      {"events", EventsOf(summary)},
      {"decisions", DecisionsOf(totals)},
      {"funnel", FunnelOf(totals)},
      {"closings", RulesOf(totals.closings)},
      {"caps_that_bound", CapsOf(totals)},
      {"contacts", ContactsOf(summary)},
      {"customers", CustomersOf(summary)},
      {"counters", std::move(counters)},
      {"expression_failures", std::move(failures)},
      {"seconds", Rounded(summary.seconds)},
      {"lines_per_second", std::round(rate)},
      {"state_bytes_per_customer", std::round(bytes)}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace antiphon::replay

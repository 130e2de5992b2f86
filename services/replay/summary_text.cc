#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/decision/words.h"
#include "services/replay/summary.h"

namespace antiphon::replay {
namespace {

constexpr std::size_t kDaysShownMax = 14;  // of a channel; summary.json has all

template <typename... Args>
void Line(std::string& out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
  out += '\n';
}

void AppendInputs(std::string& out, const Summary& summary) {
  const ReadFigures& read = summary.read;
  Line(out, "Read      {} lines: {} events, {} control records, {} of undeclared types, {} dead letters", read.lines, read.events,
       read.controls, read.skipped_count(), read.dead_letter_count());
  Line(out, "Applied   {} events, {} duplicates left out, {} timers fired; the clock stands at {}", summary.tasks.events,
       summary.tasks.duplicates, summary.tasks.timers, FormatTime(summary.clock));
  for (const auto& [type, count] : read.skipped) Line(out, "  skipped     {} of type {}", count, type);
  for (const auto& [reason, count] : read.dead_letters) Line(out, "  dead letter {}: {}", reason, count);
}

void AppendCauses(std::string& out, const Totals& totals) {
  std::string row;
  for (std::size_t i = 0; i < kCauseCount; ++i) {
    if (totals.decisions_by_cause[i] == 0) continue;
    fmt::format_to(std::back_inserter(row), "{}{} {}", row.empty() ? "" : ", ",
                   decision::CauseKindName(static_cast<decision::CauseKind>(i)), totals.decisions_by_cause[i]);
  }
  if (!row.empty()) Line(out, "  decisions by cause: {}", row);
}

void AppendFunnel(std::string& out, const Totals& totals) {
  Line(out, "\nFunnel: candidates by offer, and the stage that closed them (a contact that waits: at its moment, and again when due)");
  std::size_t width = 5;
  for (const auto& [offer, stages] : totals.funnel) width = std::max(width, offer.size());
  for (const auto& [offer, stages] : totals.funnel) {
    std::uint64_t candidates = 0;
    for (const std::uint64_t count : stages) candidates += count;
    std::string row = fmt::format("  {:<{}}  {:>9}", offer, width, candidates);
    for (std::size_t i = 0; i < decision::kStageCount; ++i) {
      if (stages[i] != 0)
        fmt::format_to(std::back_inserter(row), "  {} {}", decision::StageName(static_cast<decision::Stage>(i)), stages[i]);
    }
    Line(out, "{}", row);
  }
}

void AppendContacts(std::string& out, const Totals& totals) {
  Line(out, "\nContacts said, by channel and day");
  for (auto channel = totals.said.begin(); channel != totals.said.end();) {
    const auto next =
        std::find_if(channel, totals.said.end(), [&](const auto& entry) { return entry.first.first != channel->first.first; });
    const auto days = static_cast<std::size_t>(std::distance(channel, next));
    std::uint64_t sum = 0;
    for (auto day = channel; day != next; ++day) sum += day->second;
    Line(out, "  {:<10} {:>9} on {} days", channel->first.first, sum, days);
    std::size_t shown = 0;
    for (auto day = channel; day != next && shown < kDaysShownMax; ++day, ++shown)
      Line(out, "    {} {:>9}", day->first.second, day->second);
    if (days > kDaysShownMax) Line(out, "    .. {} more days in summary.json", days - kDaysShownMax);
    channel = next;
  }
  for (std::size_t i = 1; i < kStatusCount; ++i) {
    if (totals.contact_records_by_status[i] == 0) continue;
    Line(out, "  records {:<12} {:>9}", decision::StatusName(static_cast<state::ContactStatus>(i)), totals.contact_records_by_status[i]);
  }
}

void AppendCaps(std::string& out, const Totals& totals) {
  Line(out, "\nCaps that bound (candidates closed)");
  bool any = false;
  for (const auto& [key, count] : totals.closings) {
    if (key.first != decision::Stage::kCap) continue;
    Line(out, "  {:<30} {:>9}", key.second, count);
    any = true;
  }
  if (!any) Line(out, "  none");
}

void AppendCustomers(std::string& out, const Summary& summary) {
  const std::uint64_t reached = summary.totals.reached.size();
  Line(out, "\nCustomers {} known, {} reached, {} never reached", summary.customers, reached,
       summary.customers - std::min(summary.customers, reached));
  std::string row = "  contacts by decile of customers, the most contacted first:";
  for (const std::uint64_t count : ContactsByDecile(summary.totals, summary.customers))
    fmt::format_to(std::back_inserter(row), " {}", count);
  Line(out, "{}", row);
}

void AppendCounters(std::string& out, const Totals& totals) {
  bool any = false;
  for (std::size_t i = 0; i < kCounterCount; ++i) {
    if (totals.counters[i] == 0) continue;
    if (!std::exchange(any, true)) Line(out, "\nCounted");
    Line(out, "  {:<26} {:>9}", decision::CounterName(static_cast<decision::Counter>(i)), totals.counters[i]);
  }
  if (!totals.failures.empty()) Line(out, "\nExpressions that failed");
  for (const auto& [name, count] : totals.failures) Line(out, "  {:>9} {} in {}: {}", count, name.kind, name.owner, name.expression);
}

}  // namespace

std::string SummaryAsText(const Summary& summary) {
  const Totals& totals = summary.totals;
  std::string out;
  Line(out, "Topology  {} {}", summary.topology_name, ToHex(summary.topology_version));
  for (const std::string& note : summary.notes) Line(out, "Note      {}", note);
  AppendInputs(out, summary);
  Line(out, "Wrote     {} decisions ({} silent), {} contact records, {} outbound messages", totals.files[0].lines, totals.decisions_silent,
       totals.files[1].lines, totals.files[2].lines);
  AppendCauses(out, totals);
  AppendFunnel(out, totals);
  AppendContacts(out, totals);
  AppendCaps(out, totals);
  AppendCustomers(out, summary);
  AppendCounters(out, totals);
  const double rate = summary.seconds > 0 ? static_cast<double>(summary.read.lines) / summary.seconds : 0;
  const double bytes = summary.customers > 0 ? static_cast<double>(summary.state_bytes) / static_cast<double>(summary.customers) : 0;
  Line(out, "\nTime      {:.3f} s, {:.0f} lines/s, {} threads, {} store, {:.0f} state bytes per customer", summary.seconds, rate,
       summary.threads, summary.store, bytes);
  Line(out, "Digests   decisions {}", ToHex(totals.files[0].sum));
  Line(out, "          contacts  {}", ToHex(totals.files[1].sum));
  Line(out, "          state     {}   ({} partitions)", ToHex(summary.state_digest), summary.partitions);
  return out;
}

}  // namespace antiphon::replay

#include "services/replay/tally.h"

#include <chrono>
#include <utility>

#include "engine/calendar/zone.h"
#include "engine/topology/expression_owners.h"

namespace antiphon::replay {
namespace {

using state::ContactStatus;

bool WasSaid(ContactStatus status) {
  switch (status) {
    case ContactStatus::kPresented:
    case ContactStatus::kSent:
    case ContactStatus::kDelivered:
    case ContactStatus::kSeen:
    case ContactStatus::kClicked:
    case ContactStatus::kAccepted:
    case ContactStatus::kDeclined:
    case ContactStatus::kNoResponse:
      return true;
    default:
      return false;
  }
}

std::string DayText(std::int32_t day) {
  return FormatTime(EngineTime{std::chrono::days{day}}).substr(0, std::string_view("2026-03-01").size());
}

// As the author wrote it, without the blanks around it in a template.
std::string Trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

std::string_view KindOf(expression::ErrorCode code) {
  switch (code) {
    case expression::ErrorCode::kNoValue:
      return "no_value";
    case expression::ErrorCode::kNoOverload:
      return "no_overload";
    case expression::ErrorCode::kOverflow:
      return "overflow";
    case expression::ErrorCode::kDivisionByZero:
      return "division_by_zero";
    case expression::ErrorCode::kNoSuchKey:
      return "no_such_key";
    case expression::ErrorCode::kOutOfRange:
      return "out_of_range";
    case expression::ErrorCode::kBadArgument:
      return "bad_argument";
    case expression::ErrorCode::kDuplicateKey:
      return "duplicate_key";
    case expression::ErrorCode::kUndeclared:
      return "undeclared";
    case expression::ErrorCode::kTooLarge:
      return "too_large";
    case expression::ErrorCode::kTooManySteps:
      return "too_many_steps";
    case expression::ErrorCode::kHost:
      return "host";
  }
  return "error";
}

}  // namespace

bool BecomesSaid(ContactStatus previous, ContactStatus status) { return WasSaid(status) && !WasSaid(previous); }

Tally::Tally(const topology::Topology& topology) : topology_(topology), funnel_(topology.offers.size()) {}

void Tally::Add(const decision::Effects& effects) {
  for (const decision::DecisionRecord& record : effects.decisions) AddDecision(record);
  for (const decision::ContactRecord& record : effects.contacts) AddContact(record);
  for (const decision::ExpressionFailure& failure : effects.failures) {
    ++failures_[FailureKey{.program = failure.program, .code = failure.code}];
  }
  for (std::size_t i = 0; i < kCounterCount; ++i) counters_[i] += effects.counters[i];
}

void Tally::AddDecision(const decision::DecisionRecord& record) {
  ++decisions_by_cause_[static_cast<std::size_t>(record.cause.kind)];
  if (record.chosen.empty()) {
    ++decisions_silent_;
    Count(silences_, record.silence_rule, static_cast<std::uint32_t>(record.silence_stage));
  }
  for (const decision::CandidateRecord& candidate : record.candidates) {
    if (candidate.offer.value() < funnel_.size()) ++funnel_[candidate.offer.value()][static_cast<std::size_t>(candidate.stage)];
    if (candidate.stage != decision::Stage::kChosen) Count(closings_, candidate.rule, static_cast<std::uint32_t>(candidate.stage));
  }
}

void Tally::AddContact(const decision::ContactRecord& record) {
  ++contact_records_by_status_[static_cast<std::size_t>(record.contact.status)];
  if (!BecomesSaid(record.previous, record.contact.status)) return;
  const auto day = static_cast<std::uint32_t>(topology_.zone.DayOf(record.time).time_since_epoch().count());
  ++said_[(std::uint64_t{record.contact.channel.value()} << 32U) | day];
  const auto found = reached_.find(record.customer);
  if (found != reached_.end()) {
    ++found->second;
  } else {
    reached_.emplace(record.customer, 1);
  }
}

void Tally::AddFailuresTo(Totals& totals) const {
  if (failures_.empty()) return;
  std::unordered_map<const expression::Program*, std::string> owners;
  topology::VisitExpressions(topology_,
                             [&owners](const expression::Program& program, const std::string& owner) { owners.emplace(&program, owner); });
  for (const auto& [key, count] : failures_) {
    FailureName name{.owner = {}, .expression = {}, .kind = std::string(KindOf(key.code))};
    if (const auto owner = owners.find(key.program); owner != owners.end()) name.owner = owner->second;
    if (key.program != nullptr) name.expression = Trimmed(key.program->text());
    totals.failures[std::move(name)] += count;
  }
}

void Tally::AddTo(Totals& totals) const {
  for (std::size_t i = 0; i < kRecordFiles; ++i) {
    totals.files[i].lines += files_[i].lines;
    totals.files[i].sum += files_[i].sum;
  }
  for (std::size_t i = 0; i < kCounterCount; ++i) totals.counters[i] += counters_[i];
  for (std::size_t i = 0; i < kCauseCount; ++i) totals.decisions_by_cause[i] += decisions_by_cause_[i];
  for (std::size_t i = 0; i < kStatusCount; ++i) totals.contact_records_by_status[i] += contact_records_by_status_[i];
  totals.decisions_silent += decisions_silent_;
  for (std::size_t offer = 0; offer < funnel_.size(); ++offer) {
    auto& stages = totals.funnel[topology_.offers[offer].id];  // an offer that was never a candidate is told too
    for (std::size_t i = 0; i < decision::kStageCount; ++i) stages[i] += funnel_[offer][i];
  }
  const auto by_rule = [](const RuleCounts& counts, auto& into) {
    for (const auto& [key, count] : counts) into[{static_cast<decision::Stage>(key.kind), std::string(key.data, key.size)}] += count;
  };
  by_rule(closings_, totals.closings);
  by_rule(silences_, totals.silences);
  AddFailuresTo(totals);
  for (const auto& [key, count] : said_) {
    const auto channel = static_cast<std::size_t>(key >> 32U);
    const std::string name = channel < topology_.channels.size() ? topology_.channels[channel].id : std::string("other");
    totals.said[{name, DayText(static_cast<std::int32_t>(key & 0xFFFFFFFFU))}] += count;
  }
  for (const auto& [customer, count] : reached_) totals.reached[customer] += count;
}

}  // namespace antiphon::replay

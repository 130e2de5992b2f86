#include "services/tools/explain_command.h"

#include <algorithm>
#include <map>
#include <utility>

#include "engine/calendar/nearest_name.h"
#include "services/replay/progress.h"
#include "services/tools/funnel_text.h"
#include "services/tools/reason_words.h"

namespace antiphon::tools {
namespace {

using decision::DecisionRecord;

constexpr int kOk = 0;
constexpr int kNotFound = 1;
constexpr int kBadInput = 2;
constexpr std::size_t kEarlierShown = 3;
constexpr std::size_t kLaterShown = 1;

bool IsAbout(const topology::Topology& topology, const DecisionRecord& decision, const std::string& offer) {
  if (offer.empty()) return true;
  return std::ranges::any_of(decision.candidates, [&](const auto& candidate) { return OfferName(topology, candidate.offer) == offer; });
}

// DecisionFinder: looks for one decision among all customers'.
class DecisionFinder final : public StepObserver {
 public:
  explicit DecisionFinder(std::string id) : id_(std::move(id)) {}
  void OnStep(SessionStep& step) override {
    for (const DecisionRecord& decision : step.effects.decisions) {
      if (ToHex(decision.id) != id_) continue;
      customer = decision.customer;
      time = decision.time;
    }
  }
  std::string customer;  // empty: not found so far
  EngineTime time{};

 private:
  std::string id_;
};

// Explainer: gathers what concerns one customer while his log is walked.
class Explainer final : public StepObserver {
 public:
  Explainer(const topology::Topology& topology, const ExplainOptions& options, Explanation& explanation)
      : topology_(topology), options_(options), explanation_(explanation) {}

  void OnStep(SessionStep& step) override {
    for (const decision::ContactRecord& record : step.effects.contacts) {
      if (record.customer == explanation_.customer) contacts_.push_back(record);
    }
    for (const DecisionRecord& decision : step.effects.decisions) {
      if (decision.customer == explanation_.customer && IsAbout(topology_, decision, options_.offer)) Take(step, decision);
    }
  }

  // The contacts of the decisions, once the log was walked to its end.
  void Finish() {
    for (ExplainedDecision& decision : explanation_.decisions) {
      for (const decision::ContactRecord& record : contacts_) {
        const auto& chosen = decision.record.chosen;
        const bool own = record.contact.decision_id == decision.record.id || std::ranges::find(chosen, record.contact.id) != chosen.end();
        if (own && (options_.offer.empty() || OfferName(topology_, record.contact) == options_.offer)) decision.contacts.push_back(record);
      }
    }
    if (explanation_.decisions.empty()) return;
    explanation_.earlier.clear();
    explanation_.later.clear();
  }

 private:
  void Take(const SessionStep& step, const DecisionRecord& decision) {
    if (!explanation_.span.Contains(decision.time)) {
      const bool earlier = decision.time < explanation_.span.from;
      std::vector<std::string>& others = earlier ? explanation_.earlier : explanation_.later;
      if (!earlier && others.size() == kLaterShown) return;
      others.push_back(DecisionTitle(topology_, decision) + " -> " + DecisionResult(topology_, decision));
      if (others.size() > kEarlierShown) others.erase(others.begin());
      return;
    }
    if (!options_.decision.empty() && ToHex(decision.id) != options_.decision) return;
    const Snapshot after = step.session.Look(explanation_.customer);
    const Snapshot& before = step.before == nullptr ? after : *step.before;
    explanation_.decisions.push_back(ExplainDecision(
        topology_, {.record = &decision, .before = &before, .after = &after, .event = step.event, .offer = options_.offer}));
  }

  const topology::Topology& topology_;
  const ExplainOptions& options_;
  Explanation& explanation_;
  std::vector<decision::ContactRecord> contacts_;
};

// Explaining: one `antiphon explain`.
class Explaining {
 public:
  // `progress`: a terminal, or nullptr.
  Explaining(const ExplainOptions& options, const LoadTopologyFolder& load, std::FILE* progress)
      : options_(options), load_(load), progress_(progress) {}

  Result<void> Run() {
    if (auto usage = CheckUsage(); !usage) return usage;
    auto topology = load_(options_.topology);
    if (!topology) return std::unexpected(std::move(topology.error()));
    topology_ = std::make_unique<topology::Topology>(**topology);
    topology_->record_candidates = topology::RecordCandidates::kAll;
    if (!options_.offer.empty() && !topology::FindById(topology_->offers, options_.offer)) return UnknownOffer();
    auto resolved = ResolveLogs(options_.logs, *topology_);
    if (!resolved) return std::unexpected(std::move(resolved.error()));
    logs_ = std::move(resolved->logs);
    explanation.notes = std::move(resolved->notes);
    explanation.customer = options_.customer;
    if (auto span = ReadSpan(); !span) return span;
    if (!options_.decision.empty() && options_.customer.empty()) {
      if (auto searched = FindDecision(); !searched || explanation.customer.empty()) return searched;
    }
    return Walk();
  }

  [[nodiscard]] const topology::Topology& topology() const { return *topology_; }
  Explanation explanation;
  bool found = false;  // the customer (and the decision, if one is asked for)

 private:
  static std::unexpected<Error> Usage(std::string message) { return Fail(Recovery::kStopProcess, std::move(message)); }

  Result<void> CheckUsage() const {
    if (options_.customer.empty() && options_.decision.empty())
      return Usage("name a customer (--customer C00692) or a decision (--decision ID)");
    if (!options_.at.empty() && (!options_.from.empty() || !options_.to.empty())) return Usage("give --at, or --from and --to, not both");
    return {};
  }

  Result<void> UnknownOffer() const {
    std::vector<std::string> names;
    for (const topology::Offer& offer : topology_->offers) names.push_back(offer.id);
    return Usage("no offer is called '" + options_.offer + "'" + calendar::DidYouMean(options_.offer, names));
  }

  Result<EngineTime> ReadOne(std::string_view option, const std::string& text, EngineTime fallback) const {
    if (text.empty()) return fallback;
    const auto span = ReadTimeSpan(text, topology_->zone);
    if (!span) return Usage(std::string(option) + " " + text + " is no time; " + std::string(kTimeRemedy));
    return span->from;
  }

  Result<void> ReadSpan() {
    explanation.span = {.from = EngineTime{}, .until = kEngineTimeMax};
    if (!options_.at.empty()) {
      const auto span = ReadTimeSpan(options_.at, topology_->zone);
      if (!span) return Usage("--at " + options_.at + " is no time; " + std::string(kTimeRemedy));
      explanation.span = *span;
      return {};
    }
    auto from = ReadOne("--from", options_.from, EngineTime{});
    if (!from) return std::unexpected(std::move(from.error()));
    auto to = ReadOne("--to", options_.to, kEngineTimeMax);
    if (!to) return std::unexpected(std::move(to.error()));
    if (*to <= *from) return Usage("--to must be after --from");
    explanation.span = {.from = *from, .until = *to};
    return {};
  }

  // The customer of the decision that is asked for: a walk over everybody.
  Result<void> FindDecision() {
    DecisionFinder finder(options_.decision);
    auto walk = LogWalk::Open({.topology = topology_.get(), .logs = logs_, .customer = {}, .observer = &finder, .progress = progress_});
    if (!walk) return std::unexpected(std::move(walk.error()));
    if (auto walked = (*walk)->WalkTo(std::nullopt, LogWalk::Beyond::kStop, [&finder] { return !finder.customer.empty(); }); !walked)
      return walked;
    explanation.customer = finder.customer;
    return {};
  }

  Result<void> Walk() {
    Explainer explainer(*topology_, options_, explanation);
    auto opened = LogWalk::Open(
        {.topology = topology_.get(), .logs = logs_, .customer = explanation.customer, .observer = &explainer, .progress = progress_});
    if (!opened) return std::unexpected(std::move(opened.error()));
    LogWalk& walk = **opened;
    if (explanation.span.until < kEngineTimeMax) {
      // Not beyond the logs: what happens there is not known.
      if (auto walked = walk.WalkTo(explanation.span.until - Milliseconds{1}, LogWalk::Beyond::kStop); !walked) return walked;
    }
    Stand(walk);
    if (auto walked = walk.WalkTo(std::nullopt, LogWalk::Beyond::kStop); !walked) return walked;
    if (explanation.span.until == kEngineTimeMax) Stand(walk);
    explainer.Finish();
    explanation.dead_letters = walk.dead_letters();
    if (!explanation.decisions.empty()) explanation.standing.clear();
    found = walk.known() && (options_.decision.empty() || !explanation.decisions.empty());
    return {};
  }

  void Stand(LogWalk& walk) {
    CustomerView view(*topology_, walk.Look(), walk.clock());
    explanation.standing = DescribeStanding(view, {.offer = options_.offer, .last = walk.last(), .at_end = walk.at_end()});
  }

  const ExplainOptions& options_;
  const LoadTopologyFolder& load_;
  std::FILE* progress_;
  std::unique_ptr<topology::Topology> topology_;
  LogOptions logs_;
};

}  // namespace

int RunExplain(const ExplainOptions& options, const LoadTopologyFolder& load, std::FILE* out, std::FILE* err) {
  Explaining explaining(options, load, replay::TerminalOrNull(err));
  const auto run = explaining.Run();
  const Explanation& explanation = explaining.explanation;
  for (const std::string& note : explanation.notes) std::fprintf(err, "antiphon explain: note: %s\n", note.c_str());
  if (!run) {
    std::fprintf(err, "antiphon explain: %s\n", run.error().message.c_str());
    return kBadInput;
  }
  if (!explaining.found) {
    const std::string what = options.decision.empty() ? "event of customer " + options.customer : "decision " + options.decision;
    std::fprintf(err, "antiphon explain: the logs hold no %s\n", what.c_str());
    return kNotFound;
  }
  const std::string text =
      options.json ? ExplanationJson(explaining.topology(), explanation) : ExplanationText(explaining.topology(), explanation);
  std::fputs(text.c_str(), out);
  return kOk;
}

}  // namespace antiphon::tools

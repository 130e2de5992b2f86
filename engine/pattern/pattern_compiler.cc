#include "engine/pattern/pattern_compiler.h"

#include <algorithm>
#include <map>
#include <utility>

#include "state/base/check.h"

namespace antiphon::pattern {
namespace {

// A guard under construction: `never`, or an "and" of clauses, each an "or" of literals.
struct Guard {
  bool never = false;
  std::vector<std::vector<Literal>> clauses;  // none: always

  static Guard Always() { return {}; }
  static Guard Never() { return {.never = true, .clauses = {}}; }
};

Guard And(const Guard& left, const Guard& right) {
  if (left.never || right.never) return Guard::Never();
  Guard both = left;
  both.clauses.insert(both.clauses.end(), right.clauses.begin(), right.clauses.end());
  return both;
}

// REQUIRES: every clause is a single literal (true of conditions and of what a step takes).
Guard Not(const Guard& guard) {
  if (guard.never) return Guard::Always();
  if (guard.clauses.empty()) return Guard::Never();
  std::vector<Literal> clause;
  for (const std::vector<Literal>& part : guard.clauses) {
    ANTIPHON_CHECK(part.size() == 1);
    clause.push_back({part[0].condition, !part[0].negated, false});
  }
  Guard negated;
  negated.clauses.push_back(std::move(clause));
  return negated;
}

struct DraftEdge {
  EdgeKind kind;
  PlaceIndex target;
  Guard guard;
};

struct DraftPlace {
  StepNumber step = kNoStep;
  std::vector<DraftEdge> edges;
  std::optional<Milliseconds> within_previous;
  bool checks_previous = false;
  bool absence = false;  // a place where the absence at the end is awaited
  bool not_next = false;
};

// Where in the pattern the builder is: the element, its neighbours, the group around it.
struct Where {
  const std::vector<PatternElement>* sequence;
  std::size_t index;
  const PatternElement* group;      // the innermost group around it, or nullptr
  Inner group_entry;                // how that group is entered: by its contiguity in the first round, by its `inner` later
  bool group_skippable;             // may that group be skipped, in this its first round?
  const PatternElement* following;  // what is written after the element, or after its group if it is the last there; or nullptr

  [[nodiscard]] const PatternElement& element() const { return (*sequence)[index]; }
  [[nodiscard]] bool HeadsGroup() const { return group != nullptr && index == 0; }
};

// The same three ways are said by contiguity between steps and by `inner` between repetitions.
Inner WayOf(Contiguity contiguity) {
  switch (contiguity) {
    case Contiguity::kNext:
      return Inner::kConsecutive;
    case Contiguity::kFollowedByAny:
      return Inner::kAllowCombinations;
    default:
      return Inner::kRelaxed;
  }
}

bool MayBeSkipped(const PatternElement& element) { return element.optional || (element.times && element.times->min == 0); }

// Builds the places from the end of the pattern to its start, so that each knows where it leads. Source: docs/patterns.md, "How a run
// moves"; the order of building is that of Flink's NFA compiler, since some of its effects (greedy) change places already built.
class Builder {
 public:
  explicit Builder(const PatternSpec& spec) : spec_(spec) { Number(spec.elements); }

  CompiledPattern Build() {
    places_.resize(2);
    const PlaceIndex start = Sequence(spec_.elements, kEnd, nullptr, Inner::kRelaxed, false, nullptr);
    return Finish(start);
  }

  [[nodiscard]] bool TooLarge() const { return too_large_; }

 private:
  void Number(const std::vector<PatternElement>& elements) {
    for (const PatternElement& element : elements) {
      if (element.group) {
        Number(*element.group);
      } else {
        step_of_[&element] = static_cast<StepNumber>(names_.size());
        names_.push_back(element.name);
      }
    }
  }

  // ---- guards -------------------------------------------------------------------------------------------------------------------

  Guard Fits(std::optional<ConditionId> condition) {
    if (!condition) return Guard::Always();
    const auto found = std::ranges::find(conditions_, *condition);
    const auto index = static_cast<std::uint16_t>(found - conditions_.begin());
    if (found == conditions_.end()) conditions_.push_back(*condition);
    Guard guard;
    guard.clauses.push_back({Literal{index, false, true}});
    return guard;
  }

  Guard NotUntil(const PatternElement* element) {
    return element != nullptr && element->until ? Not(Fits(element->until)) : Guard::Always();
  }

  // What the step takes, the until of its group included, its own left out.
  Guard TakeGuard(const Where& at) { return And(NotUntil(at.group), Fits(at.element().where)); }

  Guard IgnoreBy(Inner how, const Where& at) {
    if (how == Inner::kConsecutive) return Guard::Never();
    const Guard ignore = how == Inner::kRelaxed ? Not(Fits(at.element().where)) : Guard::Always();
    return And(NotUntil(at.group), ignore);
  }

  // Between repetitions. The first step of a group goes by the group's `inner`, not by its own.
  Guard InnerIgnoreGuard(const Where& at) {
    const PatternElement& by = at.group != nullptr && at.index == 0 ? *at.group : at.element();
    return IgnoreBy(by.inner, at);
  }

  // How the element is entered. The contiguity of the first element of a group means nothing: the group's counts.
  static Inner EntryOf(const Where& at) { return at.HeadsGroup() ? at.group_entry : WayOf(at.element().contiguity); }

  // ---- places -------------------------------------------------------------------------------------------------------------------

  PlaceIndex NewPlace(StepNumber step) {
    if (places_.size() >= kPlacesMax) {
      too_large_ = true;  // the caller gives the whole pattern up; until then the last place is used over and over
      return static_cast<PlaceIndex>(places_.size() - 1);
    }
    places_.emplace_back();
    places_.back().step = step;
    return static_cast<PlaceIndex>(places_.size() - 1);
  }

  void AddEdge(PlaceIndex from, EdgeKind kind, PlaceIndex to, Guard guard) {
    if (guard.never || too_large_) return;
    places_[from].edges.push_back({kind, to, std::move(guard)});
  }

  // The nots that hold at the element's first place: those written before it, also over steps that may be skipped.
  std::vector<Guard> NotsBefore(const Where& at) {
    std::vector<Guard> nots;
    for (std::size_t i = at.index; i > 0; --i) {
      const PatternElement& before = (*at.sequence)[i - 1];
      if (before.contiguity == Contiguity::kNotFollowedBy) {
        nots.push_back(And(NotUntil(at.group), Fits(before.where)));
      } else if (before.contiguity != Contiguity::kNotNext && !MayBeSkipped(before)) {
        break;
      }
    }
    return nots;
  }

  void AddStops(PlaceIndex place, const Where& at) {
    for (Guard& guard : NotsBefore(at)) AddEdge(place, EdgeKind::kGo, kStop, std::move(guard));
  }

  // Between repetitions the nots written directly after the step hold already.
  void AddStopsOfFollowing(PlaceIndex place, const Where& at) {
    if (at.following == nullptr || at.following->contiguity != Contiguity::kNotFollowedBy) return;
    AddEdge(place, EdgeKind::kGo, kStop, And(NotUntil(at.group), Fits(at.following->where)));
  }

  // Once an optional step took an event, the nots before it are over: what follows is reached by a copy without them.
  PlaceIndex WithoutNotsBefore(PlaceIndex place, const Where& at) {
    if (!MayBeSkipped(at.element()) || NotsBefore(at).empty()) return place;
    return CopyWithoutStops(place, NotsBefore(at));
  }

  static bool SameGuard(const Guard& left, const Guard& right) {
    const auto same = [](const std::vector<Literal>& a, const std::vector<Literal>& b) {
      return std::ranges::equal(a, b,
                                [](const Literal& x, const Literal& y) { return x.condition == y.condition && x.negated == y.negated; });
    };
    return std::ranges::equal(left.clauses, right.clauses, same);
  }

  PlaceIndex CopyWithoutStops(PlaceIndex place, const std::vector<Guard>& nots) {
    if (places_[place].edges.empty() || too_large_) return place;  // the end, or the turn of a looping group, where no not holds
    const PlaceIndex copy = CopyPlace(place);
    std::vector<DraftEdge> edges;
    for (DraftEdge& edge : std::vector<DraftEdge>(places_[copy].edges)) {
      if (edge.kind == EdgeKind::kGo && edge.target == kStop) {
        if (std::ranges::any_of(nots, [&](const Guard& guard) { return SameGuard(guard, edge.guard); })) continue;
      } else if (edge.kind == EdgeKind::kGo) {
        edge.target = CopyWithoutStops(edge.target, nots);
      }
      edges.push_back(std::move(edge));
    }
    places_[copy].edges = std::move(edges);
    return copy;
  }

  PlaceIndex CopyPlace(PlaceIndex place) {
    const PlaceIndex copy = NewPlace(kNoStep);
    if (too_large_) return place;
    places_[copy] = places_[place];
    for (DraftEdge& edge : places_[copy].edges) {
      if (edge.target == place) edge.target = copy;
    }
    return copy;
  }

  // ---- elements -----------------------------------------------------------------------------------------------------------------

  // The first place of a sequence that leads to `sink`.
  PlaceIndex Sequence(const std::vector<PatternElement>& elements, PlaceIndex sink, const PatternElement* group, Inner group_entry,
                      bool group_skippable, const PatternElement* following) {
    for (std::size_t i = elements.size(); i-- > 0;) {
      const Where at{&elements, i, group, group_entry, group_skippable, i + 1 < elements.size() ? &elements[i + 1] : following};
      switch (at.element().contiguity) {
        case Contiguity::kNotFollowedBy:
          sink = NotFollowedBy(at, sink);
          break;
        case Contiguity::kNotNext:
          sink = NotNext(at, sink);
          break;
        default:
          sink = Element(at, sink);
      }
    }
    return sink;
  }

  PlaceIndex NotFollowedBy(const Where& at, PlaceIndex sink) {
    const PatternElement& element = at.element();
    const Guard fits = TakeGuard(at);
    if (sink != kEnd && places_[sink].absence) {  // one more not at the end: all of them count
      for (DraftEdge& edge : places_[sink].edges) {
        if (edge.kind == EdgeKind::kIgnore) edge.guard = And(edge.guard, Not(fits));
      }
      AddEdge(sink, EdgeKind::kGo, kStop, fits);
      return sink;
    }
    if (sink != kEnd || (!spec_.within && !element.within_previous)) return sink;  // in the middle: see AddStops
    const PlaceIndex place = NewPlace(step_of_[&element]);
    places_[place].absence = true;
    places_[place].within_previous = element.within_previous;
    AddEdge(place, EdgeKind::kGo, kStop, fits);
    AddEdge(place, EdgeKind::kIgnore, place, Not(fits));
    return place;
  }

  PlaceIndex NotNext(const Where& at, PlaceIndex sink) {
    const Guard fits = TakeGuard(at);
    const PlaceIndex place = NewPlace(step_of_[&at.element()]);
    places_[place].not_next = true;
    places_[place].within_previous = at.element().within_previous;
    AddEdge(place, sink == kEnd ? EdgeKind::kIgnore : EdgeKind::kGo, sink, Not(fits));
    AddEdge(place, EdgeKind::kGo, kStop, fits);
    return place;
  }

  PlaceIndex Element(const Where& at, PlaceIndex sink) {
    const PatternElement& element = at.element();
    PlaceIndex first = kEnd;
    if (element.times) {
      const auto times_min = static_cast<std::size_t>(std::max<std::int64_t>(element.times->min, 1));
      if (element.times->max) {
        first = Repetitions(at, sink, sink, times_min, static_cast<std::size_t>(*element.times->max));
      } else {
        const PlaceIndex loop =
            element.group ? GroupLoop(at, *element.group, WithoutNotsBefore(sink, at)) : StepLoop(at, WithoutNotsBefore(sink, at));
        first = Repetitions(at, loop, sink, times_min, times_min);
      }
    } else {
      first = Once(at, sink, sink, Guard::Always(), IgnoreBy(EntryOf(at), at), MayBeSkipped(element), true);
    }
    AddStops(first, at);
    return first;
  }

  // One repetition: the place that takes an event (or the group's places) and leads to `sink`; if `skippable`, also on to `proceed`.
  PlaceIndex Once(const Where& at, PlaceIndex sink, PlaceIndex proceed, const Guard& not_until, const Guard& ignore, bool skippable,
                  bool entry) {
    const PatternElement& element = at.element();
    if (element.group) {
      const PlaceIndex first =
          Sequence(*element.group, sink, &element, entry ? EntryOf(at) : element.inner, skippable && entry, at.following);
      if (skippable) AddEdge(first, EdgeKind::kGo, proceed, Guard::Always());
      return first;
    }
    const StepNumber step = step_of_[&element];
    const PlaceIndex place = NewPlace(step);
    places_[place].within_previous = element.within_previous;
    places_[place].checks_previous = element.within_previous.has_value();
    const PlaceIndex after = WithoutNotsBefore(sink, at);
    const Guard take = And(not_until, TakeGuard(at));
    AddEdge(place, EdgeKind::kTake, after, take);
    if (skippable) AddProceed(place, proceed, element);
    if (ignore.never) return place;
    PlaceIndex ignoring = place;
    if (skippable || (at.HeadsGroup() && at.group_skippable)) {
      ignoring = NewPlace(step);
      AddEdge(ignoring, EdgeKind::kTake, after, take);
      AddEdge(ignoring, EdgeKind::kIgnore, ignoring, ignore);
      AddStops(ignoring, at);
    }
    AddEdge(place, EdgeKind::kIgnore, ignoring, ignore);
    return place;
  }

  // On to what follows; from a greedy step with an until, on the until event itself, to what follows free of greed.
  void AddProceed(PlaceIndex place, PlaceIndex proceed, const PatternElement& element) {
    const auto free = free_of_greed_.find(proceed);
    if (element.greedy && element.until && free != free_of_greed_.end()) {
      AddEdge(place, EdgeKind::kGo, free->second, Fits(element.until));
      AddEdge(place, EdgeKind::kGo, proceed, NotUntil(&element));
    } else {
      AddEdge(place, EdgeKind::kGo, proceed, Guard::Always());
    }
  }

  // `times_min` to `times_max` repetitions before `sink`; from those after the first `times_min` a run may go on to `proceed`.
  PlaceIndex Repetitions(const Where& at, PlaceIndex sink, PlaceIndex proceed, std::size_t times_min, std::size_t times_max) {
    const PatternElement& element = at.element();
    const Guard not_until = NotUntil(element.group ? nullptr : &element);
    const Guard inner_ignore = And(not_until, element.group ? Guard::Always() : InnerIgnoreGuard(at));
    if (element.greedy && times_min != times_max) MakeGreedy(sink, at);
    PlaceIndex next = sink;
    for (std::size_t i = times_min; i < times_max && !too_large_; ++i) {
      next = Once(at, next, proceed, not_until, inner_ignore, true, false);
      AddStopsOfFollowing(next, at);
    }
    for (std::size_t i = 1; i < times_min && !too_large_; ++i) {
      next = Once(at, next, proceed, not_until, inner_ignore, false, false);
      AddStopsOfFollowing(next, at);
    }
    return Once(at, next, proceed, not_until, IgnoreBy(EntryOf(at), at), MayBeSkipped(element), true);
  }

  // An event that fits the greedy step can no longer be anything else at the place that follows.
  void MakeGreedy(PlaceIndex place, const Where& at) {
    const Guard demand = Not(TakeGuard(at));
    std::erase_if(places_[place].edges, [&](DraftEdge& edge) {
      edge.guard = And(edge.guard, demand);
      return edge.guard.never;
    });
  }

  PlaceIndex StepLoop(const Where& at, PlaceIndex sink) {
    const PatternElement& element = at.element();
    const PlaceIndex loop = NewPlace(step_of_[&element]);
    if (element.greedy) {
      if (element.until && sink != kEnd) free_of_greed_[sink] = CopyPlace(sink);
      MakeGreedy(sink, at);
    }
    AddProceed(loop, sink, element);
    const Guard take = And(NotUntil(&element), TakeGuard(at));
    AddEdge(loop, EdgeKind::kTake, loop, take);
    AddStopsOfFollowing(loop, at);
    const Guard ignore = And(NotUntil(&element), InnerIgnoreGuard(at));
    if (!ignore.never) {
      const PlaceIndex ignoring = NewPlace(step_of_[&element]);
      AddEdge(ignoring, EdgeKind::kTake, loop, take);
      AddEdge(ignoring, EdgeKind::kIgnore, ignoring, ignore);
      AddEdge(loop, EdgeKind::kIgnore, ignoring, ignore);
      AddStopsOfFollowing(ignoring, at);
    }
    return loop;
  }

  // The turn of a looping group is a place of its own, which leads to the first place of the next round.
  PlaceIndex GroupLoop(const Where& at, const std::vector<PatternElement>& elements, PlaceIndex sink) {
    const PlaceIndex turn = NewPlace(kNoStep);
    const PlaceIndex first = Sequence(elements, turn, &at.element(), at.element().inner, false, at.following);
    AddEdge(first, EdgeKind::kGo, sink, Guard::Always());
    AddEdge(turn, EdgeKind::kGo, first, Guard::Always());
    return first;
  }

  // ---- the result ---------------------------------------------------------------------------------------------------------------

  // A run whose repetitions are satisfied waits for the absence at the end: time alone would bring it there. A not_next is not passed
  // by time alone.
  void WaitForAbsence() {
    for (std::size_t rounds = places_.size(), changed = 1; changed != 0 && rounds > 0; --rounds) {
      changed = 0;
      for (DraftPlace& place : places_) {
        if (place.absence || place.not_next) continue;
        for (const DraftEdge& edge : place.edges) {
          if (edge.kind != EdgeKind::kGo || edge.target == kStop || !places_[edge.target].absence) continue;
          place.absence = true;
          if (!place.within_previous) place.within_previous = places_[edge.target].within_previous;
          changed = 1;
          break;
        }
      }
    }
  }

  CompiledPattern Finish(PlaceIndex start) {
    WaitForAbsence();
    CompiledPattern out;
    out.start = start;
    out.within = spec_.within;
    out.after_match = spec_.after_match;
    for (const DraftPlace& draft : places_) {
      Place place;
      place.step = draft.step;
      place.edge_first = static_cast<std::uint32_t>(out.edges.size());
      place.edge_count = static_cast<std::uint32_t>(draft.edges.size());
      place.within_previous = draft.within_previous;
      place.checks_previous = draft.checks_previous;
      place.complete_when_due = draft.absence;
      out.tells_by_clock = out.tells_by_clock || draft.absence;
      for (const DraftEdge& edge : draft.edges) Write(edge, out);
      out.places.push_back(place);
    }
    for (const PatternElement& element : spec_.elements) out.may_repeat_itself = out.may_repeat_itself || RepeatsGroup(element);
    out.conditions = conditions_;
    out.step_names = names_;
    const auto skip_to = std::ranges::find(names_, spec_.skip_to);
    if (skip_to != names_.end()) out.skip_to = static_cast<StepNumber>(skip_to - names_.begin());
    WriteCaptures(out);
    return out;
  }

  static bool RepeatsGroup(const PatternElement& element) {
    return element.group && (element.times || std::ranges::any_of(*element.group, RepeatsGroup));
  }

  static void Write(const DraftEdge& draft, CompiledPattern& out) {
    Edge edge{draft.kind, draft.target, static_cast<std::uint32_t>(out.literals.size()), 0};
    for (const std::vector<Literal>& clause : draft.guard.clauses) {
      for (std::size_t i = 0; i < clause.size(); ++i) {
        out.literals.push_back({clause[i].condition, clause[i].negated, i + 1 == clause.size()});
      }
    }
    edge.literal_count = static_cast<std::uint32_t>(out.literals.size()) - edge.literal_first;
    out.edges.push_back(edge);
  }

  void WriteCaptures(CompiledPattern& out) const {
    out.captures = spec_.captures;
    for (const CaptureSpec& capture : spec_.captures) {
      ANTIPHON_CHECK(capture.step < names_.size());
      const bool counts = capture.take == Take::kCount || capture.take == Take::kSum;
      out.captures_initial.push_back(counts ? state::Scalar{std::int64_t{0}} : state::Scalar{});
    }
    for (std::size_t step = 0; step < names_.size(); ++step) {
      const auto first = static_cast<std::uint32_t>(out.capture_order.size());
      for (std::size_t i = 0; i < spec_.captures.size(); ++i) {
        if (spec_.captures[i].step == step) out.capture_order.push_back(static_cast<std::uint32_t>(i));
      }
      out.captures_of_step.emplace_back(first, static_cast<std::uint32_t>(out.capture_order.size()));
    }
  }

  const PatternSpec& spec_;
  std::map<const PatternElement*, StepNumber> step_of_;
  std::vector<std::string> names_;
  std::vector<ConditionId> conditions_;
  std::vector<DraftPlace> places_;
  std::map<PlaceIndex, PlaceIndex> free_of_greed_;
  bool too_large_ = false;
};

}  // namespace

std::expected<CompiledPattern, std::vector<PatternProblem>> CompilePattern(const PatternSpec& spec) {
  std::vector<PatternProblem> problems = CheckPattern(spec);
  if (!problems.empty()) return std::unexpected(std::move(problems));
  Builder builder(spec);
  CompiledPattern compiled = builder.Build();
  if (builder.TooLarge()) {
    problems.push_back(
        {"too_large", {}, "pattern", "the pattern needs more than " + std::to_string(kPlacesMax) + " places; use fewer repetitions"});
    return std::unexpected(std::move(problems));
  }
  return compiled;
}

}  // namespace antiphon::pattern

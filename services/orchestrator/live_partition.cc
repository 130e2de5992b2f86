#include "services/orchestrator/live_partition.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "services/orchestrator/owner_record.h"
#include "state/base/check.h"

namespace antiphon::orchestrator {
namespace {

std::vector<std::string> LaneNames(const ProcessParts& parts) {
  const auto& topics = parts.topics->topics();
  std::vector<std::string> names;
  for (const std::uint32_t topic : parts.topics->lanes()) names.push_back(topics[topic].name);
  names.push_back(topics[parts.topics->Of(process::TopicRole::kControl)].name);
  return names;
}

// Of rekeyed: the longest of the topics behind it.
Milliseconds WaitOf(const ProcessParts& parts, std::uint32_t topic) {
  if (topic < parts.topics->inputs()) return parts.config->inputs[topic].wait;
  Milliseconds wait{0};
  if (!parts.topics->IsRekeyed(topic)) return wait;
  for (const std::uint32_t source : parts.topics->sources()) wait = std::max(wait, parts.config->inputs[source].wait);
  return wait;
}

}  // namespace

LivePartition::LivePartition(const ProcessParts& parts, PartitionStart start, TopologyChoice choice, const Means& means)
    : parts_(parts),
      start_(std::move(start)),
      choice_(std::move(choice)),
      settings_(parts.settings),
      counts_(*means.counts),
      output_(*choice_.version, *means.lines, means.counts),
      journal_(static_cast<std::uint32_t>(start_.partition), LaneNames(parts)),
      floor_(start_.meta.floor),
      floor_journaled_(start_.meta.floor),
      sequence_(start_.meta.sequence) {
  settings_.topology_version = choice_.version->version();
  if (choice_.activates) journal_.AddActivation(settings_.topology_version, {});
}

Result<std::unique_ptr<LivePartition>> LivePartition::Open(const ProcessParts& parts, PartitionStart start, TopologyChoice choice,
                                                           const Means& means) {
  std::unique_ptr<LivePartition> made(new LivePartition(parts, std::move(start), std::move(choice), means));
  if (auto opened = made->OpenTask(); !opened) return std::unexpected(std::move(opened.error()));
  if (auto opened = made->OpenLanes(means); !opened) return std::unexpected(std::move(opened.error()));
  return made;
}

Result<void> LivePartition::OpenTask() {
  auto store = store::RocksStore::Open({.directory = parts_.DirectoryOf(partition()),
                                        .definitions = choice_.version->definitions(),
                                        .cache_bytes = parts_.cache_bytes,
                                        .durability = store::Durability::kPrefix,
                                        .write_behind_bytes = parts_.cache_bytes / 4},
                                       parts_.rocks);
  if (!store) return std::unexpected(std::move(store.error()));
  dictionary_ = (*store)->plan().dictionary.Encode();
  store::SlotMap slots = (*store)->plan().map;
  const runtime::ClockPolicy clock =
      settings_.wall_clock ? runtime::ClockPolicy::Wall(floor_, settings_.fresh) : runtime::ClockPolicy::Event();
  auto task = runtime::PartitionTask::Create(
      {.engine = &choice_.version->engine(), .store = *std::move(store), .sink = &output_, .clock = clock, .slots = std::move(slots)});
  if (!task) return std::unexpected(std::move(task.error()));
  task_ = *std::move(task);
  gate_ = std::make_unique<InputGate>(settings_, static_cast<std::uint32_t>(partition()), *task_, output_);
  return {};
}

Result<void> LivePartition::OpenLanes(const Means& means) {
  if (!parts_.topics->sources().empty()) rekeyed_.emplace(*parts_.config, *parts_.topics, *means.decoders);
  for (const runtime::LogPosition& from : start_.positions) {
    const std::uint32_t topic = from.log.topic;
    const bool is_input = topic < parts_.topics->inputs();
    const bool is_rekeyed = parts_.topics->IsRekeyed(topic);
    std::unique_ptr<RecordFeed> feed;
    if (is_input || is_rekeyed) {
      auto opened = InputFeed::Open(*means.source, from);
      if (!opened) return std::unexpected(std::move(opened.error()));
      feed = *std::move(opened);
    } else {
      auto opened = means.control->FeedFrom(from.next);
      if (!opened) return std::unexpected(std::move(opened.error()));
      feed = *std::move(opened);
    }
    lanes_.push_back({.lane = Lane({.feed = std::move(feed),
                                    .topic = parts_.topics->topics()[topic].name,
                                    .correlation_header = is_input ? parts_.config->inputs[topic].correlation_header : std::string(),
                                    .decoder = (is_input ? (*means.decoders)[topic] : means.decoders->back()).get(),
                                    .rekeyed = is_rekeyed ? &*rekeyed_ : nullptr,
                                    .wait = WaitOf(parts_, topic)})});
  }
  return {};
}

void LivePartition::BeginRound(EngineTime wall) {
  wall_ = wall;
  if (settings_.wall_clock) floor_ = std::max(floor_, wall);
  round_began_ = parts_.clock->Monotonic();
  for (LaneState& state : lanes_) state.idle = state.clock_idle = false;
}

// The lane whose head is next, with its next records filled in; nullptr if there is none, or one may come before it.
Result<LivePartition::LaneState*> LivePartition::NextLane() {
  LaneState* next = nullptr;
  bool blocked = false;
  for (LaneState& state : lanes_) {
    if (state.lane.empty()) {
      if (auto filled = state.lane.Fill(); !filled) return std::unexpected(std::move(filled.error()));
      if (state.lane.empty()) {
        blocked = blocked || !state.idle;
        continue;
      }
      state.idle = state.clock_idle = false;
      state.holds_since.reset();
      for (std::size_t i = 0; i < runtime::PartitionTask::kPrefetchAhead; ++i) Prefetch(state.lane.Ahead(i));
    }
    const bool control_first = IsControl(state) && next != nullptr && state.lane.Head().merge_time <= next->lane.Head().merge_time;
    if (next == nullptr || control_first || state.lane.Head().merge_time < next->lane.Head().merge_time) next = &state;
  }
  return blocked ? nullptr : next;
}

Result<std::uint32_t> LivePartition::Pass(std::uint32_t inputs_max) {
  std::uint32_t applied = 0;
  while (applied < inputs_max && !asks_for_version_ && !leaves_for_) {
    const auto next = NextLane();
    if (!next) return std::unexpected(next.error());
    if (*next == nullptr) {
      NoteBlocked();
      break;
    }
    blocked_since_.reset();
    if (IsControl(**next) && gate_->AsksForVersion((*next)->lane.Head(), OriginOf(**next), floor_)) {
      asks_for_version_ = true;
      break;
    }
    if (auto done = ApplyHead(**next); !done) return std::unexpected(std::move(done.error()));
    ++applied;
  }
  return applied;
}

// Nothing can be applied: records wait for lanes that are empty, or nothing is at hand. A lane that was waited for in vain is not waited
// for again until it had a record, or nobody waited (as max.task.idle.ms of KIP-353).
void LivePartition::NoteBlocked() {
  const Milliseconds now = parts_.clock->Monotonic();
  const bool somebody_waits = HasHeads();
  if (!somebody_waits) blocked_since_.reset();
  if (somebody_waits && !blocked_since_) blocked_since_ = now;
  for (LaneState& state : lanes_) {
    if (!somebody_waits) {
      state.holds_since.reset();
    } else if (state.lane.empty() && state.lane.wait() > Milliseconds{0} && !state.holds_since) {
      state.holds_since = now;
    }
  }
}

void LivePartition::Prefetch(const LaneItem* ahead) {
  const bool is_event = ahead != nullptr && ahead->decoded.kind == formats::Decoded::Kind::kEvent;
  task_->Prefetch(is_event ? ahead->decoded.event.customer : std::string_view());
}

Result<void> LivePartition::ApplyHead(LaneState& from) {
  UseFloor();
  Lane& lane = from.lane;
  Prefetch(lane.Ahead(runtime::PartitionTask::kPrefetchAhead));
  const LaneItem& item = lane.Head();
  const auto source = static_cast<std::uint32_t>(&from - lanes_.data());
  const bool is_control = IsControl(from);
  if (!is_control) {
    journal_.AddRecord(source, item.offset);
    counts_.AddRecord(item.timestamp);
    counts_.Add(counts_.places().OfRecords(source));
    if (item.decoded.kind == formats::Decoded::Kind::kSkipped) counts_.Add(counts_.places().Of(LiveCount::kSkipped));
  } else if (!item.is_tombstone) {
    journal_.AddCopy(source, item.offset, item.bytes);
  }
  auto applied = gate_->Apply(item, OriginOf(from), floor_);
  lane.Pop();
  return applied;
}

InputGate::Origin LivePartition::OriginOf(const LaneState& lane) const {
  const runtime::LogId log = lane.lane.log();
  return {.topic = lane.lane.topic(), .input = log.topic, .partition = log.partition, .is_control = IsControl(lane)};
}

Result<void> LivePartition::AnswerVersion(TopologyLibrary& library) {
  ANTIPHON_CHECK(asks_for_version_);
  asks_for_version_ = false;
  UseFloor();
  LaneState& control = lanes_.back();
  const LaneItem& item = control.lane.Head();
  const Hash128 wanted = item.decoded.activates;
  const ActivationAnswer answer = library.Ask(*choice_.version, wanted);
  journal_.AddCopy(static_cast<std::uint32_t>(lanes_.size() - 1), item.offset, item.bytes);
  journal_.AddActivation(wanted, answer.refused);
  if (answer.refused.empty()) {
    choice_.topologies_next = answer.topologies_next;
    if (wanted != version()) leaves_for_ = wanted;
  } else {
    spdlog::warn("partition {}: topology {} is not activated: {}", partition(), ToHex(wanted), answer.refused);
  }
  auto applied = gate_->Apply(item, OriginOf(control), floor_, answer.refused);
  control.lane.Pop();
  return applied;
}

// The floor takes effect, and stands in the journal, with the first step that it decides.
void LivePartition::UseFloor() {
  if (floor_ == floor_journaled_ || !parts_.settings.wall_clock) return;
  floor_journaled_ = floor_;
  task_->RaiseFloor(floor_);
  journal_.AddFloor(floor_);
}

void LivePartition::AppendUnknown(std::vector<runtime::LogId>& logs) const {
  const bool somebody_waits = HasHeads();
  for (const LaneState& state : lanes_) {
    if (state.lane.empty() && !state.idle && !(state.clock_idle && !somebody_waits)) logs.push_back(state.lane.log());
  }
}

bool LivePartition::HasHeads() const {
  return std::ranges::any_of(lanes_, [](const LaneState& state) { return !state.lane.empty(); });
}

std::vector<runtime::LogPosition> LivePartition::Positions() const {
  std::vector<runtime::LogPosition> positions;
  positions.reserve(lanes_.size());
  for (const LaneState& state : lanes_) positions.push_back({.log = state.lane.log(), .next = state.lane.Next()});
  return positions;
}

bool LivePartition::SetEnd(runtime::LogId log, std::int64_t end, const std::optional<RekeyedAsOf>& as_of) {
  const auto found = std::ranges::find_if(lanes_, [&](const LaneState& state) { return state.lane.log() == log; });
  if (found == lanes_.end() || !found->lane.empty()) return false;
  const bool waited = !found->holds_since || parts_.clock->Monotonic() - *found->holds_since >= found->lane.wait();
  const bool in_time = !as_of || as_of->monotonic >= blocked_since_.value_or(round_began_);
  found->clock_idle = waited && found->lane.Next() >= end;
  found->idle = found->clock_idle && in_time;
  found->idle_as_of = as_of ? as_of->wall : EngineTime::max();
  return found->idle;
}

std::optional<Milliseconds> LivePartition::WaitLeft(Milliseconds now) const {
  std::optional<Milliseconds> left;
  for (const LaneState& state : lanes_) {
    if (!state.lane.empty() || state.idle || !state.holds_since) continue;
    const Milliseconds of_lane = *state.holds_since + state.lane.wait() - now;
    if (of_lane > Milliseconds{0}) left = std::min(left.value_or(of_lane), of_lane);
  }
  return left;
}

Result<std::optional<EngineTime>> LivePartition::NextDue() {
  auto next = task_->store().NextDue();
  if (!next) return std::unexpected(std::move(next.error()));
  return next->transform([](const store::DueEntry& entry) { return entry.due; });
}

Result<void> LivePartition::Tick() {
  if (!settings_.wall_clock || wall_ <= task_->clock() || leaves_for_) return {};
  const bool all_idle = std::ranges::all_of(lanes_, [](const LaneState& state) { return state.clock_idle && state.lane.empty(); });
  if (!all_idle) return {};
  EngineTime to = wall_;
  for (const LaneState& state : lanes_) to = std::min(to, state.idle_as_of);
  const auto due = NextDue();
  if (!due) return std::unexpected(due.error());
  if (!*due || **due > to || to <= task_->clock()) return {};
  UseFloor();
  journal_.AddTick(to);
  output_.BeginInput(0, {});
  if (auto moved = task_->AdvanceTo(to); !moved) return moved;
  return output_.status();
}

formats::PartitionMeta LivePartition::MakeMeta() const {
  formats::PartitionMeta meta{.sequence = sequence_ + 1,
                              .positions = {},
                              .partition_state = task_->EncodedState(),
                              .floor = floor_journaled_,
                              .topology_version = leaves_for_.value_or(settings_.topology_version),
                              .semantics_version = settings_.semantics_version,
                              .node = parts_.config->node,
                              .generation = start_.member->generation(),
                              .topologies_next = choice_.topologies_next};
  for (const LaneState& state : lanes_) {
    meta.positions.push_back({.topic = state.lane.topic(), .partition = state.lane.log().partition, .next = state.lane.Next()});
  }
  return meta;
}

void LivePartition::CountTask() {
  const runtime::TaskFigures& now = task_->figures();
  const CountPlaces& places = counts_.places();
  counts_.Add(places.Of(LiveCount::kEvents), now.events - counted_.events);
  counts_.Add(places.Of(LiveCount::kDuplicates), now.duplicates - counted_.duplicates);
  counts_.Add(places.Of(LiveCount::kTimers), now.timers - counted_.timers);
  counts_.Add(places.Of(LiveCount::kControls), now.controls - counted_.controls);
  counted_ = now;
}

Result<void> LivePartition::Seal(runtime::OutputSink& sink, std::vector<runtime::LogPosition>& positions) {
  task_->FlushCounters();
  CountTask();
  if (const auto& status = output_.status(); !status) return status;
  const runtime::LogId changelog{.topic = parts_.topics->Of(process::TopicRole::kState), .partition = partition()};
  const runtime::LogId journal{.topic = parts_.topics->Of(process::TopicRole::kJournal), .partition = partition()};
  if (!dictionary_.empty()) {
    if (auto appended = sink.Append(changelog, formats::kDictionaryKey, dictionary_); !appended) return appended;
  }
  Result<void> status;
  auto told = task_->store().ForEachChange([&](std::string_view customer, std::string_view row) {
    if (!status) return;
    key_.assign(1, formats::kCustomerKey);
    key_ += customer;
    status = sink.Append(changelog, key_, row);
  });
  if (!told) return told;
  if (!status) return status;
  sealed_meta_ = formats::EncodePartitionMeta(MakeMeta());
  if (auto appended = sink.Append(changelog, formats::kMetaKey, sealed_meta_); !appended) return appended;
  const formats::LiveCommit commit = journal_.Make(settings_, sequence_ + 1, parts_.config->node, start_.member->generation());
  if (auto appended = sink.Append(journal, std::nullopt, formats::EncodeLiveCommit(commit)); !appended) return appended;
  if (!owner_told_) {
    const runtime::LogId owners{.topic = parts_.topics->Of(process::TopicRole::kOwners), .partition = 0};
    const std::string owner = OwnerRecord(*parts_.config, partition(), start_.member->generation(), sequence_ + 1);
    if (auto appended = sink.Append(owners, std::to_string(partition()), owner); !appended) return appended;
  }
  // Every input, moved or not: it is by these that the cluster sees whose transaction this is.
  for (const LaneState& state : lanes_) {
    if (!IsControl(state)) positions.push_back({.log = state.lane.log(), .next = state.lane.Next()});
  }
  return {};
}

Result<void> LivePartition::Store(std::optional<std::int64_t> changelog_end) {
  ANTIPHON_CHECK(!sealed_meta_.empty());
  store::CommitMeta meta{{std::string(kLiveMeta), std::move(sealed_meta_)}};
  // Without it the store stays where it was in the changelog: reading a part of it twice changes nothing.
  if (changelog_end) meta.emplace(kChangelogMeta, std::to_string(*changelog_end));
  sealed_meta_.clear();
  dictionary_.clear();
  owner_told_ = true;
  journal_.Clear();
  ++sequence_;
  return task_->Commit(std::move(meta));
}

}  // namespace antiphon::orchestrator

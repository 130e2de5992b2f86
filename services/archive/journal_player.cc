#include "services/archive/journal_player.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "services/archive/log_cursor.h"
#include "services/archive/moved_state.h"

namespace antiphon::archive {
namespace {

std::string PlaceOf(const std::string& topic, std::int64_t partition, std::uint64_t offset) {
  return topic + "[" + std::to_string(partition) + "] at offset " + std::to_string(offset);
}

}  // namespace

JournalPlayer::JournalPlayer(Options options, const formats::LiveSettings& settings, EngineTime floor)
    : options_(std::move(options)), settings_(settings), floor_(floor) {}

Result<std::unique_ptr<JournalPlayer>> JournalPlayer::Create(Options options, const formats::LiveSettings& settings, EngineTime floor) {
  std::unique_ptr<JournalPlayer> player(new JournalPlayer(std::move(options), settings, floor));
  auto version = player->options_.versions(settings.topology_version);
  if (!version) return std::unexpected(std::move(version.error()));
  player->version_ = *std::move(version);
  if (auto opened = player->Open(std::move(player->options_.store), std::move(player->options_.slots)); !opened) {
    return std::unexpected(std::move(opened.error()));
  }
  return player;
}

Result<void> JournalPlayer::Open(std::unique_ptr<store::StateStore> store, store::SlotMap slots) {
  rekeyed_.emplace(*options_.config, *options_.topics, version_.decoders);
  memory_.clear();
  for (const Input& input : options_.inputs) {
    memory_.push_back(input.is_rekeyed ? std::make_unique<orchestrator::LaneMemory>(*rekeyed_, 1)
                                       : std::make_unique<orchestrator::LaneMemory>(*version_.decoders[input.decoder], 1));
  }
  output_ = std::make_unique<orchestrator::LedgerOutput>(*version_.parts, *options_.lines);
  const runtime::ClockPolicy clock =
      settings_.wall_clock ? runtime::ClockPolicy::Wall(floor_, settings_.fresh) : runtime::ClockPolicy::Event();
  auto task = runtime::PartitionTask::Create(
      {.engine = &version_.parts->engine(), .store = std::move(store), .sink = output_.get(), .clock = clock, .slots = std::move(slots)});
  if (!task) return std::unexpected(std::move(task.error()));
  task_ = *std::move(task);
  gate_ = std::make_unique<orchestrator::InputGate>(settings_, options_.partition, *task_, *output_);
  return {};
}

Result<void> JournalPlayer::Use(const formats::LiveSettings& settings) {
  if (settings == settings_) return {};
  Version next{.parts = version_.parts, .decoders = {}};
  if (settings.topology_version == settings_.topology_version) {
    next.decoders = std::move(version_.decoders);
  } else {
    auto found = options_.versions(settings.topology_version);
    if (!found) return std::unexpected(std::move(found.error()));
    next = *std::move(found);
  }
  auto moved = MoveState(*task_, version_.parts->definitions(), next.parts->definitions());
  if (!moved) return std::unexpected(std::move(moved.error()));
  records_ += gate_->figures().records;
  gate_.reset();
  task_.reset();
  version_ = std::move(next);
  settings_ = settings;
  if (auto opened = Open(std::move(moved->store), store::SlotMap::Identity()); !opened) return opened;
  task_->RestorePartitionState(std::move(moved->partition));
  return {};
}

Result<void> JournalPlayer::Play(const formats::LiveCommit& commit) {
  if (auto used = Use(commit.settings); !used) return used;
  for (std::size_t i = 0; i < commit.entries.size(); ++i) {
    const formats::JournalEntry& entry = commit.entries[i];
    Result<void> played;
    if (const auto* floor = std::get_if<formats::JournalFloor>(&entry)) {
      floor_ = std::max(floor_, floor->floor);
      task_->RaiseFloor(floor_);
    } else if (const auto* tick = std::get_if<formats::JournalTick>(&entry)) {
      output_->BeginInput(0, {});
      played = task_->AdvanceTo(tick->to);
    } else if (const auto* range = std::get_if<formats::JournalRange>(&entry)) {
      played = PlayRange(commit, *range);
    } else if (const auto* record = std::get_if<formats::JournalRecord>(&entry)) {
      const auto* answer = i + 1 < commit.entries.size() ? std::get_if<formats::JournalActivation>(&commit.entries[i + 1]) : nullptr;
      played = PlayCopy(commit, *record, answer != nullptr ? answer->refused : std::string());
    }  // an activation needs no more: the settings of its commit, or of the next, say it
    if (!played) return played;
    if (const auto& status = output_->status(); !status) return status;
  }
  task_->FlushCounters();
  return task_->Commit({});
}

Result<JournalPlayer::Input*> JournalPlayer::InputOf(const std::string& topic) {
  const auto found = std::ranges::find(options_.inputs, topic, &Input::topic);
  if (found != options_.inputs.end()) return &*found;
  return Fail(Recovery::kStopProcess, "the journal names the input '" + topic + "', which this process file does not have");
}

Result<void> JournalPlayer::PlayRange(const formats::LiveCommit& commit, const formats::JournalRange& range) {
  const auto input = InputOf(commit.topics[range.source]);
  if (!input) return std::unexpected(input.error());
  Input& from = **input;
  std::uint64_t played = 0;
  Milliseconds deadline = options_.clock->Monotonic() + kPatience;
  while (played < range.records) {
    auto record = options_.source->Take(from.log);
    if (!record) return std::unexpected(std::move(record.error()));
    if (*record) {
      deadline = options_.clock->Monotonic() + kPatience;
      const bool earlier = static_cast<std::uint64_t>((*record)->offset) < range.from && !from.begun;
      if (earlier) continue;  // of commits that are not played
      if (auto done = PlayRecord(**record, range, from, played); !done) return done;
      ++played;
      continue;
    }
    if (options_.clock->Monotonic() > deadline) {
      return Fail(Recovery::kStopProcess,
                  PlaceOf(from.topic, from.log.partition, range.from) + ": the record that the journal names is not there");
    }
    WaitForMore(*options_.source, *options_.clock);
  }
  return {};
}

// The records of a range are all those that stand there: one that is gone and one that no commit consumed are both faults.
Result<void> JournalPlayer::PlayRecord(const runtime::LogRecord& record, const formats::JournalRange& range, Input& input,
                                       std::uint64_t played) {
  const auto offset = static_cast<std::uint64_t>(record.offset);
  if (offset < range.from) {
    return Fail(Recovery::kStopProcess, PlaceOf(input.topic, input.log.partition, offset) + ": no commit consumed this record");
  }
  if (offset >= range.to || (played == 0 && offset != range.from)) {
    return Fail(Recovery::kStopProcess,
                PlaceOf(input.topic, input.log.partition, range.from) + " and on: " + std::to_string(range.records - played) +
                    " records that the journal names are gone; is the input's retention shorter than the journal's?");
  }
  input.begun = true;
  return Apply(record, input);
}

Result<void> JournalPlayer::PlayCopy(const formats::LiveCommit& commit, const formats::JournalRecord& record, const std::string& refused) {
  const auto input = InputOf(commit.topics[record.source]);
  if (!input) return std::unexpected(input.error());
  runtime::LogRecord copy;
  copy.offset = static_cast<std::int64_t>(record.offset);
  copy.value = record.bytes;
  return Apply(copy, **input, refused);
}

Result<void> JournalPlayer::Apply(const runtime::LogRecord& record, const Input& input, const std::string& refused) {
  const auto place = static_cast<std::size_t>(&input - options_.inputs.data());
  orchestrator::LaneMemory& memory = *memory_[place];
  memory.Reset();
  const auto item = input.is_rekeyed
                        ? rekeyed_->Decode(record, input.log, memory)
                        : orchestrator::DecodeItem(record, input.log, input.correlation_header, *version_.decoders[input.decoder], memory);
  if (!item) return std::unexpected(item.error());
  return gate_->Apply(*item,
                      {.topic = input.topic, .input = input.log.topic, .partition = input.log.partition, .is_control = input.is_control},
                      floor_, refused);
}

}  // namespace antiphon::archive

#include "services/orchestrator/standby_keeper.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "services/orchestrator/standby_plan.h"
#include "state/base/check.h"

namespace antiphon::orchestrator {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr Milliseconds kIdleWait{100};
constexpr Milliseconds kPauseAfterError{5'000};
constexpr Milliseconds kPauseBeforeRetry{500};
// What was taken in is in the store after so long: whoever takes over lacks no more.
constexpr Milliseconds kWriteEvery{1'000};
constexpr Milliseconds kAskEvery{30'000};
constexpr Milliseconds kAskAgain{1'000};
constexpr Milliseconds kLagsEvery{5'000};
// A plan may be of another generation than the assignment for a moment.
constexpr std::uint32_t kUnlikeMax = 10;

}  // namespace

StandbyKeeper::StandbyKeeper(const ProcessParts& parts, Options options) : parts_(parts), options_(std::move(options)) {
  ANTIPHON_CHECK(parts_.figures != nullptr && parts_.claims != nullptr);
}

void StandbyKeeper::Own(std::vector<std::int32_t> partitions) {
  std::ranges::sort(partitions);
  {
    const std::lock_guard lock(mutex_);
    told_ = std::move(partitions);
  }
  options_.source->Wake();
}

void StandbyKeeper::Stop() {
  stop_.store(true, kRelaxed);
  options_.source->Wake();
}

void StandbyKeeper::Run() {
  while (!stop_.load(kRelaxed)) {
    if (!Round()) options_.source->Wait(kIdleWait);
  }
  for (Standby& standby : standbys_) LetGo(standby);
}

bool StandbyKeeper::Round() {
  TakeCommands();
  const Milliseconds now = parts_.clock->Monotonic();
  if (owned_ && now >= ask_at_) AskMembers(*owned_, now);
  bool busy = false;
  for (Standby& standby : standbys_) {
    TakeCommands();  // a worker may wait for a store
    if (Owns(standby.partition) || now < standby.not_before) continue;
    const auto stepped = Step(standby, now);
    if (!stepped) Drop(standby, stepped.error(), now);
    busy = busy || (stepped && *stepped);
  }
  ShowLags(now);
  return busy;
}

void StandbyKeeper::TakeCommands() {
  std::optional<std::vector<std::int32_t>> told;
  {
    const std::lock_guard lock(mutex_);
    told = std::exchange(told_, std::nullopt);
  }
  if (!told) return;
  owned_ = std::move(told);
  for (Standby& standby : standbys_) {
    if (Owns(standby.partition)) LetGo(standby);
  }
  ask_at_ = Milliseconds{0};
  unlike_ = 0;
}

void StandbyKeeper::AskMembers(const std::vector<std::int32_t>& owned, Milliseconds now) {
  ask_at_ = now + kAskAgain;
  const auto members = options_.members->Ask();
  if (!members) {
    if (members.error().recovery == Recovery::kRetry) return;
    spdlog::warn("standbys: {}", members.error().message);
    ask_at_ = now + kAskEvery;
    return;
  }
  const StandbyPlan plan(*members, static_cast<std::int32_t>(parts_.settings.partitions));
  if (plan.OwnedBy(parts_.config->node) != owned) {
    if (++unlike_ < kUnlikeMax) return;
    if (unlike_ == kUnlikeMax) {
      spdlog::warn("standbys: the group has shared out its partitions in another way than range by the nodes' names; none is kept");
    }
    Follow({});
    ask_at_ = now + kAskEvery;
    return;
  }
  unlike_ = 0;
  Follow(plan.KeptBy(parts_.config->node));
  ask_at_ = now + kAskEvery;
}

void StandbyKeeper::Follow(const std::vector<std::int32_t>& planned) {
  for (auto standby = standbys_.begin(); standby != standbys_.end();) {
    if (std::ranges::binary_search(planned, standby->partition)) {
      ++standby;
      continue;
    }
    LetGo(*standby);
    standby = standbys_.erase(standby);
  }
  for (const std::int32_t partition : planned) {
    if (std::ranges::find(standbys_, partition, &Standby::partition) == standbys_.end()) standbys_.push_back({.partition = partition});
  }
}

// True if it came further.
Result<bool> StandbyKeeper::Step(Standby& standby, Milliseconds now) {
  if (standby.tail == nullptr) {
    if (auto opened = Open(standby); !opened || !*opened) return opened;
    standby.written_at = now;
  }
  const auto taken = standby.tail->Take();
  if (!taken) return std::unexpected(taken.error());
  standby.records += *taken;
  const std::int64_t position = standby.tail->Position();
  if (position > standby.tail->written() && now - standby.written_at >= kWriteEvery) {
    if (auto written = standby.tail->Write(); !written) return std::unexpected(std::move(written.error()));
    standby.written_at = now;
  }
  if (!standby.up_to_date && position >= standby.tail->end()) {
    standby.up_to_date = true;
    spdlog::info("partition {}: its standby is up to date after {} records of its changelog", standby.partition, standby.records);
  }
  return *taken > 0;
}

// False while a worker has the store, or restores what customers wait for.
Result<bool> StandbyKeeper::Open(Standby& standby) {
  if (!OwnAreActive()) return false;
  if (!standby.claim) standby.claim = parts_.claims->Take(standby.partition);
  if (!standby.claim) return false;
  auto tail = ChangelogTail::Open(parts_, standby.partition, *options_.source, *options_.directory);
  if (!tail) return std::unexpected(std::move(tail.error()));
  standby.tail = *std::move(tail);
  standby.records = 0;
  standby.up_to_date = false;
  spdlog::info("partition {}: kept as a standby, from offset {} of its changelog", standby.partition, standby.tail->written());
  parts_.figures->partition(standby.partition).is_standby.store(true, kRelaxed);
  return true;
}

void StandbyKeeper::Drop(Standby& standby, const Error& why, Milliseconds now) {
  const bool retry = why.recovery == Recovery::kRetry;
  if (!retry) {
    spdlog::warn("partition {}: its standby: {}; begun anew in {}", standby.partition, why.message, FormatDuration(kPauseAfterError));
    last_error_ = why.message;
  }
  standby.tail.reset();
  LetGo(standby);
  standby.not_before = now + (retry ? kPauseBeforeRetry : kPauseAfterError);
}

// What could not be written is read again by whoever opens the store next.
void StandbyKeeper::LetGo(Standby& standby) {
  if (standby.tail != nullptr) {
    if (const auto written = standby.tail->Write(); !written) spdlog::warn("partition {}: {}", standby.partition, written.error().message);
    standby.tail.reset();
  }
  standby.claim.reset();
  LiveFigures::Partition& shown = parts_.figures->partition(standby.partition);
  shown.is_standby.store(false, kRelaxed);
  shown.standby_lag.store(LiveFigures::kUnknown, kRelaxed);
}

void StandbyKeeper::ShowLags(Milliseconds now) {
  if (now - lags_at_ < kLagsEvery) return;
  lags_at_ = now;
  std::vector<runtime::LogId> logs;
  for (const Standby& standby : standbys_) {
    if (standby.tail != nullptr) logs.push_back(standby.tail->log());
  }
  if (logs.empty()) return;
  const auto ends = options_.directory->HighWatermarks(logs);
  if (!ends) return;  // then they stay as they were
  auto end = ends->begin();
  for (const Standby& standby : standbys_) {
    if (standby.tail == nullptr) continue;
    const std::int64_t lag = std::max<std::int64_t>(*end++ - standby.tail->Position(), 0);
    parts_.figures->partition(standby.partition).standby_lag.store(lag, kRelaxed);
  }
}

bool StandbyKeeper::Owns(std::int32_t partition) const { return owned_ && std::ranges::binary_search(*owned_, partition); }

bool StandbyKeeper::OwnAreActive() const {
  return owned_ && std::ranges::all_of(*owned_, [this](std::int32_t partition) {
           return parts_.figures->partition(partition).state.load(kRelaxed) == LiveFigures::State::kActive;
         });
}

std::size_t StandbyKeeper::tailing() const {
  return static_cast<std::size_t>(std::ranges::count_if(standbys_, [](const Standby& each) { return each.tail != nullptr; }));
}

}  // namespace antiphon::orchestrator

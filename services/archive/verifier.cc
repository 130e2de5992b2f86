#include "services/archive/verifier.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "services/archive/compared_lines.h"
#include "services/archive/journal_player.h"
#include "services/archive/log_cursor.h"
#include "services/orchestrator/decoders.h"
#include "services/orchestrator/topology_log.h"
#include "state/store/codec.h"
#include "state/store/dictionary.h"
#include "state/store/digest.h"
#include "state/store/memory_store.h"
#include "state/store/stored_row.h"

namespace antiphon::archive {
namespace {

using orchestrator::ProcessParts;
using process::TopicRole;

Result<store::StateDigest> DigestOfFold(const StateFold& fold, const orchestrator::TopologyParts& version) {
  const auto plan = store::PlanSlots(fold.dictionary, version.definitions());
  if (!plan) return std::unexpected(plan.error());
  store::StateDigest digest;
  const auto add = [&](std::string_view customer, std::string_view row) -> Result<void> {
    const auto split = store::SplitRow(row);
    if (!split) return Fail(Recovery::kStopProcess, "the changelog holds a value that is no customer's row");
    auto decoded = store::DecodeCustomer(split->record, plan->map);
    if (!decoded) return std::unexpected(std::move(decoded.error()));
    decoded->customer = customer;
    digest.Add(*decoded);
    return {};
  };
  if (auto added = fold.ForEachRow(add); !added) return std::unexpected(std::move(added.error()));
  return digest;
}

std::vector<JournalPlayer::Input> InputsOf(const ProcessParts& parts, std::int32_t partition) {
  std::vector<JournalPlayer::Input> inputs;
  for (const std::uint32_t topic : parts.topics->lanes()) {
    const bool is_rekeyed = parts.topics->IsRekeyed(topic);
    inputs.push_back({.topic = parts.topics->topics()[topic].name,
                      .log = {.topic = topic, .partition = partition},
                      .correlation_header = is_rekeyed ? std::string() : parts.config->inputs[topic].correlation_header,
                      .decoder = is_rekeyed ? 0 : topic,
                      .is_rekeyed = is_rekeyed});
  }
  const std::uint32_t control = parts.topics->Of(TopicRole::kControl);
  inputs.push_back({.topic = parts.topics->topics()[control].name,
                    .log = {.topic = control, .partition = 0},
                    .correlation_header = {},
                    .decoder = parts.topics->inputs(),
                    .is_control = true});
  return inputs;
}

// Plays commit after commit up to that of the fold.
class Verification {
 public:
  Verification(const ProcessParts& parts, std::int32_t partition, runtime::EventSource& source, runtime::LogDirectory& directory,
               const VerifyOptions& options)
      : parts_(parts), partition_(partition), source_(source), directory_(directory), options_(options) {
    if (options.start != nullptr && options.start->meta) sequence_ = options.start->meta->sequence;
  }
  ~Verification() { source_.Unassign(assigned_); }
  Verification(const Verification&) = delete;
  Verification& operator=(const Verification&) = delete;

  Result<Verdict> Run() {
    if (auto read = orchestrator::ReadVersions(parts_, source_, directory_, kPatience); !read) {
      return std::unexpected(std::move(read.error()));
    }
    auto fold = ReadFold(source_, directory_, *parts_.clock, {.topic = parts_.topics->Of(TopicRole::kState), .partition = partition_});
    if (!fold) return std::unexpected(std::move(fold.error()));
    if (!fold->meta) {
      verdict_.equal = fold->records.empty();
      if (!verdict_.equal) verdict_.difference = "the changelog has customers and no meta record";
      return verdict_;
    }
    if (auto opened = OpenLogs(); !opened) return std::unexpected(std::move(opened.error()));
    const auto played = PlayAll(fold->meta->sequence);
    verdict_.lines = lines_->lines() - lines_before_;
    if (compared_) verdict_.expired = compared_->expired();
    if (compared_) verdict_.cuts = compared_->cuts();
    if (player_ != nullptr) verdict_.records = player_->records();
    if (!played && played.error().message != kDiffers) return std::unexpected(played.error());
    if (!played) {
      verdict_.difference = lines_->difference();
      return verdict_;
    }
    return CompareState(*fold);
  }

 private:
  [[nodiscard]] std::unexpected<Error> CannotVerify(const std::string& why) const {
    return Fail(Recovery::kStopProcess, "partition " + std::to_string(partition_) + " cannot be verified: " + why);
  }

  // The inputs, the journal and what is compared, all at once: their first records are on their way before the first is asked for.
  Result<void> OpenLogs() {
    inputs_ = InputsOf(parts_, partition_);
    const auto positions = InputPositions(inputs_);
    if (!positions) return std::unexpected(positions.error());
    for (const runtime::LogPosition& position : *positions) assigned_.push_back(position.log);
    // A client that was never asked of a topic takes a second to begin to read it.
    if (const auto asked = source_.StableEnds(assigned_); !asked) return std::unexpected(asked.error());
    if (auto assigned = source_.Assign(*positions); !assigned) return assigned;
    const bool compares = options_.lines == nullptr;
    const std::vector<std::uint32_t> compared = compares ? ComparedTopics(*parts_.topics) : std::vector<std::uint32_t>();
    LineWindows windows = options_.windows;
    std::vector<LogCursor::Begin> begins{{.log = {.topic = parts_.topics->Of(TopicRole::kJournal), .partition = partition_}}};
    for (const std::uint32_t topic : compared) {
      begins.push_back({.log = {.topic = topic, .partition = partition_}, .least = windows[parts_.topics->topics()[topic].name].from});
    }
    auto cursors = LogCursor::OpenAll(source_, directory_, *parts_.clock, begins);
    if (!cursors) return std::unexpected(std::move(cursors.error()));
    journal_.emplace(std::move(cursors->front()));
    std::vector<LogCursor> outputs;
    for (std::size_t i = 1; i < cursors->size(); ++i) {
      LineWindow& window = windows[parts_.topics->topics()[compared[i - 1]].name];
      window.expired = window.expired || (*cursors)[i].start() > window.from;
      outputs.push_back(std::move((*cursors)[i]));
    }
    if (compares) compared_.emplace(*parts_.topics, partition_, std::move(outputs), windows);
    lines_ = compares ? &*compared_ : options_.lines;
    lines_before_ = lines_->lines();
    return {};
  }

  // From a snapshot every input goes on where it stood then; else where the journal begins.
  Result<std::vector<runtime::LogPosition>> InputPositions(std::vector<JournalPlayer::Input>& inputs) {
    std::vector<runtime::LogPosition> positions;
    for (JournalPlayer::Input& input : inputs) {
      if (input.is_control) continue;
      const std::array<runtime::LogId, 1> log{input.log};
      const auto start = directory_.Starts(log);
      if (!start) return std::unexpected(start.error());
      std::int64_t next = start->front();
      if (options_.start != nullptr && options_.start->meta) {
        const auto& stood = options_.start->meta->positions;
        const auto found = std::ranges::find(stood, input.topic, &formats::TopicPosition::topic);
        input.begun = found != stood.end();
        if (input.begun) next = found->next;
        if (next < start->front()) {
          return CannotVerify(input.topic + " begins at offset " + std::to_string(start->front()) + "; those from " + std::to_string(next) +
                              " on have expired");
        }
      }
      positions.push_back({.log = input.log, .next = next});
    }
    return positions;
  }

  Result<void> Begin(const formats::LiveCommit& first) {
    if (first.sequence != sequence_ + 1) {
      return CannotVerify("its journal begins with commit " + std::to_string(first.sequence) + "; earlier ones have expired" +
                          (sequence_ == 0 ? ". An archive (--archive DIR) gives the state to begin with"
                                          : ", and the state to begin with is of commit " + std::to_string(sequence_)));
    }
    JournalPlayer::Options options{.partition = static_cast<std::uint32_t>(partition_),
                                   .versions = [this](const Hash128& version) { return FindVersion(version); },
                                   .config = parts_.config,
                                   .topics = parts_.topics,
                                   .clock = parts_.clock,
                                   .source = &source_,
                                   .inputs = std::move(inputs_),
                                   .store = std::make_unique<store::MemoryStore>(),
                                   .lines = lines_};
    formats::LiveSettings settings = first.settings;
    EngineTime floor{};
    if (sequence_ > 0) {
      const StateFold& start = *options_.start;
      settings.topology_version = start.meta->topology_version;
      const auto version = parts_.library->Find(settings.topology_version);
      if (!version) return CannotVerify(version.error().message);
      auto plan = store::PlanSlots(start.dictionary, (*version)->definitions());
      if (!plan) return std::unexpected(std::move(plan.error()));
      auto stored = StoreOf(start, plan->map);
      if (!stored) return std::unexpected(std::move(stored.error()));
      options.store = *std::move(stored);
      options.slots = std::move(plan->map);
      floor = start.meta->floor;
    }
    auto player = JournalPlayer::Create(std::move(options), settings, floor);
    if (!player) return std::unexpected(std::move(player.error()));
    player_ = *std::move(player);
    return {};
  }

  Result<void> PlayAll(std::uint64_t last) {
    if (last < sequence_) {
      return CannotVerify("its state is of commit " + std::to_string(last) + ", the snapshot of a later one: " + std::to_string(sequence_));
    }
    while (sequence_ < last) {
      const auto next = journal_->Next();
      if (!next) return std::unexpected(next.error());
      const std::optional<runtime::LogRecord>& record = *next;
      if (!record) {
        return CannotVerify("its journal ends with commit " + std::to_string(sequence_) + ", its state is of " + std::to_string(last));
      }
      const auto commit = formats::DecodeLiveCommit(record->value.value_or(""));
      if (!commit) return std::unexpected(commit.error());
      if (player_ == nullptr && options_.start != nullptr && commit->sequence <= sequence_) continue;  // before the snapshot
      if (auto played = PlayOne(*commit); !played) return played;
    }
    // A run that goes on may have written more already; then what stands there is of later commits.
    while (true) {
      auto later = journal_->Next();
      if (!later) return std::unexpected(std::move(later.error()));
      if (!*later) return lines_->Finish();
      const auto commit = formats::DecodeLiveCommit((*later)->value.value_or(""));
      if (!commit) return std::unexpected(commit.error());
      if (commit->sequence > last) return {};
    }
  }

  Result<void> PlayOne(const formats::LiveCommit& commit) {
    if (player_ == nullptr) {
      if (auto begun = Begin(commit); !begun) return begun;
    }
    if (commit.sequence != sequence_ + 1) {
      return CannotVerify("commit " + std::to_string(commit.sequence) + " follows " + std::to_string(sequence_));
    }
    if (commit.settings.semantics_version != parts_.settings.semantics_version ||
        commit.settings.partitions != parts_.settings.partitions) {
      return CannotVerify("commit " + std::to_string(commit.sequence) + " was decided by semantics version " +
                          std::to_string(commit.settings.semantics_version) + " with " + std::to_string(commit.settings.partitions) +
                          " partitions; this is " + std::to_string(parts_.settings.semantics_version) + " with " +
                          std::to_string(parts_.settings.partitions));
    }
    settings_ = commit.settings;
    ++sequence_;
    ++verdict_.commits;
    return player_->Play(commit);
  }

  Result<JournalPlayer::Version> FindVersion(const Hash128& version) {
    auto parts = parts_.library->Find(version);
    if (!parts) return CannotVerify(parts.error().message);
    auto decoders = orchestrator::MakeDecoders(*parts_.config, parts_.descriptors, (*parts)->topology());
    if (!decoders) return std::unexpected(std::move(decoders.error()));
    return JournalPlayer::Version{.parts = *std::move(parts), .decoders = *std::move(decoders)};
  }

  // Under the version that the partition goes on with, which may be another than that of its last commit.
  Result<Verdict> CompareState(const StateFold& fold) {
    const auto version = parts_.library->Find(fold.meta->topology_version);
    if (!version) return CannotVerify(version.error().message);
    const auto folded = DigestOfFold(fold, **version);
    if (!folded) return std::unexpected(folded.error());
    if (player_ != nullptr) {
      settings_.topology_version = fold.meta->topology_version;
      if (auto used = player_->Use(settings_); !used) return std::unexpected(std::move(used.error()));
    }
    auto replayed = player_ != nullptr ? store::DigestOfStore(player_->task().store()) : DigestOfFold(*options_.start, **version);
    if (!replayed) return std::unexpected(std::move(replayed.error()));
    verdict_.customers = folded->customers();
    verdict_.state = folded->sum();
    verdict_.equal = folded->sum() == replayed->sum();
    if (!verdict_.equal) {
      verdict_.difference = "after commit " + std::to_string(sequence_) + " the changelog's fold has " +
                            std::to_string(folded->customers()) + " customers, the replay " + std::to_string(replayed->customers()) +
                            ", and their digests differ";
    }
    return verdict_;
  }

  const ProcessParts& parts_;
  std::int32_t partition_;
  runtime::EventSource& source_;
  runtime::LogDirectory& directory_;
  const VerifyOptions& options_;
  std::optional<LogCursor> journal_;
  std::optional<ComparedLines> compared_;
  JudgedLines* lines_ = nullptr;
  std::uint64_t lines_before_ = 0;            // that it had of other calls
  std::vector<JournalPlayer::Input> inputs_;  // until the player has them
  std::vector<runtime::LogId> assigned_;
  std::unique_ptr<JournalPlayer> player_;
  std::uint64_t sequence_ = 0;      // of the last commit that was played
  formats::LiveSettings settings_;  // and its own
  Verdict verdict_;
};

}  // namespace

Result<Verdict> VerifyPartition(const orchestrator::ProcessParts& parts, std::int32_t partition, runtime::EventSource& source,
                                runtime::LogDirectory& directory, const VerifyOptions& options) {
  return Verification(parts, partition, source, directory, options).Run();
}

}  // namespace antiphon::archive

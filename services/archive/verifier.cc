#include "services/archive/verifier.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "services/archive/journal_player.h"
#include "services/archive/log_cursor.h"
#include "services/formats/dead_letter.h"
#include "services/orchestrator/decoders.h"
#include "services/orchestrator/topology_log.h"
#include "state/store/codec.h"
#include "state/store/dictionary.h"
#include "state/store/digest.h"
#include "state/store/memory_store.h"
#include "state/store/stored_row.h"

namespace antiphon::archive {
namespace {

using orchestrator::OutputKind;
using orchestrator::OutputLine;
using orchestrator::ProcessParts;
using process::TopicRole;

// The first difference ends the replay: what follows would only repeat it.
constexpr std::string_view kDiffers = "differs";
constexpr Milliseconds kWait{100};

Result<LogCursor> OpenAtStart(const ProcessParts& parts, runtime::EventSource& source, runtime::LogDirectory& directory,
                              runtime::LogId log) {
  const std::array<runtime::LogId, 1> logs{log};
  const auto start = directory.Starts(logs);
  if (!start) return std::unexpected(start.error());
  const auto end = source.StableEnds(logs);
  if (!end) return std::unexpected(end.error());
  return LogCursor::Open(source, *parts.clock, {.log = log, .next = start->front()}, end->front());
}

// In antiphon.dead-letters: a note that one of them was sent again, which is the operator's word; a letter of a re-keyer, of which no
// partition's journal knows.
bool IsOthers(const runtime::LogRecord& record) {
  return std::ranges::any_of(record.headers, [](const runtime::Header& header) {
    return header.name == formats::kRedriveHeader || header.name == orchestrator::kSourceHeader;
  });
}

// Compares each line with the next record of its topic's partition.
class ComparedLines final : public orchestrator::OutputLines {
 public:
  ComparedLines(const ProcessParts& parts, std::int32_t partition, runtime::EventSource& source, runtime::LogDirectory& directory)
      : parts_(parts), partition_(partition), source_(source), directory_(directory) {}

  Result<void> Put(const OutputLine& line) override {
    if (line.kind == OutputKind::kAnswer) return {};
    const std::uint32_t topic = TopicOf(line);
    auto cursor = CursorOf(topic);
    if (!cursor) return std::unexpected(std::move(cursor.error()));
    auto record = NextOf(**cursor);
    if (!record) return std::unexpected(std::move(record.error()));
    ++lines_;
    const std::string place = parts_.topics->topics()[topic].name + "[" + std::to_string(partition_) + "]";
    if (!*record) return Differ(place + ": nothing more stands there, the replay says\n  " + std::string(line.line));
    const std::string_view written = (*record)->value.value_or("");
    if (written == line.line) return {};
    return Differ(place + " at offset " + std::to_string((*record)->offset) + ": there stands\n  " + std::string(written) +
                  "\nthe replay says\n  " + std::string(line.line));
  }

  // After the last commit that there is: nothing more may stand in the topics.
  Result<void> CheckNothingLeft() {
    const auto& topics = parts_.topics->topics();
    for (std::uint32_t topic = 0; topic < topics.size(); ++topic) {
      const TopicRole role = topics[topic].role;
      const bool compared =
          role == TopicRole::kContacts || role == TopicRole::kDecisions || role == TopicRole::kOutbound || role == TopicRole::kDeadLetters;
      if (!compared) continue;
      auto cursor = CursorOf(topic);
      if (!cursor) return std::unexpected(std::move(cursor.error()));
      auto record = NextOf(**cursor);
      if (!record) return std::unexpected(std::move(record.error()));
      if (!*record) continue;
      return Differ(topics[topic].name + "[" + std::to_string(partition_) + "] at offset " + std::to_string((*record)->offset) +
                    ": the replay does not know of\n  " + std::string((*record)->value.value_or("")));
    }
    return {};
  }

  [[nodiscard]] const std::string& difference() const { return difference_; }
  [[nodiscard]] std::uint64_t lines() const { return lines_; }

 private:
  std::uint32_t TopicOf(const OutputLine& line) const {
    switch (line.kind) {
      case OutputKind::kContacts:
        return parts_.topics->Of(TopicRole::kContacts);
      case OutputKind::kDecisions:
        return parts_.topics->Of(TopicRole::kDecisions);
      case OutputKind::kOutbound:
        return line.topic;
      case OutputKind::kDeadLetter:
      case OutputKind::kAnswer:
        break;
    }
    return parts_.topics->Of(TopicRole::kDeadLetters);
  }

  static Result<std::optional<runtime::LogRecord>> NextOf(LogCursor& cursor) {
    while (true) {
      auto record = cursor.Next();
      if (!record || !*record || !IsOthers(**record)) return record;
    }
  }

  Result<LogCursor*> CursorOf(std::uint32_t topic) {
    if (const auto found = cursors_.find(topic); found != cursors_.end()) return &found->second;
    auto opened = OpenAtStart(parts_, source_, directory_, {.topic = topic, .partition = partition_});
    if (!opened) return std::unexpected(std::move(opened.error()));
    return &cursors_.emplace(topic, *std::move(opened)).first->second;
  }

  Result<void> Differ(std::string difference) {
    difference_ = std::move(difference);
    return Fail(Recovery::kStopProcess, std::string(kDiffers));
  }

  const ProcessParts& parts_;
  std::int32_t partition_;
  runtime::EventSource& source_;
  runtime::LogDirectory& directory_;
  std::map<std::uint32_t, LogCursor> cursors_;
  std::string difference_;
  std::uint64_t lines_ = 0;
};

// The changelog, folded: the last value of each key.
struct Fold {
  std::map<std::string, std::string> rows;
  store::SlotDictionary dictionary;
  std::optional<formats::PartitionMeta> meta;
};

Result<void> TakeIn(Fold& fold, const runtime::LogRecord& record) {
  const std::string_view key = record.key.value_or("");
  if (key == formats::kMetaKey && record.value) {
    auto meta = formats::DecodePartitionMeta(*record.value);
    if (!meta) return std::unexpected(std::move(meta.error()));
    fold.meta = *std::move(meta);
  } else if (key == formats::kDictionaryKey && record.value) {
    auto dictionary = store::SlotDictionary::Decode(*record.value);
    if (!dictionary) return std::unexpected(std::move(dictionary.error()));
    fold.dictionary = *std::move(dictionary);
  } else if (record.value) {
    fold.rows.insert_or_assign(std::string(key.substr(1)), std::string(*record.value));
  } else {
    fold.rows.erase(std::string(key.substr(1)));
  }
  return {};
}

Result<Fold> ReadFold(const ProcessParts& parts, std::int32_t partition, runtime::EventSource& source, runtime::LogDirectory& directory) {
  auto cursor = OpenAtStart(parts, source, directory, {.topic = parts.topics->Of(TopicRole::kState), .partition = partition});
  if (!cursor) return std::unexpected(std::move(cursor.error()));
  Fold fold;
  while (true) {
    auto record = cursor->Next();
    if (!record) return std::unexpected(std::move(record.error()));
    if (!*record) return fold;
    if (auto in = TakeIn(fold, **record); !in) return std::unexpected(std::move(in.error()));
  }
}

Result<store::StateDigest> DigestOfFold(const Fold& fold, const orchestrator::TopologyParts& version) {
  const auto plan = store::PlanSlots(fold.dictionary, version.definitions());
  if (!plan) return std::unexpected(plan.error());
  store::StateDigest digest;
  for (const auto& [customer, row] : fold.rows) {
    const auto split = store::SplitRow(row);
    if (!split) return Fail(Recovery::kStopProcess, "the changelog holds a value that is no customer's row");
    auto decoded = store::DecodeCustomer(split->record, plan->map);
    if (!decoded) return std::unexpected(std::move(decoded.error()));
    decoded->customer = customer;
    digest.Add(*decoded);
  }
  return digest;
}

// All versions that were published by now.
Result<void> ReadVersions(const ProcessParts& parts, runtime::EventSource& source, runtime::LogDirectory& directory) {
  orchestrator::TopologyLog log(source, {.topic = parts.topics->Of(TopicRole::kTopologies), .partition = 0}, *parts.library);
  const Milliseconds deadline = parts.clock->Monotonic() + kPatience;
  do {
    const auto caught_up = log.CatchUp(directory);
    if (!caught_up) return std::unexpected(caught_up.error());
    if (*caught_up) return {};
    source.Wait(kWait);
  } while (parts.clock->Monotonic() < deadline);
  return Fail(Recovery::kRetry, "the cluster does not send the versions of the topology");
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
  Verification(const ProcessParts& parts, std::int32_t partition, runtime::EventSource& source, runtime::LogDirectory& directory)
      : parts_(parts), partition_(partition), source_(source), directory_(directory), lines_(parts, partition, source, directory) {}
  ~Verification() { source_.Unassign(assigned_); }
  Verification(const Verification&) = delete;
  Verification& operator=(const Verification&) = delete;

  Result<Verdict> Run() {
    auto fold = ReadFold(parts_, partition_, source_, directory_);
    if (!fold) return std::unexpected(std::move(fold.error()));
    if (auto read = ReadVersions(parts_, source_, directory_); !read) return std::unexpected(std::move(read.error()));
    if (!fold->meta) {
      verdict_.equal = fold->rows.empty();
      if (!verdict_.equal) verdict_.difference = "the changelog has customers and no meta record";
      return verdict_;
    }
    const auto played = PlayAll(fold->meta->sequence);
    verdict_.lines = lines_.lines();
    if (player_ != nullptr) verdict_.records = player_->records();
    if (!played && played.error().message != kDiffers) return std::unexpected(played.error());
    if (!played) {
      verdict_.difference = lines_.difference();
      return verdict_;
    }
    return CompareState(*fold);
  }

 private:
  [[nodiscard]] std::unexpected<Error> CannotVerify(const std::string& why) const {
    return Fail(Recovery::kStopProcess, "partition " + std::to_string(partition_) + " cannot be verified: " + why);
  }

  Result<void> Begin(const formats::LiveCommit& first) {
    if (first.sequence != 1) {
      return CannotVerify("its journal begins with commit " + std::to_string(first.sequence) + "; earlier ones have expired");
    }
    for (const JournalPlayer::Input& input : InputsOf(parts_, partition_)) {
      if (input.is_control) continue;
      const std::array<runtime::LogId, 1> log{input.log};
      const auto start = directory_.Starts(log);
      if (!start) return std::unexpected(start.error());
      const std::array<runtime::LogPosition, 1> from{{{.log = input.log, .next = start->front()}}};
      if (auto assigned = source_.Assign(from); !assigned) return assigned;
      assigned_.push_back(input.log);
    }
    auto player = JournalPlayer::Create({.partition = static_cast<std::uint32_t>(partition_),
                                         .versions = [this](const Hash128& version) { return FindVersion(version); },
                                         .config = parts_.config,
                                         .topics = parts_.topics,
                                         .clock = parts_.clock,
                                         .source = &source_,
                                         .inputs = InputsOf(parts_, partition_),
                                         .store = std::make_unique<store::MemoryStore>(),
                                         .lines = &lines_},
                                        first.settings, EngineTime{});
    if (!player) return std::unexpected(std::move(player.error()));
    player_ = *std::move(player);
    return {};
  }

  Result<void> PlayAll(std::uint64_t last) {
    auto cursor = OpenAtStart(parts_, source_, directory_, {.topic = parts_.topics->Of(TopicRole::kJournal), .partition = partition_});
    if (!cursor) return std::unexpected(std::move(cursor.error()));
    while (verdict_.commits < last) {
      auto record = cursor->Next();
      if (!record) return std::unexpected(std::move(record.error()));
      if (!*record)
        return CannotVerify("its journal ends with commit " + std::to_string(verdict_.commits) + ", its state is of " +
                            std::to_string(last));
      const auto commit = formats::DecodeLiveCommit((*record)->value.value_or(""));
      if (!commit) return std::unexpected(commit.error());
      if (auto played = PlayOne(*commit); !played) return played;
    }
    // A run that goes on may have written more already; then what stands there is of later commits.
    auto later = cursor->Next();
    if (!later) return std::unexpected(std::move(later.error()));
    return *later ? Result<void>() : lines_.CheckNothingLeft();
  }

  Result<void> PlayOne(const formats::LiveCommit& commit) {
    if (player_ == nullptr) {
      if (auto begun = Begin(commit); !begun) return begun;
    }
    if (commit.sequence != verdict_.commits + 1) {
      return CannotVerify("commit " + std::to_string(commit.sequence) + " follows " + std::to_string(verdict_.commits));
    }
    if (commit.settings.semantics_version != parts_.settings.semantics_version ||
        commit.settings.partitions != parts_.settings.partitions) {
      return CannotVerify("commit " + std::to_string(commit.sequence) + " was decided by semantics version " +
                          std::to_string(commit.settings.semantics_version) + " with " + std::to_string(commit.settings.partitions) +
                          " partitions; this is " + std::to_string(parts_.settings.semantics_version) + " with " +
                          std::to_string(parts_.settings.partitions));
    }
    ++verdict_.commits;
    settings_ = commit.settings;
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
  Result<Verdict> CompareState(const Fold& fold) {
    formats::LiveSettings settings = settings_;
    settings.topology_version = fold.meta->topology_version;
    if (auto used = player_->Use(settings); !used) return std::unexpected(std::move(used.error()));
    const auto version = parts_.library->Find(settings.topology_version);
    if (!version) return std::unexpected(version.error());
    const auto folded = DigestOfFold(fold, **version);
    if (!folded) return std::unexpected(folded.error());
    auto replayed = store::DigestOfStore(player_->task().store());
    if (!replayed) return std::unexpected(std::move(replayed.error()));
    verdict_.customers = folded->customers();
    verdict_.state = folded->sum();
    verdict_.equal = folded->sum() == replayed->sum();
    if (!verdict_.equal) {
      verdict_.difference = "after commit " + std::to_string(verdict_.commits) + " the changelog's fold has " +
                            std::to_string(folded->customers()) + " customers, the replay " + std::to_string(replayed->customers()) +
                            ", and their digests differ";
    }
    return verdict_;
  }

  const ProcessParts& parts_;
  std::int32_t partition_;
  runtime::EventSource& source_;
  runtime::LogDirectory& directory_;
  ComparedLines lines_;
  formats::LiveSettings settings_;  // of the last commit
  std::vector<runtime::LogId> assigned_;
  std::unique_ptr<JournalPlayer> player_;
  Verdict verdict_;
};

}  // namespace

Result<Verdict> VerifyPartition(const orchestrator::ProcessParts& parts, std::int32_t partition, runtime::EventSource& source,
                                runtime::LogDirectory& directory) {
  return Verification(parts, partition, source, directory).Run();
}

}  // namespace antiphon::archive

#include "services/live/publication.h"

#include <utility>

#include "services/archive/log_cursor.h"
#include "services/kafka/feed_producer.h"
#include "services/live/cluster.h"
#include "services/orchestrator/topology_library.h"
#include "state/store/dictionary.h"

namespace antiphon::live {
namespace {

using topology_files::PublishedVersion;

std::string WordsOf(const PublishedVersion& version) { return ToHex(version.version) + " (" + version.name + ")"; }

// The words of the command line that would allow it.
std::string FlagsOf(const std::vector<std::string>& drops) {
  constexpr std::size_t kMost = 8;
  if (drops.size() > kMost) return "--allow-drop all";
  std::string flags;
  for (const std::string& drop : drops) flags += (flags.empty() ? "--allow-drop " : " --allow-drop ") + drop;
  return flags + ", or --allow-drop all";
}

// What customers would lose on the way to the folder's version.
Result<std::vector<std::string>> ForbiddenDrops(const topology_files::LoadedVersion& own, const PublishedVersion& newest,
                                                const std::set<std::string>& allowed) {
  if (allowed.contains(std::string(topology_files::kAllDrops))) return std::vector<std::string>();
  const auto before = topology_files::CompileVersion(newest, own.record.semantics_version);
  if (!before) {
    return Fail(Recovery::kStopProcess, "nobody can say what would be dropped: " + before.error().message + "; or say --allow-drop all");
  }
  return orchestrator::ForbiddenOf(orchestrator::DropsBetween(**before, *own.topology), allowed);
}

}  // namespace

Result<std::set<std::string>> ParseDrops(const std::vector<std::string>& words) {
  std::set<std::string> drops;
  for (const std::string& word : words) {
    const std::size_t slash = word.find('/');
    const bool is_slot = slash != std::string::npos && slash + 1 < word.size() && store::SlotKindOf(word.substr(0, slash));
    if (!is_slot && word != topology_files::kAllDrops) {
      return Fail(Recovery::kStopProcess,
                  "--allow-drop " + word + ": say KIND/ID as `antiphon plan` prints it (feature/spend_30d, offer/savings), or all");
    }
    drops.insert(word);
  }
  return drops;
}

Result<Publication> Decide(const topology_files::LoadedVersion& own, const topology_files::PublishedVersions& versions,
                           const PublishWish& wish) {
  const auto* newest = versions.Newest();
  if (newest != nullptr && newest->record->version == own.record.version) return Publication{};
  const auto* before = versions.Find(own.record.version);
  if (before != nullptr && newest != nullptr && !wish.activate) {
    return Publication{.publish = {},
                       .note = "the folder's topology " + WordsOf(own.record) + " was published before, and " + WordsOf(*newest->record) +
                               " since: that one runs. To go back, say antiphon run --activate"};
  }
  Publication publication{.publish = own.record, .note = "publishing topology " + WordsOf(own.record)};
  publication.publish->allowed_drops = wish.allowed_drops;
  if (before != nullptr) {
    publication.publish->allowed_drops.insert(before->record->allowed_drops.begin(), before->record->allowed_drops.end());
  }
  if (newest == nullptr) return publication;
  publication.note += " after " + WordsOf(*newest->record);
  const auto forbidden = ForbiddenDrops(own, *newest->record, wish.allowed_drops);
  if (!forbidden) return std::unexpected(forbidden.error());
  if (forbidden->empty()) return publication;
  return Fail(Recovery::kStopProcess, "topology " + WordsOf(own.record) + " would drop what customers have under " +
                                          WordsOf(*newest->record) + ":\n  " + orchestrator::Listed(*forbidden) +
                                          "\nNothing was published, and what runs goes on. `antiphon plan --process FILE` says what it "
                                          "means for customers. To drop it: " +
                                          FlagsOf(*forbidden));
}

Result<topology_files::PublishedVersions> ReadPublished(const process::TopicTable& topics, runtime::EventSource& source,
                                                        runtime::LogDirectory& directory, runtime::Clock& clock) {
  const runtime::LogId log{.topic = topics.Of(process::TopicRole::kTopologies), .partition = 0};
  topology_files::PublishedVersions versions;
  const auto end = archive::ForEachRecord(source, directory, clock, log, [&versions](const runtime::LogRecord& record) -> Result<void> {
    (void)versions.Take(record.offset, record.key, record.value);  // what is damaged, the library says when it meets it
    return {};
  });
  if (!end) return std::unexpected(end.error());
  versions.PassTo(*end);
  return versions;
}

Result<void> Publish(const process::ProcessConfig& config, const process::TopicTable& topics, const PublishedVersion& version) {
  auto producer = kafka::KafkaFeedProducer::Create({.client = ClientOf(config), .topics = TopicNamesOf(topics), .transactional_id = {}});
  if (!producer) return std::unexpected(std::move(producer.error()));
  const runtime::LogId log{.topic = topics.Of(process::TopicRole::kTopologies), .partition = 0};
  if (auto sent = (*producer)->Send(log, ToHex(version.version), EncodeVersion(version)); !sent) return sent;
  return (*producer)->Flush();
}

}  // namespace antiphon::live

#include "services/live/activate_command.h"

#include <optional>
#include <utility>

#include "services/kafka/feed_producer.h"
#include "services/live/cluster.h"
#include "services/live/cluster_view.h"
#include "services/live/publication.h"
#include "services/runtime/clock.h"
#include "services/runtime/version.h"

namespace antiphon::live {
namespace {

constexpr int kExitBad = 2;

using topology_files::LoadedVersion;

// The version that is meant, and compiled.
Result<LoadedVersion> Wanted(const ActivateCommand& command, const ClusterView& view, const topology_files::PublishedVersions& versions) {
  if (command.version.empty()) return topology_files::LoadVersionFolder(view.config.topology.string(), runtime::kSemanticsVersion);
  const std::optional<Hash128> version = FromHex(command.version);
  const auto* entry = version ? versions.Find(*version) : nullptr;
  if (entry == nullptr) {
    std::string known;
    for (const auto& [hash, one] : versions.all()) known += "\n  " + ToHex(hash) + " (" + one.record->name + ")";
    return Fail(Recovery::kStopProcess,
                command.version + " is no version that was published" + (known.empty() ? "" : "; there are:" + known));
  }
  auto topology = topology_files::CompileVersion(*entry->record, runtime::kSemanticsVersion);
  if (!topology) return std::unexpected(std::move(topology.error()));
  return LoadedVersion{.record = *entry->record, .topology = *std::move(topology)};
}

Result<void> Tell(const ClusterView& view, const Hash128& version, EngineTime now) {
  auto producer =
      kafka::KafkaFeedProducer::Create({.client = ClientOf(view.config), .topics = TopicNamesOf(*view.topics), .transactional_id = {}});
  if (!producer) return std::unexpected(std::move(producer.error()));
  const runtime::LogId log{.topic = view.topics->Of(process::TopicRole::kControl), .partition = 0};
  const std::string word = R"({"type":"control.activate","time":")" + FormatTime(now) + R"(","version":")" + ToHex(version) + R"("})";
  if (auto sent = (*producer)->Send(log, std::nullopt, word); !sent) return sent;
  return (*producer)->Flush();
}

Result<std::string> Activate(const ActivateCommand& command) {
  const auto drops = ParseDrops(command.allow_drop);
  if (!drops) return std::unexpected(drops.error());
  const auto view = ClusterView::Open(command.process);
  if (!view) return std::unexpected(view.error());
  auto source = view->MakeSource();
  if (!source) return std::unexpected(std::move(source.error()));
  runtime::WallClock clock;
  const auto versions = ReadPublished(*view->topics, **source, *view->directory, clock);
  if (!versions) return std::unexpected(versions.error());
  const auto wanted = Wanted(command, *view, *versions);
  if (!wanted) return std::unexpected(wanted.error());
  const auto publication = Decide(*wanted, *versions, {.activate = true, .allowed_drops = *drops});
  if (!publication) return std::unexpected(publication.error());
  if (publication->publish) {
    if (auto published = Publish(view->config, *view->topics, *publication->publish); !published) return std::unexpected(published.error());
  }
  if (auto told = Tell(*view, wanted->record.version, clock.Now()); !told) return std::unexpected(told.error());
  return "topology " + ToHex(wanted->record.version) + " (" + wanted->record.name + ") is the newest" +
         (publication->publish ? ", published just now" : "") + "; all partitions are told to run it";
}

}  // namespace

int RunActivateCommand(const ActivateCommand& command, std::FILE* output, std::FILE* messages) {
  const auto done = Activate(command);
  if (!done) {
    std::fprintf(messages, "antiphon activate: %s\n", done.error().message.c_str());
    return kExitBad;
  }
  std::fprintf(output, "%s\n", done->c_str());
  return 0;
}

}  // namespace antiphon::live

#include "services/archive/archived_span.h"

#include <utility>

#include "services/archive/log_cursor.h"
#include "services/orchestrator/topology_log.h"
#include "services/runtime/version.h"
#include "services/topology_files/published_version.h"
#include "services/topology_files/topology_folder.h"

namespace antiphon::archive {
namespace {

// Of an archive the files of a version are those that give its hash.
Result<std::shared_ptr<const topology::Topology>> LoadVersion(const Archive& archive, const std::filesystem::path& folder) {
  auto topology = topology_files::LoadGoodTopology(folder.string());
  if (!topology) return std::unexpected(std::move(topology.error()));
  if (std::filesystem::weakly_canonical(archive.TopologyOf((*topology)->version)) == std::filesystem::weakly_canonical(folder))
    return topology;
  return Fail(Recovery::kStopProcess, folder.string() + ": its files are of version " + ToHex((*topology)->version) +
                                          ": they were changed, or this program reads them otherwise than the one that wrote them");
}

}  // namespace

Result<std::unique_ptr<ArchivedSpan>> ArchivedSpan::Open(const Archive& archive, std::size_t span, runtime::Clock& clock) {
  const SpanInfo& info = archive.manifest().spans.at(span);
  if (auto checked = archive.CheckSegments(info); !checked) return std::unexpected(std::move(checked.error()));
  auto process = LoadArchivedProcess(archive.PathOf(info));
  if (!process) return std::unexpected(std::move(process.error()));
  auto topology = LoadVersion(archive, process->config.topology);
  if (!topology) return std::unexpected(std::move(topology.error()));
  // Its table of topics has the channels of all versions, and they stand in one of its topics.
  ArchivedSpan first(archive, span, *process, *topology, {}, clock);
  const auto others = first.ReadTopologies();
  if (!others) return std::unexpected(others.error());
  return std::unique_ptr<ArchivedSpan>(new ArchivedSpan(archive, span, *std::move(process), *std::move(topology), *others, clock));
}

Result<ArchivedSpan::Topologies> ArchivedSpan::ReadTopologies() {
  if (auto read = orchestrator::ReadVersions(parts_, *source_, *directory_, kPatience); !read) {
    return std::unexpected(std::move(read.error()));
  }
  Topologies topologies;
  const topology_files::PublishedVersions versions = library_.versions();
  for (const auto& [version, entry] : versions.all()) {
    auto compiled = topology_files::CompileVersion(*entry.record, runtime::kSemanticsVersion);
    if (compiled) topologies.push_back(*std::move(compiled));  // else a commit under it says so, if there is one
  }
  return topologies;
}

ArchivedSpan::ArchivedSpan(const Archive& archive, std::size_t span, ArchivedProcess process,
                           std::shared_ptr<const topology::Topology> topology, const Topologies& others, runtime::Clock& clock)
    : archive_(archive),
      info_(archive.manifest().spans[span]),
      before_(span > 0 ? &archive.manifest().spans[span - 1] : nullptr),
      process_(std::move(process)),
      topology_(std::move(topology)),
      topics_(process::TopicTable::Make(process_.config, *topology_, others)),
      library_({.config = &process_.config,
                .topics = &topics_,
                .counted = topology_.get(),
                .descriptors = process_.descriptors,
                .semantics_version = runtime::kSemanticsVersion,
                .allowed_drops = {}}),
      parts_{.config = &process_.config,
             .topics = &topics_,
             .topology = topology_.get(),
             .library = &library_,
             .sources = {},
             .descriptors = process_.descriptors,
             .settings = {.partitions = static_cast<std::uint32_t>(info_.partitions.size()),
                          .semantics_version = runtime::kSemanticsVersion,
                          .topology_version = topology_->version,
                          .wall_clock = process_.config.clock == process::ClockKind::kWall,
                          .ahead = process_.config.ahead,
                          .fresh = process_.config.fresh},
             .rocks = nullptr,
             .clock = &clock} {
  std::vector<std::string> names;
  for (const process::Topic& topic : topics_.topics()) names.push_back(topic.name);
  logs_ = std::make_unique<SpanLogs>(archive_, info_, std::move(names), topics_.Of(process::TopicRole::kState));
  source_ = std::make_unique<ArchiveSource>(*logs_);
  directory_ = std::make_unique<ArchiveDirectory>(*logs_);
}

LineWindows ArchivedSpan::WindowsOf(std::int32_t partition, const std::map<std::string, std::int64_t, std::less<>>* cuts) const {
  LineWindows windows;
  for (const std::uint32_t number : ComparedTopics(topics_)) {
    const std::string& topic = topics_.topics()[number].name;
    const SegmentInfo* segment = info_.Find(topic, partition);
    if (segment == nullptr) continue;  // whoever opens it says so
    LineWindow& window = windows[topic];
    window.from = segment->begin;
    window.open = segment->next;
    window.expired = segment->expired;
    const SegmentInfo* earlier = before_ != nullptr ? before_->Find(topic, partition) : nullptr;
    window.sure = earlier != nullptr ? earlier->end : segment->begin;
    if (cuts == nullptr || segment->expired) continue;
    const auto cut = cuts->find(topic);
    if (cut == cuts->end()) continue;
    window.from = std::max(segment->begin, cut->second);
    window.sure = window.from;
  }
  return windows;
}

Result<Verdict> ArchivedSpan::Verify(std::int32_t partition, JudgedLines* lines,
                                     const std::map<std::string, std::int64_t, std::less<>>* cuts) {
  VerifyOptions options{.windows = WindowsOf(partition, cuts), .lines = lines};
  std::optional<StateFold> start;
  if (before_ != nullptr) {
    auto fold = archive_.ReadSnapshot(*before_, partition);
    if (!fold) return std::unexpected(std::move(fold.error()));
    start = *std::move(fold);
    options.start = &*start;
  }
  return VerifyPartition(parts_, partition, *source_, *directory_, options);
}

Result<std::optional<ArchivedStart>> StartBefore(const Archive& archive, std::optional<EngineTime> from, std::int32_t partition) {
  const std::vector<SpanInfo>& spans = archive.manifest().spans;
  auto span = spans.rbegin();
  while (from && span != spans.rend() && span->Reaches() >= *from) ++span;
  if (span == spans.rend() || static_cast<std::size_t>(partition) >= span->partitions.size()) return std::optional<ArchivedStart>();
  auto fold = archive.ReadSnapshot(*span, partition);
  if (!fold) return std::unexpected(std::move(fold.error()));
  if (!fold->meta) return std::optional<ArchivedStart>();
  ArchivedStart start{.fold = *std::move(fold), .windows = {}};
  for (const SegmentInfo& segment : span->segments) {
    if (segment.partition != partition || segment.role == kSnapshotRole) continue;
    start.windows[segment.topic] = {.from = segment.next, .sure = segment.end};
  }
  return std::optional(std::move(start));
}

}  // namespace antiphon::archive

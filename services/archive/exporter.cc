#include "services/archive/exporter.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <system_error>
#include <utility>

#include "services/archive/archive.h"
#include "services/archive/archived_process.h"
#include "services/archive/folder_lock.h"
#include "services/archive/partition_export.h"
#include "services/files/output_file.h"
#include "services/orchestrator/decoders.h"
#include "services/orchestrator/topology_log.h"

namespace antiphon::archive {
namespace {

namespace fs = std::filesystem;
using orchestrator::ProcessParts;
using process::TopicRole;

constexpr std::string_view kDraftPrefix = ".draft-";

std::unexpected<Error> FileError(const std::string& what, const fs::path& path, const std::error_code& error) {
  return Fail(Recovery::kStopProcess, what + " " + path.string() + ": " + error.message());
}

Result<void> MakeFolder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return FileError("cannot make", path, error);
  return {};
}

Result<void> PutFile(const fs::path& path, std::string_view bytes) {
  if (auto made = MakeFolder(path.parent_path()); !made) return made;
  auto file = files::OutputFile::CreateNew(path);
  if (!file) return std::unexpected(std::move(file.error()));
  file->Append(bytes);
  return file->Close(files::Durability::kOnDisk);
}

std::string SpanFolder(std::uint64_t number) {
  char name[32];
  std::snprintf(name, sizeof name, "span-%06llu", static_cast<unsigned long long>(number));
  return name;
}

// One export from its lock to its manifest.
class Export {
 public:
  Export(const ProcessParts& parts, runtime::EventSource& source, runtime::LogDirectory& directory, const ExportOptions& options)
      : parts_(parts), source_(source), directory_(directory), options_(options) {}

  Result<ExportReport> Run() {
    if (auto opened = OpenFolder(); !opened) return std::unexpected(std::move(opened.error()));
    if (auto read = orchestrator::ReadVersions(parts_, source_, directory_, kPatience); !read) {
      return std::unexpected(std::move(read.error()));
    }
    auto decoders = orchestrator::MakeDecoders(*parts_.config, parts_.descriptors, *parts_.topology);
    if (!decoders) return std::unexpected(std::move(decoders.error()));
    decoders_ = *std::move(decoders);
    auto written = WriteSpan(false);
    if (!written && draft_.gap && manifest_.spans.empty()) {
      const std::string why = written.error().message.substr(0, written.error().message.find(". The archive stays"));
      written = WriteSpan(true);
      draft_.notes.push_back(why + ". The archive begins with a snapshot: replays are possible from " + FormatTime(draft_.span.begins) +
                             " on");
    }
    if (!written) {
      RemoveDrafts();
      return std::unexpected(std::move(written.error()));
    }
    const bool is_new = std::ranges::any_of(draft_.span.partitions, [](const PartitionSpan& one) { return one.last >= one.first; });
    const bool has_state = std::ranges::any_of(draft_.span.partitions, [](const PartitionSpan& one) { return one.last > 0; });
    if (!(is_new || (manifest_.spans.empty() && has_state))) {
      RemoveDrafts();
      return ExportReport{.span = std::nullopt, .notes = std::move(draft_.notes)};
    }
    if (auto published = Publish(); !published) return std::unexpected(std::move(published.error()));
    return ExportReport{.span = manifest_.spans.back(), .notes = std::move(draft_.notes)};
  }

 private:
  Result<void> OpenFolder() {
    if (auto made = MakeFolder(options_.archive); !made) return made;
    auto lock = FolderLock::Take(options_.archive);
    if (!lock) return std::unexpected(std::move(lock.error()));
    lock_.emplace(*std::move(lock));
    std::error_code error;
    manifest_ = {.group = parts_.config->group, .prefix = parts_.config->topic_prefix, .spans = {}};
    if (!fs::exists(options_.archive / kManifestFile, error)) return CheckEmpty();
    auto archive = Archive::Open(options_.archive);
    if (!archive) return std::unexpected(std::move(archive.error()));
    const Manifest& found = archive->manifest();
    const bool same = found.group == manifest_.group && found.prefix == manifest_.prefix &&
                      (found.spans.empty() || found.spans.back().partitions.size() == parts_.settings.partitions);
    if (!same) {
      return Fail(Recovery::kStopProcess, options_.archive.string() + " is the archive of group " + found.group + " with prefix " +
                                              found.prefix + ", or of another number of partitions; give each run an archive of its own");
    }
    manifest_ = found;
    RemoveDrafts();
    return {};
  }

  // Nothing there, or what an export left that died before the first manifest.
  Result<void> CheckEmpty() {
    RemoveDrafts();
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(options_.archive, error)) {
      const std::string name = entry.path().filename().string();
      if (name == ".lock" || name == kTopologiesFolder) continue;
      return Fail(Recovery::kStopProcess, options_.archive.string() + " is not empty and no archive; give another folder");
    }
    if (error) return FileError("cannot read", options_.archive, error);
    return {};
  }

  // What an export that died left: drafts, and a span that no manifest names.
  void RemoveDrafts() const {
    std::error_code ignored;
    std::vector<fs::path> left;
    for (const fs::directory_entry& entry : fs::directory_iterator(options_.archive, ignored)) {
      if (entry.path().filename().string().starts_with(kDraftPrefix)) left.push_back(entry.path());
    }
    left.push_back(options_.archive / SpanFolder(manifest_.spans.size() + 1));
    left.push_back(options_.archive / (std::string(kManifestFile) + ".new"));
    for (const fs::path& path : left) fs::remove_all(path, ignored);
  }

  Result<void> WriteSpan(bool snapshot_only) {
    RemoveDrafts();
    draft_ = SpanDraft{};
    draft_.snapshot_only = snapshot_only;
    if (!manifest_.spans.empty()) draft_.before = &manifest_.spans.back();
    draft_.span.number = manifest_.spans.size() + 1;
    draft_.span.folder = SpanFolder(draft_.span.number);
    draft_.span.made = parts_.clock->Now();
    draft_.span.has_commits = !snapshot_only;
    draft_.folder = options_.archive / (std::string(kDraftPrefix) + draft_.span.folder);
    if (auto made = MakeFolder(draft_.folder); !made) return made;
    std::optional<EngineTime> first_event;
    for (std::int32_t p = 0; p < static_cast<std::int32_t>(parts_.settings.partitions); ++p) {
      if (options_.progress) draft_.progress = [&progress = options_.progress, p](std::uint64_t records) { progress(p, records); };
      PartitionExport partition(parts_, source_, directory_, decoders_, p, draft_);
      if (auto run = partition.Run(); !run) return run;
      if (const auto first = partition.first_event()) first_event = std::min(first_event.value_or(kEngineTimeMax), *first);
    }
    SetBegins(first_event);
    if (auto written = WriteShared(); !written) return written;
    if (auto written = WriteProcess(); !written) return written;
    return WriteTopologies();
  }

  // A span has all of what comes after the latest clock of the one before.
  void SetBegins(std::optional<EngineTime> first_event) {
    if (draft_.before != nullptr) {
      draft_.span.begins = draft_.before->Reaches() + Milliseconds{1};
    } else if (draft_.snapshot_only) {
      draft_.span.begins = draft_.span.Reaches() + Milliseconds{1};
    } else {
      draft_.span.begins = first_event.value_or(draft_.span.Reaches());
    }
  }

  // The topics of one partition: control, from where the span before ended; the versions of the topology, all of them.
  Result<void> WriteShared() {
    for (const TopicRole role : {TopicRole::kControl, TopicRole::kTopologies}) {
      const runtime::LogId log{.topic = parts_.topics->Of(role), .partition = 0};
      const std::string& topic = parts_.topics->topics()[log.topic].name;
      const SegmentInfo* before = draft_.before != nullptr && role == TopicRole::kControl ? draft_.before->Find(topic, 0) : nullptr;
      const std::array<LogCursor::Begin, 1> begin{{{.log = log, .least = before != nullptr ? before->next : 0}}};
      auto cursors = LogCursor::OpenAll(source_, directory_, *parts_.clock, begin);
      if (!cursors) return std::unexpected(std::move(cursors.error()));
      LogCursor& cursor = cursors->front();
      const std::int64_t end = std::max(cursor.begin(), cursor.end());
      auto written = WriteSegment(draft_,
                                  {.file = std::string(ToString(role)) + "." + topic + "-0.seg",
                                   .role = ToString(role),
                                   .topic = topic,
                                   .begin = cursor.begin(),
                                   .next = end,
                                   .end = end,
                                   .figures = {}},
                                  cursor);
      if (!written) return written;
    }
    return {};
  }

  Result<void> WriteProcess() {
    for (std::size_t i = 0; i < parts_.descriptors.size(); ++i) {
      if (parts_.descriptors[i].empty()) continue;
      if (auto put = PutFile(draft_.folder / DescriptorFile(i), parts_.descriptors[i]); !put) return put;
    }
    return PutFile(draft_.folder / kProcessFile, ArchivedProcessText(*parts_.config, parts_.topology->version));
  }

  // Of every version that was published, for whoever reads the archive with his eyes, too.
  Result<void> WriteTopologies() {
    const topology_files::PublishedVersions versions = parts_.library->versions();
    for (const auto& [version, entry] : versions.all()) {
      if (auto kept = KeepTopology(*entry.record); !kept) return kept;
    }
    return {};
  }

  [[nodiscard]] fs::path TopologyOf(const Hash128& version) const { return options_.archive / kTopologiesFolder / ToHex(version); }

  // The files of a version, unless the archive has them.
  Result<void> KeepTopology(const topology_files::PublishedVersion& published) const {
    std::error_code error;
    if (fs::exists(TopologyOf(published.version), error)) return {};
    const fs::path draft = options_.archive / (std::string(kDraftPrefix) + ToHex(published.version));
    fs::remove_all(draft, error);
    for (const auto& [path, content] : published.files) {
      if (auto put = PutFile(draft / path, content); !put) return put;
    }
    if (auto made = MakeFolder(options_.archive / kTopologiesFolder); !made) return made;
    return files::RenameFile(draft, TopologyOf(published.version), files::Durability::kOnDisk);
  }

  Result<void> Publish() {
    auto renamed = files::RenameFile(draft_.folder, options_.archive / draft_.span.folder, files::Durability::kOnDisk);
    if (!renamed) return renamed;
    manifest_.spans.push_back(draft_.span);
    return files::WriteWholeFile(options_.archive / kManifestFile, EncodeManifest(manifest_), files::Durability::kOnDisk);
  }

  const ProcessParts& parts_;
  runtime::EventSource& source_;
  runtime::LogDirectory& directory_;
  const ExportOptions& options_;
  std::optional<FolderLock> lock_;
  orchestrator::Decoders decoders_;
  Manifest manifest_;
  SpanDraft draft_;
};

}  // namespace

Result<ExportReport> ExportSpan(const ProcessParts& parts, runtime::EventSource& source, runtime::LogDirectory& directory,
                                const ExportOptions& options) {
  return Export(parts, source, directory, options).Run();
}

}  // namespace antiphon::archive

#include "services/replay/output_folder.h"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "services/files/output_file.h"

namespace antiphon::replay {
namespace {

namespace fs = std::filesystem;

Error FolderError(std::string_view what, const std::string& path, const std::error_code& error) {
  return files::FileError(what, path, error.value());
}

}  // namespace

Result<OutputFolder> OutputFolder::Open(std::string path, Use use) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::exists(status) && !fs::is_directory(status)) {
    return Fail(Recovery::kStopProcess, path + " is a file; give a folder as --out");
  }
  OutputFolder folder(std::move(path));
  const bool is_ours = fs::exists(folder.PathOf(kMarkerFile), error);
  if (use == Use::kResume) {
    if (is_ours && fs::exists(folder.PathOf(kResumeFile), error)) return folder;
    return Fail(Recovery::kStopProcess, "nothing to resume in " + folder.path_ + ": no replay stopped there");
  }
  fs::create_directories(folder.path_, error);
  if (error) return std::unexpected(FolderError("cannot make the folder", folder.path_, error));
  const bool is_empty = fs::is_empty(folder.path_, error);
  if (error) return std::unexpected(FolderError("cannot read the folder", folder.path_, error));
  if (!is_empty && !is_ours) {
    return Fail(Recovery::kStopProcess, "the folder " + folder.path_ + " is not empty and not a replay's; give another --out");
  }
  if (!is_empty && use == Use::kNew) {
    return Fail(Recovery::kStopProcess,
                "the folder " + folder.path_ +
                    " holds an earlier replay; give another --out, --force to replace it, or --resume if it was stopped");
  }
  for (const std::string_view name : {kRecordFileNames[0], kRecordFileNames[1], kRecordFileNames[2], kDeadLettersFile, kJournalFile,
                                      kSummaryJsonFile, kSummaryTextFile, kResumeFile, kSnapshotFile, kStateFolder}) {
    if (auto removed = folder.Remove(name); !removed) return std::unexpected(std::move(removed.error()));
  }
  if (auto written = files::WriteWholeFile(folder.PathOf(kMarkerFile), "made by antiphon replay\n"); !written) {
    return std::unexpected(std::move(written.error()));
  }
  return folder;
}

std::string OutputFolder::PathOf(std::string_view name) const {
  std::string path = path_;
  path += '/';
  path += name;
  return path;
}

Result<void> OutputFolder::Remove(std::string_view name) const {
  std::error_code error;
  fs::remove_all(PathOf(name), error);
  if (error) return std::unexpected(FolderError("cannot remove", PathOf(name), error));
  return {};
}

}  // namespace antiphon::replay

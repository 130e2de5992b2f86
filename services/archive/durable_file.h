#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "state/base/result.h"

namespace antiphon::archive {

// DurableFile: a new file, written from its beginning through a buffer, on the disk when it is closed. The first error of the system is
// kept and told by Close; nothing is written after it. Owned by one thread.
class DurableFile {
 public:
  DurableFile(DurableFile&& other) noexcept;
  DurableFile& operator=(DurableFile&&) = delete;
  ~DurableFile();  // closes, without a word

  // Fails if the file is there.
  [[nodiscard]] static Result<DurableFile> Create(const std::filesystem::path& path);
  void Append(std::string_view bytes);
  [[nodiscard]] Result<void> Close();

 private:
  DurableFile(int file, std::filesystem::path path) : path_(std::move(path)), file_(file) {}
  void WriteBuffer();

  std::filesystem::path path_;
  std::string buffer_;
  int file_ = -1;
  int error_ = 0;  // errno of the first failure
};

// A whole small file, in the place of what is there: a reader sees the old one or the new one, whatever dies. The file's folder is on the
// disk too when it returns.
[[nodiscard]] Result<void> WriteDurably(const std::filesystem::path& path, std::string_view bytes);
// Renames within one folder, and has that on the disk.
[[nodiscard]] Result<void> RenameDurably(const std::filesystem::path& from, const std::filesystem::path& to);
[[nodiscard]] Result<std::string> ReadWhole(const std::filesystem::path& path);

// FolderLock: a folder for one writer; let go when the object or the process ends.
class FolderLock {
 public:
  // kRetry: another process has it.
  [[nodiscard]] static Result<FolderLock> Take(const std::filesystem::path& folder);
  FolderLock(FolderLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

 private:
  explicit FolderLock(int file) : file_(file) {}
  int file_;
};

}  // namespace antiphon::archive

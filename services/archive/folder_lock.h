#pragma once

#include <filesystem>
#include <utility>

#include "state/base/result.h"

namespace antiphon::archive {

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

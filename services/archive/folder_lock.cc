#include "services/archive/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "services/files/output_file.h"

namespace antiphon::archive {
Result<FolderLock> FolderLock::Take(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / ".lock";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return std::unexpected(files::FileError("cannot make", path, errno));
  FolderLock lock(file);
  if (::flock(file, LOCK_EX | LOCK_NB) == 0) return lock;
  return Fail(Recovery::kRetry, folder.string() + ": another export writes there");
}

FolderLock::~FolderLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace antiphon::archive

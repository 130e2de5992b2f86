#include "services/archive/durable_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <system_error>

namespace antiphon::archive {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 20U;

std::unexpected<Error> FileError(const char* what, const std::filesystem::path& path, int error) {
  return Fail(Recovery::kStopProcess, std::string(what) + " " + path.string() + ": " + std::generic_category().message(error));
}

Result<void> SyncFolder(const std::filesystem::path& folder) {
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return FileError("cannot open", folder, errno);
  const int error = ::fsync(file) == 0 ? 0 : errno;
  ::close(file);
  // Some file systems have no such thing as a folder on the disk.
  if (error != 0 && error != EINVAL && error != ENOTSUP) return FileError("cannot write", folder, error);
  return {};
}

}  // namespace

DurableFile::DurableFile(DurableFile&& other) noexcept
    : path_(std::move(other.path_)), buffer_(std::move(other.buffer_)), file_(std::exchange(other.file_, -1)), error_(other.error_) {}

DurableFile::~DurableFile() {
  if (file_ >= 0) ::close(file_);
}

Result<DurableFile> DurableFile::Create(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (file < 0) return FileError("cannot make", path, errno);
  return DurableFile(file, path);
}

void DurableFile::Append(std::string_view bytes) {
  buffer_.append(bytes);
  if (buffer_.size() >= kBufferBytes) WriteBuffer();
}

void DurableFile::WriteBuffer() {
  std::string_view left = buffer_;
  while (!left.empty() && error_ == 0) {
    const ssize_t written = ::write(file_, left.data(), left.size());
    if (written >= 0) {
      left.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      error_ = errno;
    }
  }
  buffer_.clear();
}

Result<void> DurableFile::Close() {
  WriteBuffer();
  if (error_ == 0 && ::fsync(file_) != 0) error_ = errno;
  if (::close(std::exchange(file_, -1)) != 0 && error_ == 0) error_ = errno;
  if (error_ != 0) return FileError("cannot write", path_, error_);
  return {};
}

Result<void> WriteDurably(const std::filesystem::path& path, std::string_view bytes) {
  const std::filesystem::path beside = path.string() + ".new";
  std::error_code ignored;
  std::filesystem::remove(beside, ignored);
  auto file = DurableFile::Create(beside);
  if (!file) return std::unexpected(std::move(file.error()));
  file->Append(bytes);
  if (auto closed = file->Close(); !closed) return closed;
  return RenameDurably(beside, path);
}

Result<void> RenameDurably(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) return FileError("cannot write", to, errno);
  return SyncFolder(to.parent_path());
}

Result<std::string> ReadWhole(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Fail(Recovery::kStopProcess, "cannot read " + path.string());
  std::string bytes(std::istreambuf_iterator<char>(file), {});
  if (file.bad()) return Fail(Recovery::kStopProcess, "cannot read " + path.string());
  return bytes;
}

Result<FolderLock> FolderLock::Take(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / ".lock";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return FileError("cannot make", path, errno);
  FolderLock lock(file);
  if (::flock(file, LOCK_EX | LOCK_NB) == 0) return lock;
  return Fail(Recovery::kRetry, folder.string() + ": another export writes there");
}

FolderLock::~FolderLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace antiphon::archive

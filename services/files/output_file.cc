#include "services/files/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

namespace antiphon::files {
namespace {

std::string_view RemedyOf(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return "; make room on the disk, or name another place, and run again";
    case EACCES:
    case EPERM:
    case EROFS:
      return "; check the permissions of the folder, or name another place";
    case ENOENT:
    case ENOTDIR:
      return "; check the path";
    default:
      return "";
  }
}

Result<void> SyncFolder(const std::string& folder) {
  const int file = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return std::unexpected(FileError("cannot open", folder, errno));
  const int error = ::fsync(file) == 0 ? 0 : errno;
  ::close(file);
  // Some file systems have no such thing as a folder on the disk.
  if (error != 0 && error != EINVAL && error != ENOTSUP) return std::unexpected(FileError("cannot write", folder, error));
  return {};
}

}  // namespace

Error FileError(std::string_view what, const std::string& path, int error) {
  std::string message(what);
  message += ' ';
  message += path;
  message += ": ";
  message += std::strerror(error);
  message += RemedyOf(error);
  return {Recovery::kStopProcess, std::move(message)};
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)),
      buffer_(std::move(other.buffer_)),
      size_(other.size_),
      file_(std::exchange(other.file_, -1)),
      error_(other.error_) {}

OutputFile& OutputFile::operator=(OutputFile&& other) noexcept {
  if (this == &other) return *this;
  if (file_ >= 0) ::close(file_);
  path_ = std::move(other.path_);
  buffer_ = std::move(other.buffer_);
  size_ = other.size_;
  file_ = std::exchange(other.file_, -1);
  error_ = other.error_;
  return *this;
}

OutputFile::~OutputFile() {
  if (file_ >= 0) ::close(file_);
}

Result<OutputFile> OutputFile::Create(std::string path) { return Open(std::move(path), O_TRUNC); }

Result<OutputFile> OutputFile::CreateNew(std::string path) { return Open(std::move(path), O_EXCL); }

Result<OutputFile> OutputFile::Open(std::string path, int flags) {
  OutputFile file;
  file.file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644);
  if (file.file_ < 0) return std::unexpected(FileError("cannot write", path, errno));
  file.path_ = std::move(path);
  return file;
}

Result<OutputFile> OutputFile::Continue(std::string path, std::uint64_t size) {
  OutputFile file;
  file.file_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file.file_ < 0) return std::unexpected(FileError("cannot go on writing", path, errno));
  struct stat status{};
  if (::fstat(file.file_, &status) != 0) return std::unexpected(FileError("cannot go on writing", path, errno));
  if (static_cast<std::uint64_t>(status.st_size) < size) {
    return Fail(Recovery::kStopProcess,
                "cannot go on writing " + path + ": it is shorter than when the run stopped; start again with --force");
  }
  const auto offset = static_cast<off_t>(size);
  if (::ftruncate(file.file_, offset) != 0 || ::lseek(file.file_, offset, SEEK_SET) != offset) {
    return std::unexpected(FileError("cannot go on writing", path, errno));
  }
  file.size_ = size;
  file.path_ = std::move(path);
  return file;
}

void OutputFile::WriteBuffer() {
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

Result<void> OutputFile::State() const {
  if (error_ != 0) return std::unexpected(FileError("cannot write", path_, error_));
  return {};
}

Result<void> OutputFile::Flush() {
  WriteBuffer();
  return State();
}

Result<void> OutputFile::Close(Durability durability) {
  WriteBuffer();
  if (durability == Durability::kOnDisk && file_ >= 0 && error_ == 0 && ::fsync(file_) != 0) error_ = errno;
  if (file_ >= 0 && ::close(std::exchange(file_, -1)) != 0 && error_ == 0) error_ = errno;
  return State();
}

Result<void> WriteWholeFile(const std::string& path, std::string_view bytes, Durability durability) {
  const std::string beside = path + ".new";
  auto file = OutputFile::Create(beside);
  if (!file) return std::unexpected(std::move(file.error()));
  file->Append(bytes);
  if (auto closed = file->Close(durability); !closed) return closed;
  return RenameFile(beside, path, durability);
}

Result<void> RenameFile(const std::string& from, const std::string& to, Durability durability) {
  if (std::rename(from.c_str(), to.c_str()) != 0) return std::unexpected(FileError("cannot write", to, errno));
  if (durability == Durability::kWritten) return {};
  return SyncFolder(std::filesystem::path(to).parent_path());
}

Result<std::string> ReadWholeFile(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::unexpected(FileError("cannot read", path, errno));
  std::string bytes;
  constexpr std::size_t kStep = std::size_t{64} << 10U;
  while (true) {
    const std::size_t before = bytes.size();
    bytes.resize(before + kStep);
    const ssize_t got = ::read(file, bytes.data() + before, kStep);
    if (got < 0 && errno == EINTR) {
      bytes.resize(before);
      continue;
    }
    const int error = errno;
    bytes.resize(before + static_cast<std::size_t>(got > 0 ? got : 0));
    if (got > 0) continue;
    ::close(file);
    if (got < 0) return std::unexpected(FileError("cannot read", path, error));
    return bytes;
  }
}

}  // namespace antiphon::files

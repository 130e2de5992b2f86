#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "state/base/result.h"

namespace antiphon::files {

enum class Durability : std::uint8_t {
  kWritten,  // the operating system has it: it is there when this process has died
  kOnDisk,   // the disk has it: it is there when the machine has died
};

// OutputFile: one file that is written from its beginning, or from a known length, through a buffer. Every error of the system (a full
// disk at a write, a flush or the close) is kept and told by the next Flush or Close; after one, nothing more is written.
// Owned by one thread.
class OutputFile {
 public:
  OutputFile() = default;
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&& other) noexcept;
  ~OutputFile();

  // A new, empty file in the place of what is there.
  [[nodiscard]] static Result<OutputFile> Create(std::string path);
  // Fails if it is there.
  [[nodiscard]] static Result<OutputFile> CreateNew(std::string path);
  // An existing file, cut to its first `size` bytes. Fails if it is shorter.
  [[nodiscard]] static Result<OutputFile> Continue(std::string path, std::uint64_t size);

  void Append(std::string_view bytes) {
    buffer_.append(bytes);
    size_ += bytes.size();
    if (buffer_.size() >= kBufferBytes) WriteBuffer();
  }
  void Append(char byte) { Append(std::string_view(&byte, 1)); }

  // The first failure so far, if there was one.
  [[nodiscard]] Result<void> State() const;
  // To the operating system.
  [[nodiscard]] Result<void> Flush();
  // Flushes, and tells what the system says at the end. Nothing may be appended afterwards.
  [[nodiscard]] Result<void> Close(Durability durability = Durability::kWritten);

  // Bytes of the file, those still in the buffer included.
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  [[nodiscard]] static Result<OutputFile> Open(std::string path, int flags);

  static constexpr std::size_t kBufferBytes = std::size_t{256} << 10U;

  void WriteBuffer();

  std::string path_;
  std::string buffer_;
  std::uint64_t size_ = 0;
  int file_ = -1;
  int error_ = 0;  // errno of the first failure
};

// Writes a whole small file in one go: beside its place first, then renamed, so that a reader sees the old one or the new one.
// kOnDisk: its name too.
[[nodiscard]] Result<void> WriteWholeFile(const std::string& path, std::string_view bytes, Durability durability = Durability::kWritten);
// Within one folder.
[[nodiscard]] Result<void> RenameFile(const std::string& from, const std::string& to, Durability durability = Durability::kWritten);
[[nodiscard]] Result<std::string> ReadWholeFile(const std::string& path);

// "cannot write out/contacts.jsonl: No space left on device" with what to do about it.
[[nodiscard]] Error FileError(std::string_view what, const std::string& path, int error);

}  // namespace antiphon::files

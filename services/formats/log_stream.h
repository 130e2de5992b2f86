#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "state/base/result.h"

namespace antiphon::formats {

// LogStream: the uncompressed bytes of a file or of standard input ("-"): plain, gzip (members one after the other) or zstd (frames
// likewise), told apart by the first bytes. Not thread-safe.
class LogStream {
 public:
  // Fails (kStopProcess) if the file cannot be opened.
  [[nodiscard]] static Result<LogStream> Open(const std::string& path);
  ~LogStream();
  LogStream(LogStream&&) noexcept;
  LogStream& operator=(LogStream&&) noexcept;

  // At most `size` bytes; 0: the end. An error (of reading, or a damaged or cut-off archive) is final.
  [[nodiscard]] Result<std::size_t> Read(char* out, std::size_t size);

  [[nodiscard]] std::uint64_t raw_bytes() const;  // taken from the file so far
  [[nodiscard]] std::uint64_t raw_size() const;   // 0: unknown

 private:
  class Impl;
  explicit LogStream(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace antiphon::formats

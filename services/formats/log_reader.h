#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "services/formats/padded_text.h"
#include "state/base/hash.h"
#include "state/base/result.h"

namespace antiphon::formats {

// One line of a log, without its end (LF or CRLF).
struct LogLine {
  enum class Kind : std::uint8_t {
    kLine,
    kTooLong,  // longer than line_bytes_max: `text` holds its first bytes only
    kBroken,   // the archive is damaged or cut off, or reading failed: told once, then kEnd. LogReader::broken() says what
    kEnd,
  };
  Kind kind = Kind::kEnd;
  PaddedText text;
  std::uint64_t offset = 0;  // uncompressed bytes before the line
  std::uint64_t number = 0;  // of the line, from 1; empty lines count
};

// LogReader: a file of JSON Lines or standard input ("-"), plain, gzip (also of many members) or zstd (also of many frames); told apart
// by the first bytes. Streams with bounded memory. Empty lines (or of blanks only) are passed over, as is a UTF-8 byte order mark at the
// beginning; the last line needs no end; what a damaged archive gave before the damage is delivered. Not thread-safe.
class LogReader {
 public:
  struct Options {
    std::size_t line_bytes_max = std::size_t{16} << 20U;
    std::size_t block_bytes = std::size_t{256} << 10U;
  };

  // Fails (kStopProcess) if the file cannot be opened.
  [[nodiscard]] static Result<LogReader> Open(const std::string& path);
  [[nodiscard]] static Result<LogReader> Open(const std::string& path, const Options& options);
  ~LogReader();
  LogReader(LogReader&&) noexcept;
  LogReader& operator=(LogReader&&) noexcept;

  // Texts stay where they are until they are released.
  [[nodiscard]] LogLine Next();

  // Texts of lines given before Mark() may be overwritten after Release(mark). Memory in use grows by what is not released.
  using Mark = std::uint64_t;
  [[nodiscard]] Mark MarkHere() const;
  void Release(Mark mark);
  void ReleaseAll() { Release(MarkHere()); }

  // Passes over the bytes before `offset` (they are read and hashed): the next line starts there, with its right number.
  // REQUIRES: no line was read. Fails if the stream is shorter, or no line starts there.
  [[nodiscard]] Result<void> SkipTo(std::uint64_t offset);

  // The error that kBroken told of.
  [[nodiscard]] const std::string& broken() const;

  // Of the whole uncompressed stream; complete once Next gave kEnd. The digest equals HashBytes128 of the bytes.
  [[nodiscard]] Hash128 digest() const;
  [[nodiscard]] std::uint64_t bytes() const;

  [[nodiscard]] const std::string& path() const;
  // Bytes of the file consumed so far and its size (0 if unknown), compressed: for progress.
  [[nodiscard]] std::uint64_t raw_bytes() const;
  [[nodiscard]] std::uint64_t raw_size() const;

 private:
  class Impl;
  explicit LogReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Reads the whole file for its digest and size. Fails if it cannot be read or is damaged.
struct LogContent {
  Hash128 digest;
  std::uint64_t bytes = 0;
};
[[nodiscard]] Result<LogContent> ReadContent(const std::string& path);

}  // namespace antiphon::formats

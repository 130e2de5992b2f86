#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/files/output_file.h"
#include "services/runtime/log.h"
#include "state/base/hash.h"
#include "state/base/result.h"
#include "state/base/time.h"
#include "state/store/wire.h"

// A segment: records of one log, as they stood there, in a file that can be read in ten years. Source: docs/archive.md, "Segments".
//   file    := "ANTSEGM" version:u8 (= 1) | block* | end        integers little-endian
//   block   := stored:u32 raw:u32 checksum:u64 | bytes[stored]   one frame of zstd, `raw` bytes unpacked; XXH3-64 of the stored bytes
//   end     := 0:u32 0:u32 checksum:u64 | records:u64            XXH3-64 of the eight bytes of `records`
// Unpacked, the first block is  text topic | v partition,  each other one  record*.
//   record  := v offset, less the one after the record before (0 at first) | z timestamp in ms, less the one before | u8 has
//              | text key | text value | v headers | (text name | text value)*
//   has     := key is not null (bit 0) | value is not null (bit 1); what is null is an empty text
//   v = unsigned LEB128; z = v of the zigzag; text = v length | bytes (state/store/wire.h)
// The digest of a segment is XXH3-128 of a text: the checksums of its blocks and of its end, 16 hexadecimal digits each; whenever the text
// has 16,384 digits or more, the 32 digits of its own XXH3-128 take its place.
namespace antiphon::archive {

inline constexpr std::uint8_t kSegmentVersion = 1;

// What a manifest says of a segment.
struct SegmentFigures {
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;  // of the file
  Hash128 digest;
  friend bool operator==(const SegmentFigures&, const SegmentFigures&) = default;
};

// SegmentWriter: writes one new segment. Not thread-safe. Memory: a block, or the longest record.
class SegmentWriter {
 public:
  [[nodiscard]] static Result<SegmentWriter> Create(const std::filesystem::path& path, std::string_view topic, std::int32_t partition);
  SegmentWriter(SegmentWriter&&) noexcept;
  SegmentWriter& operator=(SegmentWriter&&) = delete;
  ~SegmentWriter();

  // REQUIRES: offsets ascend. An Error: the record is too long for any segment, or cannot be packed.
  [[nodiscard]] Result<void> Append(const runtime::LogRecord& record);
  // On the disk when it returns.
  [[nodiscard]] Result<SegmentFigures> Close();

 private:
  struct Packer;
  SegmentWriter(files::OutputFile file, std::filesystem::path path);
  [[nodiscard]] Result<void> PutBlock();
  void Put(std::string_view bytes);

  std::filesystem::path path_;
  files::OutputFile file_;
  std::unique_ptr<Packer> packer_;
  std::string raw_;
  std::string packed_;
  std::string checksums_;
  SegmentFigures figures_;
  std::int64_t next_ = 0;
  std::int64_t timestamp_ = 0;
};

// SegmentReader: gives the records back, in order. Not thread-safe. Every byte is checked before it is believed: an Error (stop the
// process) says file, byte and what is wrong: torn, changed, of a newer version. Memory: two blocks.
class SegmentReader {
 public:
  [[nodiscard]] static Result<SegmentReader> Open(const std::filesystem::path& path);
  SegmentReader(SegmentReader&&) noexcept;
  SegmentReader& operator=(SegmentReader&&) = delete;
  ~SegmentReader();

  [[nodiscard]] const std::string& topic() const { return topic_; }
  [[nodiscard]] std::int32_t partition() const { return partition_; }

  // The next record, valid until the next call; nothing at the end.
  [[nodiscard]] Result<std::optional<runtime::LogRecord>> Next();
  // Of what was read. After Next gave nothing: of the whole file.
  [[nodiscard]] SegmentFigures figures() const;

 private:
  struct Unpacker;
  SegmentReader(std::ifstream file, std::filesystem::path path);
  [[nodiscard]] Result<void> ReadHeader();
  [[nodiscard]] Result<void> ReadBlock();
  [[nodiscard]] Result<void> ReadEnd(std::uint64_t checksum);
  [[nodiscard]] std::optional<std::string_view> Take(std::size_t bytes);
  [[nodiscard]] std::unexpected<Error> Damaged(std::string_view what) const;

  std::filesystem::path path_;
  std::ifstream file_;
  std::unique_ptr<Unpacker> unpacker_;
  std::string topic_;
  std::int32_t partition_ = 0;
  std::string taken_;
  std::string raw_;
  store::WireReader records_{{}};
  std::string checksums_;
  std::uint64_t at_ = 0;  // bytes read
  std::uint64_t count_ = 0;
  std::int64_t next_ = 0;
  std::int64_t timestamp_ = 0;
  bool ended_ = false;
};

}  // namespace antiphon::archive

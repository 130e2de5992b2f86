#include "services/archive/segment_file.h"

#include <zstd.h>

#include <cstring>
#include <utility>

#include "state/base/check.h"

namespace antiphon::archive {
namespace {

constexpr std::string_view kMagic = "ANTSEGM";
constexpr std::size_t kBlockBytes = std::size_t{1} << 20U;     // unpacked: a block is closed behind it
constexpr std::size_t kBlockBytesMax = std::size_t{1} << 30U;  // of a record that is longer than any of Kafka's
constexpr std::uint8_t kHasKey = 1;
constexpr std::uint8_t kHasValue = 2;
constexpr std::size_t kBlockHead = 16;

void AppendRaw(std::string& out, const void* bytes, std::size_t size) { out.append(static_cast<const char*>(bytes), size); }

std::string BlockHead(std::uint32_t stored, std::uint32_t raw, std::uint64_t checksum) {
  std::string head;
  AppendRaw(head, &stored, sizeof stored);
  AppendRaw(head, &raw, sizeof raw);
  AppendRaw(head, &checksum, sizeof checksum);
  return head;
}

void AddChecksum(std::string& checksums, std::uint64_t checksum) {
  static constexpr char kDigits[] = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) checksums += kDigits[(checksum >> static_cast<unsigned>(shift)) & 0xFU];
}

// Of at most so many checksums the text is kept; then it is folded into one.
constexpr std::size_t kChecksumsMax = std::size_t{16} << 10U;

void FoldChecksums(std::string& checksums) {
  if (checksums.size() >= kChecksumsMax) checksums = ToHex(HashBytes128(checksums));
}

}  // namespace

struct SegmentWriter::Packer {
  std::unique_ptr<ZSTD_CCtx, decltype([](ZSTD_CCtx* context) { ZSTD_freeCCtx(context); })> context{ZSTD_createCCtx()};
};

SegmentWriter::SegmentWriter(files::OutputFile file, std::filesystem::path path)
    : path_(std::move(path)), file_(std::move(file)), packer_(std::make_unique<Packer>()) {}
SegmentWriter::SegmentWriter(SegmentWriter&&) noexcept = default;
SegmentWriter::~SegmentWriter() = default;

Result<SegmentWriter> SegmentWriter::Create(const std::filesystem::path& path, std::string_view topic, std::int32_t partition) {
  auto file = files::OutputFile::CreateNew(path);
  if (!file) return std::unexpected(std::move(file.error()));
  SegmentWriter writer(*std::move(file), path);
  writer.Put(kMagic);
  const char version = static_cast<char>(kSegmentVersion);
  writer.Put({&version, 1});
  store::WireWriter header(writer.raw_);
  header.Text(topic);
  header.V(static_cast<std::uint64_t>(partition));
  header.Finish();
  if (auto put = writer.PutBlock(); !put) return std::unexpected(std::move(put.error()));
  return writer;
}

void SegmentWriter::Put(std::string_view bytes) {
  file_.Append(bytes);
  figures_.bytes += bytes.size();
}

Result<void> SegmentWriter::PutBlock() {
  packed_.resize(ZSTD_compressBound(raw_.size()));
  const std::size_t size = ZSTD_compressCCtx(packer_->context.get(), packed_.data(), packed_.size(), raw_.data(), raw_.size(), 3);
  if (ZSTD_isError(size) != 0) return Fail(Recovery::kStopProcess, path_.string() + ": cannot be packed: " + ZSTD_getErrorName(size));
  packed_.resize(size);
  const std::uint64_t checksum = HashBytes64(packed_);
  AddChecksum(checksums_, checksum);
  FoldChecksums(checksums_);
  Put(BlockHead(static_cast<std::uint32_t>(packed_.size()), static_cast<std::uint32_t>(raw_.size()), checksum));
  Put(packed_);
  raw_.clear();
  return {};
}

Result<void> SegmentWriter::Append(const runtime::LogRecord& record) {
  ANTIPHON_CHECK(record.offset >= next_);
  const std::size_t bytes = record.key.value_or("").size() + record.value.value_or("").size();
  if (bytes > kBlockBytesMax / 2) return Fail(Recovery::kStopProcess, path_.string() + ": a record is too long for a segment");
  store::WireWriter writer(raw_);
  writer.V(static_cast<std::uint64_t>(record.offset - next_));
  const std::int64_t timestamp = ToEpochMs(record.timestamp);
  writer.Z(static_cast<std::int64_t>(static_cast<std::uint64_t>(timestamp) - static_cast<std::uint64_t>(timestamp_)));
  writer.U8(static_cast<std::uint8_t>((record.key ? kHasKey : 0U) | (record.value ? kHasValue : 0U)));
  writer.Text(record.key.value_or(""));
  writer.Text(record.value.value_or(""));
  writer.V(record.headers.size());
  for (const runtime::Header& header : record.headers) {
    writer.Text(header.name);
    writer.Text(header.value);
  }
  writer.Finish();
  next_ = record.offset + 1;
  timestamp_ = timestamp;
  ++figures_.records;
  return raw_.size() >= kBlockBytes ? PutBlock() : Result<void>();
}

Result<SegmentFigures> SegmentWriter::Close() {
  if (!raw_.empty()) {
    if (auto put = PutBlock(); !put) return std::unexpected(std::move(put.error()));
  }
  std::string count;
  AppendRaw(count, &figures_.records, sizeof figures_.records);
  const std::uint64_t checksum = HashBytes64(count);
  AddChecksum(checksums_, checksum);
  Put(BlockHead(0, 0, checksum));
  Put(count);
  figures_.digest = HashBytes128(checksums_);
  if (auto closed = file_.Close(files::Durability::kOnDisk); !closed) return std::unexpected(std::move(closed.error()));
  return figures_;
}

struct SegmentReader::Unpacker {
  std::unique_ptr<ZSTD_DCtx, decltype([](ZSTD_DCtx* context) { ZSTD_freeDCtx(context); })> context{ZSTD_createDCtx()};
};

SegmentReader::SegmentReader(std::ifstream file, std::filesystem::path path)
    : path_(std::move(path)), file_(std::move(file)), unpacker_(std::make_unique<Unpacker>()) {}
SegmentReader::SegmentReader(SegmentReader&&) noexcept = default;
SegmentReader::~SegmentReader() = default;

Result<SegmentReader> SegmentReader::Open(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Fail(Recovery::kStopProcess, path.string() + ": cannot be read; is the archive whole?");
  SegmentReader reader(std::move(file), path);
  if (auto header = reader.ReadHeader(); !header) return std::unexpected(std::move(header.error()));
  return reader;
}

std::unexpected<Error> SegmentReader::Damaged(std::string_view what) const {
  return Fail(Recovery::kStopProcess, path_.string() + ": at byte " + std::to_string(at_) + ": " + std::string(what));
}

std::optional<std::string_view> SegmentReader::Take(std::size_t bytes) {
  taken_.resize(bytes);
  file_.read(taken_.data(), static_cast<std::streamsize>(bytes));
  if (static_cast<std::size_t>(file_.gcount()) != bytes) return std::nullopt;
  return taken_;
}

Result<void> SegmentReader::ReadHeader() {
  const auto magic = Take(kMagic.size() + 1);
  if (!magic || !magic->starts_with(kMagic)) return Damaged("this is no segment of an archive");
  const auto version = static_cast<std::uint8_t>(magic->back());
  if (version > kSegmentVersion) {
    return Damaged("the segment has version " + std::to_string(version) + ", this program reads up to " + std::to_string(kSegmentVersion) +
                   "; take a newer one");
  }
  if (version == 0) return Damaged("the segment has version 0, which never was");
  at_ = kMagic.size() + 1;
  if (auto block = ReadBlock(); !block) return block;
  topic_ = std::string(records_.Text());
  const std::uint64_t partition = records_.V();
  if (ended_ || records_.failed() || !records_.AtEnd() || partition > INT32_MAX) return Damaged("its header names no log");
  partition_ = static_cast<std::int32_t>(partition);
  return {};
}

Result<void> SegmentReader::ReadBlock() {
  const auto head = Take(kBlockHead);
  if (!head) return Damaged("the file ends within a segment: it is torn");
  std::uint32_t stored = 0;
  std::uint32_t raw = 0;
  std::uint64_t checksum = 0;
  std::memcpy(&stored, head->data(), sizeof stored);
  std::memcpy(&raw, head->data() + sizeof stored, sizeof raw);
  std::memcpy(&checksum, head->data() + sizeof stored + sizeof raw, sizeof checksum);
  if (stored == 0 && raw == 0) return ReadEnd(checksum);
  if (raw > kBlockBytesMax || stored > ZSTD_compressBound(kBlockBytesMax))
    return Damaged("a block of impossible length: the file was changed");
  // Before memory is taken for a length that may be nonsense.
  file_.seekg(0, std::ios::end);
  const auto size = static_cast<std::uint64_t>(file_.tellg());
  if (size < at_ + kBlockHead + stored) return Damaged("the file ends within a block: it is torn");
  file_.seekg(static_cast<std::streamoff>(at_ + kBlockHead));
  const auto packed = Take(stored);
  if (!packed) return Damaged("the file ends within a block: it is torn");
  if (HashBytes64(*packed) != checksum) return Damaged("a block does not have its checksum: the file was changed or damaged");
  if (ZSTD_getFrameContentSize(packed->data(), packed->size()) != raw) return Damaged("a block is not of the length that it says");
  raw_.resize(raw);
  const std::size_t unpacked = ZSTD_decompressDCtx(unpacker_->context.get(), raw_.data(), raw_.size(), packed->data(), packed->size());
  if (ZSTD_isError(unpacked) != 0 || unpacked != raw) return Damaged("a block cannot be unpacked");
  AddChecksum(checksums_, checksum);
  FoldChecksums(checksums_);
  at_ += kBlockHead + stored;
  records_ = store::WireReader(raw_);
  return {};
}

Result<void> SegmentReader::ReadEnd(std::uint64_t checksum) {
  const auto count = Take(sizeof count_);
  if (!count) return Damaged("the file ends within a segment: it is torn");
  if (HashBytes64(*count) != checksum) return Damaged("its end does not have its checksum: the file was changed or damaged");
  std::uint64_t records = 0;
  std::memcpy(&records, count->data(), sizeof records);
  if (records != count_) return Damaged("it says that it has " + std::to_string(records) + " records and has " + std::to_string(count_));
  AddChecksum(checksums_, checksum);
  at_ += kBlockHead + sizeof records;
  if (file_.peek() != std::ifstream::traits_type::eof()) return Damaged("something follows the segment's end");
  ended_ = true;
  return {};
}

Result<std::optional<runtime::LogRecord>> SegmentReader::Next() {
  while (records_.AtEnd() && !ended_) {
    if (auto block = ReadBlock(); !block) return std::unexpected(std::move(block.error()));
  }
  if (ended_) return std::nullopt;
  runtime::LogRecord record;
  const std::uint64_t skipped = records_.V();
  timestamp_ = static_cast<std::int64_t>(static_cast<std::uint64_t>(timestamp_) + static_cast<std::uint64_t>(records_.Z()));
  const std::uint8_t has = records_.U8();
  const std::string_view key = records_.Text();
  const std::string_view value = records_.Text();
  const std::size_t headers = records_.Count(2);
  for (std::size_t i = 0; i < headers && !records_.failed(); ++i) {
    const std::string_view name = records_.Text();
    record.headers.push_back({.name = name, .value = records_.Text()});
  }
  if (records_.failed() || has > (kHasKey | kHasValue) || skipped > static_cast<std::uint64_t>(INT64_MAX - 1 - next_)) {
    return Damaged("the block before holds something that is no record");
  }
  record.offset = next_ + static_cast<std::int64_t>(skipped);
  record.timestamp = FromEpochMs(timestamp_);
  if ((has & kHasKey) != 0) record.key = key;
  if ((has & kHasValue) != 0) record.value = value;
  next_ = record.offset + 1;
  ++count_;
  return record;
}

SegmentFigures SegmentReader::figures() const { return {.records = count_, .bytes = at_, .digest = HashBytes128(checksums_)}; }

}  // namespace antiphon::archive

#include "services/formats/journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "antiphon/v1/journal.pb.h"
#include "services/formats/journal_proto.h"
#include "state/base/check.h"

namespace antiphon::formats {
namespace {

constexpr std::string_view kMagic = "ANTJRNL1";
constexpr std::size_t kFrameHead = 12;
constexpr std::uint32_t kFrameBytesMax = std::uint32_t{1} << 30U;

struct FileClose {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, FileClose>;

std::unexpected<Error> Stop(const std::string& path, const std::string& what) { return Fail(Recovery::kStopProcess, path + ": " + what); }
std::unexpected<Error> SystemError(const std::string& path, const std::string& what) {
  return Stop(path, what + ": " + std::strerror(errno));
}

void PutLittleEndian(char* out, std::uint64_t value, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) out[i] = static_cast<char>(value >> (8 * i) & 0xFFU);
}
std::uint64_t GetLittleEndian(const char* in, std::size_t width) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < width; ++i) value |= static_cast<std::uint64_t>(static_cast<unsigned char>(in[i])) << (8 * i);
  return value;
}

using formats::FromProto;  // of journal_proto.h, beside those of this file
using formats::ToProto;

void ToProto(const JournalSource& source, v1::JournalSource& out) {
  out.set_position(source.position);
  out.set_name(source.name);
  if (source.digest != Hash128{}) ToProto(source.digest, *out.mutable_digest());
  out.set_bytes(source.bytes);
}

template <typename Sources>
std::vector<JournalSource> FromProto(const Sources& sources) {
  std::vector<JournalSource> out;
  for (const v1::JournalSource& source : sources) {
    out.push_back({.position = source.position(), .name = source.name(), .digest = FromProto(source.digest()), .bytes = source.bytes()});
  }
  return out;
}

JournalHeader FromProto(const v1::JournalHeader& header) {
  return {.semantics_version = header.semantics_version(),
          .topology_version = FromProto(header.topology_version()),
          .partitions = header.partitions(),
          .sources = FromProto(header.sources())};
}

// Reads frame after frame.
class FrameReader {
 public:
  enum class Outcome : std::uint8_t { kFrame, kEnd, kTorn };

  static Result<FrameReader> Open(const std::string& path) {
    File file(std::fopen(path.c_str(), "rb"));
    if (!file) return SystemError(path, "cannot be opened");
    if (std::fseek(file.get(), 0, SEEK_END) != 0) return SystemError(path, "cannot be read");
    const long size = std::ftell(file.get());
    if (size < 0 || std::fseek(file.get(), 0, SEEK_SET) != 0) return SystemError(path, "cannot be read");
    std::array<char, kMagic.size()> magic{};
    if (std::fread(magic.data(), 1, magic.size(), file.get()) != magic.size() || std::string_view(magic.data(), magic.size()) != kMagic) {
      return Stop(path, "is no journal");
    }
    return FrameReader(std::move(file), path, static_cast<std::uint64_t>(size));
  }

  // `frame` is the next one, if the outcome is kFrame.
  Result<Outcome> Next(v1::JournalFrame& frame) {
    const std::uint64_t left = size_ - position_;
    if (left == 0) return Outcome::kEnd;
    std::array<char, kFrameHead> head{};
    if (left < head.size()) return Outcome::kTorn;
    if (std::fread(head.data(), 1, head.size(), file_.get()) != head.size()) return SystemError(path_, "cannot be read");
    const std::uint64_t length = GetLittleEndian(head.data(), 4);
    if (length > left - head.size()) return Outcome::kTorn;
    if (length == 0) return RestIsZero() ? Result<Outcome>(Outcome::kTorn) : Damaged();
    payload_.resize(length);
    if (std::fread(payload_.data(), 1, length, file_.get()) != length) return SystemError(path_, "cannot be read");
    const bool last = length == left - head.size();
    if (HashBytes64(payload_) != GetLittleEndian(head.data() + 4, 8)) return last ? Result<Outcome>(Outcome::kTorn) : Damaged();
    if (!frame.ParseFromString(payload_)) return Damaged();
    position_ += head.size() + length;
    return Outcome::kFrame;
  }

  [[nodiscard]] std::uint64_t position() const { return position_; }  // behind the last whole frame
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] Result<Outcome> Damaged() const { return Stop(path_, "the journal is damaged at byte " + std::to_string(position_)); }

 private:
  FrameReader(File file, std::string path, std::uint64_t size)
      : file_(std::move(file)), path_(std::move(path)), size_(size), position_(kMagic.size()) {}

  // What a file system leaves behind that grew the file, but did not write it.
  bool RestIsZero() {
    for (int c = std::fgetc(file_.get()); c != EOF; c = std::fgetc(file_.get())) {
      if (c != 0) return false;
    }
    return true;
  }

  File file_;
  std::string path_;
  std::uint64_t size_;
  std::uint64_t position_;
  std::string payload_;
};

}  // namespace

class JournalWriter::Impl {
 public:
  Impl(File file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}

  Result<void> Write(std::string_view bytes) {
    if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size()) return SystemError(path_, "cannot be written");
    return {};
  }

  Result<void> WriteFrame() {
    payload_.clear();
    if (!frame_.SerializeToString(&payload_) || payload_.size() > kFrameBytesMax)
      return Stop(path_, "a commit is too large for the journal");
    std::array<char, kFrameHead> head{};
    PutLittleEndian(head.data(), payload_.size(), 4);
    PutLittleEndian(head.data() + 4, HashBytes64(payload_), 8);
    if (auto written = Write({head.data(), head.size()}); !written) return written;
    return Write(payload_);
  }

  Result<void> Flush() {
    if (std::fflush(file_.get()) != 0) return SystemError(path_, "cannot be written");
    return {};
  }

  Result<void> Sync() {
    if (auto flushed = Flush(); !flushed) return flushed;
    if (::fdatasync(::fileno(file_.get())) != 0) return SystemError(path_, "cannot be written to disk");
    return {};
  }

  v1::JournalFrame& frame() { return frame_; }

 private:
  File file_;
  std::string path_;
  v1::JournalFrame frame_;  // reused
  std::string payload_;
};

JournalWriter::JournalWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JournalWriter::~JournalWriter() = default;
JournalWriter::JournalWriter(JournalWriter&&) noexcept = default;
JournalWriter& JournalWriter::operator=(JournalWriter&&) noexcept = default;

Result<JournalWriter> JournalWriter::Create(const std::string& path, const JournalHeader& header) {
  File file(std::fopen(path.c_str(), "wbx"));
  if (!file) return SystemError(path, "cannot be created");
  auto impl = std::make_unique<Impl>(std::move(file), path);
  if (auto written = impl->Write(kMagic); !written) return std::unexpected(written.error());
  v1::JournalHeader& made = *impl->frame().mutable_header();
  made.set_semantics_version(header.semantics_version);
  ToProto(header.topology_version, *made.mutable_topology_version());
  made.set_partitions(header.partitions);
  for (const JournalSource& source : header.sources) ToProto(source, *made.add_sources());
  if (auto written = impl->WriteFrame(); !written) return std::unexpected(written.error());
  if (auto flushed = impl->Flush(); !flushed) return std::unexpected(flushed.error());
  return JournalWriter(std::move(impl));
}

Result<JournalWriter> JournalWriter::Resume(const std::string& path) {
  auto frames = FrameReader::Open(path);
  if (!frames) return std::unexpected(frames.error());
  v1::JournalFrame frame;
  while (true) {
    const auto outcome = frames->Next(frame);
    if (!outcome) return std::unexpected(outcome.error());
    if (*outcome != FrameReader::Outcome::kFrame) break;
  }
  if (frames->position() == kMagic.size()) return Stop(path, "the journal has no header");
  if (::truncate(path.c_str(), static_cast<off_t>(frames->position())) != 0) return SystemError(path, "cannot be cut");
  File file(std::fopen(path.c_str(), "ab"));
  if (!file) return SystemError(path, "cannot be opened");
  return JournalWriter(std::make_unique<Impl>(std::move(file), path));
}

Result<void> JournalWriter::Append(const JournalCommit& commit) {
  v1::JournalCommit& made = *impl_->frame().mutable_commit();
  made.Clear();
  made.set_partition(commit.partition);
  for (const JournalEntry& entry : commit.entries) ToProto(entry, *made.add_entries());
  return impl_->WriteFrame();
}

Result<void> JournalWriter::AppendSources(const std::vector<JournalSource>& sources) {
  v1::JournalSources& made = *impl_->frame().mutable_sources();
  made.Clear();
  for (const JournalSource& source : sources) ToProto(source, *made.add_sources());
  return impl_->WriteFrame();
}

Result<void> JournalWriter::Flush() { return impl_->Flush(); }
Result<void> JournalWriter::Sync() { return impl_->Sync(); }

class JournalReader::Impl {
 public:
  Impl(FrameReader frames, JournalHeader header) : frames_(std::move(frames)), header_(std::move(header)) {}

  Result<std::optional<JournalCommit>> Next() {
    while (true) {
      const auto outcome = frames_.Next(frame_);
      if (!outcome) return std::unexpected(outcome.error());
      if (*outcome != FrameReader::Outcome::kFrame) return std::optional<JournalCommit>();
      if (!frame_.has_commit()) continue;
      JournalCommit commit{.partition = frame_.commit().partition(), .entries = {}};
      for (const v1::JournalEntry& entry : frame_.commit().entries()) {
        auto made = FromProto(entry);
        // What is not known cannot be left out of an order.
        if (!made) return Fail(Recovery::kStopProcess, "the journal has an entry of a kind that this version does not know");
        commit.entries.push_back(std::move(*made));
      }
      return std::optional(std::move(commit));
    }
  }

  FrameReader frames_;
  JournalHeader header_;
  std::string torn_;
  v1::JournalFrame frame_;
};

JournalReader::JournalReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JournalReader::~JournalReader() = default;
JournalReader::JournalReader(JournalReader&&) noexcept = default;
JournalReader& JournalReader::operator=(JournalReader&&) noexcept = default;

Result<JournalReader> JournalReader::Open(const std::string& path) {
  auto scan = FrameReader::Open(path);
  if (!scan) return std::unexpected(scan.error());
  std::optional<JournalHeader> header;
  v1::JournalFrame frame;
  std::string torn;
  while (true) {
    const auto outcome = scan->Next(frame);
    if (!outcome) return std::unexpected(outcome.error());
    if (*outcome == FrameReader::Outcome::kTorn) {
      torn = path + ": the last commit was not written to its end: " + std::to_string(scan->size() - scan->position()) + " bytes at byte " +
             std::to_string(scan->position()) + " are left out";
    }
    if (*outcome != FrameReader::Outcome::kFrame) break;
    if (frame.payload_case() == v1::JournalFrame::PAYLOAD_NOT_SET)
      return Stop(path, "the journal has a frame of a kind that this version does not know");
    if (frame.has_header() == header.has_value()) return std::unexpected(scan->Damaged().error());  // once, at the front
    if (frame.has_header()) header = FromProto(frame.header());
    if (frame.has_sources()) header->sources = FromProto(frame.sources().sources());
  }
  if (!header) return Stop(path, "the journal has no header");
  auto frames = FrameReader::Open(path);
  if (!frames) return std::unexpected(frames.error());
  JournalReader reader(std::make_unique<Impl>(std::move(*frames), std::move(*header)));
  reader.impl_->torn_ = std::move(torn);
  return reader;
}

const JournalHeader& JournalReader::header() const { return impl_->header_; }
Result<std::optional<JournalCommit>> JournalReader::Next() { return impl_->Next(); }
const std::string& JournalReader::torn() const { return impl_->torn_; }

}  // namespace antiphon::formats

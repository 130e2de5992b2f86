#include "services/formats/log_stream.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

namespace antiphon::formats {
namespace {

constexpr std::size_t kRawBytes = std::size_t{128} << 10U;

// A file descriptor that is closed at the end; not the process's own standard input.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ > STDIN_FILENO) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

struct InflateEnd {
  void operator()(z_stream* stream) const {
    inflateEnd(stream);
    delete stream;
  }
};
struct ZstdFree {
  void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
};

}  // namespace

class LogStream::Impl {
 public:
  Impl(int fd, std::string path) : file_(fd), path_(std::move(path)), raw_(kRawBytes) {
    struct stat about = {};
    if (::fstat(fd, &about) == 0 && S_ISREG(about.st_mode)) raw_size_ = static_cast<std::uint64_t>(about.st_size);
  }

  Result<std::size_t> Read(char* out, std::size_t size) {
    if (size == 0) return std::size_t{0};
    if (form_ == Form::kUnknown) {
      if (auto known = TellForm(); !known) return std::unexpected(known.error());
    }
    switch (form_) {
      case Form::kGzip:
        return ReadGzip(out, size);
      case Form::kZstd:
        return ReadZstd(out, size);
      default:
        return ReadPlain(out, size);
    }
  }

  [[nodiscard]] std::uint64_t raw_bytes() const { return raw_bytes_; }
  [[nodiscard]] std::uint64_t raw_size() const { return raw_size_; }

 private:
  enum class Form : std::uint8_t { kUnknown, kPlain, kGzip, kZstd };

  [[nodiscard]] std::string_view Pending() const { return {raw_.data() + begin_, fill_ - begin_}; }

  // Adds what the file gives next to the pending bytes; false at the end.
  Result<bool> FillMore() {
    if (begin_ == fill_) begin_ = fill_ = 0;
    if (fill_ == raw_.size()) return true;
    ssize_t count = 0;
    do {
      count = ::read(file_.get(), raw_.data() + fill_, raw_.size() - fill_);
    } while (count < 0 && errno == EINTR);
    if (count < 0) return Fail(Recovery::kStopProcess, path_ + ": cannot be read: " + std::strerror(errno));
    fill_ += static_cast<std::size_t>(count);
    raw_bytes_ += static_cast<std::uint64_t>(count);
    return count > 0;
  }

  Result<void> TellForm() {
    while (Pending().size() < 4) {
      const auto more = FillMore();
      if (!more) return std::unexpected(more.error());
      if (!*more) break;
    }
    form_ = Form::kPlain;
    if (IsGzip(Pending())) {
      form_ = Form::kGzip;
      inflate_.reset(new z_stream{});
      if (inflateInit2(inflate_.get(), 15 + 16) != Z_OK) return Fail(Recovery::kStopProcess, path_ + ": zlib cannot be set up");
    } else if (IsZstd(Pending())) {
      form_ = Form::kZstd;
      zstd_.reset(ZSTD_createDStream());
      if (!zstd_) return Fail(Recovery::kStopProcess, path_ + ": zstd cannot be set up");
    }
    return {};
  }

  static bool IsGzip(std::string_view bytes) { return bytes.starts_with("\x1F\x8B"); }
  // A frame, or a skippable frame (magic 0x184D2A50 to 0x184D2A5F) as pzstd writes it.
  static bool IsZstd(std::string_view bytes) {
    if (bytes.starts_with("\x28\xB5\x2F\xFD")) return true;
    return bytes.size() >= 4 && (static_cast<unsigned char>(bytes[0]) & 0xF0U) == 0x50 && bytes.substr(1, 3) == "\x2A\x4D\x18";
  }

  Result<std::size_t> ReadPlain(char* out, std::size_t size) {
    if (begin_ == fill_) {
      const auto more = FillMore();
      if (!more) return std::unexpected(more.error());
    }
    const std::size_t count = std::min(size, fill_ - begin_);
    if (count > 0) std::memcpy(out, raw_.data() + begin_, count);
    begin_ += count;
    return count;
  }

  Result<std::size_t> ReadGzip(char* out, std::size_t size) {
    while (true) {
      if (begin_ == fill_) {
        const auto more = FillMore();
        if (!more) return std::unexpected(more.error());
        if (!*more) return between_ ? Result<std::size_t>(0) : CutOff();
      }
      if (between_ && Pending().front() == '\0') {  // padding, as tapes have it
        ++begin_;
        continue;
      }
      if (between_ && inflateReset(inflate_.get()) != Z_OK) return Damaged("zlib cannot be reset");
      between_ = false;
      inflate_->next_in = reinterpret_cast<Bytef*>(raw_.data() + begin_);
      inflate_->avail_in = static_cast<uInt>(fill_ - begin_);
      inflate_->next_out = reinterpret_cast<Bytef*>(out);
      inflate_->avail_out = static_cast<uInt>(std::min<std::size_t>(size, 1U << 30U));
      const std::size_t room = inflate_->avail_out;
      const int result = inflate(inflate_.get(), Z_NO_FLUSH);
      begin_ = fill_ - inflate_->avail_in;
      if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
        return Damaged(inflate_->msg != nullptr ? inflate_->msg : "wrong gzip data");
      }
      between_ = result == Z_STREAM_END;
      if (room != inflate_->avail_out) return room - inflate_->avail_out;
    }
  }

  Result<std::size_t> ReadZstd(char* out, std::size_t size) {
    ZSTD_outBuffer to{out, size, 0};
    while (true) {
      if (begin_ == fill_ && !zstd_holds_) {
        const auto more = FillMore();
        if (!more) return std::unexpected(more.error());
        if (!*more) return between_ ? Result<std::size_t>(0) : CutOff();
      }
      ZSTD_inBuffer from{raw_.data() + begin_, fill_ - begin_, 0};
      const std::size_t result = ZSTD_decompressStream(zstd_.get(), &to, &from);
      begin_ += from.pos;
      if (ZSTD_isError(result) != 0) return Damaged(ZSTD_getErrorName(result));
      between_ = result == 0;
      zstd_holds_ = to.pos == to.size && !between_;  // more may come without more input
      if (to.pos > 0) return to.pos;
    }
  }

  [[nodiscard]] Result<std::size_t> CutOff() const {
    return Fail(Recovery::kDeadLetter, path_ + ": the archive is cut off; what it held up to there was read");
  }
  [[nodiscard]] Result<std::size_t> Damaged(const std::string& what) const {
    return Fail(Recovery::kDeadLetter, path_ + ": the archive is damaged (" + what + "); what it held up to there was read");
  }

  Descriptor file_;
  std::string path_;
  std::vector<char> raw_;
  std::size_t begin_ = 0;
  std::size_t fill_ = 0;
  std::uint64_t raw_bytes_ = 0;
  std::uint64_t raw_size_ = 0;
  Form form_ = Form::kUnknown;
  bool between_ = false;  // behind the end of a member or frame
  bool zstd_holds_ = false;
  std::unique_ptr<z_stream, InflateEnd> inflate_;
  std::unique_ptr<ZSTD_DStream, ZstdFree> zstd_;
};

LogStream::LogStream(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LogStream::~LogStream() = default;
LogStream::LogStream(LogStream&&) noexcept = default;
LogStream& LogStream::operator=(LogStream&&) noexcept = default;

Result<LogStream> LogStream::Open(const std::string& path) {
  if (path == "-") return LogStream(std::make_unique<Impl>(STDIN_FILENO, "standard input"));
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Fail(Recovery::kStopProcess, path + ": cannot be opened: " + std::strerror(errno));
  auto impl = std::make_unique<Impl>(fd, path);
  struct stat about = {};
  if (::fstat(fd, &about) == 0 && S_ISDIR(about.st_mode)) return Fail(Recovery::kStopProcess, path + ": is a folder");
  return LogStream(std::move(impl));
}

Result<std::size_t> LogStream::Read(char* out, std::size_t size) { return impl_->Read(out, size); }
std::uint64_t LogStream::raw_bytes() const { return impl_->raw_bytes(); }
std::uint64_t LogStream::raw_size() const { return impl_->raw_size(); }

}  // namespace antiphon::formats

#include "services/formats/log_reader.h"

#include <xxhash.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <string_view>
#include <utility>
#include <vector>

#include "services/formats/dead_letter.h"
#include "services/formats/log_stream.h"
#include "state/base/check.h"

namespace antiphon::formats {
namespace {

// What some programs write before UTF-8; RFC 8259 (8.1) lets a reader pass over it. Only the beginning of a stream has one.
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool IsBlank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

struct StateFree {
  void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
};

}  // namespace

// Bytes are read into blocks. Lines point into them; a block whose lines may still be in use is in flight until it is released.
class LogReader::Impl {
 public:
  Impl(LogStream stream, std::string path, const Options& options)
      : stream_(std::move(stream)), path_(std::move(path)), options_(options), hash_(XXH3_createState()) {
    ANTIPHON_CHECK(hash_ != nullptr && options.block_bytes > 0);
    XXH3_128bits_reset(hash_.get());
    current_ = TakeBlock(options_.block_bytes);
  }

  LogLine Next();
  [[nodiscard]] Mark MarkHere() const { return sequence_; }
  void Release(Mark mark);
  Result<void> SkipTo(std::uint64_t offset);

  [[nodiscard]] const std::string& broken() const { return broken_; }
  [[nodiscard]] Hash128 digest() const {
    const XXH128_hash_t hash = XXH3_128bits_digest(hash_.get());
    return {.high = hash.high64, .low = hash.low64};
  }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const LogStream& stream() const { return stream_; }

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t capacity = 0;
  };
  struct InFlight {
    Block block;
    Mark sequence = 0;
  };
  static constexpr std::size_t kSpareBlocksMax = 64;

  Block TakeBlock(std::size_t capacity);
  void GiveBack(Block block);
  void TurnBlock(std::size_t keep_from);
  void Fill();
  [[nodiscard]] std::string_view WithoutMark(std::string_view line) const {
    return offset_ == 0 && line.starts_with(kByteOrderMark) ? line.substr(kByteOrderMark.size()) : line;
  }
  LogLine Take(std::size_t length, std::size_t end_bytes);
  LogLine TakeTooLong();
  LogLine AtEnd();

  LogStream stream_;
  std::string path_;
  Options options_;
  std::unique_ptr<XXH3_state_t, StateFree> hash_;
  std::string broken_;
  bool told_broken_ = false;
  bool end_ = false;  // the stream gives no more
  Block current_;
  std::size_t begin_ = 0;  // of the bytes not given yet, in current_
  std::size_t fill_ = 0;
  bool given_ = false;  // a line that was given lies in current_
  Mark sequence_ = 1;   // of current_
  std::deque<InFlight> in_flight_;
  std::vector<Block> spare_;
  std::uint64_t offset_ = 0;  // of begin_
  std::uint64_t lines_ = 0;
  std::uint64_t bytes_ = 0;
};

LogReader::Impl::Block LogReader::Impl::TakeBlock(std::size_t capacity) {
  if (!spare_.empty() && capacity <= spare_.back().capacity) {
    Block block = std::move(spare_.back());
    spare_.pop_back();
    return block;
  }
  return {.bytes = std::make_unique<char[]>(capacity + kTextPadding), .capacity = capacity};
}

void LogReader::Impl::GiveBack(Block block) {
  if (block.capacity == options_.block_bytes && spare_.size() < kSpareBlocksMax) spare_.push_back(std::move(block));
}

// Goes on in a new block, to which the bytes from `keep_from` on are carried over.
void LogReader::Impl::TurnBlock(std::size_t keep_from) {
  const std::size_t kept = fill_ - keep_from;
  // NOLINTNEXTLINE(clang-analyzer-cplusplus.NewDeleteLeaks): the block is owned from here to GiveBack, which the analyzer does not see
  Block next = TakeBlock(kept * 2 <= options_.block_bytes ? options_.block_bytes : kept * 2);
  if (kept > 0) std::memcpy(next.bytes.get(), current_.bytes.get() + keep_from, kept);
  if (given_) {
    in_flight_.push_back({.block = std::move(current_), .sequence = sequence_});
  } else {
    GiveBack(std::move(current_));
  }
  current_ = std::move(next);
  ++sequence_;
  given_ = false;
  begin_ = 0;
  fill_ = kept;
}

void LogReader::Impl::Release(Mark mark) {
  while (!in_flight_.empty() && in_flight_.front().sequence < mark) {
    GiveBack(std::move(in_flight_.front().block));
    in_flight_.pop_front();
  }
}

void LogReader::Impl::Fill() {
  char* const to = current_.bytes.get() + fill_;
  const auto count = stream_.Read(to, current_.capacity - fill_);
  if (!count) {
    broken_ = count.error().message;
    end_ = true;
  } else if (*count == 0) {
    end_ = true;
  } else {
    XXH3_128bits_update(hash_.get(), to, *count);
    fill_ += *count;
    bytes_ += *count;
  }
}

// Gives `length` bytes as a line and passes over its end. The first line stands at 0, with a byte order mark or without.
LogLine LogReader::Impl::Take(std::size_t length, std::size_t end_bytes) {
  const std::string_view text = WithoutMark({current_.bytes.get() + begin_, length});
  LogLine line{.kind = LogLine::Kind::kLine, .text = PaddedText::AssumePadded(text), .offset = offset_, .number = ++lines_};
  if (length > options_.line_bytes_max) {
    line.kind = LogLine::Kind::kTooLong;
    line.text = PaddedText::AssumePadded(text.substr(0, kDeadLetterBytesMax));
  } else if (text.ends_with('\r')) {
    line.text = PaddedText::AssumePadded(text.substr(0, text.size() - 1));
  }
  begin_ += length + end_bytes;
  offset_ += length + end_bytes;
  given_ = true;
  return line;
}

// The line at begin_ is longer than allowed, and its end was not read: keeps its first bytes and reads on to its end.
LogLine LogReader::Impl::TakeTooLong() {
  LogLine line = Take(fill_ - begin_, 0);
  line.kind = LogLine::Kind::kTooLong;
  line.text = PaddedText::AssumePadded(line.text.text().substr(0, kDeadLetterBytesMax));
  TurnBlock(fill_);
  while (true) {
    begin_ = fill_ = 0;
    Fill();
    if (end_) return line;
    const void* const found = std::memchr(current_.bytes.get(), '\n', fill_);
    begin_ = found == nullptr ? fill_ : static_cast<std::size_t>(static_cast<const char*>(found) - current_.bytes.get()) + 1;
    offset_ += begin_;
    if (found != nullptr) return line;
  }
}

LogLine LogReader::Impl::AtEnd() {
  LogLine line{.kind = LogLine::Kind::kEnd, .text = {}, .offset = offset_, .number = lines_ + 1};
  if (!broken_.empty() && !told_broken_) {
    told_broken_ = true;
    line.kind = LogLine::Kind::kBroken;
  }
  return line;
}

LogLine LogReader::Impl::Next() {
  std::size_t looked = begin_;  // no line's end before it
  while (true) {
    const char* const bytes = current_.bytes.get();
    const void* const found = looked == fill_ ? nullptr : std::memchr(bytes + looked, '\n', fill_ - looked);
    const std::size_t length =
        found == nullptr ? fill_ - begin_ : static_cast<std::size_t>(static_cast<const char*>(found) - bytes) - begin_;
    if (found != nullptr || (end_ && length > 0)) {
      const std::size_t end_bytes = found == nullptr ? 0 : 1;
      if (length > options_.line_bytes_max || !IsBlank(WithoutMark({bytes + begin_, length}))) return Take(length, end_bytes);
      ++lines_;
      begin_ += length + end_bytes;
      offset_ += length + end_bytes;
      looked = begin_;
      continue;
    }
    if (end_) return AtEnd();
    if (length > options_.line_bytes_max + 1) return TakeTooLong();  // one more for CR
    if (fill_ == current_.capacity) TurnBlock(begin_);
    looked = begin_ + length;
    Fill();
  }
}

Result<void> LogReader::Impl::SkipTo(std::uint64_t offset) {
  ANTIPHON_CHECK(offset_ == 0 && lines_ == 0 && !given_);
  char last = '\n';
  while (offset_ < offset) {
    if (begin_ == fill_) {
      begin_ = fill_ = 0;
      Fill();
      if (end_)
        return Fail(Recovery::kStopProcess, path_ + ": has only " + std::to_string(bytes_) + " bytes, not " + std::to_string(offset));
    }
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(fill_ - begin_, offset - offset_));
    const char* const from = current_.bytes.get() + begin_;
    lines_ += static_cast<std::uint64_t>(std::count(from, from + count, '\n'));
    last = from[count - 1];
    begin_ += count;
    offset_ += count;
  }
  if (last == '\n') return {};
  if (begin_ == fill_) {  // behind a last line without an end?
    begin_ = fill_ = 0;
    Fill();
    if (end_) return {};
  }
  return Fail(Recovery::kStopProcess, path_ + ": no line starts at byte " + std::to_string(offset));
}

LogReader::LogReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LogReader::~LogReader() = default;
LogReader::LogReader(LogReader&&) noexcept = default;
LogReader& LogReader::operator=(LogReader&&) noexcept = default;

Result<LogReader> LogReader::Open(const std::string& path) { return Open(path, Options{}); }

Result<LogReader> LogReader::Open(const std::string& path, const Options& options) {
  auto stream = LogStream::Open(path);
  if (!stream) return std::unexpected(stream.error());
  return LogReader(std::make_unique<Impl>(std::move(*stream), path, options));
}

LogLine LogReader::Next() { return impl_->Next(); }
LogReader::Mark LogReader::MarkHere() const { return impl_->MarkHere(); }
void LogReader::Release(Mark mark) { impl_->Release(mark); }
Result<void> LogReader::SkipTo(std::uint64_t offset) { return impl_->SkipTo(offset); }
const std::string& LogReader::broken() const { return impl_->broken(); }
Hash128 LogReader::digest() const { return impl_->digest(); }
std::uint64_t LogReader::bytes() const { return impl_->bytes(); }
const std::string& LogReader::path() const { return impl_->path(); }
std::uint64_t LogReader::raw_bytes() const { return impl_->stream().raw_bytes(); }
std::uint64_t LogReader::raw_size() const { return impl_->stream().raw_size(); }

Result<LogContent> ReadContent(const std::string& path) {
  auto stream = LogStream::Open(path);
  if (!stream) return std::unexpected(stream.error());
  const std::unique_ptr<XXH3_state_t, StateFree> hash(XXH3_createState());
  ANTIPHON_CHECK(hash != nullptr);
  XXH3_128bits_reset(hash.get());
  LogContent content;
  std::vector<char> block(std::size_t{256} << 10U);
  while (true) {
    const auto count = stream->Read(block.data(), block.size());
    if (!count) return std::unexpected(count.error());
    if (*count == 0) break;
    XXH3_128bits_update(hash.get(), block.data(), *count);
    content.bytes += *count;
  }
  const XXH128_hash_t digest = XXH3_128bits_digest(hash.get());
  content.digest = {.high = digest.high64, .low = digest.low64};
  return content;
}

}  // namespace antiphon::formats

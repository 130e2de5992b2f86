#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "state/base/hash.h"
#include "state/base/time.h"

// The primitives of the stored form: v, z, time, text (grammar in codec.h). Inline: they are the codec's inner loop.
namespace antiphon::store {

static_assert(std::endian::native == std::endian::little, "stored integers are little-endian and are copied as they are");

[[nodiscard]] constexpr std::uint64_t ZigZag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63U);
}
[[nodiscard]] constexpr std::int64_t UnZigZag(std::uint64_t value) {
  return static_cast<std::int64_t>((value >> 1U) ^ (~(value & 1U) + 1U));
}

// The codes of a time that is not a difference; a difference d is kTimeCodes + ZigZag(d).
inline constexpr std::uint64_t kTimeZero = 0;   // EngineTime{}
inline constexpr std::uint64_t kTimeNever = 1;  // kEngineTimeMax
inline constexpr std::uint64_t kTimeRaw = 2;    // followed by the i64: too far away for a difference
inline constexpr std::uint64_t kTimeCodes = 3;
inline constexpr std::uint64_t kTimeDifferenceMax = 1ULL << 60U;  // of ZigZag(d)

// WireWriter: appends to a string. Invariant: kSlack bytes are free whenever a caller's entry begins; Room() restores it, texts do so
// themselves, so the single puts need no test.
class WireWriter {
 public:
  static constexpr std::size_t kSlack = 256;

  explicit WireWriter(std::string& out) : out_(out) { Grow(out.size(), kSlack); }

  void Room() {
    if (static_cast<std::size_t>(end_ - next_) < kSlack) Grow(Used(), kSlack);
  }
  void U8(std::uint8_t value) { *next_++ = static_cast<char>(value); }
  void U16(std::uint16_t value) { Raw(&value, sizeof value); }
  void U64(std::uint64_t value) { Raw(&value, sizeof value); }
  void V(std::uint64_t value) {
    while (value >= 0x80U) {
      *next_++ = static_cast<char>(value | 0x80U);
      value >>= 7U;
    }
    *next_++ = static_cast<char>(value);
  }
  void Z(std::int64_t value) { V(ZigZag(value)); }
  void Hash(const Hash128& hash) {
    U64(hash.low);
    U64(hash.high);
  }
  void Time(EngineTime time) {
    const std::int64_t ms = ToEpochMs(time);
    if (ms == 0) return V(kTimeZero);
    if (time == kEngineTimeMax) return V(kTimeNever);
    const std::uint64_t difference =
        ZigZag(static_cast<std::int64_t>(static_cast<std::uint64_t>(ms) - static_cast<std::uint64_t>(last_ms_)));
    if (difference >= kTimeDifferenceMax) {
      V(kTimeRaw);
      return U64(static_cast<std::uint64_t>(ms));
    }
    V(kTimeCodes + difference);
    last_ms_ = ms;
  }
  void Text(std::string_view text) {
    if (static_cast<std::size_t>(end_ - next_) < text.size() + 2 * kSlack) Grow(Used(), text.size() + 2 * kSlack);
    V(text.size());
    Raw(text.data(), text.size());
  }
  // Ends the work: the string has what was written.
  void Finish() { out_.resize(Used()); }

 private:
  void Raw(const void* bytes, std::size_t size) {
    std::memcpy(next_, bytes, size);
    next_ += size;
  }
  [[nodiscard]] std::size_t Used() const { return static_cast<std::size_t>(next_ - out_.data()); }
  void Grow(std::size_t used, std::size_t more) {
    std::size_t size = used + more;
    if (size < out_.capacity()) size = out_.capacity();
    if (size > out_.capacity()) size *= 2;
    out_.resize_and_overwrite(size, [](char*, std::size_t count) { return count; });
    next_ = out_.data() + used;
    end_ = out_.data() + out_.size();
  }

  std::string& out_;
  char* next_ = nullptr;
  char* end_ = nullptr;
  std::int64_t last_ms_ = 0;
};

// WireReader: total on any bytes. Once something does not fit, failed() stays true and every read gives zero.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : next_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] bool AtEnd() const { return next_ == end_; }
  [[nodiscard]] std::size_t Left() const { return static_cast<std::size_t>(end_ - next_); }
  void SetFailed() {
    failed_ = true;
    next_ = end_;
  }

  std::uint8_t U8() {
    if (next_ == end_) [[unlikely]] {
      SetFailed();
      return 0;
    }
    return static_cast<std::uint8_t>(*next_++);
  }
  std::uint16_t U16() { return Fixed<std::uint16_t>(); }
  std::uint64_t U64() { return Fixed<std::uint64_t>(); }
  std::uint64_t V() {
    if (next_ != end_) [[likely]] {
      const auto first = static_cast<std::uint8_t>(*next_);
      if (first < 0x80U) {
        ++next_;
        return first;
      }
    }
    return LongV();
  }
  std::uint32_t V32() { return Narrow<std::uint32_t>(V()); }
  std::uint16_t V16() { return Narrow<std::uint16_t>(V()); }
  std::int64_t Z() { return UnZigZag(V()); }
  Hash128 Hash() {
    const std::uint64_t low = U64();
    const std::uint64_t high = U64();
    return {.high = high, .low = low};
  }
  EngineTime Time() {
    const std::uint64_t code = V();
    if (code >= kTimeCodes) [[likely]] {
      if (code - kTimeCodes >= kTimeDifferenceMax) {
        SetFailed();
        return {};
      }
      last_ms_ = static_cast<std::int64_t>(static_cast<std::uint64_t>(last_ms_) + static_cast<std::uint64_t>(UnZigZag(code - kTimeCodes)));
      return FromEpochMs(last_ms_);
    }
    if (code == kTimeNever) return kEngineTimeMax;
    if (code == kTimeRaw) return FromEpochMs(static_cast<std::int64_t>(U64()));
    return {};
  }
  // Valid as long as the bytes.
  std::string_view Text() {
    const std::uint64_t size = V();
    if (size > Left()) [[unlikely]] {
      SetFailed();
      return {};
    }
    const std::string_view text(next_, static_cast<std::size_t>(size));
    next_ += size;
    return text;
  }
  // A number of entries of at least `bytes_min` each: no more than the bytes left can hold, so that memory stays in proportion.
  std::size_t Count(std::size_t bytes_min) {
    const std::uint64_t count = V();
    if (count > Left() / bytes_min) [[unlikely]] {
      SetFailed();
      return 0;
    }
    return static_cast<std::size_t>(count);
  }
  // A number of a list [min, max].
  template <typename Enum>
  Enum List(std::uint64_t value, Enum min, Enum max) {
    if (value < static_cast<std::uint64_t>(min) || value > static_cast<std::uint64_t>(max)) [[unlikely]] {
      SetFailed();
      return min;
    }
    return static_cast<Enum>(value);
  }

 private:
  template <typename T>
  T Fixed() {
    T value{};
    if (Left() < sizeof value) [[unlikely]] {
      SetFailed();
      return value;
    }
    std::memcpy(&value, next_, sizeof value);
    next_ += sizeof value;
    return value;
  }
  template <typename T>
  T Narrow(std::uint64_t value) {
    if (value > static_cast<T>(-1)) [[unlikely]] {
      SetFailed();
      return 0;
    }
    return static_cast<T>(value);
  }
  std::uint64_t LongV() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && next_ != end_; shift += 7) {
      const auto byte = static_cast<std::uint8_t>(*next_++);
      if (shift == 63 && byte > 1) break;
      value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if (byte < 0x80U) return value;
    }
    SetFailed();
    return 0;
  }

  const char* next_;
  const char* end_;
  std::int64_t last_ms_ = 0;
  bool failed_ = false;
};

}  // namespace antiphon::store

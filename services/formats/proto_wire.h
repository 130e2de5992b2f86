#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace antiphon::formats {

enum class WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kGroup = 3, kEndGroup = 4, kFixed32 = 5 };

[[nodiscard]] constexpr std::int64_t ZigZag(std::uint64_t varint) {
  return static_cast<std::int64_t>(varint >> 1U) ^ -static_cast<std::int64_t>(varint & 1U);
}

// One field as it stands on the wire. `bits`: kVarint, kFixed32, kFixed64; `bytes`: kBytes.
struct WireField {
  std::uint32_t number = 0;
  WireType type = WireType::kVarint;
  std::uint64_t bits = 0;
  std::string_view bytes;
};

// WireReader: the fields of one protobuf message, in the order of its bytes. Never reads past the end. What it takes is what protobuf's own
// parser takes: varints of up to 10 bytes, tags of up to 5, groups nested up to kGroupDepthMax (passed over as one field). Borrows.
// Source: protobuf.dev, "Encoding".
class WireReader {
 public:
  static constexpr int kGroupDepthMax = 100;

  explicit WireReader(std::string_view message) : p_(message.data()), end_(message.data() + message.size()) {}

  enum class Next : std::uint8_t { kField, kEnd, kFault };
  [[nodiscard]] Next ReadField(WireField& out) {
    if (p_ == end_) return Next::kEnd;
    std::uint64_t tag = 0;
    if (!ReadVarint(tag) || tag > 0xFFFFFFFFU || tag >> 3U == 0) return Next::kFault;
    out.number = static_cast<std::uint32_t>(tag >> 3U);
    out.type = static_cast<WireType>(tag & 7U);
    return ReadValue(out) ? Next::kField : Next::kFault;
  }

  [[nodiscard]] bool ReadVarint(std::uint64_t& out) {
    if (p_ != end_ && static_cast<unsigned char>(*p_) < 0x80) [[likely]] {
      out = static_cast<unsigned char>(*p_++);
      return true;
    }
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 70 && p_ != end_; shift += 7) {
      const std::uint64_t byte = static_cast<unsigned char>(*p_++);
      value |= (byte & 0x7FU) << shift;  // of the tenth byte one bit counts
      if (byte < 0x80) {
        out = value;
        return true;
      }
    }
    return false;
  }
  [[nodiscard]] bool ReadFixed32(std::uint64_t& out) { return ReadFixed<std::uint32_t>(out); }
  [[nodiscard]] bool ReadFixed64(std::uint64_t& out) { return ReadFixed<std::uint64_t>(out); }
  [[nodiscard]] std::string_view rest() const { return {p_, static_cast<std::size_t>(end_ - p_)}; }

 private:
  template <typename T>
  bool ReadFixed(std::uint64_t& out) {
    if (static_cast<std::size_t>(end_ - p_) < sizeof(T)) return false;
    T value{};
    std::memcpy(&value, p_, sizeof(value));  // little-endian, as this machine
    out = value;
    p_ += sizeof(value);
    return true;
  }
  bool ReadBytes(std::string_view& out) {
    std::uint64_t size = 0;
    if (!ReadVarint(size) || size > static_cast<std::uint64_t>(end_ - p_)) return false;
    out = {p_, static_cast<std::size_t>(size)};
    p_ += size;
    return true;
  }
  bool ReadValue(WireField& out) {
    switch (out.type) {
      case WireType::kVarint:
        return ReadVarint(out.bits);
      case WireType::kFixed64:
        return ReadFixed64(out.bits);
      case WireType::kBytes:
        return ReadBytes(out.bytes);
      case WireType::kFixed32:
        return ReadFixed32(out.bits);
      case WireType::kGroup:
        return SkipGroup(out.number);
      default:
        return false;
    }
  }
  bool SkipGroup(std::uint32_t number) {
    std::uint32_t open[kGroupDepthMax] = {number};
    int depth = 1;
    while (depth > 0) {
      std::uint64_t tag = 0;
      if (p_ == end_ || !ReadVarint(tag) || tag > 0xFFFFFFFFU || tag >> 3U == 0) return false;
      WireField field{.number = static_cast<std::uint32_t>(tag >> 3U), .type = static_cast<WireType>(tag & 7U), .bits = 0, .bytes = {}};
      if (field.type == WireType::kGroup) {
        if (depth == kGroupDepthMax) return false;
        open[depth++] = field.number;
      } else if (field.type == WireType::kEndGroup) {
        if (open[--depth] != field.number) return false;
      } else if (!ReadValue(field)) {
        return false;
      }
    }
    return true;
  }

  const char* p_;
  const char* end_;
};

}  // namespace antiphon::formats

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/formats/padded_text.h"

namespace antiphon::formats {

// A JSON text as it stands between its quotes; checked. `escaped`: it holds a backslash.
struct JsonString {
  std::string_view raw;
  bool escaped = false;
};

// Writes the text that `string` stands for; never longer than raw. Returns its length. REQUIRES: `string` comes from a JsonCursor.
std::size_t Unescape(std::string_view raw, char* out);
[[nodiscard]] std::string Unescaped(std::string_view raw);

// JsonCursor: a strict forward reader of one JSON text (RFC 8259; a lone surrogate is refused, since no UTF-8 can hold it). A member
// of an object is found in document order; what is passed over is checked as what is read. simdjson's on-demand reader does not
// check what it passes over, which would let the same damaged line pass or fail by what the topology reads. Every Read
// and Skip returns false at the first fault, and then the whole text is no JSON. Not thread-safe. UTF-8 is the caller's concern.
class JsonCursor {
 public:
  void Start(PaddedText text) {
    p_ = text.text().data();
    end_ = p_ + text.size();
  }

  // To come back to a value that was passed.
  using Place = const char*;
  [[nodiscard]] Place place() const { return p_; }
  void GoBack(Place place) { p_ = place; }

  // The first byte of the next value ('{', '[', '"', ..), or 0 at the end. Passes over space.
  char Peek() {
    SkipSpace();
    return p_ < end_ ? *p_ : '\0';
  }
  bool AtEnd() { return Peek() == '\0' && p_ >= end_; }

  // An object: Enter('{'), then NextMember until it is kEnd; an array: Enter('['), then NextItem. The caller reads or skips each value.
  enum class Next : std::uint8_t { kValue, kEnd, kFault };
  bool Enter(char bracket) {
    if (Peek() != bracket) return false;
    ++p_;
    first_ = true;
    return true;
  }
  Next NextMember(JsonString& key) {
    const Next next = NextItem('}');
    if (next != Next::kValue) return next;
    if (!ReadString(key)) return Next::kFault;
    return Peek() == ':' && ++p_ != nullptr ? Next::kValue : Next::kFault;
  }
  Next NextItem(char closing) {
    const char c = Peek();
    if (c == closing) {
      ++p_;
      first_ = false;
      return Next::kEnd;
    }
    if (first_) {
      first_ = false;
      return Next::kValue;
    }
    if (c != ',') return Next::kFault;
    ++p_;
    return Next::kValue;
  }

  bool ReadString(JsonString& out);
  bool ReadNumber(std::string_view& out);
  // true, false, null.
  bool ReadWord(std::string_view word) {
    if (Peek() == '\0' || static_cast<std::size_t>(end_ - p_) < word.size() || std::string_view(p_, word.size()) != word) return false;
    p_ += word.size();
    return true;
  }
  // Any value. No recursion: as deep as the text is.
  bool SkipValue() {
    if (Peek() == '"') {
      JsonString ignored;
      return ReadString(ignored);
    }
    return SkipOther();
  }

 private:
  void SkipSpace() {
    while (p_ < end_ && (*p_ == ' ' || *p_ == '\t' || *p_ == '\n' || *p_ == '\r')) ++p_;
  }
  bool ReadEscape(const char*& p) const;
  bool ReadHex(const char*& p, std::uint32_t& code) const;
  bool SkipScalar();
  bool SkipOther();
  bool SkipKey();

  const char* p_ = nullptr;
  const char* end_ = nullptr;
  bool first_ = false;         // just behind an opening bracket
  std::vector<bool> objects_;  // SkipOther: of each open bracket, is it an object
};

}  // namespace antiphon::formats

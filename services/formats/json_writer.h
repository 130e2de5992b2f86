#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/expression/value.h"
#include "state/base/hash.h"
#include "state/base/time.h"

namespace antiphon::formats {

// JsonWriter: appends canonical JSON to a text: no spaces, keys in the order in which they are given. A key is a literal that needs no
// escapes. Values that are absent are the caller's to leave out; the *IfAny forms do it.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  void BeginObject() { Open('{'); }
  void EndObject() { Close('}'); }
  void BeginArray() { Open('['); }
  void EndArray() { Close(']'); }
  void Key(std::string_view key);

  // An item of an array, or the value behind a Key.
  void Text(std::string_view text);
  void Int(std::int64_t value);
  void Uint(std::uint64_t value);
  void Id(const Hash128& id);

  void TextAt(std::string_view key, std::string_view text) {
    Key(key);
    Text(text);
  }
  void TextIfAny(std::string_view key, std::string_view text) {
    if (!text.empty()) TextAt(key, text);
  }
  void IntAt(std::string_view key, std::int64_t value) {
    Key(key);
    Int(value);
  }
  void UintAt(std::string_view key, std::uint64_t value) {
    Key(key);
    Uint(value);
  }
  void TimeAt(std::string_view key, EngineTime time);
  void IdAt(std::string_view key, const Hash128& id) {
    Key(key);
    Id(id);
  }
  // An int or a finite double; left out if it is anything else.
  void NumberIfAny(std::string_view key, const expression::Value& value);
  void Base64At(std::string_view key, std::string_view bytes);
  void ObjectAt(std::string_view key) {
    Key(key);
    BeginObject();
  }
  void ArrayAt(std::string_view key) {
    Key(key);
    BeginArray();
  }

 private:
  void Open(char bracket) {
    Separate();
    out_ += bracket;
    comma_ = false;
  }
  void Close(char bracket) {
    out_ += bracket;
    comma_ = true;
  }
  void Separate() {
    if (comma_) out_ += ',';
    comma_ = true;
  }

  std::string& out_;
  bool comma_ = false;  // something stands before the next key or item
};

// The text between quotes: escaped where JSON demands it, invalid UTF-8 replaced by U+FFFD, one for each maximal wrong part.
void AppendJsonString(std::string& out, std::string_view text);

// The shortest text that reads back as the same double. REQUIRES: finite.
void AppendDouble(std::string& out, double value);

void AppendBase64(std::string& out, std::string_view bytes);

}  // namespace antiphon::formats

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace antiphon::tools {

// JsonOut: appends one JSON document to a text, without spaces. Commas are its own business; keys must be given in objects. Invalid UTF-8
// is replaced by U+FFFD. Value type over a borrowed text.
class JsonOut {
 public:
  explicit JsonOut(std::string& out) : out_(out) {}

  void BeginObject() { Open('{'); }
  void EndObject() { Close('}'); }
  void BeginArray() { Open('['); }
  void EndArray() { Close(']'); }
  void Key(std::string_view key);

  void String(std::string_view text);
  void Int(std::int64_t value);
  void Double(double value);  // null where JSON has no such number
  void Bool(bool value);
  void Raw(std::string_view json);  // one value, as it is

  void Field(std::string_view key, std::string_view text) { Key(key), String(text); }
  void FieldInt(std::string_view key, std::int64_t value) { Key(key), Int(value); }
  void FieldBool(std::string_view key, bool value) { Key(key), Bool(value); }
  // Nothing where the text is empty.
  void FieldIfAny(std::string_view key, std::string_view text) {
    if (!text.empty()) Field(key, text);
  }

 private:
  void Open(char bracket);
  void Close(char bracket);
  void Separate();

  std::string& out_;
  bool first_ = true;  // nothing was written in the innermost object or array
  bool after_key_ = false;
};

// The text between quotes, escaped as JSON wants it.
[[nodiscard]] std::string QuotedJson(std::string_view text);

}  // namespace antiphon::tools

#include <algorithm>

#include "engine/topology/yaml_document.h"

namespace antiphon::topology {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// The length in the file of an escape of a double-quoted scalar, the backslash included.
std::size_t EscapeLength(char kind) {
  switch (kind) {
    case 'x':
      return 4;
    case 'u':
      return 6;
    case 'U':
      return 10;
    default:
      return 2;
  }
}

// How many bytes the UTF-8 sequence has that begins with `lead`.
std::size_t SequenceLength(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  if (byte < 0x80) return 1;
  if (byte < 0xE0) return 2;
  return byte < 0xF0 ? 3 : 4;
}

}  // namespace

// Decoded text and file are walked side by side. White space in the file is passed over until the next character of the text is met, so
// that indentation and folded lines need no rules of their own.
std::uint32_t OffsetInFile(const YamlNode& scalar, std::size_t offset, std::string_view source) {
  if (scalar.style == YamlNode::Style::kWhole) return static_cast<std::uint32_t>(std::min<std::size_t>(offset, source.size()));
  std::size_t at = scalar.offset;
  if (scalar.style == YamlNode::Style::kBlock) {
    at = std::min(source.find('\n', at), source.size());
  } else if (scalar.style != YamlNode::Style::kPlain) {
    ++at;
  }
  const std::string& text = scalar.text;
  const std::size_t wanted = std::min(offset, text.size());
  for (std::size_t in = 0; in <= wanted && at < source.size();) {
    if (in == text.size()) break;
    if (IsSpace(text[in]) && source[at] != '\\') {
      if (in == wanted) break;
      if (IsSpace(source[at])) ++at;
      ++in;
      continue;
    }
    while (at < source.size() && IsSpace(source[at])) ++at;
    if (scalar.style == YamlNode::Style::kDoubleQuoted && at + 1 < source.size() && source[at] == '\\') {
      if (source[at + 1] == '\n' || source[at + 1] == '\r') {
        ++at;  // a line that goes on
        continue;
      }
      if (in == wanted) break;
      in += SequenceLength(text[in]);
      if (in > wanted) break;
      at += EscapeLength(source[at + 1]);
      continue;
    }
    if (in == wanted) break;
    at += scalar.style == YamlNode::Style::kSingleQuoted && source[at] == '\'' ? 2U : 1U;
    ++in;
  }
  return static_cast<std::uint32_t>(std::min(at, source.size()));
}

}  // namespace antiphon::topology

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace antiphon::topology {

struct YamlEntry;

// YamlNode: one node of a parsed file, with its place. Plain values; aliases are copies, merge keys (`<<`) are merged in.
// Scalars are texts as written (decoded, but not interpreted): `on`, `yes` and `1e3` mean what their reader says.
struct YamlNode {
  enum class Kind : std::uint8_t { kNull, kScalar, kSequence, kMap };
  // How a scalar stands in its file, for places within it. kWhole: it is the file (a script).
  enum class Style : std::uint8_t { kPlain, kSingleQuoted, kDoubleQuoted, kBlock, kWhole };

  Kind kind = Kind::kNull;
  Style style = Style::kPlain;
  std::uint16_t file = 0;    // as given to ParseYaml
  std::uint32_t offset = 0;  // bytes from the start of the file
  std::string text;
  std::vector<YamlNode> items;
  std::vector<YamlEntry> entries;  // in the order written

  [[nodiscard]] bool is_null() const { return kind == Kind::kNull; }
  [[nodiscard]] bool is_scalar() const { return kind == Kind::kScalar; }
  [[nodiscard]] bool is_sequence() const { return kind == Kind::kSequence; }
  [[nodiscard]] bool is_map() const { return kind == Kind::kMap; }
  // The value of `key`, or nullptr.
  [[nodiscard]] const YamlNode* Find(std::string_view key) const;
};

struct YamlEntry {
  YamlNode key;  // a scalar
  YamlNode value;
};

// What an operator's file may hold; beyond it the file is refused. Guards against YAML bombs and slips.
struct YamlLimits {
  std::size_t bytes_max = std::size_t{4} << 20U;
  std::size_t depth_max = 64;
  std::size_t nodes_max = 200'000;                      // aliases expanded
  std::size_t text_bytes_max = std::size_t{16} << 20U;  // of all scalars, aliases expanded
};

struct YamlProblem {
  std::uint32_t offset = 0;
  std::string code;  // yaml_syntax, yaml_encoding, yaml_tab, yaml_too_large, duplicate_key, ..
  std::string message;
  std::string remedy;
};

struct YamlDocument {
  YamlNode root;                      // as far as it could be read
  std::vector<YamlProblem> problems;  // none: the file is good
};

// Parses one document of YAML 1.2 (as yaml-cpp reads it). An empty file is a null root. Pure; O(bytes + nodes).
// REQUIRES: the text is shorter than 4 GiB.
[[nodiscard]] YamlDocument ParseYaml(std::string_view text, std::uint16_t file, const YamlLimits& limits = {});

// The byte of the file at which byte `offset` of a scalar's decoded text stands; `source` is the file's text. Exact but for white space
// that was folded away; O(length).
[[nodiscard]] std::uint32_t OffsetInFile(const YamlNode& scalar, std::size_t offset, std::string_view source);

}  // namespace antiphon::topology

#include "engine/topology/yaml_document.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>
#include <unordered_set>
#include <utility>

namespace antiphon::topology {
namespace {

std::uint32_t Narrow(std::size_t value) { return static_cast<std::uint32_t>(value); }

// The offset of the first byte that is not UTF-8 or is a control character; nothing if all is well.
std::optional<std::size_t> FindBadByte(std::string_view text) {
  std::size_t at = 0;
  const auto follows = [&](std::size_t count, std::uint8_t low, std::uint8_t high) {
    if (at + count >= text.size()) return false;
    for (std::size_t i = 1; i <= count; ++i) {
      const auto byte = static_cast<std::uint8_t>(text[at + i]);
      if (i == 1 ? byte < low || byte > high : (byte & 0xC0U) != 0x80) return false;
    }
    return true;
  };
  while (at < text.size()) {
    const auto byte = static_cast<std::uint8_t>(text[at]);
    if (byte < 0x80) {
      if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F) return at;
      ++at;
    } else if (byte >= 0xC2 && byte <= 0xDF && follows(1, 0x80, 0xBF)) {
      at += 2;
    } else if ((byte & 0xF0U) == 0xE0 && follows(2, byte == 0xE0 ? 0xA0 : 0x80, byte == 0xED ? 0x9F : 0xBF)) {
      at += 3;
    } else if (byte >= 0xF0 && byte <= 0xF4 && follows(3, byte == 0xF0 ? 0x90 : 0x80, byte == 0xF4 ? 0x8F : 0xBF)) {
      at += 4;
    } else {
      return at;
    }
  }
  return std::nullopt;
}

std::size_t LineStart(std::string_view text, std::size_t offset) {
  if (offset == 0) return 0;
  const std::size_t end = text.rfind('\n', offset - 1);
  return end == std::string_view::npos ? 0 : end + 1;
}

// The tab in the indentation of the line that holds `offset`, if there is one.
std::optional<std::size_t> TabInIndentation(std::string_view text, std::size_t offset) {
  const std::size_t start = LineStart(text, std::min(offset, text.size()));
  const std::size_t first = text.find_first_not_of(" \t", start);
  const std::size_t tab = text.find('\t', start);
  if (tab == std::string_view::npos || (first != std::string_view::npos && tab > first)) return std::nullopt;
  return tab;
}

// Past `&anchor` and `!tag`, to the first byte of the value itself.
std::size_t SkipProperties(std::string_view text, std::size_t offset) {
  while (offset < text.size() && (text[offset] == '&' || text[offset] == '!')) {
    offset = std::min(text.find_first_of(" \t\r\n", offset), text.size());
    offset = std::min(text.find_first_not_of(" \t\r\n", offset), text.size());
  }
  return offset;
}

struct Size {
  std::size_t nodes = 0;
  std::size_t bytes = 0;
  std::size_t depth = 0;
};
// Depth is bounded by the limits under which the node was built.
Size SizeOf(const YamlNode& node) {
  Size size{1, node.text.size(), 1};
  const auto add = [&size](const YamlNode& child) {
    const Size inner = SizeOf(child);
    size = {size.nodes + inner.nodes, size.bytes + inner.bytes, std::max(size.depth, inner.depth + 1)};
  };
  for (const YamlNode& item : node.items) add(item);
  for (const YamlEntry& entry : node.entries) {
    add(entry.key);
    add(entry.value);
  }
  return size;
}

// Builds the tree from the parser's events, within the limits. After the first breach of a limit nothing more is built.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view text, std::size_t shift, std::uint16_t file, const YamlLimits& limits, YamlDocument& document)
      : text_(text), shift_(shift), file_(file), limits_(limits), document_(document) {}

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { Put(Make(mark, YamlNode::Kind::kNull), anchor); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (stopped_) return;
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      Problem(OffsetOf(mark), "yaml_alias", "an alias stands inside its own anchor", "aliases may name only what was finished before");
      Put(Make(mark, YamlNode::Kind::kNull), 0);
      return;
    }
    const Size size = SizeOf(found->second);
    nodes_ += size.nodes;
    bytes_ += size.bytes;
    if (stack_.size() + size.depth > limits_.depth_max) return Stop(OffsetOf(mark), "yaml_too_deep", "the aliases nest too deeply");
    if (TooLarge(OffsetOf(mark), "what the aliases stand for is too large")) return;
    Put(YamlNode(found->second), 0);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override {
    if (stopped_) return;
    YamlNode node = Make(mark, YamlNode::Kind::kScalar);
    CheckTag(node, tag);
    node.text = value;
    bytes_ += value.size();
    const char first = node.offset < text_.size() ? text_[node.offset] : ' ';
    if (tag != "?") {
      if (first == '\'') node.style = YamlNode::Style::kSingleQuoted;
      if (first == '"') node.style = YamlNode::Style::kDoubleQuoted;
      if (first == '|' || first == '>') node.style = YamlNode::Style::kBlock;
    } else if (value == "~" || value == "null") {
      node.kind = YamlNode::Kind::kNull;
      node.text.clear();
    }
    Put(std::move(node), anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    Open(mark, tag, anchor, YamlNode::Kind::kSequence);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value /*style*/) override {
    Open(mark, tag, anchor, YamlNode::Kind::kMap);
  }
  void OnMapEnd() override { Close(); }

 private:
  struct Frame {
    YamlNode node;
    YAML::anchor_t anchor = 0;
    std::optional<YamlNode> key;
    std::unordered_set<std::string> keys;
    std::vector<YamlNode> merges;
  };

  [[nodiscard]] std::size_t OffsetOf(const YAML::Mark& mark) const {
    return std::min(text_.size(), static_cast<std::size_t>(std::max(mark.pos, 0)) + shift_);
  }
  YamlNode Make(const YAML::Mark& mark, YamlNode::Kind kind) {
    YamlNode node;
    node.kind = kind;
    node.file = file_;
    node.offset = Narrow(kind == YamlNode::Kind::kNull ? OffsetOf(mark) : SkipProperties(text_, OffsetOf(mark)));
    return node;
  }
  void Problem(std::size_t offset, std::string code, std::string message, std::string remedy = {}) {
    document_.problems.push_back({Narrow(offset), std::move(code), std::move(message), std::move(remedy)});
  }
  void Stop(std::size_t offset, std::string code, std::string message) {
    Problem(offset, std::move(code), std::move(message), "split the file, or write less into it");
    stopped_ = true;
  }
  bool TooLarge(std::size_t offset, const char* message) {
    if (nodes_ <= limits_.nodes_max && bytes_ <= limits_.text_bytes_max) return false;
    Stop(offset, "yaml_too_large",
         std::string(message) + " (at most " + std::to_string(limits_.nodes_max) + " values and " + std::to_string(limits_.text_bytes_max) +
             " bytes of text)");
    return true;
  }
  void CheckTag(const YamlNode& node, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!" && !tag.starts_with("tag:yaml.org,2002:"))
      Problem(node.offset, "yaml_tag", "the tag " + tag + " means nothing here", "leave it out");
  }
  void Open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YamlNode::Kind kind) {
    if (stopped_) return;
    if (stack_.size() >= limits_.depth_max)
      return Stop(OffsetOf(mark), "yaml_too_deep", "nested deeper than " + std::to_string(limits_.depth_max) + " levels");
    Frame frame;
    frame.node = Make(mark, kind);
    frame.anchor = anchor;
    CheckTag(frame.node, tag);
    stack_.push_back(std::move(frame));
  }
  void Close() {
    if (stopped_) return;
    Frame frame = std::move(stack_.back());
    stack_.pop_back();
    for (const YamlNode& merge : frame.merges) Merge(frame, merge);
    Put(std::move(frame.node), frame.anchor);
  }
  void Merge(Frame& frame, const YamlNode& from) {
    if (from.is_sequence()) {
      for (const YamlNode& item : from.items) Merge(frame, item);
      return;
    }
    if (!from.is_map()) return Problem(from.offset, "yaml_merge", "`<<` takes a map, or a list of maps", "write `<<: *name`");
    for (const YamlEntry& entry : from.entries)
      if (frame.keys.insert(entry.key.text).second) frame.node.entries.push_back(entry);
  }
  void Put(YamlNode node, YAML::anchor_t anchor) {
    if (stopped_) return;
    ++nodes_;
    if (TooLarge(node.offset, "the file holds too much")) return;
    if (anchor != 0) anchors_[anchor] = node;
    if (stack_.empty()) {
      document_.root = std::move(node);
      return;
    }
    Frame& frame = stack_.back();
    if (frame.node.is_sequence()) {
      frame.node.items.push_back(std::move(node));
    } else if (!frame.key) {
      frame.key = std::move(node);
    } else {
      YamlNode key = std::move(*frame.key);
      frame.key.reset();
      PutEntry(frame, std::move(key), std::move(node));
    }
  }
  void PutEntry(Frame& frame, YamlNode key, YamlNode value) {
    if (!key.is_scalar()) return Problem(key.offset, "yaml_key", "a key must be a plain word or a quoted text", {});
    if (key.text == "<<" && key.style == YamlNode::Style::kPlain) {
      frame.merges.push_back(std::move(value));
    } else if (!frame.keys.insert(key.text).second) {
      Problem(key.offset, "duplicate_key", "'" + key.text + "' is written twice here", "keep one of them");
    } else {
      if (value.is_null()) value.offset = key.offset;  // the parser says where the next thing begins
      frame.node.entries.push_back({std::move(key), std::move(value)});
    }
  }

  std::string_view text_;
  std::size_t shift_;
  std::uint16_t file_;
  YamlLimits limits_;
  YamlDocument& document_;
  std::vector<Frame> stack_;
  std::map<YAML::anchor_t, YamlNode> anchors_;
  std::size_t nodes_ = 0;
  std::size_t bytes_ = 0;
  bool stopped_ = false;
};

void ReportSyntax(std::string_view text, std::size_t offset, std::string message, YamlDocument& document) {
  offset = std::min(offset, text.size());
  std::size_t line = offset;
  for (int back = 0; back < 2; ++back) {
    if (const auto tab = TabInIndentation(text, line)) {
      document.problems.push_back({Narrow(*tab), "yaml_tab", "a tab in the indentation", "indent by spaces"});
      return;
    }
    const std::size_t start = LineStart(text, line);
    if (start == 0) break;
    line = start - 1;
  }
  document.problems.push_back({Narrow(offset), "yaml_syntax", "this is not YAML: " + std::move(message), {}});
}

}  // namespace

const YamlNode* YamlNode::Find(std::string_view key) const {
  for (const YamlEntry& entry : entries)
    if (entry.key.text == key) return &entry.value;
  return nullptr;
}

YamlDocument ParseYaml(std::string_view text, std::uint16_t file, const YamlLimits& limits) {
  YamlDocument document;
  document.root.file = file;
  if (text.size() > limits.bytes_max) {
    document.problems.push_back({0, "yaml_too_large", "the file is larger than " + std::to_string(limits.bytes_max) + " bytes",
                                 "split it and `include` the parts"});
    return document;
  }
  if (const auto bad = FindBadByte(text)) {
    document.problems.push_back({Narrow(*bad), "yaml_encoding", "a byte that is not UTF-8 text", "save the file as UTF-8"});
    return document;
  }
  const std::size_t shift = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  std::istringstream stream{std::string(text.substr(shift))};
  try {
    YAML::Parser parser(stream);
    TreeBuilder builder(text, shift, file, limits, document);
    if (parser.HandleNextDocument(builder)) {
      YamlDocument second;
      TreeBuilder ignored(text, shift, file, limits, second);
      if (parser.HandleNextDocument(ignored))
        document.problems.push_back({second.root.offset, "yaml_documents", "a second document in one file", "one file, one document"});
    }
  } catch (const YAML::Exception& exception) {
    const std::size_t offset = exception.mark.is_null() ? 0 : static_cast<std::size_t>(std::max(exception.mark.pos, 0)) + shift;
    ReportSyntax(text, offset, exception.msg, document);
  } catch (const std::exception& exception) {
    ReportSyntax(text, 0, exception.what(), document);
  }
  return document;
}

}  // namespace antiphon::topology

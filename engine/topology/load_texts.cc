#include <algorithm>
#include <memory>
#include <utility>

#include "engine/topology/offer_loader.h"

namespace antiphon::topology {
namespace {

using expression::Type;

constexpr std::size_t kTextMax = 64U << 10U;

bool IsBlank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

// `savings_sweep.call.md`: one word that ends like the name of a text file.
bool LooksLikeFile(std::string_view text) {
  return text.find_first_of(" \t\r\n{") == std::string_view::npos && (text.ends_with(".md") || text.ends_with(".txt"));
}

void SetMoney(const std::string& unit, Template::Piece& piece) {
  const std::size_t colon = unit.find(':');
  if (colon == std::string::npos) return;
  piece.currency = unit.substr(0, colon);
  piece.scale = static_cast<std::uint8_t>(unit[colon + 1] - '0');
}

// The file as a node of its own, kept with the sources so that complaints find their place in it.
const YamlNode* ReadScript(Loading& loading, const YamlNode& name) {
  const std::string path = name.text;
  for (const auto& document : loading.sections.documents)
    if (document->root.style == YamlNode::Style::kWhole && loading.sources.path(document->root.file) == path) return &document->root;
  auto text = loading.files.Read(path);
  if (!text) {
    loading.UnknownName(name, "file", path, loading.files.List());
    return nullptr;
  }
  auto document = std::make_unique<YamlDocument>();
  document->root.kind = YamlNode::Kind::kScalar;
  document->root.style = YamlNode::Style::kWhole;
  document->root.text = *text;
  document->root.file = loading.sources.Add(path, std::move(*text));
  loading.sections.documents.push_back(std::move(document));
  return &loading.sections.documents.back()->root;
}

}  // namespace

std::optional<Template> CompileTemplate(Loading& loading, const YamlNode& node, const expression::Declarations& scope) {
  const std::string& text = node.text;
  Template result;
  if (text.size() > kTextMax) {
    loading.Error(node, "text_too_long", "a text of at most " + std::to_string(kTextMax) + " bytes is expected");
    return std::nullopt;
  }
  if (IsBlank(text)) {
    loading.Error(node, "empty_text", "there is nothing to say in this text");
    return std::nullopt;
  }
  bool good = true;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t open = std::min(text.find("{{", at), text.size());
    if (open > at) {
      Template::Piece piece;
      piece.text = text.substr(at, open - at);
      result.pieces.push_back(std::move(piece));
    }
    if (open == text.size()) break;
    const std::size_t close = text.find("}}", open);
    if (close == std::string::npos) {
      loading.Report(Severity::kError, node, open, "bad_template", text.substr(open), "'{{' without '}}'", "close it, or leave it out");
      return std::nullopt;
    }
    CompileRequest request;
    request.node = &node;
    request.scope = &scope;
    request.expected = {Type::String(), Type::Int(), Type::Double(), Type::Timestamp()};
    request.offset = open + 2;
    request.text = text.substr(open + 2, close - open - 2);
    if (auto program = Compile(loading, request)) {
      Template::Piece piece;
      SetMoney(program->unit(), piece);
      piece.program = std::move(*program);
      result.pieces.push_back(std::move(piece));
    } else {
      good = false;
    }
    at = close + 2;
  }
  if (!good) return std::nullopt;
  return result;
}

std::vector<std::optional<Template>> ReadTexts(Loading& loading, const YamlNode& node, TextForm form,
                                               const expression::Declarations& scope) {
  const std::vector<std::string>& languages = loading.topology.languages;
  std::vector<std::optional<Template>> texts(languages.size());
  const auto read = [&](const YamlNode& written, std::uint16_t language) {
    if (!written.is_scalar()) return loading.Error(written, "wrong_type", "a text is expected here");
    if (form == TextForm::kFile || (form == TextForm::kScript && LooksLikeFile(written.text))) {
      const YamlNode* script = ReadScript(loading, written);
      if (script == nullptr) return;
      texts[language] = CompileTemplate(loading, *script, scope);
      if (texts[language]) texts[language]->file = written.text;
    } else {
      texts[language] = CompileTemplate(loading, written, scope);
    }
  };
  if (!node.is_map()) {
    read(node, loading.topology.default_language.value());
    return texts;
  }
  for (const YamlEntry& entry : node.entries)
    if (const auto language = loading.Resolve(entry.key, "language", languages)) read(entry.value, *language);
  if (node.Find(languages[loading.topology.default_language.value()]) == nullptr)
    loading.Warn(node, "no_default_language",
                 "there is no text in the default language " + languages[loading.topology.default_language.value()],
                 "customers whose language has no text get none");
  return texts;
}

}  // namespace antiphon::topology

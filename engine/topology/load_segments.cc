#include <algorithm>
#include <utility>

#include "engine/topology/loaders.h"
#include "engine/topology/map_reader.h"
#include "engine/topology/paths.h"

namespace antiphon::topology {
namespace {

using expression::Type;

class SchemeLoader {
 public:
  SchemeLoader(Loading& loading, Scopes& scopes, SegmentScheme& scheme) : loading_(loading), scopes_(scopes), scheme_(scheme) {}

  void Load(const Written& written) {
    scheme_.name = written.key->text;
    if (!IsName(scheme_.name))
      loading_.Error(*written.key, "bad_id", "'" + scheme_.name + "' cannot be the name of a scheme of segments",
                     "use letters, digits and '_', not beginning with a digit");
    const YamlNode* classes = written.value;
    if (classes->is_map()) {
      MapReader reader(loading_, *classes, "a scheme of segments");
      scheme_.about = reader.Text("about");
      classes = reader.Require("classes");
      reader.Finish();
    }
    if (classes == nullptr) return;
    if (!classes->is_sequence())
      loading_.Error(*classes, "wrong_type", "segments are written as a list of `class: condition`, of which the first that holds counts");
    for (std::size_t i = 0; i < classes->items.size(); ++i) LoadClass(classes->items[i], i + 1 == classes->items.size());
  }

 private:
  void LoadClass(const YamlNode& item, bool last) {
    if (!item.is_map() || item.entries.size() != 1) return loading_.Error(item, "wrong_type", "a class is written as `name: condition`");
    const YamlEntry& entry = item.entries.front();
    SegmentScheme::Class one{entry.key.text, {}, expression::Program(nullptr)};
    const YamlNode* when = &entry.value;
    if (when->is_map()) {
      MapReader reader(loading_, *when, "a class");
      one.about = reader.Text("about");
      when = reader.Require("when");
      reader.Finish();
    }
    if (std::ranges::any_of(scheme_.classes, [&](const SegmentScheme::Class& other) { return other.name == one.name; }))
      loading_.Error(entry.key, "duplicate_id", "two classes are called '" + one.name + "'");
    if (when == nullptr) return;
    CompileRequest request;
    request.node = when;
    request.scope = &scopes_.At(Stage::kSegments);
    request.expected = {Type::Bool()};
    request.may_be_constant = last && when->text == "true";  // the class for all the rest
    auto program = Compile(loading_, request);
    if (!program) return;
    one.when = std::move(*program);
    scheme_.classes.push_back(std::move(one));
  }

  Loading& loading_;
  Scopes& scopes_;
  SegmentScheme& scheme_;
};

}  // namespace

void LoadSegments(Loading& loading, Scopes& scopes) {
  loading.topology.segments.resize(loading.scheme_names.size());
  for (const Written& written : loading.sections.Of("segments")) {  // as written: a scheme may ask those before it
    const auto position = PositionOf(loading.scheme_names, written.key->text);
    if (!position) continue;
    SchemeLoader(loading, scopes, loading.topology.segments[*position]).Load(written);
    scopes.DeclareSegment(*position);
  }
}

}  // namespace antiphon::topology

#include <gtest/gtest.h>

#include "engine/topology/canonical.h"
#include "tests/unit/topology/topology_support.h"

namespace antiphon::topology {
namespace {

constexpr const char* kExtra = R"(features:
  views: {on: web.page_viewed, where: 'event.path == "/a b"', count: true, over: 7d}
triggers:
  t: {on: web.page_viewed, where: 'features.views > 3', offers: [a]}
offers:
  a: {about: one, treatments: {sms: {template: "x"}}}
contact_policy:
  caps: [{id: weekly, max: 1, over: 7d}]
)";

std::string Replaced(std::string text, std::string_view what, std::string_view with) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}

Hash128 VersionOfExtra(const std::string& extra) {
  const LoadOutcome outcome = LoadWith(extra);
  EXPECT_NE(outcome.topology, nullptr) << Lines(outcome.diagnostics);
  return outcome.topology == nullptr ? Hash128{} : outcome.topology->version;
}

TEST(VersionTest, StaysWhereNothingThatDecidesChanges) {
  const Hash128 version = VersionOfExtra(kExtra);
  EXPECT_EQ(version, VersionOfExtra(kExtra));
  EXPECT_EQ(version, VersionOfExtra(Replaced(kExtra, "about: one", "about: two, owner: somebody")));
  EXPECT_EQ(version, VersionOfExtra(Replaced(kExtra, "features.views > 3", "features.views  >3")));
  EXPECT_EQ(version, VersionOfExtra(Replaced(kExtra, "over: 7d}]", "over: 168h}]")));
  EXPECT_EQ(version, VersionOfExtra(Replaced(kExtra, "offers: [a]", "offers: a")));
  EXPECT_EQ(version, VersionOfExtra(std::string("# a comment\n") + kExtra));
}

TEST(VersionTest, ChangesWithWhatDecidesOrIsSaid) {
  const Hash128 version = VersionOfExtra(kExtra);
  for (const auto& [what, with] : {std::pair{"max: 1", "max: 2"},
                                   {"template: \"x\"", "template: \"y\""},
                                   {"over: 7d}\n", "over: 8d}\n"},
                                   {"\"/a b\"", "\"/ab\""},
                                   {"> 3", "> 4"},
                                   {"about: one", "tell: one"},
                                   {"over: 7d}]", "over: 8d}]"},
                                   {"over: 7d}]", "over: 7d, channel: sms}]"},
                                   {"about: one", "priority: 1"}})
    EXPECT_NE(version, VersionOfExtra(Replaced(kExtra, what, with))) << with;
}

TEST(VersionTest, DoesNotDependOnTheLayoutOfFiles) {
  FilesInMemory files{Replaced(kBank, "[extra.yaml]", "[parts/*.yaml]")};
  const std::string extra = kExtra;
  const std::size_t cut = extra.find("offers:\n");
  files.files["parts/z.yaml"] = extra.substr(0, cut);
  files.files["parts/a.yaml"] = extra.substr(cut);
  const LoadOutcome outcome = LoadTopology(files, SomeMessages{});
  ASSERT_NE(outcome.topology, nullptr) << Lines(outcome.diagnostics);
  EXPECT_EQ(outcome.topology->version, VersionOfExtra(kExtra));
}

TEST(VersionTest, DefaultsDoNotChangeWhatIsKept) {
  const auto definition = [](const std::string& feature) {
    return LoadWith("features: {f: {on: transaction.posted, " + feature + "}}\n").topology->features[0].definition;
  };
  EXPECT_EQ(definition("last: event.amount"), definition("default: 3, about: x, last: 'event.amount '"));
  EXPECT_NE(definition("last: event.amount"), definition("last: event.amount, where: 'event.amount > 0'"));
  EXPECT_NE(definition("sum: event.amount, over: 7d"), definition("sum: event.amount, over: 7d, grain: 1h"));
}

TEST(VersionTest, CanonicalExpressionsLoseOnlyWhatDoesNotMatter) {
  EXPECT_EQ(CanonicalExpression("a  >= 3 // why\n && b"), "a>=3&&b");
  EXPECT_EQ(CanonicalExpression("x in y"), "x in y");
  EXPECT_EQ(CanonicalExpression("a - -1"), "a- -1");
  EXPECT_EQ(CanonicalExpression("'a  //b' + \"c \\\" d\""), "'a  //b'+\"c \\\" d\"");
  EXPECT_EQ(CanonicalExpression(R"(r"\" + ' x')"), R"(r"\"+' x')");
  EXPECT_EQ(CanonicalExpression("\"\"\"a \" b\"\"\" + 1"), "\"\"\"a \" b\"\"\"+1");
}

}  // namespace
}  // namespace antiphon::topology

#include "engine/topology/yaml_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace antiphon::topology {
namespace {

using testing::HasSubstr;

std::string Codes(const YamlDocument& document) {
  std::string codes;
  for (const YamlProblem& problem : document.problems) codes += problem.code + "@" + std::to_string(problem.offset) + " ";
  return codes;
}

TEST(YamlDocumentTest, ReadsScalarsListsAndMapsWithTheirPlaces) {
  const std::string text = "a: 1\nb: [x, 'y']\nc:\n  d: ~\n";
  const YamlDocument document = ParseYaml(text, 7);
  ASSERT_EQ(Codes(document), "");
  const YamlNode& root = document.root;
  ASSERT_TRUE(root.is_map());
  EXPECT_EQ(root.Find("a")->text, "1");
  EXPECT_EQ(root.Find("a")->offset, 3U);
  EXPECT_EQ(root.Find("b")->items[1].text, "y");
  EXPECT_EQ(root.Find("b")->items[1].style, YamlNode::Style::kSingleQuoted);
  EXPECT_EQ(root.Find("c")->Find("d")->kind, YamlNode::Kind::kNull);
  EXPECT_EQ(root.Find("c")->file, 7);
}

TEST(YamlDocumentTest, KeepsWordsThatOtherReadersTakeForBools) {
  const YamlDocument document = ParseYaml("on: yes\noff: 'null'\n", 0);
  EXPECT_EQ(document.root.Find("on")->text, "yes");
  EXPECT_EQ(document.root.Find("off")->text, "null");
  EXPECT_TRUE(document.root.Find("off")->is_scalar());
}

TEST(YamlDocumentTest, EmptyFileIsNull) {
  EXPECT_TRUE(ParseYaml("", 0).root.is_null());
  EXPECT_TRUE(ParseYaml("# nothing\n", 0).root.is_null());
}

// The bytes of the file that stand at the bytes of the text.
char ByteAt(const std::string& source, const YamlNode& node, std::size_t offset) { return source[OffsetInFile(node, offset, source)]; }

TEST(YamlDocumentTest, FindsPlacesWithinScalarsOfEveryStyle) {
  const std::string source =
      "plain: abc def\n"
      "folded: abc\n  def ghi\n"
      "single: 'it''s #x'\n"
      "double: \"tab\\t \\u0041 #y\"\n"
      "block: |\n    one\n    two #z\n"
      "fold: >-\n  one\n  two\n\n  three #w\n";
  const YamlDocument document = ParseYaml(source, 0);
  ASSERT_EQ(Codes(document), "");
  for (const auto& [key, mark] : {std::pair{"single", 'x'}, {"double", 'y'}, {"block", 'z'}, {"fold", 'w'}}) {
    const YamlNode& node = *document.root.Find(key);
    EXPECT_EQ(ByteAt(source, node, node.text.find('#') + 1), mark) << key;
  }
  const YamlNode& folded = *document.root.Find("folded");
  EXPECT_EQ(folded.text, "abc def ghi");
  EXPECT_EQ(ByteAt(source, folded, 8), 'g');
  EXPECT_EQ(source.substr(OffsetInFile(*document.root.Find("plain"), 4, source), 3), "def");
}

TEST(YamlDocumentTest, PlacesAfterAnchorsAndTagsAreThoseOfTheValue) {
  const std::string source = "a: &name !!str  \"x y\"\n";
  const YamlDocument document = ParseYaml(source, 0);
  ASSERT_EQ(Codes(document), "");
  EXPECT_EQ(document.root.Find("a")->style, YamlNode::Style::kDoubleQuoted);
  EXPECT_EQ(ByteAt(source, *document.root.Find("a"), 2), 'y');
}

TEST(YamlDocumentTest, AliasesAreCopiesAndMergeKeysGiveWhatIsNotWritten) {
  const YamlDocument document = ParseYaml("base: &b {x: 1, y: 2}\none: {<<: *b, y: 3}\ntwo: {<<: [*b, {z: 4}]}\nthree: *b\n", 0);
  ASSERT_EQ(Codes(document), "");
  EXPECT_EQ(document.root.Find("one")->Find("x")->text, "1");
  EXPECT_EQ(document.root.Find("one")->Find("y")->text, "3");
  EXPECT_EQ(document.root.Find("two")->Find("z")->text, "4");
  EXPECT_EQ(document.root.Find("three")->Find("y")->text, "2");
}

TEST(YamlDocumentTest, RefusesDuplicateKeys) {
  const YamlDocument document = ParseYaml("a: 1\nb: {c: 1, c: 2}\na: 3\n", 0);
  EXPECT_EQ(Codes(document), "duplicate_key@15 duplicate_key@21 ");
  EXPECT_EQ(document.root.Find("a")->text, "1");
}

TEST(YamlDocumentTest, RefusesYamlBombs) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int k = 0; k < 9; ++k) bomb += ", " + before;
    bomb += "]\n";
  }
  const YamlDocument document = ParseYaml(bomb, 0);
  ASSERT_EQ(document.problems.size(), 1U);
  EXPECT_EQ(document.problems[0].code, "yaml_too_large");
  EXPECT_THAT(document.problems[0].message, HasSubstr("what the aliases stand for is too large"));
}

TEST(YamlDocumentTest, RefusesBombsOfLongTexts) {
  std::string bomb = "a: &a '" + std::string(1 << 20, 'x') + "'\nb: [";
  for (int i = 0; i < 40; ++i) bomb += "*a, ";
  EXPECT_THAT(Codes(ParseYaml(bomb + "]\n", 0)), HasSubstr("yaml_too_large"));
}

TEST(YamlDocumentTest, RefusesAliasesToWhatIsNotThere) {
  EXPECT_THAT(Codes(ParseYaml("a: *b\n", 0)), HasSubstr("yaml_syntax"));
  EXPECT_THAT(Codes(ParseYaml("a: &a [*a]\n", 0)), HasSubstr("yaml_alias"));
}

TEST(YamlDocumentTest, RefusesDeepNesting) {
  EXPECT_THAT(Codes(ParseYaml(std::string(65, '[') + std::string(65, ']'), 0)), HasSubstr("yaml_too_deep"));
  EXPECT_EQ(Codes(ParseYaml(std::string(64, '[') + std::string(64, ']'), 0)), "");
  EXPECT_NE(Codes(ParseYaml(std::string(100'000, '['), 0)), "");
  EXPECT_NE(Codes(ParseYaml(std::string(100'000, '{'), 0)), "");
  std::string blocks;
  for (int i = 0; i < 400; ++i) blocks += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  EXPECT_THAT(Codes(ParseYaml(blocks, 0)), HasSubstr("yaml_too_deep"));
}

TEST(YamlDocumentTest, RefusesLargeFiles) {
  EXPECT_EQ(Codes(ParseYaml(std::string((4U << 20U) + 1, '#'), 0)), "yaml_too_large@0 ");
  std::string many = "a: [";
  for (int i = 0; i < 200'001; ++i) many += "1,";
  EXPECT_THAT(Codes(ParseYaml(many + "]", 0)), HasSubstr("yaml_too_large"));
}

TEST(YamlDocumentTest, SaysWhereATabStands) {
  const YamlDocument document = ParseYaml("a:\n\tb: 1\n", 0);
  EXPECT_EQ(Codes(document), "yaml_tab@3 ");
}

TEST(YamlDocumentTest, RefusesWhatIsNotUtf8) {
  EXPECT_EQ(Codes(ParseYaml("a: \xC3\x28", 0)), "yaml_encoding@3 ");
  EXPECT_EQ(Codes(ParseYaml("a: \xED\xA0\x80", 0)), "yaml_encoding@3 ");
  EXPECT_EQ(Codes(ParseYaml(std::string("a: x\0y", 6), 0)), "yaml_encoding@4 ");
  EXPECT_EQ(Codes(ParseYaml("a: \xF4\x90\x80\x80", 0)), "yaml_encoding@3 ");
  EXPECT_EQ(Codes(ParseYaml("a: \xC4\x8D\xE4\xB8\xAD\xF0\x9F\x98\x80", 0)), "");
}

TEST(YamlDocumentTest, PassesOverAByteOrderMark) {
  const std::string source =
      "\xEF\xBB\xBF"
      "a: bc\n";
  const YamlDocument document = ParseYaml(source, 0);
  ASSERT_EQ(Codes(document), "");
  EXPECT_EQ(ByteAt(source, *document.root.Find("a"), 1), 'c');
}

TEST(YamlDocumentTest, SyntaxErrorsHaveAPlace) {
  const YamlDocument document = ParseYaml("a: [1, 2\nb: 3\n", 0);
  ASSERT_EQ(document.problems.size(), 1U);
  EXPECT_EQ(document.problems[0].code, "yaml_syntax");
  EXPECT_GT(document.problems[0].offset, 0U);
}

TEST(YamlDocumentTest, RefusesSecondDocumentsAndTags) {
  EXPECT_THAT(Codes(ParseYaml("a: 1\n---\nb: 2\n", 0)), HasSubstr("yaml_documents"));
  EXPECT_THAT(Codes(ParseYaml("a: !python/object x\n", 0)), HasSubstr("yaml_tag"));
  EXPECT_THAT(Codes(ParseYaml("? [a]\n: 1\n", 0)), HasSubstr("yaml_key"));
}

}  // namespace
}  // namespace antiphon::topology

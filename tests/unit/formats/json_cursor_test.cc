#include "services/formats/json_cursor.h"

#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <simdjson.h>

namespace antiphon::formats {
namespace {

bool Accepts(const std::string& text) {
  const PaddedBuffer padded(text);
  JsonCursor cursor;
  cursor.Start(padded.padded());
  return cursor.SkipValue() && cursor.AtEnd();
}

TEST(JsonCursorTest, AcceptsAndRefusesByTheGrammar) {
  for (const char* good :
       {"{}", "[]", " [ 1 , -2.5e+3 , \"x\" , null , true , false , { \"a\" : [ ] } ] ", "0", "\"\"", "\"\\u00e9\\ud83d\\ude00\\n\""}) {
    EXPECT_TRUE(Accepts(good)) << good;
  }
  for (const char* bad : {"",
                          "{",
                          "}",
                          "[1,]",
                          "{\"a\":1,}",
                          "{\"a\"}",
                          "{\"a\":}",
                          "{a:1}",
                          "[1 2]",
                          "[}",
                          "{]",
                          "{\"a\":[}",
                          "01",
                          "1.",
                          "-",
                          "nul",
                          "truex",
                          "\"\\x\"",
                          "\"\\u12\"",
                          "\"",
                          "\"\\",
                          "\"\\ud800\"",
                          "\"\\ud800\\u0041\"",
                          "\"\\udc00\"",
                          "\"a\nb\"",
                          "{} {}",
                          "{\"a\" 1}",
                          ",",
                          ":",
                          "'a'"}) {
    EXPECT_FALSE(Accepts(bad)) << bad;
  }
}

TEST(JsonCursorTest, PassesOverAnyDepth) {
  const std::string deep = std::string(10'000, '[') + std::string(10'000, ']');
  EXPECT_TRUE(Accepts(deep));
  EXPECT_FALSE(Accepts(deep + "]"));
  EXPECT_FALSE(Accepts(deep.substr(1)));
}

TEST(JsonCursorTest, UnescapesEveryEscape) {
  const PaddedBuffer padded(R"("\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\ud83d\ude00")");
  JsonCursor cursor;
  cursor.Start(padded.padded());
  JsonString string;
  ASSERT_TRUE(cursor.ReadString(string));
  std::string out(string.raw.size(), '\0');
  out.resize(Unescape(string.raw, out.data()));
  EXPECT_EQ(out, "\"\\/\b\f\n\r\tA\u00e9\u20ac\U0001F600");
}

// Oracle: simdjson's DOM parser, on texts that are nearly JSON. It differs by design in numbers that its doubles cannot hold, and in
// depth; the seeds have neither.
TEST(JsonCursorTest, PropertyAgreesWithSimdjson) {
  const std::vector<std::string> seeds = {
      R"({"id":"cst-1","type":"a.b","time":"1993-01-01T07:00:00.000Z","n":-12.5e1,"b":[true,false,null,{"x":"\u00e9\n"}]})",
      R"([1,2,{"a":{"b":{"c":[[],{}]}}}," \"quoted\" ","\ud83d\ude00"])", R"({"a":0,"b":-0,"c":0.5,"d":1E2,"e":""})"};
  constexpr std::string_view kBytes = "{}[]\",:\\ue0123456789.-+tfn alsruE\n\t/";
  std::mt19937_64 random(20240301);
  simdjson::dom::parser parser;
  int accepted = 0;
  for (int round = 0; round < 60'000; ++round) {
    std::string text = seeds[random() % seeds.size()];
    const std::size_t changes = random() % 3;
    for (std::size_t i = 0; i < changes && !text.empty(); ++i) {
      const std::size_t at = random() % text.size();
      const char byte = kBytes[random() % kBytes.size()];
      switch (random() % 4) {
        case 0:
          text[at] = byte;
          break;
        case 1:
          text.insert(at, 1, byte);
          break;
        case 2:
          text.erase(at, 1);
          break;
        default:
          text.resize(at);
          break;
      }
    }
    simdjson::dom::element element;
    const auto verdict = parser.parse(text).get(element);
    if (verdict == simdjson::NUMBER_ERROR && Accepts(text)) continue;  // grammatical, but too large for it
    const bool expected = verdict == simdjson::SUCCESS;
    accepted += expected ? 1 : 0;
    ASSERT_EQ(Accepts(text), expected) << text << " simdjson: " << verdict;
  }
  EXPECT_GT(accepted, 10'000);
}

}  // namespace
}  // namespace antiphon::formats

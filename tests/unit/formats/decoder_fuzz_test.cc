// Random and damaged lines: always an outcome, never a fault of memory (run under the sanitizers).
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "services/formats/json_event_decoder.h"
#include "tests/support/tiny_topology.h"

namespace antiphon::formats {
namespace {

// An exactly sized copy: reading past the padding is seen by AddressSanitizer.
Decoded DecodeCopy(JsonEventDecoder& decoder, const std::string& line, expression::Arena& arena) {
  const PaddedBuffer buffer(line);
  Decoded decoded = decoder.Decode(buffer.padded(), {.partition = 0, .offset = 1}, arena);
  const auto peeked = decoder.PeekTime(buffer.padded());
  if (decoded.kind == Decoded::Kind::kEvent) {
    EXPECT_EQ(peeked, decoded.event.time) << line;
    EXPECT_FALSE(decoded.event.customer.empty());
    EXPECT_FALSE(decoded.event.id.empty());
  }
  EXPECT_EQ(decoded.kind == Decoded::Kind::kDeadLetter, decoded.reason != DeadLetterReason::kNone);
  EXPECT_EQ(decoded.reason != DeadLetterReason::kNone, !decoded.message.empty());
  decoded.type = {};  // lives in the buffer
  decoded.event.id = decoded.event.customer = {};
  return decoded;
}

class DecoderFuzzTest : public testing::Test {
 protected:
  topology::Topology topology_ = TinyTopology();
  JsonEventDecoder decoder_{topology_};
  expression::Arena arena_;
  std::mt19937_64 random_{0xA471F014};

  std::size_t Below(std::size_t bound) { return random_() % bound; }
};

TEST_F(DecoderFuzzTest, RandomBytesAreDeadLetters) {
  for (int round = 0; round < 20'000; ++round) {
    std::string line(Below(200), '\0');
    for (char& c : line) c = static_cast<char>(Below(256));
    arena_.Reset();
    EXPECT_EQ(DecodeCopy(decoder_, line, arena_).kind, Decoded::Kind::kDeadLetter);
  }
}

TEST_F(DecoderFuzzTest, DamagedLinesAlwaysHaveAnOutcome) {
  const std::vector<std::string> seeds = {
      R"({"id":"tx-1","type":"transaction.posted","time":"1993-01-01T07:00:00.250Z","customer_id":"C1","account_id":"A1","amount":700.5,"richtung":"H"})",
      R"({"id":1,"type":"everything","time":726710400000,"customer_id":17,"actor":{"kind":"agent"},"at":"2026-03-01T10:30:00+01:00","born":"1936-01-11",)"
      R"("payload":{"inner":{"deep":-5}},"flag":true,"ratio":-0.25e-3,"tags":["a","b\u00e9\ud83d\ude00"],"text":"a\nb","units":42,"context":{"a":[1,{"b":null}]}})",
      R"({"type":"control.pause","time":"2026-03-01T09:30:00Z","offer":"savings_sweep"})", R"({"type":"branch.visited","x":{"y":[[[]]]}})"};
  const std::vector<std::string> parts = {"\"",
                                          "\\",
                                          "{",
                                          "}",
                                          "[",
                                          "]",
                                          ",",
                                          ":",
                                          "null",
                                          "true",
                                          "1e400",
                                          "-0",
                                          "-",
                                          "99999999999999999999999",
                                          "1e-99999999999",
                                          "\\ud800",
                                          "\\u0000",
                                          "\xFF",
                                          "\xC3",
                                          std::string(1, '\0'),
                                          "\"type\":",
                                          "\"customer_id\":",
                                          std::string(300, '['),
                                          R"({"a":)"};
  std::size_t kinds[4] = {};
  for (int round = 0; round < 60'000; ++round) {
    std::string line = seeds[Below(seeds.size())];
    for (std::size_t changes = Below(4); changes > 0 && !line.empty(); --changes) {
      const std::size_t at = Below(line.size());
      switch (Below(5)) {
        case 0:
          line[at] = static_cast<char>(Below(256));
          break;
        case 1:
          line.insert(at, parts[Below(parts.size())]);
          break;
        case 2:
          line.erase(at, 1 + Below(8));
          break;
        case 3:
          line.resize(at);
          break;
        default:
          line.replace(at, 1, parts[Below(parts.size())]);
          break;
      }
    }
    if (Below(8) == 0) arena_.Reset();
    ++kinds[static_cast<std::size_t>(DecodeCopy(decoder_, line, arena_).kind)];
  }
  for (const std::size_t kind : kinds) EXPECT_GT(kind, 1'000U);
}

TEST_F(DecoderFuzzTest, TheSameBytesGiveTheSameOutcome) {
  JsonEventDecoder other(topology_);
  for (int round = 0; round < 5'000; ++round) {
    std::string line = R"({"type":"everything","time":"2026-03-01T09:30:00Z","customer_id":"C1","text":"abc","units":5,"tags":["x"]})";
    line[Below(line.size())] = static_cast<char>(32 + Below(96));
    const Decoded first = DecodeCopy(decoder_, line, arena_);
    expression::Arena fresh;
    const Decoded second = DecodeCopy(other, line, fresh);
    ASSERT_EQ(first.kind, second.kind) << line;
    ASSERT_EQ(first.message, second.message) << line;
  }
}

}  // namespace
}  // namespace antiphon::formats

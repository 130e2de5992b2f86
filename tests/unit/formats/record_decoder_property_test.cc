// One event, written in every format, is one event; and no bytes whatever do harm.
#include <cstdio>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/unit/formats/bank_messages.h"

namespace antiphon::formats {
namespace {

using namespace std::string_literals;
using Kind = Decoded::Kind;

struct Sample {
  std::string id = "e-1";
  int customer = 17;
  std::int64_t ms = 1'772'357'400'250;
  std::string text = "caf\u00e9 \"x\"\n";
  std::int32_t units = -42;
  bool flag = true;
  double ratio = 0.25;
  std::string kind = "agent";
  std::vector<std::string> tags = {"a", ""};
  std::int32_t context = 7;
};

Sample RandomSample() {
  const auto word = [] { return *rc::gen::container<std::string>(rc::gen::elementOf(std::string("abcXYZ019 \"\\/\n\x01"))); };
  Sample sample;
  sample.id = "e" + word();
  sample.customer = *rc::gen::inRange(1, 1'000'000);
  sample.ms = 1'000'000'000'000 + *rc::gen::inRange(0, 1'000'000'000);
  sample.text = "t" + word();
  sample.units = *rc::gen::arbitrary<std::int32_t>();
  sample.flag = *rc::gen::arbitrary<bool>();
  sample.ratio = *rc::gen::inRange(-100'000, 100'000) / 64.0;
  sample.kind = "k" + word();
  sample.tags.clear();
  for (int i = *rc::gen::inRange(1, 4); i > 0; --i) sample.tags.push_back(word());
  sample.context = *rc::gen::inRange(-1000, 1000);
  return sample;
}

std::string Quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    if (static_cast<unsigned char>(c) < 0x20) {
      char escaped[8];
      std::snprintf(escaped, sizeof(escaped), "\\u%04x", static_cast<unsigned>(c));
      out += escaped;
    } else {
      out.push_back(c);
    }
  }
  return out + "\"";
}

std::string JsonFields(const Sample& s) {
  std::string tags;
  for (const std::string& tag : s.tags) tags += (tags.empty() ? "" : ",") + Quoted(tag);
  char ratio[64];
  std::snprintf(ratio, sizeof(ratio), "%.17g", s.ratio);
  return "\"customer_id\":" + std::to_string(s.customer) + ",\"text\":" + Quoted(s.text) + ",\"units\":" + std::to_string(s.units) +
         ",\"flag\":" + (s.flag ? "true" : "false") + ",\"ratio\":" + ratio + ",\"actor\":{\"kind\":" + Quoted(s.kind) + "},\"tags\":[" +
         tags + "],\"context\":{\"n\":" + std::to_string(s.context) + R"(},"born":"1936-01-11","payload":{"inner":{"deep":)" +
         std::to_string(s.units) + "}}";
}
std::string Json(const Sample& s) {
  return "{\"id\":" + Quoted(s.id) + R"(,"type":"everything","time":)" + std::to_string(s.ms) + "," + JsonFields(s) + "}";
}
std::string Proto(const Sample& s) {
  std::string bytes =
      BytesField(1, s.id) + BytesField(2, "everything") +
      BytesField(3, VarintField(1, static_cast<std::uint64_t>(s.ms / 1000)) +
                        VarintField(2, static_cast<std::uint64_t>(s.ms % 1000 * 1'000'000))) +
      VarintField(4, static_cast<std::uint64_t>(s.customer)) + BytesField(6, BytesField(1, s.kind)) + BytesField(8, "1936-01-11") +
      BytesField(9, BytesField(1, BytesField(1, "n") + BytesField(2, Fixed64Field(2, s.context)))) +
      BytesField(10, BytesField(2, Varint(3U << 3U) + ZigZagOf(s.units))) + VarintField(11, s.flag ? 1 : 0) + Fixed64Field(12, s.ratio);
  for (const std::string& tag : s.tags) bytes += BytesField(13, tag);
  return bytes + BytesField(100, s.text) + VarintField(15, static_cast<std::uint64_t>(std::int64_t{s.units}));
}
std::string Time(const Sample& s) { return FormatTime(FromEpochMs(s.ms)); }

// A format, and a record in it.
struct Written {
  std::string name;
  RecordFormat format;
  std::string value;
  Headers headers;
  bool has_id = true;
};

std::vector<Written> InEveryFormat(const Sample& s) {
  std::vector<Written> all;
  all.push_back({.name = "json", .format = {}, .value = Json(s), .headers = {}});
  RecordFormat framed;
  framed.registry_framed = true;
  all.push_back({.name = "framed json", .format = framed, .value = "\0\0\0\0\x07"s + Json(s), .headers = {}});
  RecordFormat binary;
  binary.envelope = Envelope::kCloudEventsBinary;
  const Headers headers = {
      {"ce_specversion", "1.0"}, {"ce_id", s.id}, {"ce_source", "core"}, {"ce_type", "everything"}, {"ce_time", Time(s)}};
  all.push_back({.name = "binary", .format = binary, .value = "{" + JsonFields(s) + "}", .headers = headers});
  RecordFormat structured;
  structured.envelope = Envelope::kCloudEventsStructured;
  all.push_back({.name = "structured",
                 .format = structured,
                 .value = R"({"specversion":"1.0","source":"core","type":"everything","id":)" + Quoted(s.id) + ",\"time\":\"" + Time(s) +
                          "\",\"data\":{" + JsonFields(s) + "}}",
                 .headers = {}});
  RecordFormat debezium;
  debezium.envelope = Envelope::kDebezium;
  debezium.event = "everything";
  all.push_back({.name = "debezium",
                 .format = debezium,
                 .value = R"({"before":null,"op":"c","source":{"db":"b","table":"t","lsn":5,"ts_ms":)" + std::to_string(s.ms) +
                          "},\"after\":{" + JsonFields(s) + "}}",
                 .headers = {},
                 .has_id = false});
  all.push_back({.name = "message", .format = BankFormat(), .value = Proto(s), .headers = {}});
  RecordFormat framed_message = BankFormat();
  framed_message.registry_framed = true;
  all.push_back({.name = "framed message", .format = framed_message, .value = "\0\0\0\0\x07\x04\x08\x02"s + Proto(s), .headers = {}});
  RecordFormat binary_message = BankFormat();
  binary_message.envelope = Envelope::kCloudEventsBinary;
  all.push_back({.name = "binary message", .format = binary_message, .value = Proto(s), .headers = headers});
  RecordFormat event;
  event.payload = Payload::kProtobuf;
  event.descriptor = "bank.pb";
  const std::string time =
      VarintField(1, static_cast<std::uint64_t>(s.ms / 1000)) + VarintField(2, static_cast<std::uint64_t>(s.ms % 1000 * 1'000'000));
  all.push_back({.name = "event",
                 .format = event,
                 .value = BytesField(1, s.id) + BytesField(3, "everything") + BytesField(4, time) +
                          BytesField(5, std::to_string(s.customer)) +
                          BytesField(7, BytesField(1, "type.googleapis.com/bank.v1.Outer.Everything") + BytesField(2, Proto(s))),
                 .headers = {}});
  return all;
}

std::string_view DescriptorsOf(const RecordFormat& format) {
  static const std::string descriptors = BankDescriptors();
  return format.payload == Payload::kProtobuf ? std::string_view(descriptors) : std::string_view();
}

// A value in words: for comparing.
std::string Words(const expression::Value& value) {
  using expression::Kind;
  switch (value.kind()) {
    case Kind::kAbsent:
      return "absent";
    case Kind::kNull:
      return "null";
    case Kind::kBool:
      return value.as_bool() ? "true" : "false";
    case Kind::kInt:
      return std::to_string(value.as_int());
    case Kind::kDouble:
      return "double " + std::to_string(value.as_double());
    case Kind::kString:
      return "'" + std::string(value.as_text()) + "'";
    case Kind::kTimestamp:
      return "time " + std::to_string(value.as_ms());
    case Kind::kList: {
      std::string out = "[";
      for (const auto& item : value.as_list()) out += Words(item) + ",";
      return out + "]";
    }
    case Kind::kMap: {
      std::string out = "{";
      for (const auto& entry : value.as_map()) out += Words(entry.key) + ":" + Words(entry.value) + ",";
      return out + "}";
    }
    default:
      return "?";
  }
}

std::string Words(const Decoded& decoded, bool with_id) {
  std::string out = std::to_string(static_cast<int>(decoded.kind)) + " " + std::string(DeadLetterReasonName(decoded.reason)) + " " +
                    decoded.message + " " + std::string(decoded.type) +
                    (decoded.time ? " @" + std::to_string(ToEpochMs(*decoded.time)) : "");
  if (decoded.kind != Kind::kEvent) return out;
  const decision::Event& event = decoded.event;
  out += " " + std::to_string(event.type) + " " + std::to_string(ToEpochMs(event.time)) + " " + std::string(event.source) + " " +
         std::string(event.customer) + (event.backfill ? " backfill" : "") + (with_id ? " " + std::string(event.id) : "");
  for (const auto& field : event.fields) out += " " + Words(field);
  return out;
}

TEST(RecordDecoderPropertyTest, OneEventIsTheSameInEveryFormat) {
  std::vector<std::unique_ptr<RecordBench>> benches;
  for (const Written& written : InEveryFormat({})) {
    benches.push_back(std::make_unique<RecordBench>(written.format, TinyTopology(), DescriptorsOf(written.format)));
    ASSERT_EQ(benches.back()->error(), "") << written.name;
  }
  EXPECT_TRUE(rc::check([&] {
    const Sample sample = RandomSample();
    const std::vector<Written> all = InEveryFormat(sample);
    for (std::size_t i = 0; i < all.size(); ++i) {
      const std::string expected = Words(benches[0]->Decode(all[0].value, all[0].headers), all[i].has_id);
      RC_ASSERT(expected.starts_with("0 "));
      RC_LOG() << all[i].name;
      RC_ASSERT(Words(benches[i]->Decode(all[i].value, all[i].headers), all[i].has_id) == expected);
    }
  }));
}

TEST(RecordDecoderHostileTest, TruncatedAtEveryByte) {
  for (const Written& written : InEveryFormat({})) {
    RecordBench bench(written.format, TinyTopology(), DescriptorsOf(written.format));
    const bool json = written.format.payload == Payload::kJson;
    for (std::size_t size = 0; size < written.value.size(); ++size) {
      const Decoded decoded = bench.Decode(written.value.substr(0, size), written.headers);
      // JSON that is cut off is no JSON; of protobuf what ends behind a field is a shorter message.
      if (json) {
        EXPECT_EQ(decoded.kind, Kind::kDeadLetter) << written.name << " " << size;
      }
    }
    for (std::size_t i = 0; i < written.headers.size(); ++i) {
      Headers headers = written.headers;
      for (std::size_t size = headers[i].second.size(); size-- > 0;) {
        headers[i].second.resize(size);
        (void)bench.Decode(written.value, headers);
      }
    }
  }
}

// What came before, and what stood in memory, never matters.
TEST(RecordDecoderHostileTest, DamagedRecordsHaveAnOutcomeAndAlwaysTheSame) {
  std::mt19937_64 random(0xF0423A75);
  const auto below = [&](std::size_t bound) { return static_cast<std::size_t>(random() % bound); };
  const std::vector<std::string> parts = {"\"",
                                          "{",
                                          "}",
                                          "[",
                                          ",",
                                          ":",
                                          "null",
                                          "\\ud800",
                                          "\xFF",
                                          "\xC3",
                                          "\0"s,
                                          "\x80",
                                          "\x7F",
                                          "\x0B",
                                          "1e400",
                                          "-",
                                          "\"op\":",
                                          "\x0A",
                                          std::string(300, '['),
                                          std::string(120, '\x0B'),
                                          std::string(11, '\xFF')};
  for (const Written& written : InEveryFormat({})) {
    RecordBench bench(written.format, TinyTopology(), DescriptorsOf(written.format));
    std::size_t dead = 0;
    std::size_t events = 0;
    for (int round = 0; round < 4'000; ++round) {
      std::string value = written.value;
      Headers headers = written.headers;
      for (std::size_t changes = 1 + below(3); changes > 0 && !value.empty(); --changes) {
        std::string& text = !headers.empty() && below(3) == 0 ? headers[below(headers.size())].second : value;
        if (text.empty()) continue;
        const std::size_t at = below(text.size());
        switch (below(4)) {
          case 0:
            text[at] = static_cast<char>(below(256));
            break;
          case 1:
            text.insert(at, parts[below(parts.size())]);
            break;
          case 2:
            text.erase(at, 1 + below(8));
            break;
          default:
            text[at] = static_cast<char>(text[at] ^ static_cast<char>(1U << below(8)));
            break;
        }
      }
      const std::string first = Words(bench.Decode(value, headers), true);
      if (round % 16 == 0) {
        RecordBench fresh(written.format, TinyTopology(), DescriptorsOf(written.format));
        ASSERT_EQ(Words(fresh.Decode(value, headers), true), first) << written.name;
      }
      ASSERT_EQ(Words(bench.Decode(value, headers), true), first) << written.name;
      dead += first.starts_with("3 ") ? 1U : 0U;
      events += first.starts_with("0 ") ? 1U : 0U;
    }
    EXPECT_GT(dead, 100U) << written.name;
    EXPECT_GT(events, 20U) << written.name;
  }
}

// The oracle: protobuf's own parser and its idea of what a field is.
TEST(RecordDecoderPropertyTest, ProtobufItselfReadsTheSame) {
  google::protobuf::FileDescriptorSet set;
  ASSERT_TRUE(set.ParseFromString(BankDescriptors()));
  google::protobuf::DescriptorPool pool;
  for (const auto& file : set.file()) ASSERT_NE(pool.BuildFile(file), nullptr);
  const auto& type = *pool.FindMessageTypeByName("bank.v1.Outer.Everything");
  google::protobuf::DynamicMessageFactory factory(&pool);
  RecordBench bench(BankFormat(), TinyTopology(), BankDescriptors());
  std::mt19937_64 random(7);
  const auto below = [&](std::size_t bound) { return static_cast<std::size_t>(random() % bound); };
  int compared = 0;
  for (int round = 0; round < 20'000; ++round) {
    // Only what stands at the top and is read as it is: what nobody reads is not looked into.
    std::string bytes = VarintField(4, 17) + BytesField(3, VarintField(1, 1'772'357'400));
    for (std::size_t i = below(5); i > 0; --i) bytes += VarintField(15, random() >> below(64));
    for (std::size_t i = below(3); i > 0; --i) bytes += BytesField(100, std::string(below(4), 'x'));
    for (std::size_t i = below(3); i > 0; --i) bytes += BytesField(10, BytesField(2, VarintField(3, random())));
    const std::size_t fixed = bytes.size();
    bytes += VarintField(11, below(3)) + VarintField(200 + static_cast<std::uint32_t>(below(1000)), random()) + Fixed64Field(12, 1.5);
    if (below(2) == 0) bytes[fixed + below(bytes.size() - fixed)] = static_cast<char>(below(256));
    const std::unique_ptr<google::protobuf::Message> message(factory.GetPrototype(&type)->New());
    const bool parsed = message->ParseFromString(bytes);
    const Decoded decoded = bench.Decode(bytes);
    if (!parsed && decoded.kind == Kind::kEvent) continue;  // an inner mistake where nobody reads, a text that nobody reads
    ASSERT_EQ(parsed, decoded.reason != DeadLetterReason::kNotProtobuf) << decoded.message;
    if (decoded.kind != Kind::kEvent) continue;
    ++compared;
    const auto& reflection = *message->GetReflection();
    const auto field = [&](const char* name) { return type.FindFieldByName(name); };
    ASSERT_EQ(bench.FieldOf(decoded, "units").as_int(), reflection.GetInt32(*message, field("units")));
    ASSERT_EQ(bench.FieldOf(decoded, "flag").as_bool(), reflection.GetBool(*message, field("flag")));
    const auto text = bench.FieldOf(decoded, "text");
    ASSERT_EQ(text.is(expression::Kind::kAbsent) ? std::string() : std::string(text.as_text()),
              reflection.GetString(*message, field("text")));
    const auto& payload = reflection.GetMessage(*message, field("payload"));
    const auto& inner = payload.GetReflection()->GetMessage(payload, field("payload")->message_type()->FindFieldByName("inner"));
    const auto deep = bench.FieldOf(decoded, "deep");
    ASSERT_EQ(deep.is(expression::Kind::kAbsent) ? 0 : deep.as_int(),
              inner.GetReflection()->GetInt64(inner, inner.GetDescriptor()->FindFieldByName("deep")));
  }
  EXPECT_GT(compared, 10'000);
}

}  // namespace
}  // namespace antiphon::formats

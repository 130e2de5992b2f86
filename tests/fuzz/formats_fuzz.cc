// Mutated records of every format: decoding them ends with an outcome, without a crash (run it in the asan preset), and the same record
// gives the same outcome to a decoder that has seen others and to one that has not. Deterministic: a seed gives the same run.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "services/formats/message_catalog.h"
#include "services/formats/record_decoder.h"
#include "tests/support/tiny_topology.h"
#include "tests/support/wire_bytes.h"

namespace antiphon::formats {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Seed {
  RecordFormat format;
  std::string value;
  Headers headers;
};

const std::string kRow = R"({"customer_id":17,"amount":"12.50","richtung":"H","purpose":"a\u00e9","born":20513,"at":1772357400000})";

std::vector<Seed> JsonSeeds() {
  std::vector<Seed> seeds;
  seeds.push_back({.format = {},
                   .value = R"({"id":"e","type":"transaction.posted","time":"2026-03-01T09:30:00Z","customer_id":"C1","amount":12.5})",
                   .headers = {}});
  seeds.push_back({.format = {}, .value = std::string("\0\0\0\0\x07", 5) + seeds[0].value, .headers = {}});
  seeds.back().format.registry_framed = true;
  seeds.push_back({.format = {},
                   .value = kRow,
                   .headers = {{"ce_specversion", "1.0"},
                               {"ce_id", "e"},
                               {"ce_source", "s"},
                               {"ce_type", "transaction.posted"},
                               {"ce_time", "2026-03-01T09:30:00Z"},
                               {"content-type", "application/json"}}});
  seeds.back().format.envelope = Envelope::kCloudEventsBinary;
  const std::string event = R"({"specversion":"1.0","id":"e\n","source":"s","type":"transaction.posted","time":"2026-03-01T09:30:00Z",)";
  for (const std::string& data : {"\"data\":" + kRow, std::string(R"("data_base64":"eyJjdXN0b21lcl9pZCI6IkMxIiwiYW1vdW50IjoxMi41fQ==")")}) {
    seeds.push_back({.format = {}, .value = event + data + "}", .headers = {}});
    seeds.back().format.envelope = Envelope::kCloudEventsStructured;
  }
  const std::string row = R"({"customer_id":17,"amount":"BOI=","richtung":"H","purpose":"a\u00e9","at":1772357400000})";
  const std::string change = R"({"before":null,"after":)" + row +
                             R"(,"source":{"ts_ms":1772357400000,"db":"b","table":"t","lsn":5},"op":"c","ts_ms":1772357400123})";
  const std::string schema =
      R"({"schema":{"fields":[{"fields":[{"type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"2"},"field":"amount"},)"
      R"({"name":"io.debezium.time.MicroTimestamp","field":"at"}],"field":"after"}]},"payload":)";
  for (const std::string& value : {change, schema + change + "}"}) {
    seeds.push_back({.format = {}, .value = value, .headers = {}});
    seeds.back().format.envelope = Envelope::kDebezium;
    seeds.back().format.event = "transaction.posted";
    seeds.back().format.decimals = ColumnDecimals::kBytes;
  }
  return seeds;
}

std::vector<Seed> ProtobufSeeds() {
  const std::string value = BytesField(
      1, BytesField(1, "k") + BytesField(2, BytesField(5, BytesField(1, BytesField(1, "n") + BytesField(2, Fixed64Field(2, 1.5))))));
  const std::string request =
      BytesField(1, "r") + BytesField(2, "app") + VarintField(4, 3) + BytesField(7, BytesField(1, "agent")) + BytesField(9, value);
  std::vector<Seed> seeds;
  seeds.push_back({.format = {},
                   .value = BytesField(1, "e") + BytesField(3, "decision.requested") + BytesField(4, VarintField(1, 1'772'357'400)) +
                            BytesField(5, "C1") +
                            BytesField(7, BytesField(1, "type.googleapis.com/antiphon.v1.DecisionRequested") + BytesField(2, request)),
                   .headers = {}});
  seeds.push_back({.format = {}, .value = std::string("\0\0\0\0\x07\x02\x26", 7) + request, .headers = {}});
  seeds.back().format.message = "antiphon.v1.DecisionRequested";
  seeds.back().format.event = "decision.requested";
  seeds.back().format.customer = "key";
  seeds.back().format.time = TimeFrom::kRecord;
  seeds.back().format.registry_framed = true;
  for (Seed& seed : seeds) seed.format.payload = Payload::kProtobuf;
  return seeds;
}

topology::Topology FuzzTopology() {
  topology::Topology topology = TinyTopology();
  const ProtoMessageCatalog catalog;
  topology.event_types.push_back(Type("decision.requested", catalog.Find("antiphon.v1.DecisionRequested")->fields));
  return topology;
}

class Fuzz {
 public:
  explicit Fuzz(std::uint64_t seed) : random_(seed) {}

  void Run(int rounds) {
    std::vector<Seed> seeds = JsonSeeds();
    for (Seed& seed : ProtobufSeeds()) seeds.push_back(std::move(seed));
    for (const Seed& seed : seeds) {
      const std::unique_ptr<RecordDecoder> decoder = Make(seed);
      Check(Outcome(*decoder, seed.value, seed.headers).starts_with("event"), "a seed is no event", seed.value);
      for (int round = 0; round < rounds; ++round) {
        std::string value = seed.value;
        Headers headers = seed.headers;
        for (std::size_t i = Below(5); i > 0; --i)
          Mutate(!headers.empty() && Below(3) == 0 ? headers[Below(headers.size())].second : value);
        const std::string outcome = Outcome(*decoder, value, headers);
        Check(Outcome(*decoder, value, headers) == outcome, "another outcome the second time", value);
        if (round % 64 == 0) Check(Outcome(*Make(seed), value, headers) == outcome, "another outcome by a new decoder", value);
      }
    }
  }
  [[nodiscard]] std::uint64_t events() const { return events_; }

 private:
  std::size_t Below(std::size_t end) { return static_cast<std::size_t>(random_() % end); }

  std::unique_ptr<RecordDecoder> Make(const Seed& seed) const {
    auto decoder = MakeRecordDecoder(seed.format, topology_, {});
    if (!decoder) Check(false, decoder.error().message.c_str(), seed.value);
    return *std::move(decoder);
  }

  std::string Outcome(RecordDecoder& decoder, const std::string& value, const Headers& headers) {
    const PaddedBuffer padded(value);
    std::vector<RecordHeader> views;
    for (const auto& [name, text] : headers) views.push_back({.name = name, .value = text});
    TopicRecord record;
    record.key = "C1";
    record.value = padded.padded();
    record.headers = views;
    record.timestamp = FromEpochMs(1'772'357'400'000);
    expression::Arena arena(decoder.ArenaBytes(1, value.size() + 4096));
    const Decoded decoded = decoder.Decode(record, arena);
    Check((decoded.kind == Decoded::Kind::kDeadLetter) == !decoded.message.empty(), "a dead letter without a word", value);
    Check(decoded.reason != DeadLetterReason::kTooLarge, "the promised arena was too small", value);
    if (decoded.kind != Decoded::Kind::kEvent) return std::string(DeadLetterReasonName(decoded.reason)) + decoded.message;
    ++events_;
    Check(!decoded.event.customer.empty() && !decoded.event.id.empty(), "an event without an id", value);
    std::string out =
        "event " + std::string(decoded.event.id) + " " + std::string(decoded.event.customer) + " " + FormatTime(decoded.event.time);
    for (const auto& field : decoded.event.fields) out += expression::KindName(field.kind());
    return out;
  }

  void Mutate(std::string& text) {
    static const std::vector<std::string> kPieces = {"\"",
                                                     "\\",
                                                     "{",
                                                     "}",
                                                     "[",
                                                     "]",
                                                     ",",
                                                     ":",
                                                     "null",
                                                     "true",
                                                     "1e999",
                                                     "-",
                                                     "\\ud800",
                                                     "\xFF",
                                                     "\xC3\xA9",
                                                     "\x80",
                                                     "\x0A\x7F",
                                                     "\x0B",
                                                     "\x0C",
                                                     R"("after":)",
                                                     R"("op":"d",)",
                                                     std::string(200, '['),
                                                     std::string(200, '\x0B'),
                                                     std::string(10, '\xFF'),
                                                     std::string(1, '\0')};
    const std::size_t at = Below(text.size() + 1);
    switch (Below(5)) {
      case 0:
        text.erase(at, Below(12));
        break;
      case 1:
        text.insert(at, kPieces[Below(kPieces.size())]);
        break;
      case 2:
        text.insert(at, text.substr(Below(text.size() + 1), Below(40)));
        break;
      case 3:
        if (at < text.size()) text[at] = static_cast<char>(random_());
        break;
      default:
        if (at < text.size()) text[at] = static_cast<char>(static_cast<unsigned char>(text[at]) ^ (1U << Below(8)));
        break;
    }
  }

  static void Check(bool holds, const char* what, const std::string& value) {
    if (holds) return;
    std::fprintf(stderr, "formats_fuzz: %s:", what);
    for (const char c : value) std::fprintf(stderr, " %02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
    std::fprintf(stderr, "\n");
    std::abort();
  }

  topology::Topology topology_ = FuzzTopology();
  std::mt19937_64 random_;
  std::uint64_t events_ = 0;
};

}  // namespace
}  // namespace antiphon::formats

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 10'000;
  const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  antiphon::formats::Fuzz fuzz(seed);
  fuzz.Run(rounds);
  std::printf("%d rounds of each format, seed %llu, %llu events\n", rounds, static_cast<unsigned long long>(seed),
              static_cast<unsigned long long>(fuzz.events()));
  return 0;
}

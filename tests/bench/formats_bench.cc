// The formats on the event path. Release preset only. Quote ratios: figures vary from machine to machine.
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "services/formats/journal.h"
#include "services/formats/json_event_decoder.h"
#include "services/formats/record_decoder.h"
#include "services/formats/record_writer.h"
#include "tests/support/tiny_topology.h"
#include "tests/support/wire_bytes.h"

namespace antiphon::formats {
namespace {

constexpr std::string_view kLine =
    R"({"id":"trx-0000123456","type":"transaction.posted","time":"1993-08-13T14:25:36.000Z","customer_id":"C00692","account_id":"A00576",)"
    R"("amount":1250.5,"currency":"CZK","richtung":"H","operation":"transfer_in","purpose":"salary","balance":30158.4,)"
    R"("counterparty_bank":"YZ","counterparty_account":"87144583","channel":"branch","note":"x"})";

void DecodeEvent(benchmark::State& state) {
  const topology::Topology topology = TinyTopology();
  JsonEventDecoder decoder(topology);
  expression::Arena arena;
  const PaddedBuffer line(kLine);
  for ([[maybe_unused]] auto _ : state) {
    arena.Reset();
    benchmark::DoNotOptimize(decoder.Decode(line.padded(), {.partition = 0, .offset = 1}, arena));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(kLine.size()) * state.iterations());
}
BENCHMARK(DecodeEvent);

// One event of about the same content in each format of topics.
void DecodeRecord(benchmark::State& state, const RecordFormat& format, const std::string& value,
                  const std::vector<RecordHeader>& headers = {}) {
  const topology::Topology topology = TinyTopology();
  const auto decoder = MakeRecordDecoder(format, topology, {});
  expression::Arena arena;
  const PaddedBuffer buffer(value);
  TopicRecord record;
  record.key = "C00692";
  record.value = buffer.padded();
  record.headers = headers;
  record.timestamp = FromEpochMs(745'251'936'000);
  for (auto _ : state) {
    arena.Reset();
    const Decoded decoded = (*decoder)->Decode(record, arena);
    if (decoded.kind != Decoded::Kind::kEvent) state.SkipWithError(decoded.message.c_str());
    benchmark::DoNotOptimize(decoded.event.fields.data());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(value.size()) * state.iterations());
}

const std::string kPosted = BytesField(1, "A00576") + BytesField(2, "1250.50") + BytesField(3, "CZK") + BytesField(4, "credit") +
                            BytesField(5, "transfer_in") + BytesField(6, "salary") + BytesField(7, "30158.40") + BytesField(8, "YZ") +
                            BytesField(9, "87144583");
const std::string kRow =
    R"({"account_id":"A00576","customer_id":"C00692","amount":"1250.50","currency":"CZK","richtung":"H","operation":"transfer_in",)"
    R"("purpose":"salary","balance":"30158.40","counterparty_bank":"YZ","counterparty_account":"87144583","channel":"branch","note":"x"})";

void DecodeFramedJson(benchmark::State& state) {
  RecordFormat format;
  format.registry_framed = true;
  format.schema_ids = {7};
  DecodeRecord(state, format, std::string("\0\0\0\0\x07", 5).append(kLine));
}
BENCHMARK(DecodeFramedJson);

void DecodeProtobufEvent(benchmark::State& state) {
  RecordFormat format;
  format.payload = Payload::kProtobuf;
  DecodeRecord(state, format,
               BytesField(1, "trx-0000123456") + BytesField(2, "core") + BytesField(3, "transaction.posted") +
                   BytesField(4, VarintField(1, 745'251'936)) + BytesField(5, "C00692") +
                   BytesField(7, BytesField(1, "type.googleapis.com/antiphon.v1.TransactionPosted") + BytesField(2, kPosted)));
}
BENCHMARK(DecodeProtobufEvent);

void DecodeProtobufMessageFramed(benchmark::State& state) {
  RecordFormat format;
  format.payload = Payload::kProtobuf;
  format.envelope = Envelope::kCloudEventsBinary;
  format.registry_framed = true;
  format.message = "antiphon.v1.TransactionPosted";
  format.customer = "key";
  const std::vector<RecordHeader> headers = {{"ce_specversion", "1.0"},
                                             {"ce_id", "trx-0000123456"},
                                             {"ce_source", "core"},
                                             {"ce_type", "transaction.posted"},
                                             {"ce_time", "1993-08-13T14:25:36Z"}};
  DecodeRecord(state, format, std::string("\0\0\0\0\x07\x02\x0A", 7) + kPosted, headers);
}
BENCHMARK(DecodeProtobufMessageFramed);

void DecodeCloudEventsBinary(benchmark::State& state) {
  RecordFormat format;
  format.envelope = Envelope::kCloudEventsBinary;
  const std::vector<RecordHeader> headers = {{"ce_specversion", "1.0"},
                                             {"ce_id", "trx-0000123456"},
                                             {"ce_source", "core"},
                                             {"ce_type", "transaction.posted"},
                                             {"ce_time", "1993-08-13T14:25:36Z"}};
  DecodeRecord(state, format, kRow, headers);
}
BENCHMARK(DecodeCloudEventsBinary);

void DecodeCloudEventsStructured(benchmark::State& state) {
  RecordFormat format;
  format.envelope = Envelope::kCloudEventsStructured;
  DecodeRecord(
      state, format,
      R"({"specversion":"1.0","id":"trx-0000123456","source":"core","type":"transaction.posted","time":"1993-08-13T14:25:36Z","data":)" +
          kRow + "}");
}
BENCHMARK(DecodeCloudEventsStructured);

void DecodeDebezium(benchmark::State& state) {
  RecordFormat format;
  format.envelope = Envelope::kDebezium;
  format.event = "transaction.posted";
  DecodeRecord(state, format,
               R"({"before":null,"after":)" + kRow +
                   R"(,"source":{"version":"2.5.0.Final","connector":"postgresql","name":"core","ts_ms":745251936000,"snapshot":"false",)"
                   R"("db":"bank","schema":"public","table":"bookings","txId":555,"lsn":24023128},"op":"c","ts_ms":745251936123})");
}
BENCHMARK(DecodeDebezium);

void PeekTime(benchmark::State& state) {
  const topology::Topology topology = TinyTopology();
  JsonEventDecoder decoder(topology);
  const PaddedBuffer line(kLine);
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(decoder.PeekTime(line.padded()));
}
BENCHMARK(PeekTime);

void WriteDecision(benchmark::State& state) {
  const topology::Topology topology = TinyTopology();
  const RecordWriter writer(topology);
  decision::CandidateRecord candidate;
  candidate.trigger = state::TriggerId{1};
  candidate.offer = state::OfferId{1};
  candidate.treatment = state::TreatmentId{1};
  candidate.channel = state::ChannelId{1};
  candidate.planned = FromEpochMs(1'772'357'400'000);
  candidate.score = expression::Value::Double(16.25);
  candidate.factors.fill(expression::Value::Double(0.04));
  candidate.arm = "treated";
  decision::DecisionRecord record;
  record.customer = "C00692";
  record.time = FromEpochMs(1'772'357'400'000);
  record.cause = {.kind = decision::CauseKind::kMoment, .source = "core", .id = "trx-0000123456"};
  record.triggers = {state::TriggerId{1}};
  record.candidates = {candidate, candidate, candidate};
  record.chosen = {{.high = 3, .low = 4}};
  std::string out;
  for ([[maybe_unused]] auto _ : state) {
    out.clear();
    writer.AppendDecision(out, record);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(out.size()) * state.iterations());
}
BENCHMARK(WriteDecision);

}  // namespace
}  // namespace antiphon::formats

// The formats on the event path. Release preset only. Quote ratios: figures vary from machine to machine.
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "services/formats/journal.h"
#include "services/formats/json_event_decoder.h"
#include "services/formats/record_writer.h"
#include "tests/support/tiny_topology.h"

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

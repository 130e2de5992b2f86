#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/formats/live_records.h"
#include "services/orchestrator/decoders.h"
#include "services/orchestrator/input_gate.h"
#include "services/orchestrator/lane.h"
#include "services/orchestrator/ledger_output.h"
#include "services/orchestrator/rekeyed_records.h"
#include "services/orchestrator/topology_parts.h"
#include "services/process/process_config.h"
#include "services/process/topic_table.h"
#include "services/runtime/clock.h"
#include "services/runtime/event_source.h"
#include "services/runtime/partition_task.h"
#include "state/base/result.h"
#include "state/store/state_store.h"

namespace antiphon::archive {

// JournalPlayer: one partition of a live run, played again from its journal: the same gate, task and engine, the records from where they
// were read, in the order in which they were applied, at the floors that held, under the settings and the version of the
// topology of each commit. So its lines and its state are those of the live run, to the byte. Used by one thread. Errors: kStopProcess,
// with place and remedy, if a record of the journal is not where it was. Source: docs/live.md, "Playing a journal".
class JournalPlayer {
 public:
  // An input of the live run, and where its records are read now.
  struct Input {
    std::string topic;
    runtime::LogId log;
    std::string correlation_header;
    std::size_t decoder = 0;  // its place among a version's decoders
    bool is_rekeyed = false;  // antiphon.rekeyed: each record by the decoder of the input that it came from
    bool is_control = false;
    bool begun = false;  // set by the player: from here on every record has its place in the journal
  };
  // What a version of the topology is played with: its parts, and decoders of this player alone.
  struct Version {
    std::shared_ptr<const orchestrator::TopologyParts> parts;
    orchestrator::Decoders decoders;  // as MakeDecoders has them
  };
  using FindVersion = std::function<Result<Version>(const Hash128& version)>;
  struct Options {
    std::uint32_t partition = 0;
    FindVersion versions;
    const process::ProcessConfig* config = nullptr;
    const process::TopicTable* topics = nullptr;
    runtime::Clock* clock = nullptr;
    runtime::EventSource* source = nullptr;    // assigned the inputs' logs where the journal is begun
    std::vector<Input> inputs;                 // in the order of the process file, control last
    std::unique_ptr<store::StateStore> store;  // empty, or at the commit before the first that is played
    store::SlotMap slots = store::SlotMap::Identity();
    orchestrator::OutputLines* lines = nullptr;
  };
  // What is pointed at outlives the player. `settings`: of the commit that left `store`, or of the first.
  [[nodiscard]] static Result<std::unique_ptr<JournalPlayer>> Create(Options options, const formats::LiveSettings& settings,
                                                                     EngineTime floor);

  // The state as a partition has it that goes on under these settings: what another topology drops is gone.
  [[nodiscard]] Result<void> Use(const formats::LiveSettings& settings);
  // Plays the next commit. Blocks until its records are read.
  [[nodiscard]] Result<void> Play(const formats::LiveCommit& commit);

  [[nodiscard]] runtime::PartitionTask& task() { return *task_; }
  [[nodiscard]] std::uint64_t records() const { return records_ + gate_->figures().records; }

 private:
  JournalPlayer(Options options, const formats::LiveSettings& settings, EngineTime floor);

  [[nodiscard]] Result<void> Open(std::unique_ptr<store::StateStore> store, store::SlotMap slots);
  [[nodiscard]] Result<void> PlayRange(const formats::LiveCommit& commit, const formats::JournalRange& range);
  // `refused`: what the journal says of a record that asks for a version of the topology.
  [[nodiscard]] Result<void> PlayCopy(const formats::LiveCommit& commit, const formats::JournalRecord& record, const std::string& refused);
  [[nodiscard]] Result<void> PlayRecord(const runtime::LogRecord& record, const formats::JournalRange& range, Input& input,
                                        std::uint64_t played);
  [[nodiscard]] Result<void> Apply(const runtime::LogRecord& record, const Input& input, const std::string& refused = {});
  [[nodiscard]] Result<Input*> InputOf(const std::string& topic);

  Options options_;
  formats::LiveSettings settings_;
  EngineTime floor_;
  std::uint64_t records_ = 0;  // under settings before
  Version version_;
  std::optional<orchestrator::RekeyedReader> rekeyed_;  // with the decoders of version_
  std::unique_ptr<orchestrator::LedgerOutput> output_;
  std::unique_ptr<runtime::PartitionTask> task_;
  std::unique_ptr<orchestrator::InputGate> gate_;
  std::vector<std::unique_ptr<orchestrator::LaneMemory>> memory_;  // by input
};

}  // namespace antiphon::archive

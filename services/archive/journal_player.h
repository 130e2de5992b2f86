#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/decision/engine.h"
#include "services/formats/live_records.h"
#include "services/formats/record_decoder.h"
#include "services/formats/record_writer.h"
#include "services/orchestrator/input_gate.h"
#include "services/orchestrator/lane.h"
#include "services/orchestrator/ledger_output.h"
#include "services/orchestrator/rekeyed_records.h"
#include "services/runtime/clock.h"
#include "services/runtime/event_source.h"
#include "services/runtime/partition_task.h"
#include "state/base/result.h"
#include "state/store/state_store.h"

namespace antiphon::archive {

// JournalPlayer: one partition of a live run, played again from its journal: the same gate, task and engine, the records from where they
// were read, in the order in which they were applied, at the floors that held. So its lines and its state are those of the live run, to the
// byte. Used by one thread. Errors: kStopProcess, with place and remedy, if a record of the journal is not where it was. Source:
// docs/live.md, "Playing a journal".
class JournalPlayer {
 public:
  // An input of the live run, and where its records are read now.
  struct Input {
    std::string topic;
    runtime::LogId log;
    std::string correlation_header;
    formats::RecordDecoder* decoder = nullptr;
    const orchestrator::RekeyedReader* rekeyed = nullptr;  // instead of it: of antiphon.rekeyed
    bool is_control = false;
    bool begun = false;  // set by the player: from here on every record has its place in the journal
  };
  struct Options {
    std::uint32_t partition = 0;
    const decision::Engine* engine = nullptr;
    const formats::RecordWriter* writer = nullptr;
    runtime::Clock* clock = nullptr;
    runtime::EventSource* source = nullptr;  // assigned the inputs' logs where the journal is begun
    std::vector<Input> inputs;
    std::unique_ptr<store::StateStore> store;  // empty, or at the commit before the first that is played
    store::SlotMap slots = store::SlotMap::Identity();
    orchestrator::OutputLines* lines = nullptr;
  };
  // What is pointed at outlives the player.
  [[nodiscard]] static Result<std::unique_ptr<JournalPlayer>> Create(Options options, const formats::LiveSettings& settings,
                                                                     EngineTime floor);

  // Plays the next commit. Blocks until its records are read.
  [[nodiscard]] Result<void> Play(const formats::LiveCommit& commit);

  [[nodiscard]] runtime::PartitionTask& task() { return *task_; }
  [[nodiscard]] std::uint64_t records() const { return gate_->figures().records; }

 private:
  JournalPlayer(Options options, const formats::LiveSettings& settings, EngineTime floor);

  [[nodiscard]] Result<void> PlayRange(const formats::LiveCommit& commit, const formats::JournalRange& range);
  [[nodiscard]] Result<void> PlayCopy(const formats::LiveCommit& commit, const formats::JournalRecord& record);
  [[nodiscard]] Result<void> PlayRecord(const runtime::LogRecord& record, const formats::JournalRange& range, Input& input,
                                        std::uint64_t played);
  [[nodiscard]] Result<void> Apply(const runtime::LogRecord& record, const Input& input);
  [[nodiscard]] Result<Input*> InputOf(const std::string& topic);

  Options options_;
  formats::LiveSettings settings_;
  EngineTime floor_;
  orchestrator::LedgerOutput output_;
  std::unique_ptr<runtime::PartitionTask> task_;
  std::unique_ptr<orchestrator::InputGate> gate_;
  std::vector<std::unique_ptr<orchestrator::LaneMemory>> memory_;  // by input
};

}  // namespace antiphon::archive

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "services/formats/dead_letter.h"
#include "services/orchestrator/live_figures.h"
#include "services/orchestrator/topology_parts.h"
#include "services/runtime/partition_task.h"
#include "state/base/result.h"
#include "state/base/time.h"

namespace antiphon::orchestrator {

enum class OutputKind : std::uint8_t { kContacts, kDecisions, kOutbound, kAnswer, kDeadLetter };

// One canonical line that leaves a partition, without its end. Borrowed during the call.
struct OutputLine {
  OutputKind kind = OutputKind::kContacts;
  std::string_view customer;
  std::string_view line;
  std::uint32_t topic = 0;       // kOutbound: where it goes
  std::uint32_t input = 0;       // kAnswer: the topic where the request stood
  std::string_view correlation;  // kAnswer: of the request; empty: none
  EngineTime time{};             // the engine's when it was said; never decreases
  std::uint32_t ordinal = 0;     // kDecisions, kContacts: among those of the customer, from 1
};

// OutputLines: where a partition's lines go: a transaction of a live run, a comparison of a verification.
class OutputLines {
 public:
  OutputLines() = default;
  OutputLines(const OutputLines&) = delete;
  OutputLines& operator=(const OutputLines&) = delete;
  virtual ~OutputLines() = default;

  [[nodiscard]] virtual Result<void> Put(const OutputLine& line) = 0;
};

// LedgerOutput: prints a partition's effects as their canonical lines, in order. Owned by the partition.
// An Error of the lines is kept: the caller asks status() after each step, and nothing is put after it.
class LedgerOutput final : public runtime::EffectsSink {
 public:
  // All must outlive it. `counts` may be null: nobody counts.
  LedgerOutput(const TopologyParts& version, OutputLines& lines, TransactionCounts* counts = nullptr)
      : version_(version), lines_(lines), counts_(counts) {}

  // The record that is applied next, for the answer that it may bring.
  void BeginInput(std::uint32_t input, std::string_view correlation) {
    input_ = input;
    correlation_ = correlation;
  }

  void Take(EngineTime now, decision::Effects& effects) override;
  // `now`: the partition's clock.
  void PutDeadLetter(const formats::DeadLetter& letter, std::string_view customer, EngineTime now);

  [[nodiscard]] const Result<void>& status() const { return status_; }

 private:
  void Put(OutputLine line);

  const TopologyParts& version_;
  OutputLines& lines_;
  TransactionCounts* counts_;
  std::uint32_t input_ = 0;
  std::string_view correlation_;
  std::string text_;
  Result<void> status_;
};

}  // namespace antiphon::orchestrator

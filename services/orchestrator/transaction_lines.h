#pragma once

#include <cstdint>

#include "services/orchestrator/ledger_output.h"
#include "services/orchestrator/process_parts.h"
#include "services/runtime/output_sink.h"

namespace antiphon::orchestrator {

// TransactionLines: a partition's lines as records of the transaction under way. Owned by the worker, one per partition.
class TransactionLines final : public OutputLines {
 public:
  // `parts` and `sink` outlive it; the sink is the worker's of the moment.
  TransactionLines(const ProcessParts& parts, std::int32_t partition, runtime::OutputSink& sink)
      : parts_(parts), partition_(partition), sink_(sink) {}

  [[nodiscard]] Result<void> Put(const OutputLine& line) override;

 private:
  const ProcessParts& parts_;
  std::int32_t partition_;
  runtime::OutputSink& sink_;
};

}  // namespace antiphon::orchestrator

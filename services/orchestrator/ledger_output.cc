#include "services/orchestrator/ledger_output.h"

namespace antiphon::orchestrator {

void LedgerOutput::Put(OutputLine line) {
  if (!status_) return;
  line.line = text_;
  status_ = lines_.Put(line);
}

void LedgerOutput::Take(EngineTime now, decision::Effects& effects) {
  if (counts_ != nullptr) counts_->AddEffects(effects, version_.count_ids());
  for (const decision::DecisionRecord& record : effects.decisions) {
    text_.clear();
    version_.writer().AppendDecision(text_, record);
    Put({.kind = OutputKind::kDecisions,
         .customer = record.customer,
         .line = {},
         .correlation = {},
         .time = now,
         .ordinal = record.ordinal});
  }
  for (const decision::ContactRecord& record : effects.contacts) {
    text_.clear();
    version_.writer().AppendContact(text_, record);
    Put({.kind = OutputKind::kContacts,
         .customer = record.customer,
         .line = {},
         .correlation = {},
         .time = now,
         .ordinal = record.ordinal});
  }
  for (const decision::OutboundRecord& record : effects.outbound) {
    text_.clear();
    version_.writer().AppendOutbound(text_, record);
    const bool answer = record.kind == decision::OutboundRecord::Kind::kAnswer;
    Put({.kind = answer ? OutputKind::kAnswer : OutputKind::kOutbound,
         .customer = record.customer,
         .line = {},
         .topic = answer ? 0 : version_.OutboundOf(record.channel),
         .input = input_,
         .correlation = correlation_,
         .time = now});
  }
}

void LedgerOutput::PutDeadLetter(const formats::DeadLetter& letter, std::string_view customer, EngineTime now) {
  if (counts_ != nullptr) counts_->Add(counts_->places().Of(letter.reason));
  text_.clear();
  version_.writer().AppendDeadLetter(text_, letter);
  Put({.kind = OutputKind::kDeadLetter, .customer = customer, .line = {}, .correlation = {}, .time = now});
}

}  // namespace antiphon::orchestrator

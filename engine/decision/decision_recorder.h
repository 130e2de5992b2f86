#pragma once

#include <span>

#include "engine/decision/candidates.h"
#include "engine/decision/step.h"

namespace antiphon::decision {

// A decision while it is made: its id stands from the beginning, since contacts carry it; the record, in its place in the effects from the
// beginning too, is completed at the end. One at a time: no decision is made within another (checked).
class DecisionRecorder {
 public:
  // Takes the next ordinal of the customer's decisions at this engine time; copies the question's cause.
  DecisionRecorder(Step& step, const DecisionQuestion& question);

  [[nodiscard]] const Hash128& id() const { return record_.id; }
  // The id of the contact for a chosen (or withheld) candidate; counts the contacts of the decision.
  [[nodiscard]] Hash128 NextContactId(const Candidate& candidate);
  void Chosen(const Hash128& contact_id) { record_.chosen.push_back(contact_id); }

  // Completes the record: candidates in order of rank, then the closed ones by offer and treatment.
  void Write(Step& step, std::span<const Candidate> candidates);

 private:
  const topology::Topology& topology_;
  DecisionRecord& record_;  // the last of the effects
  std::uint32_t contacts_ = 0;
};

// A draft of the contact that a candidate becomes.
[[nodiscard]] state::Contact DraftContact(const Step& step, const DecisionQuestion& question, const Candidate& candidate,
                                          const DecisionRecorder& recorder);

// The candidates that passed, by rank, as positions. Valid until the next call.
[[nodiscard]] std::span<const std::size_t> RankPassed(Step& step, std::span<const Candidate> candidates);

// The campaign that a candidate counts for: its offer's, else its trigger's.
[[nodiscard]] state::CampaignId CampaignOf(const topology::Topology& topology, const CandidateRecord& record);

// The arms of the customer for a candidate; closes nothing.
enum class Arm : std::uint8_t { kTreated, kUniversalHoldout, kControl };
[[nodiscard]] Arm ArmOf(const Step& step, const Candidate& candidate);

// Closes a candidate that had passed.
void CloseCandidate(Candidate& candidate, Stage stage, std::string_view rule);

}  // namespace antiphon::decision

#pragma once

#include <span>

#include "engine/decision/step.h"

namespace antiphon::decision {

// Decides moments of the customer for outbound: one winner at most, planned, sent at once, or withheld; under `moments: in_order` one
// decision for each, by priority, then id. Moments that expired before `at` are counted and dropped from the question. `numbers` name
// moments of the record; none is added or forgotten. Source: docs/arbitration.md.
void DecideMoments(Step& step, std::span<const std::uint32_t> numbers, CauseKind cause);

// A contact that waited is due, or its place was broken by another: it is decided again, among the offers of its own moments and of every
// open moment without a contact. Source: docs/contact-policy.md, "When due".
void DecideDue(Step& step, std::uint32_t contact_number, const CauseView& cause);

// What to do when the due timer of a contact fires: nothing can be said while the partition is not current.
void ContactFallsDue(Step& step, std::uint32_t contact_number);

// The moment's retry timer fired: it is decided again, together with every other whose timer is due by now, as moments that one input
// opens are. Their timers are taken away.
void RetryMoments(Step& step, std::uint32_t moment_number);

}  // namespace antiphon::decision

#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "services/live/cluster_view.h"
#include "services/live/dead_letter_log.h"
#include "services/runtime/event_source.h"
#include "state/base/result.h"

namespace antiphon::live {

// Which dead letters are to be sent again.
struct RedriveWish {
  std::set<RecordPlace> places;              // these, or
  std::function<bool(const Letter&)> wants;  // all that it wants, if there are no places
  bool again = false;                        // also those that were sent again before
};

// What is to be sent, or was.
struct RedriveReport {
  std::vector<RecordPlace> sent;     // or would be
  std::vector<RecordPlace> before;   // were sent again before, and are left alone
  std::vector<RecordPlace> unknown;  // of the wish: there is no such letter
  std::vector<std::string> refused;  // cannot be sent, with the reason
};

// What a re-drive would do. Reads only.
[[nodiscard]] Result<RedriveReport> PlanRedrive(const ClusterView& view, const RedriveWish& wish);

// Sends the letters' records to their topics again: the original bytes, key and headers while the topic has them, else the letter's bytes
// under the customer; with the header kRedriveHeader. A note in antiphon.dead-letters stands in the same transaction, so no letter is sent
// twice, however this ends; two at a time fence each other off. Nothing is sent if the wish has unknown places. An Error says how far it
// came; the same wish again sends the rest. Source: docs/live.md, "Dead letters".
[[nodiscard]] Result<RedriveReport> Redrive(const ClusterView& view, const RedriveWish& wish);

}  // namespace antiphon::live

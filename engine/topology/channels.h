#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/calendar/holidays.h"
#include "engine/calendar/weekly_hours.h"
#include "engine/topology/offers.h"
#include "state/base/time.h"
#include "state/model/contact.h"
#include "state/model/ids.h"

namespace antiphon::topology {

// What a response code of a channel means.
struct ResponseCode {
  std::string code;
  state::ContactStatus moves_to = state::ContactStatus::kNone;  // kNone: a fact alone, or a note
  std::uint8_t facts = 0;
  bool opt_out = false;  // a change of consent in the same step: marketing on this channel
  bool opt_out_everywhere = false;
  bool bad_address = false;  // the channel's contact point is no longer good
};

// How the bank reaches a customer on a channel.
struct Address {
  bool by_channel = false;                    // the bank's own system knows it: reachable until an event says otherwise
  std::vector<state::ProfileFieldId> fields;  // else: one of these is known
  state::ContactPointId point = state::kNone<state::ContactPointId>;  // and this is not bad
};

struct Channel {
  std::string id;
  std::string about;
  bool outbound = true;  // may carry sends
  bool inbound = false;  // may carry answers
  Address address;
  std::optional<calendar::WeeklyHours> open;  // in the bank's zone; none: always
  std::optional<calendar::HolidayCalendar> holidays;
  std::optional<calendar::WeeklyHours> quiet;  // in the customer's zone
  std::int64_t cost = 0;
  WhenDue when_due = WhenDue::kDecideAgain;
  Milliseconds response_window{0};                        // 0: no_response is never noted
  Milliseconds answer_valid_for{std::chrono::hours{24}};  // inbound proposals
  std::vector<ResponseCode> responses;                    // sorted by code; includes the built-in ones
};

}  // namespace antiphon::topology

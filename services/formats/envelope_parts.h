#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "services/formats/column_value.h"
#include "services/formats/event_draft.h"
#include "services/formats/padded_text.h"
#include "services/formats/typed_text.h"
#include "state/base/time.h"

namespace antiphon::formats {

// EnvelopeParts: what an envelope says of an event, and the payload within it. Texts are borrowed from the record or the arena.
struct EnvelopeParts {
  std::string_view type;  // empty: the payload names it
  std::string_view id;    // these: empty or nothing where the envelope does not say
  std::string_view source;
  std::string_view customer;
  std::optional<EngineTime> time;
  bool backfill = false;
  PaddedText payload;
  std::uint32_t message = 0;  // kProtobuf: of a ProtoPayload
  ValueFault fault;           // of an attribute; the first one
  std::string_view fault_at;

  void Note(const ValueFault& found, std::string_view at) {
    if (!found.bad() || fault.bad()) return;
    fault = found;
    fault_at = at;
  }
  // What the payload did not say. A customer who is declared to stand in the envelope is never looked for in the payload.
  void FillIn(EventDraft& draft) const {
    if (draft.id.empty()) draft.id = id;
    if (draft.customer.empty()) draft.customer = customer;
    if (!draft.time) draft.time = time;
    draft.source = source;
    draft.backfill = draft.backfill || backfill;
    if (fault.bad() && !draft.fault.bad()) draft.Note(fault, fault_at);
  }
};

}  // namespace antiphon::formats

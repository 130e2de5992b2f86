#include "services/formats/decoded.h"

#include <utility>

namespace antiphon::formats {

void MakeDeadLetter(Decoded& out, DeadLetterReason reason, std::string message) {
  out.kind = Decoded::Kind::kDeadLetter;
  out.reason = reason;
  out.message = std::move(message);
}

}  // namespace antiphon::formats

#include "state/model/contact.h"

namespace antiphon::state {

bool TakesPlace(const Contact& contact) {
  switch (contact.status) {
    case ContactStatus::kNone:
    case ContactStatus::kFailed:
    case ContactStatus::kReleased:
    case ContactStatus::kCancelled:
    case ContactStatus::kExpired:
      return false;
    case ContactStatus::kWithheld:
      return contact.withholding != Withholding::kControl;
    default:
      return true;
  }
}

bool IsOpen(ContactStatus status) {
  return status == ContactStatus::kPlanned || status == ContactStatus::kWithheld || status == ContactStatus::kProposed;
}

}  // namespace antiphon::state

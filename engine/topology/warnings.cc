#include "engine/topology/warnings.h"

namespace antiphon::topology {

void WarnOfTopology(Loading& /*loading*/) {}

}  // namespace antiphon::topology

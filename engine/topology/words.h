#pragma once

#include "engine/topology/map_reader.h"
#include "state/model/contact.h"

// The closed lists of words that several sections share. Internal to this room.
namespace antiphon::topology {

[[nodiscard]] inline const Words<state::ContactClass>& ClassWords() {
  static const Words<state::ContactClass> kWords = {{"marketing", state::ContactClass::kMarketing},
                                                    {"advice", state::ContactClass::kAdvice},
                                                    {"service", state::ContactClass::kService},
                                                    {"mandatory", state::ContactClass::kMandatory}};
  return kWords;
}

[[nodiscard]] inline std::vector<std::string> ClassNames() { return {"advice", "mandatory", "marketing", "service"}; }

}  // namespace antiphon::topology

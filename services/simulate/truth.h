#pragma once

#include <string>

#include "services/simulate/behaviour.h"
#include "services/simulate/customer.h"

namespace antiphon::simulate {

// Appends the hidden truth of one customer as a JSON line: who he is and what befell him between the first and the last simulated day.
// Fields: docs/simulated-bank.md, "The truth file".
void AppendTruth(std::string& out, const World& world, const Customer& customer);

}  // namespace antiphon::simulate

#pragma once

#include <string>

#include "services/archive/manifest.h"
#include "state/base/result.h"

namespace antiphon::live {

// --from and --to as an operator writes them: "2026-03-01T09:30:00Z", or "2026-03-01" for its midnight in UTC; empty: not given.
[[nodiscard]] Result<archive::Stretch> StretchOf(const std::string& from, const std::string& to);

}  // namespace antiphon::live

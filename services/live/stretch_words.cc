#include "services/live/stretch_words.h"

#include <optional>

namespace antiphon::live {
namespace {

Result<std::optional<EngineTime>> TimeOf(const char* option, const std::string& text) {
  if (text.empty()) return std::optional<EngineTime>();
  auto time = ParseTime(text);
  if (!time) time = ParseTime(text + "T00:00:00Z");
  if (time) return time;
  return Fail(Recovery::kStopProcess, std::string(option) + " '" + text + "' is no time; write 2026-03-01T09:30:00Z or 2026-03-01");
}

}  // namespace

Result<archive::Stretch> StretchOf(const std::string& from, const std::string& to) {
  const auto begin = TimeOf("--from", from);
  if (!begin) return std::unexpected(begin.error());
  const auto end = TimeOf("--to", to);
  if (!end) return std::unexpected(end.error());
  if (*begin && *end && **begin >= **end)
    return Fail(Recovery::kStopProcess, "--from must be before --to, which is not in the stretch itself");
  return archive::Stretch{.from = *begin, .to = *end};
}

}  // namespace antiphon::live

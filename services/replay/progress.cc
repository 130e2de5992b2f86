#include "services/replay/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <string>

namespace antiphon::replay {
namespace {

constexpr std::chrono::milliseconds kInterval{200};
constexpr double kRateFromSeconds = 0.5;  // before that a rate says nothing

std::string TimeLeft(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::lround(seconds));
  if (whole >= 3600) return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
  if (whole >= 60) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} s", whole);
}

}  // namespace

std::FILE* TerminalOrNull(std::FILE* file) { return ::isatty(::fileno(file)) != 0 ? file : nullptr; }

void Progress::Show(std::uint64_t lines, std::uint64_t bytes_done, std::uint64_t bytes_size) {
  if (terminal_ == nullptr) return;
  const SteadyTime now = std::chrono::steady_clock::now();
  if (now - shown_ < kInterval) return;
  shown_ = now;
  const double passed = seconds();
  std::string text = fmt::format("\r\x1b[K{} lines", lines);
  if (passed > kRateFromSeconds) {
    text += fmt::format(", {:.0f} lines/s", static_cast<double>(lines) / passed);
    if (bytes_size > 0 && bytes_done > 0) {
      const double share = static_cast<double>(bytes_done) / static_cast<double>(bytes_size);
      text += fmt::format(", {:.0f} %, {} left", share * 100, TimeLeft(passed / share - passed));
    }
  }
  std::fputs(text.c_str(), terminal_);
  std::fflush(terminal_);
}

void Progress::Clear() {
  if (terminal_ == nullptr || shown_ == SteadyTime{}) return;
  std::fputs("\r\x1b[K", terminal_);
  std::fflush(terminal_);
}

}  // namespace antiphon::replay

#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>

namespace antiphon::replay {

// `file` if it is a terminal, for what is not to be seen in a pipe or a file.
[[nodiscard]] std::FILE* TerminalOrNull(std::FILE* file);

// Progress: one line on a terminal that is written over again, a few times a second: lines, rate, time left. Quiet without a terminal.
class Progress {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;

  // `terminal` may be nullptr.
  explicit Progress(std::FILE* terminal) : terminal_(terminal), started_(std::chrono::steady_clock::now()) {}

  // Cheap: looks at the clock, and prints if it is time. `size` 0: unknown.
  void Show(std::uint64_t lines, std::uint64_t bytes_done, std::uint64_t bytes_size);
  // Takes the line away.
  void Clear();

  [[nodiscard]] double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count(); }

 private:
  std::FILE* terminal_;
  SteadyTime started_;
  SteadyTime shown_{};
};

}  // namespace antiphon::replay

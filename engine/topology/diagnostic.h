#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace antiphon::topology {

enum class Severity : std::uint8_t { kError, kWarning, kNote };

// Something that an operator should know of what he wrote, and its place. Codes are stable and listed in docs/topology-reference.md.
struct Diagnostic {
  Severity severity = Severity::kError;
  std::string code;          // "unknown_channel"
  std::string file;          // as SourceFiles names it
  std::uint32_t line = 1;    // from 1
  std::uint32_t column = 1;  // from 1, in code points
  std::string text;          // what was written there, shortened
  std::string message;
  std::string remedy;  // what to write instead, or empty

  friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

// "policy.yaml:12:7: error: no channel is called 'smss'; did you mean 'sms'? [unknown_channel]"
[[nodiscard]] std::string ToString(const Diagnostic& diagnostic);

// Diagnostics: collects what one load finds. The same complaint at the same place is kept once (a condition is compiled for each event type
// that it meets). Bounded: after kMax the rest is counted only.
class Diagnostics {
 public:
  static constexpr std::size_t kMax = 500;

  void Add(Diagnostic diagnostic);
  [[nodiscard]] bool has_errors() const { return errors_ > 0; }
  [[nodiscard]] std::size_t errors() const { return errors_; }
  // By file, line and column; errors, warnings and notes mixed. Empties the collection.
  [[nodiscard]] std::vector<Diagnostic> Take();

 private:
  std::vector<Diagnostic> diagnostics_;
  std::size_t errors_ = 0;
  std::size_t left_out_ = 0;
};

}  // namespace antiphon::topology

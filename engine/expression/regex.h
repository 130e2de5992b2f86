#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace antiphon::expression {

// Regex: a compiled pattern of RE2's syntax; linear in the text, bounded memory. Immutable and thread-safe.
// Source: https://github.com/google/re2/wiki/Syntax. RE2 is included in regex.cc only.
class Regex {
 public:
  explicit Regex(std::string_view pattern);
  ~Regex();
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;

  // Empty if the pattern is good; else what is wrong with it.
  [[nodiscard]] std::string error() const;
  // Whether the pattern matches anywhere in the text. REQUIRES: error() is empty.
  [[nodiscard]] bool Matches(std::string_view text) const;

 private:
  struct Compiled;
  std::unique_ptr<const Compiled> compiled_;
};

}  // namespace antiphon::expression

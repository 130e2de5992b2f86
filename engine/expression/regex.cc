#include "engine/expression/regex.h"

#include <re2/re2.h>

namespace antiphon::expression {
namespace {

re2::StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }

RE2::Options Quiet() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  return options;
}

}  // namespace

struct Regex::Compiled {
  explicit Compiled(std::string_view pattern) : re(Piece(pattern), Quiet()) {}
  RE2 re;
};

Regex::Regex(std::string_view pattern) : compiled_(std::make_unique<const Compiled>(pattern)) {}
Regex::~Regex() = default;
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;

std::string Regex::error() const { return compiled_->re.ok() ? std::string() : compiled_->re.error(); }

bool Regex::Matches(std::string_view text) const { return RE2::PartialMatch(Piece(text), compiled_->re); }

}  // namespace antiphon::expression

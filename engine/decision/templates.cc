#include "engine/decision/templates.h"

#include <array>
#include <charconv>
#include <cstdlib>

#include "engine/decision/customer_questions.h"

namespace antiphon::decision {
namespace {

using expression::Kind;
using expression::Value;

void AppendMoney(std::string& out, std::int64_t minor, std::uint8_t scale) {
  std::string digits = std::to_string(minor < 0 ? 0 - static_cast<std::uint64_t>(minor) : static_cast<std::uint64_t>(minor));
  if (digits.size() <= scale) digits.insert(0, scale + 1U - digits.size(), '0');
  if (minor < 0) out += '-';
  out.append(digits, 0, digits.size() - scale);
  if (scale > 0) out.append(".").append(digits, digits.size() - scale, scale);
}

void AppendDouble(std::string& out, double value) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  out.append(digits.data(), end.ptr);
}

void AppendDate(std::string& out, const Step& step, const Value& value) {
  const auto local = ZoneOf(step).ToLocal(FromEpochMs(value.as_ms()));
  const std::size_t date_end = out.size() + std::string_view("2026-03-01").size();
  AppendTime(out, EngineTime{local.time_since_epoch()});
  out.resize(date_end);
}

// False if the value is not one that a text can hold, or is empty.
bool AppendValue(std::string& out, const Step& step, const topology::Template::Piece& piece, const Value& value) {
  switch (value.kind()) {
    case Kind::kString:
      out += value.as_text();
      return !value.as_text().empty();
    case Kind::kInt:
      AppendMoney(out, value.as_int(), piece.scale);
      return true;
    case Kind::kUint:
      out += std::to_string(value.as_uint());
      return true;
    case Kind::kDouble:
      AppendDouble(out, value.as_double());
      return true;
    case Kind::kBool:
      out += value.as_bool() ? "true" : "false";
      return true;
    case Kind::kTimestamp:
      AppendDate(out, step, value);
      return true;
    case Kind::kDuration:
      out += FormatDuration(Milliseconds{value.as_ms()});
      return true;
    default:
      return false;
  }
}

}  // namespace

bool FillTemplate(const Step& step, const Evaluation& evaluation, const topology::Template& form, std::string& text) {
  text.clear();
  for (const topology::Template::Piece& piece : form.pieces) {
    if (!piece.program) {
      text += piece.text;
      continue;
    }
    if (AppendValue(text, step, piece, evaluation.Evaluate(*piece.program))) continue;
    text.clear();
    return false;
  }
  return true;
}

const topology::Template* TemplateFor(const Step& step, const topology::Treatment& treatment, state::LanguageId asked,
                                      state::LanguageId& language) {
  for (const state::LanguageId wanted : {asked, LanguageOf(step), step.topology.default_language}) {
    if (wanted.value() >= treatment.by_language.size()) continue;
    const auto& form = treatment.by_language[wanted.value()];
    if (!form) continue;
    language = wanted;
    return &*form;
  }
  return nullptr;
}

}  // namespace antiphon::decision

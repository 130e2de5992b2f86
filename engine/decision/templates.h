#pragma once

#include <string>

#include "engine/decision/evaluation.h"
#include "engine/topology/offers.h"

namespace antiphon::decision {

// Sets `text` to the template with its values put in; false, and `text` empty, if a value is absent, empty or fails: never half-filled.
// Money is printed with the digits of its currency ("1234.50"), a time as its date in the customer's zone (2026-03-01), a double in its
// shortest form.
[[nodiscard]] bool FillTemplate(const Step& step, const Evaluation& evaluation, const topology::Template& form, std::string& text);

// The treatment's text in the first of these languages in which the author wrote one: the one asked for (kNone: none is), the customer's,
// the default one; nullptr if in none. `language` gets which.
[[nodiscard]] const topology::Template* TemplateFor(const Step& step, const topology::Treatment& treatment, state::LanguageId asked,
                                                    state::LanguageId& language);

}  // namespace antiphon::decision

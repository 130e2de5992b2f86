#pragma once

#include <span>
#include <string_view>

#include "engine/expression/builtins.h"

namespace antiphon::expression {

// 'text'.format([..]): %s %d %f %e %b %o %x %X and %%, with a precision ("%.3f"). Source: cel-spec, strings extension, "Format".
[[nodiscard]] Value Format(CallContext& context, std::string_view format, std::span<const Value> args);

}  // namespace antiphon::expression

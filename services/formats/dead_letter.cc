#include "services/formats/dead_letter.h"

#include <array>
#include <cstddef>

namespace antiphon::formats {

std::string_view DeadLetterReasonName(DeadLetterReason reason) {
  static constexpr std::array<std::string_view, 22> kNames{"",
                                                           "not_json",
                                                           "too_large",
                                                           "no_type",
                                                           "unknown_type",
                                                           "no_time",
                                                           "time_out_of_bounds",
                                                           "no_customer",
                                                           "bad_customer",
                                                           "bad_id",
                                                           "missing_field",
                                                           "bad_field",
                                                           "field_out_of_range",
                                                           "bad_control",
                                                           "unknown_target",
                                                           "bad_frame",
                                                           "unknown_schema",
                                                           "bad_envelope",
                                                           "not_protobuf",
                                                           "unknown_message",
                                                           "wrong_partition",
                                                           "broken_file"};
  return kNames.at(static_cast<std::size_t>(reason));
}

}  // namespace antiphon::formats

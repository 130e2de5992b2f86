#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "services/formats/decoded.h"
#include "services/formats/padded_text.h"
#include "services/formats/record_decoder.h"
#include "services/formats/record_format.h"
#include "state/base/result.h"

namespace antiphon::formats {

// RegistryFrame: checks and strips what a serializer of the Schema Registry writes before a value. No registry is asked. Immutable.
//   frame   := id indexes?                 before the value; or in the header __value_schema_id, and the value is bare
//   id      := 0x00 u32 BE | 0x01 16 bytes (a GUID)
//   indexes := count path..                protobuf only: zigzag varints, the place of the message in its file; [0] may be the one byte
//   0x00
// Source: docs.confluent.io, "Wire format".
class RegistryFrame {
 public:
  // `message_path` is empty for JSON. Errors: a GUID that is none.
  [[nodiscard]] static Result<RegistryFrame> Create(const RecordFormat& format, std::vector<std::int32_t> message_path);

  // False: `out` says what is wrong.
  [[nodiscard]] bool Strip(PaddedText value, std::span<const RecordHeader> headers, PaddedText& body, Decoded& out) const;

 private:
  using Guid = std::array<char, 16>;
  [[nodiscard]] bool ReadFrame(std::string_view& bytes, Decoded& out) const;
  [[nodiscard]] bool ReadPath(std::string_view& bytes, Decoded& out) const;

  std::vector<std::uint32_t> ids_;
  std::vector<Guid> guids_;
  std::vector<std::int32_t> message_path_;
};

}  // namespace antiphon::formats

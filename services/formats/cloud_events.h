#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/expression/arena.h"
#include "services/formats/decoded.h"
#include "services/formats/envelope_parts.h"
#include "services/formats/json_cursor.h"
#include "services/formats/key_table.h"
#include "services/formats/padded_text.h"
#include "services/formats/record_decoder.h"
#include "services/formats/record_format.h"
#include "services/formats/value_reader.h"

namespace antiphon::formats {

// CloudEventReader: the attributes of a CloudEvent and its data. Version 1.x, in the binary mode (attributes are headers `ce_..`, the value
// is the data) or the structured one (the value is a JSON object). id, source and specversion must be there; data may be absent. Source:
// cloudevents/spec, kafka-protocol-binding.md and json-format.md. Not thread-safe.
class CloudEventReader {
 public:
  // `format` must outlive it.
  explicit CloudEventReader(const RecordFormat& format);

  // False: `out` says what is wrong. What is wrong with a time or a length is noted in the parts.
  [[nodiscard]] bool ReadBinary(PaddedText value, std::span<const RecordHeader> headers, EnvelopeParts& parts, Decoded& out);
  [[nodiscard]] bool ReadStructured(PaddedText value, std::span<const RecordHeader> headers, expression::Arena& arena, EnvelopeParts& parts,
                                    Decoded& out);

 private:
  enum Attribute : std::uint32_t {
    kId,
    kSource,
    kType,
    kTime,
    kSpecVersion,
    kContentType,
    kBackfill,
    kCustomer,
    kData,
    kDataBase64,
    kCount
  };
  struct Found;

  bool Finish(const Found& found, EnvelopeParts& parts, Decoded& out) const;
  bool ReadAttributes(Found& found, expression::Arena& arena, Decoded& out);
  bool TakeData(const Found& found, expression::Arena& arena, EnvelopeParts& parts, Decoded& out);

  const RecordFormat& format_;
  KeyTable attributes_;
  PaddedBuffer name_;
  JsonCursor cursor_;
  ValueReader reader_{cursor_};
};

}  // namespace antiphon::formats

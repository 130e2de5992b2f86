#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/expression/arena.h"
#include "services/formats/column_value.h"
#include "services/formats/decode_plan.h"
#include "services/formats/decoded.h"
#include "services/formats/envelope_parts.h"
#include "services/formats/json_cursor.h"
#include "services/formats/key_table.h"
#include "services/formats/padded_text.h"
#include "services/formats/record_decoder.h"
#include "services/formats/record_format.h"

namespace antiphon::formats {

// DebeziumReader: a change of a row -> the row that is the event's payload (`after`; of a delete `before`), its type by the operation, its
// time (`source.ts_ms`) and an id that is the same when the connector sends the change again:
//   database.schema.table@position:operation:hash of the record's key, or of the row where there is no key
// The position is what the connector has: lsn, scn with rs_id and ssn, file with pos and row, commit_lsn with change_lsn and
// event_serial_no, ord. Without one the id is empty. Of a snapshot's rows the position is the same, the key is not.
// Takes {schema, payload} and payload alone. Source: debezium.io, the pages of the connectors, "Data change events". Not thread-safe.
class DebeziumReader {
 public:
  // `format` must outlive it.
  explicit DebeziumReader(const RecordFormat& format);

  // False: `out` says what is wrong, or that the change is no event.
  [[nodiscard]] bool Read(const TopicRecord& record, PaddedText value, expression::Arena& arena, EnvelopeParts& parts, Decoded& out);

  // How the columns of the record read last are written, by member of the plan. Until the next Read.
  [[nodiscard]] std::span<const ColumnForm> FormsOf(const DecodePlan& plan);

 private:
  enum Part : std::uint32_t { kSchema, kPayload, kBefore, kAfter, kSource, kOp, kTsMs, kPartCount };
  using Parts = std::array<std::string_view, kPartCount>;  // as they stand in the text; empty: null, or not there
  enum SourceKey : std::uint32_t { kDb, kSchemaName, kTable, kCollection, kSourceTsMs, kFirstPosition };

  bool Scan(PaddedText object, Parts& found, Decoded& out);
  bool ReadOperation(const Parts& found, EnvelopeParts& parts, Decoded& out) const;
  bool ReadSource(const TopicRecord& record, const Parts& found, expression::Arena& arena, EnvelopeParts& parts, Decoded& out);
  void ReadSchema(std::string_view schema);
  template <typename ReadItem>
  void ForEachField(const ReadItem& read);
  void ReadColumns();
  void ReadColumn();

  const RecordFormat& format_;
  KeyTable part_keys_;
  KeyTable source_keys_;
  PaddedBuffer key_;
  std::string id_;
  JsonCursor cursor_;

  ColumnForm usual_;         // of columns without a schema
  std::string schema_;       // the one that columns_ was read from; records of one table mostly have the same
  bool has_schema_ = false;  // the record read last
  std::map<std::string, ColumnForm, std::less<>> columns_;
  std::map<const DecodePlan*, std::vector<ColumnForm>> usual_forms_;
  std::map<const DecodePlan*, std::vector<ColumnForm>> schema_forms_;  // of schema_
};

}  // namespace antiphon::formats

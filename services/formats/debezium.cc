#include "services/formats/debezium.h"

#include <utility>

#include "services/formats/decimal.h"
#include "services/formats/json_payload.h"
#include "state/base/hash.h"

namespace antiphon::formats {
namespace {

// What a connector has as the place of a change in the database's own log, in the order of the id.
constexpr std::array<std::string_view, 11> kPositionKeys{
    "lsn", "commit_lsn", "change_lsn", "event_serial_no", "scn", "rs_id", "ssn", "file", "pos", "row", "ord"};

bool BadEnvelope(Decoded& out, const char* what) {
  MakeDeadLetter(out, DeadLetterReason::kBadEnvelope, what);
  return false;
}

bool NotJson(Decoded& out, const char* what = "not JSON, or cut off") {
  MakeDeadLetter(out, DeadLetterReason::kNotJson, what);
  return false;
}

// A text without its quotes, or the digits of a number.
std::string_view Bare(std::string_view value) {
  if (value.size() >= 2 && value.front() == '"') return value.substr(1, value.size() - 2);
  return value;
}

std::optional<EngineTime> MillisecondsAt(std::string_view value) {
  const auto ms = ReadDecimal(value, 0);
  if (!ms || *ms == 0) return std::nullopt;  // snapshots of old connectors have 0
  return FromEpochMs(*ms);
}

}  // namespace

DebeziumReader::DebeziumReader(const RecordFormat& format) : format_(format) {
  constexpr std::array<std::string_view, kPartCount> kParts{"schema", "payload", "before", "after", "source", "op", "ts_ms"};
  for (std::uint32_t i = 0; i < kPartCount; ++i) part_keys_.Add(kParts[i], i);
  source_keys_.Add("db", kDb);
  source_keys_.Add("schema", kSchemaName);
  source_keys_.Add("table", kTable);
  source_keys_.Add("collection", kCollection);
  source_keys_.Add("ts_ms", kSourceTsMs);
  for (std::uint32_t i = 0; i < kPositionKeys.size(); ++i) source_keys_.Add(kPositionKeys[i], kFirstPosition + i);
  if (format.decimals == ColumnDecimals::kBytes) usual_.number = ColumnForm::Number::kUnscaled;
  if (format.times == ColumnTimes::kMicroseconds) usual_.time = ColumnForm::Time::kMicroseconds;
  if (format.times == ColumnTimes::kNanoseconds) usual_.time = ColumnForm::Time::kNanoseconds;
}

// The members of one object that are parts of an envelope, as they stand in the text. A key that is read may stand once.
bool DebeziumReader::Scan(PaddedText object, Parts& found, Decoded& out) {
  std::array<bool, kPartCount> seen{};
  bool twice = false;
  cursor_.Start(object);
  if (!cursor_.Enter('{')) return NotJson(out, "not a JSON object");
  while (true) {
    JsonString key;
    const JsonCursor::Next next = cursor_.NextMember(key);
    if (next == JsonCursor::Next::kFault) return NotJson(out);
    if (next == JsonCursor::Next::kEnd) break;
    (void)cursor_.Peek();
    const JsonCursor::Place begin = cursor_.place();
    if (!cursor_.SkipValue()) return NotJson(out);
    const std::uint32_t part = part_keys_.Find(key.escaped ? key_.Assign(Unescaped(key.raw)).text() : key.raw);
    if (part == KeyTable::kNone) continue;
    twice = twice || seen[part];
    seen[part] = true;
    if (*begin != 'n') found[part] = {begin, static_cast<std::size_t>(cursor_.place() - begin)};
  }
  if (!cursor_.AtEnd()) return NotJson(out, "more than one JSON object in the record");
  return !twice || NotJson(out, "a key of the envelope stands there twice");
}

bool DebeziumReader::ReadOperation(const Parts& found, EnvelopeParts& parts, Decoded& out) const {
  const std::string_view op = Bare(found[kOp]);
  if (op.size() != 1 || found[kOp].size() != 3) return BadEnvelope(out, "no op: not an envelope of Debezium");
  const auto named = format_.operations.find(op);
  const bool change = op == "c" || op == "u" || op == "r";
  if (named != format_.operations.end()) {
    parts.type = named->second;
  } else if (change) {
    parts.type = format_.event;
  }
  if (parts.type.empty()) {
    out.kind = Decoded::Kind::kSkipped;
    return false;
  }
  const std::string_view row = found[op == "d" ? kBefore : kAfter];
  if (row.empty() || row.front() != '{')
    return BadEnvelope(out, op == "d" ? "a delete without its row in before" : "a change without its row in after");
  parts.payload = PaddedText::AssumePadded(row);
  parts.backfill = op == "r" && format_.snapshot_is_backfill;
  return true;
}

bool DebeziumReader::ReadSource(const TopicRecord& record, const Parts& found, expression::Arena& arena, EnvelopeParts& parts,
                                Decoded& out) {
  if (found[kSource].empty() || found[kSource].front() != '{') return BadEnvelope(out, "no source: not an envelope of Debezium");
  std::array<std::string_view, kFirstPosition + kPositionKeys.size()> values{};
  cursor_.Start(PaddedText::AssumePadded(found[kSource]));
  (void)cursor_.Enter('{');
  JsonString key;
  while (cursor_.NextMember(key) == JsonCursor::Next::kValue) {  // it was checked by Scan
    (void)cursor_.Peek();
    const JsonCursor::Place begin = cursor_.place();
    (void)cursor_.SkipValue();
    const std::uint32_t number = source_keys_.Find(key.raw);
    if (number != KeyTable::kNone && *begin != 'n') values[number] = {begin, static_cast<std::size_t>(cursor_.place() - begin)};
  }
  parts.time = MillisecondsAt(values[kSourceTsMs]);
  if (!parts.time) parts.time = MillisecondsAt(found[kTsMs]);

  id_.clear();
  for (const std::string_view name : {values[kDb], values[kSchemaName], values[kTable], values[kCollection]}) {
    if (!name.empty()) id_.append(id_.empty() ? "" : ".").append(Bare(name));
  }
  const std::size_t table_end = id_.size();
  for (std::size_t i = kFirstPosition; i < values.size(); ++i) {
    if (!values[i].empty()) id_.append(id_.size() == table_end ? "@" : "/").append(Bare(values[i]));
  }
  if (id_.size() == table_end) return true;
  const Hash128 hash = HashBytes128(record.key && !record.key->empty() ? *record.key : parts.payload.text());
  id_.append(":").append(Bare(found[kOp])).append(":");
  for (unsigned shift = 64; shift > 0; shift -= 4) id_.push_back("0123456789abcdef"[hash.high >> (shift - 4) & 0xFU]);
  if (id_.size() > kIdBytesMax) {
    parts.Note(AsIdFault(OutOfRange("longer than 256 bytes")), "source");
    return true;
  }
  const expression::Value copy = arena.CopyString(id_);
  if (copy.is_error()) {
    MakeDeadLetter(out, DeadLetterReason::kTooLarge, "no memory left for the batch");
    return false;
  }
  parts.id = copy.as_text();
  return true;
}

bool DebeziumReader::Read(const TopicRecord& record, PaddedText value, expression::Arena& arena, EnvelopeParts& parts, Decoded& out) {
  if (!JsonPayload::CheckUtf8(value.text(), out)) return false;
  Parts found{};
  if (!Scan(value, found, out)) return false;
  const std::string_view schema = found[kSchema];
  if (!found[kPayload].empty()) {
    if (!found[kOp].empty()) return BadEnvelope(out, "both payload and op at the top");
    if (found[kPayload].front() != '{') return BadEnvelope(out, "payload is not an object");
    const PaddedText payload = PaddedText::AssumePadded(found[kPayload]);
    found = {};
    if (!Scan(payload, found, out)) return false;
  } else if (!schema.empty() && found[kOp].empty()) {
    out.kind = Decoded::Kind::kSkipped;  // {"schema":{..},"payload":null}: a tombstone as some converters write it
    return false;
  }
  has_schema_ = !schema.empty() && schema.front() == '{';
  if (has_schema_ && schema != schema_) ReadSchema(schema);
  return ReadOperation(found, parts, out) && ReadSource(record, found, arena, parts, out);
}

// Passes over the members of a schema's object; `read` reads one item of its "fields".
template <typename ReadItem>
void DebeziumReader::ForEachField(const ReadItem& read) {
  (void)cursor_.Enter('{');
  JsonString key;
  while (cursor_.NextMember(key) == JsonCursor::Next::kValue) {
    if (key.raw != "fields" || cursor_.Peek() != '[') {
      (void)cursor_.SkipValue();
      continue;
    }
    (void)cursor_.Enter('[');
    while (cursor_.NextItem(']') == JsonCursor::Next::kValue) read();
  }
}

// The schema was checked to be JSON; what it does not have is not there.
void DebeziumReader::ReadSchema(std::string_view schema) {
  schema_.assign(schema);
  columns_.clear();
  schema_forms_.clear();
  cursor_.Start(PaddedText::AssumePadded(schema));
  ForEachField([this] {
    // A field of the envelope: its name may stand behind its own fields.
    (void)cursor_.Peek();
    const JsonCursor::Place begin = cursor_.place();
    (void)cursor_.SkipValue();
    const JsonCursor::Place end = cursor_.place();
    const std::string_view text(begin, static_cast<std::size_t>(end - begin));
    if (text.front() == '{' && (text.find("\"after\"") != std::string_view::npos || text.find("\"before\"") != std::string_view::npos)) {
      cursor_.GoBack(begin);
      ReadColumns();
      cursor_.GoBack(end);
    }
  });
}

void DebeziumReader::ReadColumns() {
  ForEachField([this] {
    if (cursor_.Peek() == '{') {
      ReadColumn();
    } else {
      (void)cursor_.SkipValue();
    }
  });
}

// {"type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"2"},"field":"amount"}
void DebeziumReader::ReadColumn() {
  std::string column;
  std::string_view name;
  std::string_view scale;
  (void)cursor_.Enter('{');
  JsonString key;
  while (cursor_.NextMember(key) == JsonCursor::Next::kValue) {
    (void)cursor_.Peek();
    const JsonCursor::Place begin = cursor_.place();
    if (key.raw == "parameters" && *begin == '{') {
      (void)cursor_.Enter('{');
      JsonString parameter;
      while (cursor_.NextMember(parameter) == JsonCursor::Next::kValue) {
        (void)cursor_.Peek();
        const JsonCursor::Place value = cursor_.place();
        (void)cursor_.SkipValue();
        if (parameter.raw == "scale") scale = Bare({value, static_cast<std::size_t>(cursor_.place() - value)});
      }
      continue;
    }
    (void)cursor_.SkipValue();
    const std::string_view text = Bare({begin, static_cast<std::size_t>(cursor_.place() - begin)});
    if (key.raw == "field") column = Unescaped(text);
    if (key.raw == "name") name = text;
  }
  ColumnForm form{.number = ColumnForm::Number::kDigits, .time = ColumnForm::Time::kMilliseconds, .time_known = false};
  const auto is_time = [&](ColumnForm::Time time) {
    form.time = time;
    form.time_known = true;
  };
  if (name == "org.apache.kafka.connect.data.Decimal") {
    form.number = ColumnForm::Number::kDecimal;
    const auto digits = ReadDecimal(scale, 0);
    form.scale = digits && *digits >= 0 && *digits <= kColumnScaleMax ? static_cast<int>(*digits) : kColumnScaleMax + 1;
  } else if (name == "io.debezium.data.VariableScaleDecimal") {
    form.number = ColumnForm::Number::kDecimal;
  } else if (name == "io.debezium.time.Date" || name == "org.apache.kafka.connect.data.Date") {
    is_time(ColumnForm::Time::kDays);
  } else if (name == "io.debezium.time.Timestamp" || name == "org.apache.kafka.connect.data.Timestamp") {
    is_time(ColumnForm::Time::kMilliseconds);
  } else if (name == "io.debezium.time.MicroTimestamp") {
    is_time(ColumnForm::Time::kMicroseconds);
  } else if (name == "io.debezium.time.NanoTimestamp") {
    is_time(ColumnForm::Time::kNanoseconds);
  }
  columns_.insert_or_assign(std::move(column), form);
}

std::span<const ColumnForm> DebeziumReader::FormsOf(const DecodePlan& plan) {
  auto& cache = has_schema_ ? schema_forms_ : usual_forms_;
  const auto [found, added] = cache.try_emplace(&plan);
  if (added) {
    found->second.assign(plan.members.size(), usual_);
    for (std::size_t i = 0; i < plan.members.size() && has_schema_; ++i) {
      const auto column = columns_.find(plan.members[i].path);
      if (plan.members[i].top && column != columns_.end()) found->second[i] = column->second;
    }
  }
  return found->second;
}

}  // namespace antiphon::formats

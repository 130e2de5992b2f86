// Changes of rows as Debezium's connectors write them through Kafka Connect's JSON converter.
#include <string>

#include <gtest/gtest.h>

#include "services/formats/base64.h"
#include "services/formats/column_value.h"
#include "tests/unit/formats/topic_records.h"

namespace antiphon::formats {
namespace {

using Kind = Decoded::Kind;

RecordFormat Changes() {
  RecordFormat format;
  format.envelope = Envelope::kDebezium;
  format.event = "transaction.posted";
  return format;
}

// As PostgreSQL's connector has them.
const std::string kSource =
    R"("source":{"version":"2.5.0.Final","connector":"postgresql","name":"core","ts_ms":1772357400000,"snapshot":"false","db":"bank",)"
    R"("sequence":"[null,\"24023128\"]","schema":"public","table":"bookings","txId":555,"lsn":24023128,"xmin":null})";

std::string Change(const std::string& op, const std::string& before, const std::string& after, const std::string& source = kSource) {
  return "{\"before\":" + before + ",\"after\":" + after + "," + source + ",\"op\":\"" + op +
         "\",\"ts_ms\":1772357400123,\"transaction\":null}";
}

const std::string kRow = R"({"customer_id":17,"amount":"12.50","richtung":"H","currency":"CZK"})";

TEST(DebeziumTest, AnInsertIsItsRow) {
  RecordBench bench(Changes());
  const Decoded decoded = bench.Decode(Change("c", "null", kRow), {}, R"({"booking_id":1})");
  EXPECT_EQ(bench.FieldOf(decoded, "amount").as_int(), 1250);
  EXPECT_EQ(bench.FieldOf(decoded, "direction").as_text(), "credit");
  EXPECT_EQ(decoded.event.customer, "17");
  EXPECT_EQ(decoded.event.source, "core");
  EXPECT_EQ(ToEpochMs(decoded.event.time), 1'772'357'400'000);
  EXPECT_FALSE(decoded.event.backfill);
  EXPECT_EQ(decoded.event.id.substr(0, 32), "bank.public.bookings@24023128:c:");
  EXPECT_EQ(decoded.event.id.size(), 48U);
}

TEST(DebeziumTest, TheSameChangeSentAgainHasTheSameIdAndAnotherHasNot) {
  RecordBench bench(Changes());
  const auto id_of = [&](const std::string& value, std::optional<std::string_view> key) {
    return std::string(bench.Decode(value, {}, key).event.id);
  };
  const std::string first = id_of(Change("c", "null", kRow), "k1");
  std::string later = Change("c", "null", kRow);
  later.replace(later.find("1772357400123"), 13, "1772357499999");  // the connector's own clock
  EXPECT_EQ(id_of(later, "k1"), first);
  EXPECT_NE(id_of(Change("c", "null", kRow), "k2"), first);  // rows of one snapshot, or of one change of a key
  EXPECT_NE(id_of(Change("u", "null", kRow), "k1"), first);
  EXPECT_NE(id_of(Change("c", "null", kRow,
                         R"("source":{"db":"bank","schema":"public","table":"bookings","lsn":24023129,"ts_ms":1772357400000})"),
                  "k1"),
            first);
  EXPECT_EQ(id_of(Change("c", "null", kRow), std::nullopt), id_of(later, std::nullopt));
  EXPECT_NE(id_of(Change("c", "null", R"({"customer_id":18})"), std::nullopt), id_of(later, std::nullopt));
}

TEST(DebeziumTest, EachConnectorsPositionIsKnown) {
  RecordBench bench(Changes());
  const auto id_of = [&](const std::string& source) {
    return std::string(bench.Decode(Change("c", "null", kRow, "\"source\":{\"ts_ms\":1772357400000," + source + "}"), {}, "k").event.id);
  };
  EXPECT_EQ(id_of(R"("db":"bank","table":"t","server_id":1,"gtid":null,"file":"binlog.000003","pos":154,"row":2)").substr(0, 28),
            "bank.t@binlog.000003/154/2:c");
  EXPECT_EQ(id_of(R"("db":"ORCL","schema":"B","table":"T","scn":"2122184","rs_id":" 0x1","ssn":0)").substr(0, 26),
            "ORCL.B.T@2122184/ 0x1/0:c:");
  EXPECT_EQ(id_of(R"("db":"b","schema":"dbo","table":"t","change_lsn":"0:1:2","commit_lsn":"0:1:9","event_serial_no":1)").substr(0, 24),
            "b.dbo.t@0:1:9/0:1:2/1:c:");
  EXPECT_EQ(id_of(R"("db":"b","table":"t")"), "core@3:77");
}

TEST(DebeziumTest, TheEnvelopeMayComeWithItsSchema) {
  RecordBench bench(Changes());
  const Decoded decoded = bench.Decode(R"({"schema":{"type":"struct","fields":[]},"payload":)" + Change("c", "null", kRow) + "}", {}, "k");
  EXPECT_EQ(bench.FieldOf(decoded, "amount").as_int(), 1250);
  EXPECT_EQ(bench.Decode(R"({"schema":{"type":"struct"},"payload":null})").kind, Kind::kSkipped);
  EXPECT_EQ(bench.Decode(std::nullopt).kind, Kind::kSkipped);
}

TEST(DebeziumTest, OperationsAreEventsAsDeclared) {
  RecordFormat format = Changes();
  format.operations = {{"u", ""}, {"d", "everything"}};
  RecordBench bench(format);
  EXPECT_EQ(bench.Decode(Change("c", "null", kRow)).type, "transaction.posted");
  EXPECT_EQ(bench.Decode(Change("u", kRow, kRow)).kind, Kind::kSkipped);
  const Decoded deleted = bench.Decode(Change("d", R"({"customer_id":1,"text":"gone"})", "null"));
  EXPECT_EQ(bench.FieldOf(deleted, "text").as_text(), "gone");
  const Decoded snapshot = bench.Decode(Change("r", "null", kRow));
  EXPECT_EQ(snapshot.kind, Kind::kEvent);
  EXPECT_TRUE(snapshot.event.backfill);
  EXPECT_EQ(bench.Decode(Change("t", "null", "null")).kind, Kind::kSkipped);
  EXPECT_EQ(bench.Decode(Change("m", "null", "null")).kind, Kind::kSkipped);
  RecordBench usual(Changes());
  EXPECT_EQ(usual.Decode(Change("u", "null", kRow)).kind, Kind::kEvent);
  EXPECT_EQ(usual.Decode(Change("d", kRow, "null")).kind, Kind::kSkipped);
  format.snapshot_is_backfill = false;
  RecordBench fresh(format);
  EXPECT_FALSE(fresh.Decode(Change("r", "null", kRow)).event.backfill);
}

TEST(DebeziumTest, DeclarationsThatCannotBeAreRefused) {
  RecordFormat format = Changes();
  format.event.clear();
  EXPECT_NE(RecordBench(format).error().find("event"), std::string::npos);
  format = Changes();
  format.operations = {{"x", "strict"}};
  EXPECT_NE(RecordBench(format).error().find("no operation"), std::string::npos);
  format.operations = {{"d", "stric"}};
  EXPECT_NE(RecordBench(format).error().find("did you mean strict?"), std::string::npos);
  format = Changes();
  format.payload = Payload::kProtobuf;
  EXPECT_NE(RecordBench(format).error().find("JSON only"), std::string::npos);
}

TEST(DebeziumTest, WhatIsNoEnvelopeIsADeadLetter) {
  RecordBench bench(Changes());
  RecordBench::ExpectDead(bench.Decode(kRow), DeadLetterReason::kBadEnvelope, "op");
  RecordBench::ExpectDead(bench.Decode(Change("c", "null", "null")), DeadLetterReason::kBadEnvelope, "after");
  RecordBench::ExpectDead(bench.Decode(R"({"op":"c","after":{}})"), DeadLetterReason::kBadEnvelope, "source");
  RecordBench::ExpectDead(bench.Decode(R"({"op":1,"after":{}})"), DeadLetterReason::kBadEnvelope);
  RecordBench::ExpectDead(bench.Decode(R"({"op":"c","op":"c"})"), DeadLetterReason::kNotJson, "twice");
  RecordBench::ExpectDead(bench.Decode(R"({"payload":[]})"), DeadLetterReason::kBadEnvelope);
  RecordBench::ExpectDead(bench.Decode(R"({"payload":{"op":"c"},"op":"c"})"), DeadLetterReason::kBadEnvelope, "both");
  RecordBench::ExpectDead(bench.Decode("[1]"), DeadLetterReason::kNotJson);
  RecordBench::ExpectDead(bench.Decode(Change("c", "null", kRow) + "x"), DeadLetterReason::kNotJson);
  RecordBench::ExpectDead(bench.Decode(Change("c", "null", R"({"customer_id":1,"customer_id":2})")), DeadLetterReason::kNotJson, "twice");
}

TEST(DebeziumTest, TimesOfColumnsAreAsDeclared) {
  topology::Topology topology = TinyTopology();
  topology.event_types[0].time_path = {"booked"};
  RecordFormat format = Changes();
  format.event = "everything";
  const auto decode = [&](ColumnTimes times, const std::string& row) {
    format.times = times;
    RecordBench bench(format, topology);
    const Decoded decoded = bench.Decode(Change("c", "null", row));
    EXPECT_EQ(decoded.kind, Kind::kEvent) << decoded.message;
    return std::pair(ToEpochMs(decoded.event.time), bench.FieldOf(decoded, "at").as_ms());
  };
  EXPECT_EQ(decode(ColumnTimes::kMilliseconds, R"({"customer_id":1,"booked":1772357400001,"at":-1})"),
            std::pair(1'772'357'400'001, std::int64_t{-1}));
  EXPECT_EQ(decode(ColumnTimes::kMicroseconds, R"({"customer_id":1,"booked":1772357400001999,"at":-1})"),
            std::pair(1'772'357'400'001, std::int64_t{-1}));
  EXPECT_EQ(decode(ColumnTimes::kNanoseconds, R"({"customer_id":1,"booked":1772357400001999999,"at":1000000})"),
            std::pair(1'772'357'400'001, std::int64_t{1}));
  EXPECT_EQ(decode(ColumnTimes::kMicroseconds, R"({"customer_id":1,"booked":"2026-03-01T09:30:00Z","at":"1970-01-01T00:00:00Z"})"),
            std::pair(1'772'357'400'000, std::int64_t{0}));
}

TEST(DebeziumTest, DatesAreDays) {
  RecordFormat format = Changes();
  format.event = "everything";
  RecordBench bench(format);
  EXPECT_EQ(bench.FieldOf(bench.Decode(Change("c", "null", R"({"customer_id":1,"born":20513})")), "born").as_ms(),
            ToEpochMs(*ParseTime("2026-03-01T00:00:00Z")));
  EXPECT_EQ(bench.FieldOf(bench.Decode(Change("c", "null", R"({"customer_id":1,"born":-1})")), "born").as_ms(), -86'400'000);
  EXPECT_EQ(bench.FieldOf(bench.Decode(Change("c", "null", R"({"customer_id":1,"born":"1936-01-11"})")), "born").as_ms(),
            ToEpochMs(*ParseTime("1936-01-11T00:00:00Z")));
  RecordBench::ExpectDead(bench.Decode(Change("c", "null", R"({"customer_id":1,"born":9223372036854775807})")),
                          DeadLetterReason::kFieldOutOfRange, "born");
}

TEST(DebeziumTest, UnscaledNumbersHaveTheScaleOfTheFieldOrTheirOwn) {
  RecordFormat format = Changes();
  format.decimals = ColumnDecimals::kBytes;
  RecordBench bench(format);
  const auto amount = [&](const std::string& value) {
    return bench.Decode(Change("c", "null", R"({"customer_id":"C1","amount":)" + value + "}"));
  };
  EXPECT_EQ(bench.FieldOf(amount(R"("BOI=")"), "amount").as_int(), 1250);
  EXPECT_EQ(bench.FieldOf(amount(R"("+x4=")"), "amount").as_int(), -1250);
  EXPECT_EQ(bench.FieldOf(amount(R"("\u002bx4=")"), "amount").as_int(), -1250);
  EXPECT_EQ(bench.FieldOf(amount(R"({"scale":1,"value":"fQ=="})"), "amount").as_int(), 1250);
  EXPECT_EQ(bench.FieldOf(amount("12.5"), "amount").as_int(), 1250);  // decimal.handling.mode=double
  RecordBench::ExpectDead(amount(R"("12.50")"), DeadLetterReason::kBadField, "amount");
  RecordBench::ExpectDead(amount(R"("")"), DeadLetterReason::kBadField);
  RecordBench::ExpectDead(amount(R"({"scale":3,"value":"fQ=="})"), DeadLetterReason::kFieldOutOfRange);
  RecordBench::ExpectDead(amount(R"({"scale":-1,"value":"fQ=="})"), DeadLetterReason::kFieldOutOfRange);
  RecordBench::ExpectDead(amount(R"({"value":"fQ=="})"), DeadLetterReason::kBadField);
  RecordBench::ExpectDead(amount("\"" + std::string(24, 'A') + "\""), DeadLetterReason::kFieldOutOfRange);
  RecordBench::ExpectDead(amount("\"" + std::string(4000, 'A') + "\""), DeadLetterReason::kFieldOutOfRange);
}

TEST(DebeziumTest, TheSchemaOfTheRecordSaysHowItsColumnsAre) {
  const auto with_schema = [](const std::string& columns, const std::string& row) {
    const std::string schema =
        R"({"type":"struct","fields":[{"type":"struct","fields":[)" + columns +
        R"(],"optional":true,"name":"core.Value","field":"before"},{"type":"struct","fields":[)" + columns +
        R"(],"optional":true,"name":"core.Value","field":"after"},{"type":"string","field":"op"}],"name":"core.Envelope"})";
    return R"({"schema":)" + schema + ",\"payload\":" + Change("c", "null", row) + "}";
  };
  const auto decimal = [](const std::string& name, const std::string& scale) {
    return R"({"type":"bytes","optional":true,"name":"org.apache.kafka.connect.data.Decimal","version":1,"parameters":{"scale":")" + scale +
           R"(","connect.decimal.precision":"12"},"field":")" + name + "\"}";
  };
  RecordBench bench(Changes());
  // The column has three digits, the field two.
  const std::string three = with_schema(decimal("amount", "3") + "," + decimal("customer_id", "0") + "," + decimal("currency", "1"),
                                        R"({"amount":"MNQ=","customer_id":"EQ==","currency":"fQ=="})");
  const Decoded decoded = bench.Decode(three);
  EXPECT_EQ(bench.FieldOf(decoded, "amount").as_int(), 1250);
  EXPECT_EQ(decoded.event.customer, "17");
  EXPECT_EQ(bench.FieldOf(decoded, "currency").as_text(), "12.5");
  // Another schema, then none: nothing is remembered that should not be.
  EXPECT_EQ(
      bench.FieldOf(bench.Decode(with_schema(decimal("amount", "2"), R"({"amount":"MNQ=","customer_id":"EQ=="})")), "amount").as_int(),
      12500);
  EXPECT_EQ(bench.Decode(with_schema(R"({"type":"string","field":"customer_id"})", R"({"customer_id":"EQ=="})")).event.customer, "EQ==");
  RecordBench::ExpectDead(bench.Decode(Change("c", "null", R"({"amount":"MNQ=","customer_id":"EQ=="})")), DeadLetterReason::kBadField,
                          "amount");
  EXPECT_EQ(bench.FieldOf(bench.Decode(three), "amount").as_int(), 1250);

  RecordFormat format = Changes();
  format.event = "everything";
  RecordBench times(format);
  const auto column = [](const std::string& name, const std::string& type) {
    return R"({"type":"int64","name":")" + type + R"(","field":")" + name + "\"}";
  };
  const Decoded timed =
      times.Decode(with_schema(column("at", "io.debezium.time.MicroTimestamp") + "," + column("born", "io.debezium.time.Date"),
                               R"({"customer_id":1,"at":1772357400000999,"born":20513})"));
  EXPECT_EQ(times.FieldOf(timed, "at").as_ms(), 1'772'357'400'000);
  EXPECT_EQ(times.FieldOf(timed, "born").as_ms(), ToEpochMs(*ParseTime("2026-03-01T00:00:00Z")));
  EXPECT_EQ(
      times.FieldOf(times.Decode(with_schema(column("born", "io.debezium.time.Timestamp"), R"({"customer_id":1,"born":86400000})")), "born")
          .as_ms(),
      86'400'000);
}

TEST(DebeziumTest, AColumnThatIsNotAtHandIsAbsent) {
  RecordBench bench(Changes());
  const Decoded decoded = bench.Decode(
      Change("u", "null", R"({"customer_id":1,"purpose":"__debezium_unavailable_value","operation":"__debezium_unavailable_valu"})"));
  EXPECT_TRUE(bench.FieldOf(decoded, "purpose").is(expression::Kind::kAbsent));
  EXPECT_EQ(bench.FieldOf(decoded, "operation").as_text(), "__debezium_unavailable_valu");
}

TEST(DebeziumTest, ATimeColumnOfTheUsualNameCountsIfDeclared) {
  RecordFormat format = Changes();
  const std::string change = Change("c", "null", R"({"customer_id":1,"time":1000000000000})");
  EXPECT_EQ(ToEpochMs(RecordBench(format).Decode(change).event.time), 1'772'357'400'000);
  format.time = TimeFrom::kPayload;
  EXPECT_EQ(ToEpochMs(RecordBench(format).Decode(change).event.time), 1'000'000'000'000);
}

TEST(DebeziumTest, ASnapshotWithoutATimeHasTheConnectors) {
  RecordBench bench(Changes());
  EXPECT_EQ(ToEpochMs(bench.Decode(Change("r", "null", kRow, R"("source":{"ts_ms":0,"db":"b","table":"t"})")).event.time),
            1'772'357'400'123);
}

TEST(ColumnValueTest, UnscaledNumbersAsDigits) {
  const auto digits = [](std::string_view bytes, int scale) {
    ColumnDigits buffer{};
    return std::string(DigitsOf(bytes, scale, buffer).value_or("none"));
  };
  EXPECT_EQ(digits(std::string_view("\0", 1), 0), "0");
  EXPECT_EQ(digits(std::string_view("\0", 1), 3), "0.000");
  EXPECT_EQ(digits("\x7F", 0), "127");
  EXPECT_EQ(digits("\x80", 1), "-12.8");
  EXPECT_EQ(digits("\xFF\xFF\xFF", 2), "-0.01");
  EXPECT_EQ(digits(std::string(16, '\xFF'), 0), "-1");
  EXPECT_EQ(digits("\x7F" + std::string(15, '\xFF'), 0), "170141183460469231731687303715884105727");
  EXPECT_EQ(digits("\x80" + std::string(15, '\0'), 64), "-0.0000000000000000000000000170141183460469231731687303715884105728");
  EXPECT_EQ(digits(std::string(17, '\0'), 0), "none");
  EXPECT_EQ(digits("", 0), "none");
  EXPECT_EQ(digits("\x01", 65), "none");
}

TEST(Base64Test, ReadsOnlyWhatIsWrittenRight) {
  const auto decode = [](std::string_view text) -> std::string {
    std::string out(Base64BytesMax(text.size()), '\0');
    const auto size = DecodeBase64(text, out.data());
    return size ? out.substr(0, *size) : "none";
  };
  EXPECT_EQ(decode(""), "");
  EXPECT_EQ(decode("Zg=="), "f");
  EXPECT_EQ(decode("Zm8="), "fo");
  EXPECT_EQ(decode("Zm9v"), "foo");
  EXPECT_EQ(decode("Zm9vYmE="), "fooba");
  for (const char* bad : {"Z", "Zg", "Zg=", "Zh==", "Zm9=", "Zg==Zg==", "====", "Z===", "Zm9v\n", "Zm-_", "=m9v"})
    EXPECT_EQ(decode(bad), "none") << bad;
}

}  // namespace
}  // namespace antiphon::formats

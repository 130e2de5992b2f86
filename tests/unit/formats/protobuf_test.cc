// Protobuf in topics: antiphon.v1.Event, and a bank's own message by its descriptor. Bytes are written by hand.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include "tests/unit/formats/bank_messages.h"

namespace antiphon::formats {
namespace {

using namespace std::string_literals;
using expression::Value;
using topology::FieldType;
using Kind = Decoded::Kind;

// ---- antiphon.v1.Event

RecordFormat EventFormat() {
  RecordFormat format;
  format.payload = Payload::kProtobuf;
  return format;
}

std::string TimeBytes(std::int64_t seconds, std::int32_t nanos = 0) {
  return VarintField(1, static_cast<std::uint64_t>(seconds)) +
         (nanos == 0 ? "" : VarintField(2, static_cast<std::uint64_t>(std::int64_t{nanos})));
}
std::string Any(const std::string& message, const std::string& bytes) {
  return BytesField(1, "type.googleapis.com/" + message) + BytesField(2, bytes);
}

// As antiphon.v1.TransactionPosted numbers them.
const std::string kPosted =
    BytesField(1, "A1") + BytesField(2, "1250.50") + BytesField(3, "CZK") + BytesField(6, "salary") + BytesField(99, "new");
const std::string kEnvelope =
    BytesField(1, "tx-1") + BytesField(2, "ledger") + BytesField(4, TimeBytes(1'772'357'400, 250'999'999)) + BytesField(5, "C1");
const std::string kEvent = kEnvelope + BytesField(3, "transaction.posted") + BytesField(7, Any("antiphon.v1.TransactionPosted", kPosted));

TEST(ProtobufEventTest, ReadsAnEvent) {
  RecordBench bench(EventFormat());
  const Decoded decoded = bench.Decode(kEvent);
  EXPECT_EQ(bench.FieldOf(decoded, "amount").as_int(), 125050);
  EXPECT_EQ(bench.FieldOf(decoded, "account_id").as_text(), "A1");
  EXPECT_EQ(bench.FieldOf(decoded, "purpose").as_text(), "salary");
  EXPECT_TRUE(bench.FieldOf(decoded, "operation").is(expression::Kind::kAbsent));
  EXPECT_EQ(decoded.event.id, "tx-1");
  EXPECT_EQ(decoded.event.source, "ledger");
  EXPECT_EQ(decoded.event.customer, "C1");
  EXPECT_EQ(FormatTime(decoded.event.time), "2026-03-01T09:30:00.250Z");
}

TEST(ProtobufEventTest, TheTypeMayBeToldByTheMessage) {
  RecordBench bench(EventFormat());
  EXPECT_EQ(bench.Decode(kEnvelope + BytesField(7, Any("antiphon.v1.TransactionPosted", kPosted))).type, "transaction.posted");
  RecordBench::ExpectDead(bench.Decode(kEnvelope), DeadLetterReason::kNoType);
  RecordBench::ExpectDead(bench.Decode(kEnvelope + BytesField(7, Any("bank.Unknown", ""))), DeadLetterReason::kNoType);
  RecordBench::ExpectDead(bench.Decode(kEnvelope + BytesField(3, "transaction.posted") + BytesField(7, Any("bank.Unknown", kPosted))),
                          DeadLetterReason::kUnknownMessage);
  EXPECT_EQ(bench.Decode(kEnvelope + BytesField(3, "branch.visited") + BytesField(7, Any("bank.Unknown", kPosted))).kind, Kind::kSkipped);
  EXPECT_EQ(bench.Decode(kEnvelope + BytesField(3, "transaction.posted")).kind, Kind::kEvent);
}

TEST(ProtobufEventTest, AnAbsentIdIsMadeAndAnAbsentSourceIsTheTypes) {
  RecordBench bench(EventFormat());
  const Decoded decoded =
      bench.Decode(BytesField(3, "transaction.posted") + BytesField(4, TimeBytes(1'772'357'400)) + BytesField(5, "C1") + VarintField(6, 1));
  ASSERT_EQ(decoded.kind, Kind::kEvent) << decoded.message;
  EXPECT_EQ(decoded.event.id, "core@3:77");
  EXPECT_EQ(decoded.event.source, "core");
  EXPECT_TRUE(decoded.event.backfill);
}

TEST(ProtobufEventTest, EnvelopesAreChecked) {
  RecordBench bench(EventFormat());
  const std::string typed = BytesField(3, "transaction.posted");
  const std::string time = BytesField(4, TimeBytes(1'772'357'400));
  RecordBench::ExpectDead(bench.Decode(typed + BytesField(5, "C1")), DeadLetterReason::kNoTime);
  RecordBench::ExpectDead(bench.Decode(typed + BytesField(5, "C1") + BytesField(4, "")), DeadLetterReason::kTimeOutOfBounds);
  RecordBench::ExpectDead(bench.Decode(typed + BytesField(5, "C1") + BytesField(4, TimeBytes(1, -1))), DeadLetterReason::kTimeOutOfBounds);
  RecordBench::ExpectDead(bench.Decode(typed + BytesField(5, "C1") + BytesField(4, TimeBytes(std::numeric_limits<std::int64_t>::max()))),
                          DeadLetterReason::kTimeOutOfBounds);
  RecordBench::ExpectDead(bench.Decode(typed + time), DeadLetterReason::kNoCustomer);
  RecordBench::ExpectDead(bench.Decode(typed + time + BytesField(5, std::string(257, 'x'))), DeadLetterReason::kBadCustomer);
  RecordBench::ExpectDead(bench.Decode(kEvent + BytesField(1, std::string(257, 'x'))), DeadLetterReason::kBadId);
  RecordBench::ExpectDead(bench.Decode(kEvent + BytesField(2, std::string(257, 'x'))), DeadLetterReason::kBadEnvelope);
  RecordBench::ExpectDead(bench.Decode(kEvent + BytesField(1, "\xC3")), DeadLetterReason::kNotProtobuf, "UTF-8");
  RecordBench::ExpectDead(bench.Decode(""), DeadLetterReason::kNoType);
  EXPECT_EQ(bench.Decode(std::nullopt).kind, Kind::kSkipped);
}

TEST(ProtobufEventTest, ControlRecordsToo) {
  RecordBench bench(EventFormat());
  const std::string envelope = BytesField(3, "control.pause") + BytesField(4, TimeBytes(1'772'357'400));
  const Decoded decoded = bench.Decode(envelope + BytesField(7, Any("antiphon.v1.Control", BytesField(3, "savings_sweep"))));
  ASSERT_EQ(decoded.kind, Kind::kControl) << decoded.message;
  EXPECT_EQ(decoded.control.what, 1);
  EXPECT_EQ(bench.Decode(envelope + BytesField(7, Any("antiphon.v1.Control", VarintField(7, 1)))).control.paused, state::PausedKind::kAll);
  // A oneof: the last one counts.
  EXPECT_EQ(
      bench.Decode(envelope + BytesField(7, Any("antiphon.v1.Control", BytesField(3, "savings_sweep") + VarintField(7, 1)))).control.paused,
      state::PausedKind::kAll);
  RecordBench::ExpectDead(bench.Decode(envelope + BytesField(7, Any("antiphon.v1.Control", ""))), DeadLetterReason::kBadControl);
  RecordFormat own = EventFormat();
  own.message = "antiphon.v1.Control";
  RecordBench alone(own);
  EXPECT_EQ(alone.Decode(BytesField(1, "control.resume") + BytesField(2, TimeBytes(1'772'357'400)) + BytesField(5, "sms")).kind,
            Kind::kControl);
}

TEST(ProtobufEventTest, AnAnyOfTheBanksOwnMessageNeedsItsDescriptor) {
  RecordFormat format = EventFormat();
  format.descriptor = "bank.pb";
  RecordBench bench(format, TinyTopology(), BankDescriptors());
  const Decoded decoded =
      bench.Decode(kEnvelope + BytesField(3, "everything") + BytesField(7, Any("bank.v1.Outer.Everything", BytesField(100, "hi"))));
  EXPECT_EQ(bench.FieldOf(decoded, "text").as_text(), "hi");
  EXPECT_EQ(decoded.event.customer, "C1");
}

// ---- a message of the bank

const std::string kBase = BytesField(1, "e1") + BytesField(3, TimeBytes(1'772'357'400)) + VarintField(4, 17);

class BankMessageTest : public testing::Test {
 protected:
  Value Read(const std::string& bytes, std::string_view field) { return bench_.FieldOf(bench_.Decode(kBase + bytes), field); }
  void ExpectDead(const std::string& bytes, DeadLetterReason reason, std::string_view part = "") {
    RecordBench::ExpectDead(bench_.Decode(kBase + bytes), reason, part);
  }
  RecordBench bench_{BankFormat(), TinyTopology(), BankDescriptors()};
};

// One field of the topology that reads one field of the message.
class OneField {
 public:
  OneField(const std::string& path, FieldType type, std::uint8_t scale = 0, std::vector<std::pair<std::string, std::string>> values = {})
      : bench_(BankFormat(), TopologyOf(path, type, scale, std::move(values)), BankDescriptors()) {}
  Value Read(const std::string& bytes) { return bench_.FieldOf(bench_.Decode(kBase + bytes), "one"); }
  Decoded Decode(const std::string& bytes) { return bench_.Decode(kBase + bytes); }
  [[nodiscard]] const std::string& error() const { return bench_.error(); }

 private:
  static topology::Topology TopologyOf(const std::string& path, FieldType type, std::uint8_t scale,
                                       std::vector<std::pair<std::string, std::string>> values) {
    topology::EventField field = Field("one", type, scale);
    field.path.clear();
    for (std::size_t begin = 0; begin <= path.size();) {
      const std::size_t end = std::min(path.find('.', begin), path.size());
      field.path.push_back(path.substr(begin, end - begin));
      begin = end + 1;
    }
    field.values = std::move(values);
    return WithField(field);
  }
  RecordBench bench_;
};

TEST_F(BankMessageTest, ReadsEveryType) {
  const std::string bytes = BytesField(6, BytesField(1, "agent")) + BytesField(7, TimeBytes(-1)) + BytesField(8, "1936-01-11") +
                            BytesField(10, BytesField(2, Varint(3U << 3U) + ZigZagOf(-5))) + VarintField(11, 1) + Fixed64Field(12, -0.25) +
                            BytesField(13, "a") + BytesField(13, "") + BytesField(100, "caf\u00e9") + VarintField(15, 42);
  const Decoded decoded = bench_.Decode(kBase + bytes);
  ASSERT_EQ(decoded.kind, Kind::kEvent) << decoded.message;
  EXPECT_EQ(decoded.event.id, "e1");
  EXPECT_EQ(decoded.event.customer, "17");
  EXPECT_EQ(bench_.FieldOf(decoded, "actor.kind").as_text(), "agent");
  EXPECT_EQ(bench_.FieldOf(decoded, "at").as_ms(), -1000);
  EXPECT_EQ(bench_.FieldOf(decoded, "born").as_ms(), ToEpochMs(*ParseTime("1936-01-11T00:00:00Z")));
  EXPECT_EQ(bench_.FieldOf(decoded, "deep").as_int(), -5);
  EXPECT_TRUE(bench_.FieldOf(decoded, "flag").is_true());
  EXPECT_EQ(bench_.FieldOf(decoded, "ratio").as_double(), -0.25);
  ASSERT_EQ(bench_.FieldOf(decoded, "tags").as_list().size(), 2U);
  EXPECT_EQ(bench_.FieldOf(decoded, "text").as_text(), "caf\u00e9");
  EXPECT_EQ(bench_.FieldOf(decoded, "units").as_int(), 42);
}

TEST_F(BankMessageTest, WhatIsNotThereIsZeroForNumbersAndBoolsAndAbsentForTexts) {
  const Decoded decoded = bench_.Decode(kBase);
  EXPECT_TRUE(bench_.FieldOf(decoded, "flag").is(expression::Kind::kBool));
  EXPECT_EQ(bench_.FieldOf(decoded, "units").as_int(), 0);
  EXPECT_EQ(bench_.FieldOf(decoded, "ratio").as_double(), 0.0);
  for (const char* absent : {"text", "born", "at", "tags", "context", "actor.kind"}) {
    EXPECT_TRUE(bench_.FieldOf(decoded, absent).is(expression::Kind::kAbsent)) << absent;
  }
  EXPECT_TRUE(OneField("maybe", FieldType::kInt).Read("").is(expression::Kind::kAbsent));
  EXPECT_EQ(OneField("maybe", FieldType::kInt).Read(VarintField(25, 0)).as_int(), 0);
  EXPECT_TRUE(OneField("side", FieldType::kString).Read("").is(expression::Kind::kAbsent));
  EXPECT_TRUE(OneField("wrapped", FieldType::kString).Read("").is(expression::Kind::kAbsent));
  EXPECT_EQ(OneField("wrapped", FieldType::kString).Read(BytesField(22, "")).as_text(), "");
  EXPECT_EQ(OneField("number", FieldType::kInt).Read(BytesField(32, "")).as_int(), 0);
}

TEST_F(BankMessageTest, TheLastOccurrenceWinsAndPiecesAreMerged) {
  EXPECT_EQ(Read(VarintField(15, 1) + VarintField(15, 2), "units").as_int(), 2);
  EXPECT_EQ(Read(BytesField(100, "a") + BytesField(100, "b"), "text").as_text(), "b");
  EXPECT_EQ(Read(BytesField(7, VarintField(1, 5)) + BytesField(7, VarintField(2, 7'000'000)), "at").as_ms(), 5007);
  EXPECT_EQ(Read(BytesField(6, BytesField(1, "agent")) + BytesField(6, ""), "actor.kind").as_text(), "agent");
}

TEST_F(BankMessageTest, AnotherWireTypeIsAnUnknownField) {
  EXPECT_EQ(Read(BytesField(15, "abc"), "units").as_int(), 0);
  EXPECT_TRUE(Read(VarintField(100, 7), "text").is(expression::Kind::kAbsent));
}

TEST_F(BankMessageTest, VarintsOfTenBytesAreTakenAndOfElevenAreNot) {
  EXPECT_EQ(Read(Varint(15U << 3U) + std::string(9, '\xFF') + "\x01", "units").as_int(), -1);
  EXPECT_EQ(Read(Varint(15U << 3U) + "\x85" + std::string(8, '\x80') + "\x00"s, "units").as_int(), 5);
  ExpectDead(Varint(15U << 3U) + std::string(10, '\xFF') + "\x01", DeadLetterReason::kNotProtobuf);
  EXPECT_EQ(Read(VarintField(15, 0x1'0000'0007U), "units").as_int(), 7);  // 32 bits count
}

TEST_F(BankMessageTest, OneofsKeepTheLastMember) {
  OneField chosen("chosen", FieldType::kString);
  EXPECT_EQ(chosen.Read(BytesField(16, "x")).as_text(), "x");
  EXPECT_EQ(chosen.Read(BytesField(16, "")).as_text(), "");
  EXPECT_TRUE(chosen.Read(BytesField(16, "x") + VarintField(18, 0)).is(expression::Kind::kAbsent));
  EXPECT_EQ(chosen.Read(VarintField(18, 0) + BytesField(16, "x")).as_text(), "x");
  OneField picked("picked.kind", FieldType::kString);
  EXPECT_TRUE(picked.Read(BytesField(17, BytesField(1, "k")) + BytesField(16, "x")).is(expression::Kind::kAbsent));
  EXPECT_EQ(picked.Read(BytesField(17, BytesField(1, "k")) + BytesField(17, "")).as_text(), "k");
}

TEST_F(BankMessageTest, EnumsAreTheirNames) {
  OneField side("side", FieldType::kString);
  EXPECT_EQ(side.Read(VarintField(21, 1)).as_text(), "CREDIT");
  EXPECT_EQ(side.Read(VarintField(21, 7)).as_text(), "7");
  OneField mapped("side", FieldType::kString, 0, {{"CREDIT", "credit"}, {"7", "seven"}});
  EXPECT_EQ(mapped.Read(VarintField(21, 1)).as_text(), "credit");
  EXPECT_EQ(mapped.Read(VarintField(21, 7)).as_text(), "seven");
  EXPECT_EQ(mapped.Read(VarintField(21, 2)).as_text(), "DEBIT");
  OneField list("sides", FieldType::kStringList);
  EXPECT_EQ(list.Read(VarintField(20, 1) + BytesField(20, "\x02\x00\x09"s)).as_list().size(), 4U);
  EXPECT_EQ(list.Read(BytesField(20, "\x02\x01"s)).as_list()[0].as_text(), "DEBIT");
  RecordBench::ExpectDead(list.Decode(BytesField(20, "\x02\x80"s)), DeadLetterReason::kNotProtobuf);
}

TEST_F(BankMessageTest, DecimalsAreReadFromEveryNumber) {
  EXPECT_EQ(OneField("text", FieldType::kDecimal, 2).Read(BytesField(100, "12.5")).as_int(), 1250);
  EXPECT_EQ(OneField("units", FieldType::kDecimal, 2).Read(VarintField(15, 12)).as_int(), 1200);
  EXPECT_EQ(OneField("ratio", FieldType::kDecimal, 2).Read(Fixed64Field(12, 0.1)).as_int(), 10);
  EXPECT_EQ(OneField("single", FieldType::kDecimal, 2).Read(Fixed32Field(23, 0.1F)).as_int(), 10);
  EXPECT_EQ(OneField("money", FieldType::kDecimal, 2)
                .Read(BytesField(26, BytesField(1, "CZK") + VarintField(2, 12) + VarintField(3, 500'000'000)))
                .as_int(),
            1250);
  EXPECT_EQ(
      OneField("money", FieldType::kDecimal, 2).Read(BytesField(26, VarintField(3, static_cast<std::uint64_t>(-10'000'000LL)))).as_int(),
      -1);
  RecordBench::ExpectDead(OneField("ratio", FieldType::kDecimal, 2).Decode(Fixed64Field(12, 0.125)), DeadLetterReason::kFieldOutOfRange,
                          "ratio");
  RecordBench::ExpectDead(OneField("ratio", FieldType::kDecimal, 2).Decode(Fixed64Field(12, std::nan(""))),
                          DeadLetterReason::kFieldOutOfRange);
  RecordBench::ExpectDead(OneField("money", FieldType::kDecimal, 2)
                              .Decode(BytesField(26, VarintField(2, 1) + VarintField(3, static_cast<std::uint64_t>(-1LL)))),
                          DeadLetterReason::kFieldOutOfRange);
  RecordBench::ExpectDead(OneField("text", FieldType::kDecimal, 2).Decode(BytesField(100, "12,5")), DeadLetterReason::kBadField, "text");
}

TEST_F(BankMessageTest, NumbersOfEveryKind) {
  EXPECT_EQ(OneField("large", FieldType::kInt).Read(VarintField(24, 7)).as_int(), 7);
  RecordBench::ExpectDead(OneField("large", FieldType::kInt).Decode(VarintField(24, ~std::uint64_t{0})), DeadLetterReason::kFieldOutOfRange,
                          "large");
  EXPECT_EQ(OneField("large", FieldType::kDouble).Read(VarintField(24, ~std::uint64_t{0})).as_double(), 18446744073709551615.0);
  EXPECT_EQ(OneField("text", FieldType::kInt).Read(BytesField(100, "12")).as_int(), 12);
  EXPECT_EQ(OneField("fixed", FieldType::kInt).Read(Varint(30U << 3U | 5U) + "\xFF\xFF\xFF\xFF").as_int(), 4294967295);
  EXPECT_EQ(OneField("signed_fixed", FieldType::kInt).Read(Varint(31U << 3U | 1U) + std::string(8, '\xFF')).as_int(), -1);
  EXPECT_EQ(OneField("day", FieldType::kDate).Read(BytesField(27, VarintField(1, 2026) + VarintField(2, 3) + VarintField(3, 1))).as_ms(),
            ToEpochMs(*ParseTime("2026-03-01T00:00:00Z")));
  RecordBench::ExpectDead(OneField("day", FieldType::kDate).Decode(BytesField(27, VarintField(1, 2026))),
                          DeadLetterReason::kFieldOutOfRange);
  RecordBench::ExpectDead(
      OneField("day", FieldType::kDate).Decode(BytesField(27, VarintField(1, 2026) + VarintField(2, 2) + VarintField(3, 30))),
      DeadLetterReason::kBadField);
  EXPECT_EQ(OneField("large", FieldType::kTimestamp).Read(VarintField(24, 5)).as_ms(), 5);
  EXPECT_EQ(OneField("units", FieldType::kString, 0, {{"7", "seven"}}).Read(VarintField(15, 7)).as_text(), "seven");
  RecordBench::ExpectDead(OneField("units", FieldType::kString, 0, {{"7", "seven"}}).Decode(VarintField(15, 8)),
                          DeadLetterReason::kBadField);
}

std::string Entry(const std::string& key, const std::string& value) { return BytesField(1, BytesField(1, key) + BytesField(2, value)); }

TEST_F(BankMessageTest, AStructIsAMap) {
  const std::string list = BytesField(1, Fixed64Field(2, 1.5)) + BytesField(1, VarintField(1, 0)) + BytesField(1, "");
  const Value map = Read(BytesField(9, Entry("s", BytesField(3, "t")) + Entry("d", Fixed64Field(2, 3.0)) + Entry("b", VarintField(4, 1))) +
                             BytesField(9, Entry("l", BytesField(6, list)) + Entry("o", BytesField(5, Entry("x", VarintField(4, 0)))) +
                                               Entry("d", Fixed64Field(2, 4.0))),
                         "context");
  ASSERT_TRUE(map.is(expression::Kind::kMap));
  const auto entries = map.as_map();
  ASSERT_EQ(entries.size(), 5U);  // sorted by key
  EXPECT_TRUE(entries[0].value.is_true());
  EXPECT_EQ(entries[1].value.as_int(), 4);  // the last of two
  ASSERT_EQ(entries[2].value.as_list().size(), 3U);
  EXPECT_EQ(entries[2].value.as_list()[0].as_double(), 1.5);
  EXPECT_TRUE(entries[2].value.as_list()[1].is(expression::Kind::kNull));
  EXPECT_FALSE(entries[3].value.as_map()[0].value.as_bool());
  EXPECT_EQ(entries[4].value.as_text(), "t");
  EXPECT_EQ(Read(BytesField(9, ""), "context").as_map().size(), 0U);
}

TEST_F(BankMessageTest, AStructIsBoundedInDepth) {
  const auto nested = [](int depth) {
    std::string value = VarintField(4, 1);
    for (int i = 1; i < depth; ++i) value = BytesField(5, Entry("a", value));
    return BytesField(9, Entry("a", value));
  };
  EXPECT_TRUE(Read(nested(kJsonDepthMax), "context").is(expression::Kind::kMap));
  ExpectDead(nested(kJsonDepthMax + 1), DeadLetterReason::kFieldOutOfRange, "context");
  ExpectDead(nested(3000), DeadLetterReason::kFieldOutOfRange, "context");
  std::string lists = VarintField(4, 1);
  for (int i = 0; i < 3000; ++i) lists = BytesField(6, BytesField(1, lists));
  ExpectDead(BytesField(9, Entry("a", lists)), DeadLetterReason::kFieldOutOfRange, "context");
  ExpectDead(BytesField(9, Entry("\xFF", "")), DeadLetterReason::kNotProtobuf, "context");
  ExpectDead(BytesField(9, Entry("a", BytesField(3, "\xFF"))), DeadLetterReason::kNotProtobuf);
  ExpectDead(BytesField(9, Entry("a", Fixed64Field(2, std::numeric_limits<double>::infinity()))), DeadLetterReason::kFieldOutOfRange);
  ExpectDead(BytesField(9, BytesField(1, "\x12\x7F")), DeadLetterReason::kNotProtobuf);
}

TEST_F(BankMessageTest, AMapOfScalarsIsAMap) {
  OneField counts("counts", FieldType::kMap);
  const Value map = counts.Read(BytesField(19, BytesField(1, "b") + VarintField(2, 5)) + BytesField(19, BytesField(1, "a")) +
                                BytesField(19, BytesField(1, "b") + VarintField(2, 6)));
  ASSERT_EQ(map.as_map().size(), 2U);
  EXPECT_EQ(map.as_map()[0].value.as_int(), 0);
  EXPECT_EQ(map.as_map()[1].value.as_int(), 6);
}

TEST_F(BankMessageTest, HostileBytesAreDeadLetters) {
  ExpectDead("\x80", DeadLetterReason::kNotProtobuf);                                              // a tag cut off
  ExpectDead("\x00\x01"s, DeadLetterReason::kNotProtobuf);                                         // field 0
  ExpectDead(Varint(15U << 3U | 6U), DeadLetterReason::kNotProtobuf);                              // no wire type
  ExpectDead(Varint(15U << 3U | 4U), DeadLetterReason::kNotProtobuf);                              // an end without a group
  ExpectDead(std::string(5, '\xFF') + "\x01", DeadLetterReason::kNotProtobuf);                     // a tag of 33 bits and more
  ExpectDead(Varint(99U << 3U | 2U) + Varint(5) + "abcd", DeadLetterReason::kNotProtobuf);         // a length beyond the end
  ExpectDead(Varint(99U << 3U | 2U) + Varint(~std::uint64_t{0}), DeadLetterReason::kNotProtobuf);  // and far beyond
  ExpectDead(Varint(99U << 3U | 1U) + "1234567", DeadLetterReason::kNotProtobuf);
  ExpectDead(Varint(99U << 3U | 5U) + "123", DeadLetterReason::kNotProtobuf);
  ExpectDead(BytesField(100, "\xC3\x28"), DeadLetterReason::kNotProtobuf, "text");
  ExpectDead(BytesField(6, "\x0A\x05x"), DeadLetterReason::kNotProtobuf);           // within a message that is read
  EXPECT_EQ(bench_.Decode(kBase + BytesField(99, "\xFF\xFF")).kind, Kind::kEvent);  // within what nobody reads
}

TEST_F(BankMessageTest, GroupsArePassedOverToADepth) {
  const auto groups = [](int depth) {
    std::string bytes;
    for (int i = 0; i < depth; ++i) bytes += Varint(99U << 3U | 3U);
    bytes += VarintField(1, 7) + BytesField(2, "x");
    for (int i = 0; i < depth; ++i) bytes += Varint(99U << 3U | 4U);
    return bytes;
  };
  EXPECT_EQ(bench_.Decode(kBase + groups(100)).kind, Kind::kEvent);
  ExpectDead(groups(101), DeadLetterReason::kNotProtobuf);
  ExpectDead(std::string(200'000, '\x0B'), DeadLetterReason::kNotProtobuf);
  ExpectDead(Varint(99U << 3U | 3U), DeadLetterReason::kNotProtobuf);
  ExpectDead(Varint(99U << 3U | 3U) + Varint(98U << 3U | 4U), DeadLetterReason::kNotProtobuf);
}

TEST_F(BankMessageTest, TheTypeMayBeAFieldOfTheMessage) {
  RecordFormat format = BankFormat();
  format.event.clear();
  RecordBench bench(format, TinyTopology(), BankDescriptors());
  EXPECT_EQ(bench.Decode(kBase + BytesField(2, "everything") + VarintField(15, 3)).kind, Kind::kEvent);
  RecordBench::ExpectDead(bench.Decode(kBase + BytesField(2, "strict")), DeadLetterReason::kMissingField, "must");
  RecordBench::ExpectDead(bench.Decode(kBase), DeadLetterReason::kNoType);
  EXPECT_EQ(bench.Decode(kBase + BytesField(2, "other")).kind, Kind::kSkipped);
}

TEST_F(BankMessageTest, CloudEventsCarryMessages) {
  RecordFormat format = BankFormat();
  format.event.clear();
  format.envelope = Envelope::kCloudEventsBinary;
  RecordBench bench(format, TinyTopology(), BankDescriptors());
  const Headers headers = {{"ce_specversion", "1.0"},
                           {"ce_id", "e-9"},
                           {"ce_source", "/core"},
                           {"ce_type", "everything"},
                           {"ce_time", "2026-03-01T09:30:00Z"},
                           {"content-type", "application/protobuf"}};
  const Decoded decoded = bench.Decode(kBase + VarintField(15, 3), headers);
  EXPECT_EQ(bench.FieldOf(decoded, "units").as_int(), 3);
  EXPECT_EQ(decoded.event.id, "e-9");
  format.envelope = Envelope::kCloudEventsStructured;
  RecordBench structured(format, TinyTopology(), BankDescriptors());
  // customer_id: 17, units: 3
  const Decoded within = structured.Decode(
      R"({"specversion":"1.0","id":"e-9","source":"s","type":"everything","time":"2026-03-01T09:30:00Z","data_base64":"IBF4Aw=="})");
  EXPECT_EQ(structured.FieldOf(within, "units").as_int(), 3);
  RecordBench::ExpectDead(structured.Decode(R"({"specversion":"1.0","id":"e-9","source":"s","type":"everything","data":{}})"),
                          DeadLetterReason::kBadEnvelope);
}

TEST_F(BankMessageTest, FramesNameTheMessage) {
  RecordFormat format = BankFormat();
  format.registry_framed = true;
  RecordBench bench(format, TinyTopology(), BankDescriptors());
  const std::string id = "\0\0\0\0\x07"s;
  const std::string path = "\x04\x08\x02"s;  // two indexes: the fifth message of the file, its second
  EXPECT_EQ(bench.Decode(id + path + kBase).kind, Kind::kEvent);
  EXPECT_EQ(bench.Decode(kBase, {{"__value_schema_id", "\x01" + std::string(16, 'g') + path}}).kind, Kind::kEvent);
  RecordBench::ExpectDead(bench.Decode(id + "\0"s + kBase), DeadLetterReason::kUnknownSchema, "another message");
  RecordBench::ExpectDead(bench.Decode(id + "\x04\x08\x00"s + kBase), DeadLetterReason::kUnknownSchema);
  RecordBench::ExpectDead(bench.Decode(id), DeadLetterReason::kBadFrame);
  RecordBench::ExpectDead(bench.Decode(id + "\x04\x08"s), DeadLetterReason::kBadFrame);
  RecordBench::ExpectDead(bench.Decode(id + "\x01"s + kBase), DeadLetterReason::kBadFrame);
  RecordBench::ExpectDead(bench.Decode(id + std::string(9, '\xFE') + "\x01" + kBase), DeadLetterReason::kBadFrame);
  format.message = "bank.v1.Actor";
  format.event.clear();
  format.envelope = Envelope::kCloudEventsBinary;
  RecordBench first(format, TinyTopology(), BankDescriptors());
  const Headers headers = {{"ce_specversion", "1.0"}, {"ce_id", "e"}, {"ce_source", "s"}, {"ce_type", "none"}};
  EXPECT_EQ(first.Decode(id + "\x00"s, headers).kind, Kind::kSkipped);
  EXPECT_EQ(first.Decode(id + "\x02\x00"s, headers).kind, Kind::kSkipped);
}

TEST_F(BankMessageTest, DeclarationsThatDoNotFitAreRefusedByName) {
  const auto error = [](const std::string& path, FieldType type) { return OneField(path, type).error(); };
  EXPECT_NE(error("unitz", FieldType::kInt).find("no field 'unitz'; did you mean units?"), std::string::npos)
      << error("unitz", FieldType::kInt);
  EXPECT_NE(error("text", FieldType::kBool).find("field one, which is declared as bool: bank.v1.Outer.Everything.text is of type string"),
            std::string::npos)
      << error("text", FieldType::kBool);
  EXPECT_NE(error("blob", FieldType::kString).find("of type bytes"), std::string::npos);
  EXPECT_NE(error("actor", FieldType::kString).find("name one of its fields"), std::string::npos);
  EXPECT_NE(error("actors.kind", FieldType::kString).find("only a single message"), std::string::npos);
  EXPECT_NE(error("counts.a", FieldType::kInt).find("a map"), std::string::npos);
  EXPECT_NE(error("actors", FieldType::kStringList).find("repeated, a message"), std::string::npos);
  EXPECT_EQ(error("signedFixed", FieldType::kInt), "");  // its name in JSON
  RecordFormat format = BankFormat();
  format.message = "bank.v1.Actr";
  EXPECT_NE(RecordBench(format, TinyTopology(), BankDescriptors()).error().find("did you mean bank.v1.Actor?"), std::string::npos);
  EXPECT_NE(RecordBench(BankFormat(), TinyTopology(), "\xFF garbage").error().find("FileDescriptorSet"), std::string::npos);
  EXPECT_NE(RecordBench(BankFormat(), TinyTopology(), "").error().find("FileDescriptorSet"), std::string::npos);
  google::protobuf::FileDescriptorSet part;
  ASSERT_TRUE(part.ParseFromString(BankDescriptors()));
  for (int i = part.file_size(); i-- > 0;) {
    if (part.file(i).name() == "google/type/all.proto") part.mutable_file()->DeleteSubrange(i, 1);
  }
  EXPECT_NE(RecordBench(BankFormat(), TinyTopology(), part.SerializeAsString()).error().find("google/type/all.proto"), std::string::npos);
}

}  // namespace
}  // namespace antiphon::formats

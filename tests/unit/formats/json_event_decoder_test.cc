#include "services/formats/json_event_decoder.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/support/tiny_topology.h"

namespace antiphon::formats {
namespace {

using expression::Kind;
using expression::Value;

class JsonEventDecoderTest : public testing::Test {
 protected:
  Decoded Decode(std::string_view line, RecordPosition position = {.partition = 3, .offset = 77}) {
    return decoder_.Decode(buffer_.Assign(line), position, arena_);
  }
  Decoded DecodeField(std::string_view member) {
    return Decode(
        std::string(R"({"id":"e1","type":"everything","time":"2026-03-01T09:30:00Z","customer_id":"C1",)").append(member).append("}"));
  }
  Value FieldOf(const Decoded& decoded, std::string_view name) const {
    EXPECT_EQ(decoded.kind, Decoded::Kind::kEvent) << decoded.message;
    if (decoded.kind != Decoded::Kind::kEvent) return Value::Error(expression::ErrorCode::kHost, "no event");
    const auto index = topology::FindById(topology_.event_types[decoded.event.type].fields, name);
    return index ? decoded.event.fields[*index] : Value::Error(expression::ErrorCode::kHost, "no such field");
  }
  void ExpectDead(std::string_view line, DeadLetterReason reason, std::string_view part = "") {
    const Decoded decoded = Decode(line);
    EXPECT_EQ(decoded.kind, Decoded::Kind::kDeadLetter) << line;
    EXPECT_EQ(DeadLetterReasonName(decoded.reason), DeadLetterReasonName(reason)) << line << ": " << decoded.message;
    EXPECT_NE(decoded.message.find(part), std::string::npos) << decoded.message;
  }
  void ExpectBadField(std::string_view member, DeadLetterReason reason, std::string_view part = "") {
    ExpectDead(
        std::string(R"({"id":"e1","type":"everything","time":"2026-03-01T09:30:00Z","customer_id":"C1",)").append(member).append("}"),
        reason, part);
  }

  topology::Topology topology_ = TinyTopology();
  JsonEventDecoder decoder_{topology_};
  expression::Arena arena_;
  PaddedBuffer buffer_;
};

TEST_F(JsonEventDecoderTest, ReadsAnEvent) {
  const Decoded decoded = Decode(
      R"({"id":"tx-1","type":"transaction.posted","time":"1993-01-01T07:00:00.250Z","customer_id":"C1","account_id":"A1","amount":700.5,)"
      R"("currency":"CZK","richtung":"H","purpose":null,"unread":[1,{"x":"y"}],"balance":"-12.30"})");
  ASSERT_EQ(decoded.kind, Decoded::Kind::kEvent) << decoded.message;
  EXPECT_EQ(decoded.type, "transaction.posted");
  EXPECT_EQ(decoded.event.id, "tx-1");
  EXPECT_EQ(decoded.event.customer, "C1");
  EXPECT_EQ(decoded.event.source, "core");
  EXPECT_FALSE(decoded.event.backfill);
  EXPECT_EQ(FormatTime(decoded.event.time), "1993-01-01T07:00:00.250Z");
  EXPECT_EQ(FieldOf(decoded, "account_id").as_text(), "A1");
  EXPECT_EQ(FieldOf(decoded, "amount").as_int(), 70050);
  EXPECT_EQ(FieldOf(decoded, "balance").as_int(), -1230);
  EXPECT_EQ(FieldOf(decoded, "direction").as_text(), "credit");
  EXPECT_TRUE(FieldOf(decoded, "purpose").is(Kind::kAbsent));
  EXPECT_TRUE(FieldOf(decoded, "operation").is(Kind::kAbsent));
}

TEST_F(JsonEventDecoderTest, TheTypeMayComeLast) {
  const Decoded decoded = Decode(R"({"amount":1,"customer_id":"C1","time":"2026-03-01T09:30:00Z","type":"transaction.posted"})");
  EXPECT_EQ(FieldOf(decoded, "amount").as_int(), 100);
}

TEST_F(JsonEventDecoderTest, ReadsEveryType) {
  const Decoded decoded = DecodeField(
      R"("actor":{"id":"x","kind":"agent"},"at":"2026-03-01T10:30:00+01:00","born":"1936-01-11","payload":{"inner":{"deep":-5}},"flag":true,)"
      R"("ratio":-0.25,"tags":["a","b\u00e9"],"text":"a\nb","units":42)");
  EXPECT_EQ(FieldOf(decoded, "actor.kind").as_text(), "agent");
  EXPECT_EQ(FieldOf(decoded, "at").as_ms(), ToEpochMs(*ParseTime("2026-03-01T09:30:00Z")));
  EXPECT_EQ(FieldOf(decoded, "born").as_ms(), ToEpochMs(*ParseTime("1936-01-11T00:00:00Z")));
  EXPECT_TRUE(FieldOf(decoded, "born").is(Kind::kTimestamp));
  EXPECT_EQ(FieldOf(decoded, "deep").as_int(), -5);
  EXPECT_TRUE(FieldOf(decoded, "flag").is_true());
  EXPECT_EQ(FieldOf(decoded, "ratio").as_double(), -0.25);
  ASSERT_EQ(FieldOf(decoded, "tags").as_list().size(), 2U);
  EXPECT_EQ(FieldOf(decoded, "tags").as_list()[1].as_text(), "b\u00e9");
  EXPECT_EQ(FieldOf(decoded, "text").as_text(), "a\nb");
  EXPECT_EQ(FieldOf(decoded, "units").as_int(), 42);
}

TEST_F(JsonEventDecoderTest, AMapIsTheObjectAsItIs) {
  const Decoded decoded =
      DecodeField(R"("context":{"n":1,"d":1.5,"big":12345678901234567890,"l":[1,[2,{"k":null}]],"o":{"x":true},"s":"t"})");
  const Value map = FieldOf(decoded, "context");
  ASSERT_TRUE(map.is(Kind::kMap));
  ASSERT_EQ(map.as_map().size(), 6U);
  EXPECT_EQ(map.as_map()[0].value.as_int(), 1);
  EXPECT_EQ(map.as_map()[1].value.as_double(), 1.5);
  EXPECT_EQ(map.as_map()[2].value.as_double(), 12345678901234567890.0);
  EXPECT_EQ(map.as_map()[3].value.as_list()[1].as_list()[0].as_int(), 2);
  EXPECT_TRUE(map.as_map()[3].value.as_list()[1].as_list()[1].as_map()[0].value.is(Kind::kNull));
  EXPECT_TRUE(map.as_map()[4].value.as_map()[0].value.is_true());
  EXPECT_EQ(map.as_map()[5].key.as_text(), "s");
}

TEST_F(JsonEventDecoderTest, AMapIsBoundedInDepthAndHasNoKeyTwice) {
  const auto nested = [](int depth) {
    std::string text = "\"context\":";
    for (int i = 0; i < depth; ++i) text += R"({"a":)";
    return text + "1" + std::string(static_cast<std::size_t>(depth), '}');
  };
  EXPECT_TRUE(FieldOf(DecodeField(nested(kJsonDepthMax)), "context").is(Kind::kMap));
  ExpectBadField(nested(kJsonDepthMax + 1), DeadLetterReason::kFieldOutOfRange, "context");
  ExpectBadField(nested(10'000), DeadLetterReason::kFieldOutOfRange, "context");
  ExpectBadField(R"("context":{"a":1,"\u0061":2})", DeadLetterReason::kNotJson, "twice");
}

TEST_F(JsonEventDecoderTest, WhatNobodyReadsMayBeDeep) {
  EXPECT_EQ(DecodeField("\"unread\":" + std::string(10'000, '[') + std::string(10'000, ']')).kind, Decoded::Kind::kEvent);
}

TEST_F(JsonEventDecoderTest, WordsOfTheBankBecomeOurs) {
  const auto direction = [&](std::string_view json) {
    const Decoded decoded =
        Decode(std::string(R"({"type":"transaction.posted","time":86400000,"customer_id":"C1","richtung":)").append(json).append("}"));
    return std::string(FieldOf(decoded, "direction").as_text());
  };
  EXPECT_EQ(direction("\"S\""), "debit");
  EXPECT_EQ(direction("1"), "credit");
  EXPECT_EQ(direction("\"else\""), "else");
  EXPECT_EQ(direction("\"\\u0053\""), "debit");
}

TEST_F(JsonEventDecoderTest, TheWrongTypeNamesTheFieldAndNotItsValue) {
  for (const char* member : {R"("units":"secret")", R"("units":true)", R"("units":[1])", R"("flag":"secret")", R"("flag":1)",
                             R"("ratio":"1.5")", R"("text":17)", R"("text":{})", R"("tags":"secret")", R"("tags":[1])", R"("tags":[null])",
                             R"("context":"secret")", R"("born":"11.1.1936")", R"("born":19360111)", R"("born":"1936-02-30")",
                             R"("at":"yesterday")", R"("at":false)", R"("actor":"secret")", R"("payload":{"inner":5})"}) {
    const Decoded decoded = DecodeField(member);
    EXPECT_EQ(decoded.reason, DeadLetterReason::kBadField) << member << decoded.message;
    EXPECT_EQ(decoded.message.find("secret"), std::string::npos) << decoded.message;
    const std::string name(member + 1, std::string_view(member).find('"', 1) - 1);
    EXPECT_TRUE(decoded.message.starts_with(name)) << decoded.message;
    EXPECT_TRUE(decoded.time.has_value());
  }
}

TEST_F(JsonEventDecoderTest, NumbersThatDoNotFitAreOutOfRange) {
  for (const char* member :
       {R"("units":9223372036854775808)", R"("units":1.5)", R"("units":1e400)", R"("ratio":1e400)", R"("at":1e400)",
        R"("at":9223372036854775807)", R"("at":"0000-01-01T00:00:00Z")", R"("born":"0000-12-31")", R"("at":"9999-12-31T23:59:59-01:00")"}) {
    ExpectBadField(member, DeadLetterReason::kFieldOutOfRange);
  }
  EXPECT_EQ(FieldOf(DecodeField(R"("units":-9223372036854775808)"), "units").as_int(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(FieldOf(DecodeField(R"("units":"9223372036854775807")"), "units").as_int(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(FieldOf(DecodeField(R"("units":12e2)"), "units").as_int(), 1200);
  EXPECT_EQ(FieldOf(DecodeField(R"("born":"0001-01-01")"), "born").as_ms(), ToEpochMs(*ParseTime("0001-01-01T00:00:00Z")));
  EXPECT_EQ(FieldOf(DecodeField(R"("at":"9999-12-31T23:59:59.999Z")"), "at").as_ms(), ToEpochMs(*ParseTime("9999-12-31T23:59:59.999Z")));
}

TEST_F(JsonEventDecoderTest, ARequiredFieldMustBeThere) {
  constexpr std::string_view kStart = R"({"type":"strict","time":"2026-03-01T09:30:00Z","customer_id":"C1")";
  ExpectDead(std::string(kStart) + "}", DeadLetterReason::kMissingField, "must");
  ExpectDead(std::string(kStart) + R"(,"must":null})", DeadLetterReason::kMissingField, "must");
  EXPECT_EQ(Decode(std::string(kStart) + R"(,"must":""})").kind, Decoded::Kind::kEvent);
}

TEST_F(JsonEventDecoderTest, TheCustomerIsATextOrAWholeNumberOfBoundedLength) {
  const auto with = [](const std::string& customer) {
    return R"({"type":"transaction.posted","time":"2026-03-01T09:30:00Z","customer_id":)" + customer + "}";
  };
  EXPECT_EQ(Decode(with("17")).event.customer, "17");
  EXPECT_EQ(Decode(with("\"C\\u0031\"")).event.customer, "C1");
  EXPECT_EQ(Decode(with("\"" + std::string(256, 'c') + "\"")).event.customer.size(), 256U);
  ExpectDead(with("\"" + std::string(257, 'c') + "\""), DeadLetterReason::kBadCustomer);
  ExpectDead(with("1.5"), DeadLetterReason::kBadCustomer);
  ExpectDead(with("[\"C1\"]"), DeadLetterReason::kBadCustomer);
  ExpectDead(with("\"\""), DeadLetterReason::kNoCustomer);
  ExpectDead(with("null"), DeadLetterReason::kNoCustomer);
  ExpectDead(R"({"type":"transaction.posted","time":"2026-03-01T09:30:00Z"})", DeadLetterReason::kNoCustomer);
}

TEST_F(JsonEventDecoderTest, AnEventWithoutAnIdGetsOneFromItsPlace) {
  EXPECT_EQ(Decode(R"({"type":"transaction.posted","time":"2026-03-01T09:30:00Z","customer_id":"C1"})").event.id, "core@3:77");
  EXPECT_EQ(Decode(R"({"id":"","type":"transaction.posted","time":"2026-03-01T09:30:00Z","customer_id":"C1"})").event.id, "core@3:77");
  EXPECT_EQ(Decode(R"({"id":12,"type":"transaction.posted","time":"2026-03-01T09:30:00Z","customer_id":"C1"})").event.id, "12");
  ExpectDead(R"({"id":{},"type":"transaction.posted","time":"2026-03-01T09:30:00Z","customer_id":"C1"})", DeadLetterReason::kBadId);
}

TEST_F(JsonEventDecoderTest, TimesHaveBounds) {
  const auto with = [](std::string_view time) {
    return std::string(R"({"type":"transaction.posted","customer_id":"C1","time":)").append(time).append("}");
  };
  EXPECT_EQ(Decode(with("\"1970-01-02T00:00:00Z\"")).kind, Decoded::Kind::kEvent);
  EXPECT_EQ(Decode(with("\"2099-12-31T23:59:59.999Z\"")).kind, Decoded::Kind::kEvent);
  EXPECT_EQ(ToEpochMs(Decode(with("86400001")).event.time), 86'400'001);
  for (const char* time : {"\"1970-01-01T23:59:59.999Z\"", "\"2100-01-01T00:00:00Z\"", "\"0001-01-01T00:00:00Z\"",
                           "\"9999-12-31T23:59:59Z\"", "0", "-1", "1e400", "86400000.5", "9223372036854775807"}) {
    ExpectDead(with(time), DeadLetterReason::kTimeOutOfBounds);
  }
  for (const char* time : {"null", "\"\"", "\"2026-02-30T00:00:00Z\"", "\"2026-03-01\"", "true", "{}"})
    ExpectDead(with(time), DeadLetterReason::kNoTime);
  ExpectDead(R"({"type":"transaction.posted","customer_id":"C1"})", DeadLetterReason::kNoTime);
}

TEST_F(JsonEventDecoderTest, BackfillIsMarked) {
  EXPECT_TRUE(DecodeField(R"("backfill":true)").event.backfill);
  EXPECT_FALSE(DecodeField(R"("backfill":null)").event.backfill);
  ExpectBadField(R"("backfill":"yes")", DeadLetterReason::kBadField, "backfill");
}

TEST_F(JsonEventDecoderTest, UndeclaredTypesAreSkippedByName) {
  const Decoded decoded = Decode(R"({"type":"branch.visited","x":1})");
  EXPECT_EQ(decoded.kind, Decoded::Kind::kSkipped);
  EXPECT_EQ(decoded.type, "branch.visited");
  topology_.envelope.unknown_types_dead_letter = true;
  ExpectDead(R"({"type":"branch.visited","x":1})", DeadLetterReason::kUnknownType);
}

TEST_F(JsonEventDecoderTest, WhatIsNoWholeJsonObjectIsNotJson) {
  const std::string good = R"({"id":"e1","type":"everything","time":"2026-03-01T09:30:00Z","customer_id":"C1","text":"x"})";
  ASSERT_EQ(Decode(good).kind, Decoded::Kind::kEvent);
  for (std::size_t length = 0; length < good.size(); ++length) ExpectDead(good.substr(0, length), DeadLetterReason::kNotJson);
  ExpectDead(good + "}", DeadLetterReason::kNotJson);
  ExpectDead(good + good, DeadLetterReason::kNotJson);
  ExpectDead("[" + good + "]", DeadLetterReason::kNotJson);
  ExpectDead("not json", DeadLetterReason::kNotJson);
  ExpectDead(R"({"type":"branch.visited","x":tru})", DeadLetterReason::kNotJson);
  ExpectDead(R"({"type":"branch.visited","x":1)", DeadLetterReason::kNotJson);
  ExpectBadField("\"text\":\"\xC3\x28\"", DeadLetterReason::kNotJson, "UTF-8");
  ExpectBadField("\"unread\":\"\xED\xA0\x80\"", DeadLetterReason::kNotJson, "UTF-8");
  ExpectBadField(R"("text":"\ud800")", DeadLetterReason::kNotJson);
  ExpectBadField(R"("unread":nulll)", DeadLetterReason::kNotJson);
  ExpectBadField(R"("units":"secret","unread":nulll)", DeadLetterReason::kNotJson);
}

TEST_F(JsonEventDecoderTest, AKeyThatIsReadStandsOnce) {
  ExpectBadField(R"("text":"a","text":"a")", DeadLetterReason::kNotJson, "twice");
  ExpectBadField(R"("text":null,"t\u0065xt":"a")", DeadLetterReason::kNotJson, "twice");
  ExpectBadField(R"("customer_id":"C2")", DeadLetterReason::kNotJson, "customer_id");
  ExpectBadField(R"("type":"strict")", DeadLetterReason::kNotJson, "type");
  ExpectBadField(R"("actor":{"kind":"a"},"actor":{"kind":"b"})", DeadLetterReason::kNotJson, "actor");
  EXPECT_EQ(DecodeField(R"("unread":1,"unread":2)").kind, Decoded::Kind::kEvent);
}

TEST_F(JsonEventDecoderTest, ATypeMustBeAText) {
  ExpectDead(R"({"time":1})", DeadLetterReason::kNoType);
  ExpectDead(R"({"type":null})", DeadLetterReason::kNoType);
  ExpectDead(R"({"type":5})", DeadLetterReason::kNoType);
  ExpectDead("{}", DeadLetterReason::kNoType);
  EXPECT_EQ(Decode(R"({"\u0074ype":"strict\u002e"})").type, "strict.");
}

TEST_F(JsonEventDecoderTest, TheEnvelopeMayLieDeeper) {
  topology_.envelope.type_path = {"head", "kind"};
  topology_.event_types[2].time_path = {"head", "when"};
  topology_.event_types[2].customer_path = {"payload", "kunde"};
  JsonEventDecoder decoder(topology_);
  const Decoded decoded =
      decoder.Decode(buffer_.Assign(R"({"payload":{"kunde":5},"head":{"when":86400000,"kind":"transaction.posted"}})"), {}, arena_);
  ASSERT_EQ(decoded.kind, Decoded::Kind::kEvent) << decoded.message;
  EXPECT_EQ(decoded.event.customer, "5");
  EXPECT_EQ(decoder.PeekTime(buffer_.padded()), decoded.event.time);
}

TEST_F(JsonEventDecoderTest, OneKeyMayServeSeveralFields) {
  topology_.event_types[2].fields[0].path = {"customer_id"};  // account_id
  topology_.event_types[2].fields[3].path = {"payload"};      // counterparty_bank, beside payload.x
  topology_.event_types[2].fields[4].path = {"payload", "x"};
  JsonEventDecoder decoder(topology_);
  const Decoded decoded = decoder.Decode(buffer_.Assign(R"({"type":"transaction.posted","time":86400000,"customer_id":"C1"})"), {}, arena_);
  EXPECT_EQ(FieldOf(decoded, "account_id").as_text(), "C1");
}

TEST_F(JsonEventDecoderTest, LinesHaveALimit) {
  JsonEventDecoder decoder(topology_, 100);
  EXPECT_EQ(decoder.Decode(buffer_.Assign(R"({"type":"x"})" + std::string(100, ' ')), {}, arena_).reason, DeadLetterReason::kTooLarge);
  const std::string megabytes(3'000'000, 'x');
  const Decoded decoded = DecodeField("\"text\":\"" + megabytes + "\"");
  EXPECT_EQ(FieldOf(decoded, "text").as_text(), megabytes);
}

TEST_F(JsonEventDecoderTest, TheWorstLineFitsIntoArenaBytes) {
  std::string line = R"({"type":"everything","time":"2026-03-01T09:30:00Z","customer_id":"C1","context":{"l":[0)";
  for (int i = 0; i < 300'000; ++i) line += ",0";
  line += "]}}";
  expression::Arena arena(decoder_.ArenaBytes(1, line.size()));
  EXPECT_EQ(decoder_.Decode(buffer_.Assign(line), {}, arena).kind, Decoded::Kind::kEvent);
  expression::Arena small(1000);
  EXPECT_EQ(decoder_.Decode(buffer_.padded(), {}, small).reason, DeadLetterReason::kTooLarge);
}

TEST_F(JsonEventDecoderTest, EventsOfABatchStayAlive) {
  std::vector<PaddedBuffer> lines;
  std::vector<Decoded> events;
  for (int i = 0; i < 500; ++i) {
    lines.emplace_back(R"({"type":"everything","time":"2026-03-01T09:30:00Z","customer_id":"C)" + std::to_string(i) + R"(","text":"\n)" +
                       std::to_string(i) + "\"}");
    events.push_back(decoder_.Decode(lines.back().padded(), {.partition = 0, .offset = static_cast<std::uint64_t>(i)}, arena_));
  }
  for (int i = 0; i < 500; ++i) {
    const Decoded& decoded = events[static_cast<std::size_t>(i)];
    EXPECT_EQ(decoded.event.customer, "C" + std::to_string(i));
    EXPECT_EQ(decoded.event.id, "core@0:" + std::to_string(i));
    EXPECT_EQ(FieldOf(decoded, "text").as_text(), "\n" + std::to_string(i));
  }
}

TEST_F(JsonEventDecoderTest, ControlRecordsNameOneThing) {
  const auto with = [](std::string_view rest) {
    return std::string(R"({"type":"control.pause","time":"2026-03-01T09:30:00Z")").append(rest).append("}");
  };
  const Decoded offer = Decode(with(R"(,"offer":"savings_sweep","note":"why")"));
  ASSERT_EQ(offer.kind, Decoded::Kind::kControl) << offer.message;
  EXPECT_EQ(offer.control.kind, decision::Control::Kind::kPause);
  EXPECT_EQ(offer.control.paused, state::PausedKind::kOffer);
  EXPECT_EQ(offer.control.what, 1);
  EXPECT_EQ(FormatTime(offer.control.time), "2026-03-01T09:30:00.000Z");
  EXPECT_EQ(Decode(with(R"(,"campaign":"spring")")).control.paused, state::PausedKind::kCampaign);
  EXPECT_EQ(Decode(with(R"(,"channel":"sms")")).control.what, 1);
  EXPECT_EQ(Decode(with(R"(,"trigger":"salary_leaves")")).control.what, 1);
  EXPECT_EQ(Decode(R"({"type":"control.resume","time":"2026-03-01T09:30:00Z","all":true,"offer":null})").control.kind,
            decision::Control::Kind::kResume);
  ExpectDead(with(""), DeadLetterReason::kBadControl);
  ExpectDead(with(R"(,"all":false)"), DeadLetterReason::kBadControl);
  ExpectDead(with(R"(,"all":true,"channel":"sms")"), DeadLetterReason::kBadControl);
  ExpectDead(with(R"(,"offer":5)"), DeadLetterReason::kBadControl);
  ExpectDead(with(R"(,"offer":"nothing")"), DeadLetterReason::kUnknownTarget);
  ExpectDead(R"({"type":"control.pause","offer":"savings_sweep"})", DeadLetterReason::kNoTime);
}

TEST_F(JsonEventDecoderTest, AnActivationNamesOneVersion) {
  const auto with = [](std::string_view rest) {
    return std::string(R"({"type":"control.activate","time":"2026-03-01T09:30:00Z")").append(rest).append("}");
  };
  const Decoded decoded = Decode(with(R"(,"version":"0000000000000001000000000000000a")"));
  ASSERT_EQ(decoded.kind, Decoded::Kind::kActivation) << decoded.message;
  EXPECT_EQ(decoded.activates, (Hash128{.high = 1, .low = 10}));
  EXPECT_EQ(FormatTime(*decoded.time), "2026-03-01T09:30:00.000Z");
  ExpectDead(with(""), DeadLetterReason::kBadControl);
  ExpectDead(with(R"(,"version":"")"), DeadLetterReason::kBadControl);
  ExpectDead(with(R"(,"version":7)"), DeadLetterReason::kBadControl);
  ExpectDead(with(R"(,"version":"0000000000000001000000000000000A")"), DeadLetterReason::kBadControl);
  ExpectDead(with(R"(,"version":"0000000000000001000000000000000a","all":true)"), DeadLetterReason::kBadControl);
  ExpectDead(R"({"type":"control.activate","version":"0000000000000001000000000000000a"})", DeadLetterReason::kNoTime);
  // Nor has a pause a version.
  ExpectDead(R"({"type":"control.pause","time":"2026-03-01T09:30:00Z","all":true,"version":"0000000000000001000000000000000a"})",
             DeadLetterReason::kBadControl);
}

TEST_F(JsonEventDecoderTest, PeekTimeAgreesWithDecode) {
  EXPECT_EQ(FormatTime(*decoder_.PeekTime(buffer_.Assign(R"({"type":"strict","time":"2026-03-01T09:30:00Z"})"))),
            "2026-03-01T09:30:00.000Z");
  EXPECT_TRUE(decoder_.PeekTime(buffer_.Assign(R"({"type":"control.pause","time":86400000})")).has_value());
  for (const char* line :
       {R"({"type":"branch.visited","time":"2026-03-01T09:30:00Z"})", R"({"type":"strict","time":5})", R"({"type":"strict"})", "{", ""}) {
    EXPECT_FALSE(decoder_.PeekTime(buffer_.Assign(line)).has_value()) << line;
  }
}

}  // namespace
}  // namespace antiphon::formats

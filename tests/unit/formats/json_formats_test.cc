// JSON as it stands in topics: plain, framed by the Schema Registry, as CloudEvents.
#include <string>

#include <gtest/gtest.h>

#include "tests/unit/formats/topic_records.h"

namespace antiphon::formats {
namespace {

using namespace std::string_literals;
using Kind = Decoded::Kind;

const std::string kEvent =
    R"({"id":"tx-1","type":"transaction.posted","time":"2026-03-01T09:30:00Z","customer_id":"C1","amount":12.5,"richtung":"H"})";
const std::string kData = R"({"customer_id":"C1","amount":12.5,"richtung":"H"})";

// ---- plain

TEST(PlainJsonTest, IsTheJsonOfFiles) {
  RecordBench bench(RecordFormat{});
  const Decoded decoded = bench.Decode(kEvent);
  EXPECT_EQ(bench.FieldOf(decoded, "amount").as_int(), 1250);
  EXPECT_EQ(decoded.event.id, "tx-1");
  EXPECT_EQ(decoded.event.source, "core");
}

TEST(PlainJsonTest, ATombstoneIsPassedOver) {
  RecordBench bench(RecordFormat{});
  EXPECT_EQ(bench.Decode(std::nullopt).kind, Kind::kSkipped);
  RecordBench::ExpectDead(bench.Decode(""), DeadLetterReason::kNotJson);
}

TEST(PlainJsonTest, ControlRecordsAndUndeclaredTypes) {
  RecordBench bench(RecordFormat{});
  EXPECT_EQ(bench.Decode(R"({"type":"control.pause","time":"2026-03-01T09:30:00Z","offer":"savings_sweep"})").kind, Kind::kControl);
  const Decoded decoded = bench.Decode(R"({"type":"branch.visited"})");
  EXPECT_EQ(decoded.kind, Kind::kSkipped);
  EXPECT_EQ(decoded.type, "branch.visited");
}

TEST(PlainJsonTest, TheTopicMayNameTheTypeTheKeyTheCustomerAndTheLogTheTime) {
  RecordFormat format;
  format.event = "transaction.posted";
  format.customer = "key";
  format.time = TimeFrom::kRecord;
  RecordBench bench(format);
  const Decoded decoded =
      bench.Decode(R"({"amount":1,"type":"x","time":"nonsense","customer_id":"C2"})", {}, "C1", FromEpochMs(1'772'357'400'000));
  ASSERT_EQ(decoded.kind, Kind::kEvent) << decoded.message;
  EXPECT_EQ(decoded.event.customer, "C1");
  EXPECT_EQ(decoded.event.id, "core@3:77");
  EXPECT_EQ(ToEpochMs(decoded.event.time), 1'772'357'400'000);
  RecordBench::ExpectDead(bench.Decode("{}", {}, std::nullopt, FromEpochMs(1'772'357'400'000)), DeadLetterReason::kNoCustomer);
  RecordBench::ExpectDead(bench.Decode("{}", {}, "\xFF", FromEpochMs(1'772'357'400'000)), DeadLetterReason::kBadCustomer, "UTF-8");
  RecordBench::ExpectDead(bench.Decode("{}", {}, "C1"), DeadLetterReason::kNoTime);
}

TEST(PlainJsonTest, WhoeverRekeyedItSaysWhoseItIs) {
  RecordBench bench(RecordFormat{});
  const Decoded decoded = bench.Decode(kEvent, {}, std::nullopt, {}, "C9");
  ASSERT_EQ(decoded.kind, Kind::kEvent) << decoded.message;
  EXPECT_EQ(decoded.event.customer, "C9");
  EXPECT_EQ(bench.Decode(R"({"id":"x","type":"transaction.posted","time":"2026-03-01T09:30:00Z","amount":1})", {}, std::nullopt, {}, "C9")
                .event.customer,
            "C9");
}

TEST(SeveralCustomersTest, StandInListsOnTheWayOrAtItsEnd) {
  RecordFormat format;
  format.customers = {"holders", "id"};
  RecordBench bench(format);
  Decoded out;
  EXPECT_EQ(bench.Customers(R"({"a":[1],"holders":[{"id":"C2"},{"x":{"id":"no"},"id":17},{"id":"C2"},{"id":null},{}]})", out), "C2,17");
  EXPECT_EQ(bench.Customers(R"({"holders":{"id":["C1","C2"]}})", out), "C1,C2");
  EXPECT_EQ(bench.Customers(R"({"holders":{"\u0069d":"C\u0031"}})", out), "C1");
  EXPECT_EQ(bench.Customers(R"({"holders":null})", out), "");
  EXPECT_EQ(bench.Customers(R"({"holder":"C1"})", out), "");
}

TEST(SeveralCustomersTest, WhatCannotNameThemIsADeadLetter) {
  RecordFormat format;
  format.customers = {"holders"};
  RecordBench bench(format);
  Decoded out;
  EXPECT_EQ(bench.Customers(R"({"holders":["C1",{}]})", out), "(bad_customer)");
  EXPECT_EQ(bench.Customers(R"({"holders":[["C1"]]})", out), "(bad_customer)");
  EXPECT_EQ(bench.Customers(R"({"holders":[1.5]})", out), "(bad_customer)");
  EXPECT_EQ(bench.Customers(R"({"holders":["C1"],"holders":["C2"]})", out), "(not_json)");
  EXPECT_EQ(bench.Customers(R"({"holders":["C1",{}],})", out), "(not_json)") << "what is no JSON is always called that";
  EXPECT_EQ(bench.Customers(std::string(100'000, '['), out), "(not_json)");
  std::string many;
  for (int i = 0; i <= 100; ++i) many += (i == 0 ? "" : ",") + std::to_string(i);
  EXPECT_EQ(bench.Customers(R"({"holders":[)" + many + "]}", out), "(bad_customer)");
  for (int i = 0; i < 300'000; ++i) many += "," + std::to_string(i);
  EXPECT_EQ(bench.Customers(R"({"holders":[)" + many + "]}", out), "(bad_customer)") << "in no time";
  format.payload = Payload::kProtobuf;
  EXPECT_NE(RecordBench(format).error(), "");
}

TEST(PlainJsonTest, AWrongDeclarationIsRefusedWithTheNearestName) {
  RecordFormat format;
  format.event = "transaction.postd";
  EXPECT_NE(RecordBench(format).error().find("did you mean transaction.posted?"), std::string::npos);
  format.event.clear();
  format.schema_ids = {1};
  EXPECT_NE(RecordBench(format).error().find("framed"), std::string::npos);
  format.schema_ids.clear();
  format.customer = "subject";
  EXPECT_NE(RecordBench(format).error().find("no CloudEvents"), std::string::npos);
}

// ---- framed

RecordFormat Framed(std::vector<std::uint32_t> ids = {}) {
  RecordFormat format;
  format.registry_framed = true;
  format.schema_ids = std::move(ids);
  return format;
}

TEST(FramedJsonTest, TheFrameIsStripped) {
  RecordBench bench(Framed());
  EXPECT_EQ(bench.FieldOf(bench.Decode("\0\0\0\x01\x02"s + kEvent), "amount").as_int(), 1250);
  EXPECT_EQ(bench.FieldOf(bench.Decode("\x01" + std::string(16, '\x07') + kEvent), "amount").as_int(), 1250);
}

TEST(FramedJsonTest, ABareValueIsNeverGuessed) {
  RecordBench bench(Framed());
  RecordBench::ExpectDead(bench.Decode(kEvent), DeadLetterReason::kBadFrame);
  RecordBench::ExpectDead(bench.Decode(""), DeadLetterReason::kBadFrame);
  RecordBench::ExpectDead(bench.Decode("\0\0\0\x01"s), DeadLetterReason::kBadFrame);
  RecordBench::ExpectDead(bench.Decode("\x01" + std::string(15, '\x07')), DeadLetterReason::kBadFrame);
  RecordBench::ExpectDead(bench.Decode("\0\0\0\x01\x02"s), DeadLetterReason::kNotJson);
  RecordBench::ExpectDead(bench.Decode("\x02\0\0\x01\x02"s + kEvent), DeadLetterReason::kBadFrame);
  RecordBench plain(RecordFormat{});
  RecordBench::ExpectDead(plain.Decode("\0\0\0\x01\x02"s + kEvent), DeadLetterReason::kNotJson);
}

TEST(FramedJsonTest, PinnedIdsAreChecked) {
  RecordBench bench(Framed({7, 0x01020304}));
  EXPECT_EQ(bench.Decode("\0\x01\x02\x03\x04"s + kEvent).kind, Kind::kEvent);
  EXPECT_EQ(bench.Decode("\0\0\0\0\x07"s + kEvent).kind, Kind::kEvent);
  RecordBench::ExpectDead(bench.Decode("\0\x04\x03\x02\x01"s + kEvent), DeadLetterReason::kUnknownSchema);
  RecordBench::ExpectDead(bench.Decode("\x01" + std::string(16, '\x07') + kEvent), DeadLetterReason::kUnknownSchema);
}

TEST(FramedJsonTest, PinnedGuidsAreChecked) {
  RecordFormat format = Framed();
  format.schema_guids = {"89791762-2336-4186-9674-299b90a802e2"};
  const std::string guid = "\x89\x79\x17\x62\x23\x36\x41\x86\x96\x74\x29\x9b\x90\xa8\x02\xe2"s;
  RecordBench bench(format);
  EXPECT_EQ(bench.Decode("\x01" + guid + kEvent).kind, Kind::kEvent);
  RecordBench::ExpectDead(bench.Decode("\0\0\0\0\x07"s + kEvent), DeadLetterReason::kUnknownSchema);
  format.schema_guids = {"89791762-2336"};
  EXPECT_NE(RecordBench(format).error().find("GUID"), std::string::npos);
}

TEST(FramedJsonTest, TheHeaderComesBeforeThePrefixAndTheLastOneCounts) {
  RecordBench bench(Framed({7}));
  EXPECT_EQ(bench.Decode(kEvent, {{"__value_schema_id", "\0\0\0\0\x07"s}}).kind, Kind::kEvent);
  EXPECT_EQ(bench.Decode(kEvent, {{"__value_schema_id", "x"}, {"__value_schema_id", "\0\0\0\0\x07"s}}).kind, Kind::kEvent);
  RecordBench::ExpectDead(bench.Decode(kEvent, {{"__value_schema_id", "\0\0\0\0\x07\x01"s}}), DeadLetterReason::kBadFrame);
  RecordBench::ExpectDead(bench.Decode(kEvent, {{"__value_schema_id", "\x01" + std::string(16, 'x')}}), DeadLetterReason::kUnknownSchema);
  RecordBench::ExpectDead(bench.Decode(kEvent, {{"__value_schema_id", ""}}), DeadLetterReason::kBadFrame);
}

// ---- CloudEvents, binary

RecordFormat Binary() {
  RecordFormat format;
  format.envelope = Envelope::kCloudEventsBinary;
  return format;
}

Headers Attributes() {
  return {{"ce_specversion", "1.0"},
          {"ce_id", "e-9"},
          {"ce_source", "/core/eu"},
          {"ce_type", "transaction.posted"},
          {"ce_time", "2026-03-01T10:30:00+01:00"},
          {"content-type", "application/json"},
          {"traceparent", "00-ab"}};
}
Headers With(Headers headers, const std::string& name, const std::string& value) {
  headers.emplace_back(name, value);
  return headers;
}
Headers Without(const std::string& name) {
  Headers headers = Attributes();
  std::erase_if(headers, [&](const auto& header) { return header.first == name; });
  return headers;
}

TEST(CloudEventsBinaryTest, AttributesAreHeadersAndTheValueIsTheData) {
  RecordBench bench(Binary());
  const Decoded decoded = bench.Decode(kData, Attributes());
  EXPECT_EQ(bench.FieldOf(decoded, "amount").as_int(), 1250);
  EXPECT_EQ(decoded.event.id, "e-9");
  EXPECT_EQ(decoded.event.source, "/core/eu");
  EXPECT_EQ(decoded.event.customer, "C1");
  EXPECT_EQ(decoded.type, "transaction.posted");
  EXPECT_EQ(FormatTime(decoded.event.time), "2026-03-01T09:30:00.000Z");
}

TEST(CloudEventsBinaryTest, TheDataDoesNotSpeakForTheEnvelope) {
  RecordBench bench(Binary());
  const Decoded decoded =
      bench.Decode(R"({"customer_id":"C1","id":"row-1","time":"1999-01-01T00:00:00Z","type":"strict","backfill":true})", Attributes());
  ASSERT_EQ(decoded.kind, Kind::kEvent) << decoded.message;
  EXPECT_EQ(decoded.event.id, "e-9");
  EXPECT_EQ(FormatTime(decoded.event.time), "2026-03-01T09:30:00.000Z");
  EXPECT_FALSE(decoded.event.backfill);
}

TEST(CloudEventsBinaryTest, WhatTheTopologyMapsIsReadInTheData) {
  topology::Topology topology = TinyTopology();
  topology.event_types[2].id_path = {"booking"};
  topology.event_types[2].time_path = {"booked_at"};
  RecordBench bench(Binary(), topology);
  const Decoded decoded = bench.Decode(R"({"customer_id":"C1","booking":17,"booked_at":"2026-02-01T00:00:00Z"})", Attributes());
  ASSERT_EQ(decoded.kind, Kind::kEvent) << decoded.message;
  EXPECT_EQ(decoded.event.id, "17");
  EXPECT_EQ(FormatTime(decoded.event.time), "2026-02-01T00:00:00.000Z");
  const Decoded without = bench.Decode(kData, Attributes());  // the envelope's, where the data has none
  EXPECT_EQ(without.event.id, "e-9");
  EXPECT_EQ(FormatTime(without.event.time), "2026-03-01T09:30:00.000Z");
}

TEST(CloudEventsBinaryTest, TheCustomerMayBeAnAttribute) {
  RecordFormat format = Binary();
  format.customer = "subject";
  RecordBench bench(format);
  const Decoded decoded = bench.Decode(kData, With(Attributes(), "ce_subject", "C7"));
  EXPECT_EQ(decoded.event.customer, "C7");
  RecordBench::ExpectDead(bench.Decode(kData, Attributes()), DeadLetterReason::kNoCustomer);
  RecordBench::ExpectDead(bench.Decode(kData, With(Attributes(), "ce_subject", std::string(257, 'x'))), DeadLetterReason::kBadCustomer);
  format.customer = "id";
  EXPECT_NE(RecordBench(format).error().find("cannot name the customer"), std::string::npos);
}

TEST(CloudEventsBinaryTest, RequiredAttributesAreRequired) {
  RecordBench bench(Binary());
  for (const char* name : {"ce_id", "ce_source", "ce_specversion"}) {
    RecordBench::ExpectDead(bench.Decode(kData, Without(name)), DeadLetterReason::kBadEnvelope, name + 3);
  }
  RecordBench::ExpectDead(bench.Decode(kData, Without("ce_type")), DeadLetterReason::kNoType);
  RecordBench::ExpectDead(bench.Decode(kData, Without("ce_time")), DeadLetterReason::kNoTime);
  EXPECT_EQ(bench.Decode(kData, Without("content-type")).kind, Kind::kEvent);
}

TEST(CloudEventsBinaryTest, BadAttributesAreDeadLetters) {
  RecordBench bench(Binary());
  RecordBench::ExpectDead(bench.Decode(kData, With(Attributes(), "ce_time", "yesterday")), DeadLetterReason::kNoTime, "time");
  RecordBench::ExpectDead(bench.Decode(kData, With(Attributes(), "ce_id", std::string(257, 'x'))), DeadLetterReason::kBadId);
  RecordBench::ExpectDead(bench.Decode(kData, With(Attributes(), "ce_source", std::string(257, 'x'))), DeadLetterReason::kBadEnvelope);
  RecordBench::ExpectDead(bench.Decode(kData, With(Attributes(), "ce_id", "\xC3")), DeadLetterReason::kBadEnvelope, "UTF-8");
  RecordBench::ExpectDead(bench.Decode(kData, With(Attributes(), "ce_backfill", "yes")), DeadLetterReason::kBadField);
  RecordBench::ExpectDead(bench.Decode(kData, With(Attributes(), "ce_specversion", "0.3")), DeadLetterReason::kBadEnvelope);
  RecordBench::ExpectDead(bench.Decode(kData, With(Attributes(), "content-type", "application/xml")), DeadLetterReason::kBadEnvelope);
  RecordBench::ExpectDead(bench.Decode(kData, With(Attributes(), "content-type", "Application/CloudEvents+json")),
                          DeadLetterReason::kBadEnvelope, "structured");
  RecordBench::ExpectDead(bench.Decode("{", Attributes()), DeadLetterReason::kNotJson);
  EXPECT_TRUE(bench.Decode(kData, With(Attributes(), "ce_backfill", "true")).event.backfill);
  EXPECT_EQ(bench.Decode(kData, With(Attributes(), "content-type", "application/vnd.bank+json; charset=utf-8")).kind, Kind::kEvent);
}

TEST(CloudEventsBinaryTest, UndeclaredTypesAndTombstonesArePassedOver) {
  RecordBench bench(Binary());
  const Decoded decoded = bench.Decode(kData, With(Attributes(), "ce_type", "branch.visited"));
  EXPECT_EQ(decoded.kind, Kind::kSkipped);
  EXPECT_EQ(decoded.type, "branch.visited");
  EXPECT_EQ(bench.Decode(std::nullopt, Attributes()).kind, Kind::kSkipped);
  RecordBench::ExpectDead(bench.Decode("{", With(Attributes(), "ce_type", "branch.visited")), DeadLetterReason::kNotJson);
}

TEST(CloudEventsBinaryTest, ControlRecordsToo) {
  RecordBench bench(Binary());
  const Decoded decoded = bench.Decode(R"({"campaign":"spring"})", With(Attributes(), "ce_type", "control.pause"));
  ASSERT_EQ(decoded.kind, Kind::kControl) << decoded.message;
  EXPECT_EQ(decoded.control.paused, state::PausedKind::kCampaign);
  EXPECT_EQ(FormatTime(decoded.control.time), "2026-03-01T09:30:00.000Z");
}

// ---- CloudEvents, structured

RecordFormat Structured() {
  RecordFormat format;
  format.envelope = Envelope::kCloudEventsStructured;
  return format;
}

std::string Event(const std::string& rest) {
  return R"({"specversion":"1.0","id":"e-9","source":"/core/eu","type":"transaction.posted","time":"2026-03-01T09:30:00Z","x":[1,{}],)" +
         rest + "}";
}

TEST(CloudEventsStructuredTest, DataIsAnObjectOrBase64) {
  RecordBench bench(Structured());
  const Decoded decoded = bench.Decode(Event("\"data\":" + kData));
  EXPECT_EQ(bench.FieldOf(decoded, "amount").as_int(), 1250);
  EXPECT_EQ(decoded.event.id, "e-9");
  EXPECT_EQ(decoded.event.source, "/core/eu");
  // {"customer_id":"C1","amount":12.5}
  const Decoded encoded = bench.Decode(Event(R"("data_base64":"eyJjdXN0b21lcl9pZCI6IkMxIiwiYW1vdW50IjoxMi41fQ==")"));
  EXPECT_EQ(bench.FieldOf(encoded, "amount").as_int(), 1250);
}

TEST(CloudEventsStructuredTest, TheContentTypeMayBeThereAndMustNotContradict) {
  RecordBench bench(Structured());
  const std::string event = Event("\"data\":" + kData);
  EXPECT_EQ(bench.Decode(event, {{"content-type", "application/cloudevents+json; charset=UTF-8"}}).kind, Kind::kEvent);
  EXPECT_EQ(bench.Decode(event, {{"content-type", "Application/CloudEvents+JSON"}}).kind, Kind::kEvent);
  for (const char* other : {"application/json", "application/cloudevents-batch+json", "application/cloudevents+avro"}) {
    RecordBench::ExpectDead(bench.Decode(event, {{"content-type", other}}), DeadLetterReason::kBadEnvelope, "content-type");
  }
}

TEST(CloudEventsStructuredTest, EscapesAreResolvedInAttributes) {
  RecordBench bench(Structured());
  const Decoded decoded = bench.Decode(
      R"({"specversion":"1.0","\u0069d":"a\/b","source":"s\u00e9","type":"strict","time":"2026-03-01T09:30:00Z","data":{"must":"x","customer_id":1}})");
  ASSERT_EQ(decoded.kind, Kind::kEvent) << decoded.message;
  EXPECT_EQ(decoded.event.id, "a/b");
  EXPECT_EQ(decoded.event.source, "s\u00e9");
}

TEST(CloudEventsStructuredTest, BrokenEnvelopesAreDeadLetters) {
  RecordBench bench(Structured());
  RecordBench::ExpectDead(bench.Decode(Event(R"("data":{"customer_id":"C1"},"data_base64":"e30=")")), DeadLetterReason::kBadEnvelope,
                          "both");
  RecordBench::ExpectDead(bench.Decode(Event(R"("data_base64":"e30")")), DeadLetterReason::kBadEnvelope, "base64");
  RecordBench::ExpectDead(bench.Decode(Event(R"("data_base64":"//8=")")), DeadLetterReason::kNotJson, "UTF-8");
  RecordBench::ExpectDead(bench.Decode(Event(R"("data":"text")")), DeadLetterReason::kNotJson);
  RecordBench::ExpectDead(bench.Decode(Event(R"("id":"again")")), DeadLetterReason::kBadEnvelope, "id");
  RecordBench::ExpectDead(bench.Decode(Event(R"("data":null)")), DeadLetterReason::kNoCustomer);
  RecordBench::ExpectDead(bench.Decode(Event(R"("datacontenttype":"text/plain","data":{})")), DeadLetterReason::kBadEnvelope);
  RecordBench::ExpectDead(bench.Decode(Event(R"("subject":"x")") + "{}"), DeadLetterReason::kNotJson);
  RecordBench::ExpectDead(bench.Decode(R"({"specversion":"1.0","id":7,"source":"s","type":"strict"})"), DeadLetterReason::kBadEnvelope,
                          "id");
  RecordBench::ExpectDead(bench.Decode("[]"), DeadLetterReason::kNotJson);
  RecordBench::ExpectDead(bench.Decode("{\"\xFF\":1}"), DeadLetterReason::kNotJson, "UTF-8");
}

}  // namespace
}  // namespace antiphon::formats

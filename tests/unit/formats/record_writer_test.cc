#include "services/formats/record_writer.h"

#include <cmath>
#include <limits>
#include <string>

#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/time_util.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "antiphon/v1/contact.pb.h"
#include "antiphon/v1/dead_letter.pb.h"
#include "antiphon/v1/decision.pb.h"
#include "antiphon/v1/outbound.pb.h"
#include "services/formats/json_writer.h"
#include "tests/support/tiny_topology.h"

namespace antiphon::formats {
namespace {

using decision::Stage;
using expression::Value;
using google::protobuf::util::JsonStringToMessage;
using google::protobuf::util::TimeUtil;

constexpr std::string_view kVersion = "0123456789abcdeffedcba9876543210";

EngineTime At(std::string_view text) { return *ParseTime(text); }
std::int64_t MsOf(const google::protobuf::Timestamp& time) { return TimeUtil::TimestampToMilliseconds(time); }

template <typename Message>
Message Parse(const std::string& line) {
  Message message;
  const auto status = JsonStringToMessage(line, &message);
  EXPECT_TRUE(status.ok()) << status.ToString() << "\n" << line;
  return message;
}

decision::DecisionRecord SomeDecision() {
  decision::DecisionRecord record;
  record.id = {.high = 1, .low = 2};
  record.customer = "C00692";
  record.time = At("2026-03-01T09:30:00.007Z");
  record.cause = {.kind = decision::CauseKind::kMoment, .source = "core", .id = "tx-1"};
  record.triggers = {state::TriggerId{1}, state::TriggerId{0}};
  decision::CandidateRecord chosen;
  chosen.trigger = state::TriggerId{1};
  chosen.offer = state::OfferId{1};
  chosen.treatment = state::TreatmentId{1};
  chosen.channel = state::ChannelId{1};
  chosen.planned = At("2026-03-01T10:00:00Z");
  chosen.score = Value::Double(16.25);
  chosen.factors = {Value::Double(0.04), Value::Double(1e21), Value::Double(1), Value::Double(1), Value::Double(12)};
  chosen.arm = "treated";
  decision::CandidateRecord capped = chosen;
  capped.stage = Stage::kCap;
  capped.rule = "weekly";
  capped.score = Value::Int(9'007'199'254'740'993);
  capped.arm = {};
  decision::CandidateRecord gated;
  gated.offer = state::OfferId{0};
  gated.stage = Stage::kEligible;
  gated.rule = "eligible/adult";
  record.candidates = {chosen, capped, gated};
  record.chosen = {{.high = 3, .low = 4}};
  return record;
}

class RecordWriterTest : public testing::Test {
 protected:
  std::string Decision(const decision::DecisionRecord& record) const {
    std::string out;
    RecordWriter(topology_).AppendDecision(out, record);
    return out;
  }
  std::string Contact(const decision::ContactRecord& record) const {
    std::string out;
    RecordWriter(topology_).AppendContact(out, record);
    return out;
  }
  std::string Outbound(const decision::OutboundRecord& record) const {
    std::string out;
    RecordWriter(topology_).AppendOutbound(out, record);
    return out;
  }
  topology::Topology topology_ = TinyTopology();
};

TEST_F(RecordWriterTest, GoldenDecision) {
  EXPECT_EQ(
      Decision(SomeDecision()),
      R"({"decision_id":"00000000000000010000000000000002","customer":"C00692","time":"2026-03-01T09:30:00.007Z",)"
      R"("cause":{"kind":"moment","source":"core","id":"tx-1"},"triggers":["salary_leaves","birthday"],)"
      R"("topology_version":"0123456789abcdeffedcba9876543210","candidates":[)"
      R"({"trigger":"salary_leaves","offer":"savings_sweep","treatment":"savings_sweep.sms","channel":"sms","planned":"2026-03-01T10:00:00.000Z",)"
      R"("stage":"chosen","score":16.25,"factors":{"propensity":0.04,"value":1e+21,"context":1,"lever":1,"cost":12},"arms":{"universal_holdout":"treated"}},)"
      R"({"trigger":"salary_leaves","offer":"savings_sweep","treatment":"savings_sweep.sms","channel":"sms","planned":"2026-03-01T10:00:00.000Z",)"
      R"("stage":"cap","rule":"weekly","score":9007199254740993,"factors":{"propensity":0.04,"value":1e+21,"context":1,"lever":1,"cost":12}},)"
      R"({"offer":"mortgage_call","stage":"eligible","rule":"eligible/adult"}],"chosen":["00000000000000030000000000000004"]})");
}

TEST_F(RecordWriterTest, ADecisionParsesAsItsMessage) {
  decision::DecisionRecord record = SomeDecision();
  record.chosen.clear();
  record.silence_stage = Stage::kCap;
  record.silence_rule = "weekly";
  const auto message = Parse<v1::DecisionRecord>(Decision(record));
  EXPECT_EQ(message.decision_id(), ToHex(record.id));
  EXPECT_EQ(message.customer(), record.customer);
  EXPECT_EQ(MsOf(message.time()), ToEpochMs(record.time));
  EXPECT_EQ(message.cause().kind(), "moment");
  EXPECT_EQ(message.cause().source(), "core");
  EXPECT_EQ(message.cause().id(), "tx-1");
  ASSERT_EQ(message.triggers_size(), 2);
  EXPECT_EQ(message.triggers(0), "salary_leaves");
  EXPECT_EQ(message.topology_version(), kVersion);
  ASSERT_EQ(message.candidates_size(), 3);
  EXPECT_EQ(message.candidates(0).trigger(), "salary_leaves");
  EXPECT_EQ(message.candidates(0).offer(), "savings_sweep");
  EXPECT_EQ(message.candidates(0).treatment(), "savings_sweep.sms");
  EXPECT_EQ(message.candidates(0).channel(), "sms");
  EXPECT_EQ(MsOf(message.candidates(0).planned()), ToEpochMs(record.candidates[0].planned));
  EXPECT_EQ(message.candidates(0).stage(), "chosen");
  EXPECT_EQ(message.candidates(0).score(), 16.25);
  EXPECT_EQ(message.candidates(0).factors().propensity(), 0.04);
  EXPECT_EQ(message.candidates(0).factors().value(), 1e21);
  EXPECT_EQ(message.candidates(0).factors().context(), 1);
  EXPECT_EQ(message.candidates(0).factors().lever(), 1);
  EXPECT_EQ(message.candidates(0).factors().cost(), 12);
  EXPECT_EQ(message.candidates(0).arms().at("universal_holdout"), "treated");
  EXPECT_EQ(message.candidates(1).rule(), "weekly");
  EXPECT_FALSE(message.candidates(2).has_score());
  EXPECT_FALSE(message.candidates(2).has_factors());
  EXPECT_FALSE(message.candidates(2).has_planned());
  EXPECT_EQ(message.chosen_size(), 0);
  EXPECT_EQ(message.silence().stage(), "cap");
  EXPECT_EQ(message.silence().rule(), "weekly");
}

TEST_F(RecordWriterTest, CandidatesAreWrittenAsFarAsTheTopologyWants) {
  const auto count = [&](topology::RecordCandidates setting) {
    topology_.record_candidates = setting;
    return Parse<v1::DecisionRecord>(Decision(SomeDecision())).candidates_size();
  };
  EXPECT_EQ(count(topology::RecordCandidates::kAll), 3);
  EXPECT_EQ(count(topology::RecordCandidates::kPastGates), 2);
  EXPECT_EQ(count(topology::RecordCandidates::kChosen), 1);
}

decision::ContactRecord SomeContact() {
  decision::ContactRecord record;
  record.customer = "C1";
  record.time = At("2026-03-01T10:00:00Z");
  record.previous = state::ContactStatus::kPlanned;
  record.reason = "no_answer";
  state::Contact& contact = record.contact;
  contact.id = {.high = 0xAB, .low = 0xCD};
  contact.decision_id = {.high = 1, .low = 2};
  contact.status = state::ContactStatus::kSent;
  contact.channel = state::ChannelId{1};
  contact.offer = state::OfferId{1};
  contact.treatment = state::TreatmentId{1};
  contact.campaign = state::CampaignId{0};
  contact.trigger = state::TriggerId{1};
  contact.language = state::LanguageId{0};
  contact.due = At("2026-03-01T10:00:00Z");
  contact.expires = At("2026-03-03T10:00:00Z");
  contact.cost = -12;
  contact.attempt = 2;
  contact.facts = state::kFactComplaint | state::kFactOptOut;
  contact.withholding = state::Withholding::kControl;
  contact.actor = {.kind = state::ActorKind::kAgent, .id = "a7", .branch = "Brno"};
  contact.interaction_id = "call-9";
  return record;
}

TEST_F(RecordWriterTest, GoldenContact) {
  EXPECT_EQ(
      Contact(SomeContact()),
      R"({"contact_id":"00000000000000ab00000000000000cd","customer":"C1","time":"2026-03-01T10:00:00.000Z","status":"sent","previous":"planned",)"
      R"("direction":"outbound","channel":"sms","offer":"savings_sweep","class":"marketing","treatment":"savings_sweep.sms","language":"cs",)"
      R"("campaign":"spring","goal":"retain","trigger":"salary_leaves","decision_id":"00000000000000010000000000000002",)"
      R"("due":"2026-03-01T10:00:00.000Z","expires_at":"2026-03-03T10:00:00.000Z","attempt":2,"cost":-12,"arms":{"control":"control"},)"
      R"("actor":{"kind":"agent","id":"a7","branch":"Brno"},"interaction_id":"call-9","topology_version":"0123456789abcdeffedcba9876543210",)"
      R"("reason":"no_answer","facts":["complaint","opt_out"]})");
}

TEST_F(RecordWriterTest, AContactParsesAsItsMessage) {
  const auto message = Parse<v1::ContactRecord>(Contact(SomeContact()));
  EXPECT_EQ(message.contact_id(), "00000000000000ab00000000000000cd");
  EXPECT_EQ(message.customer(), "C1");
  EXPECT_EQ(MsOf(message.time()), ToEpochMs(SomeContact().time));
  EXPECT_EQ(message.status(), "sent");
  EXPECT_EQ(message.previous(), "planned");
  EXPECT_EQ(message.direction(), "outbound");
  EXPECT_EQ(message.channel(), "sms");
  EXPECT_EQ(message.offer(), "savings_sweep");
  EXPECT_EQ(message.class_(), "marketing");
  EXPECT_EQ(message.treatment(), "savings_sweep.sms");
  EXPECT_EQ(message.language(), "cs");
  EXPECT_EQ(message.campaign(), "spring");
  EXPECT_EQ(message.goal(), "retain");
  EXPECT_EQ(message.trigger(), "salary_leaves");
  EXPECT_EQ(message.decision_id(), "00000000000000010000000000000002");
  EXPECT_EQ(MsOf(message.due()), ToEpochMs(SomeContact().contact.due));
  EXPECT_EQ(MsOf(message.expires_at()), ToEpochMs(SomeContact().contact.expires));
  EXPECT_EQ(message.attempt(), 2);
  EXPECT_EQ(message.cost(), -12);
  EXPECT_EQ(message.arms().at("control"), "control");
  EXPECT_EQ(message.actor().kind(), "agent");
  EXPECT_EQ(message.actor().id(), "a7");
  EXPECT_EQ(message.actor().branch(), "Brno");
  EXPECT_EQ(message.interaction_id(), "call-9");
  EXPECT_EQ(message.topology_version(), kVersion);
  EXPECT_EQ(message.reason(), "no_answer");
  ASSERT_EQ(message.facts_size(), 2);
  EXPECT_EQ(message.facts(1), "opt_out");
}

TEST_F(RecordWriterTest, AForeignContactKeepsItsIdsAndWords) {
  decision::ContactRecord record;
  record.customer = "C1";
  record.time = At("2026-03-01T10:00:00Z");
  record.contact.id = {.high = 9, .low = 9};
  record.contact.foreign_id = "legacy/77";
  record.contact.foreign_offer = "old offer";
  record.contact.source_system = "crm";
  record.contact.status = state::ContactStatus::kSent;
  record.contact.channel = state::ChannelId{0};
  record.contact.expires = kEngineTimeMax;
  EXPECT_EQ(
      Contact(record),
      R"({"contact_id":"legacy/77","customer":"C1","time":"2026-03-01T10:00:00.000Z","status":"sent","direction":"outbound","channel":"call",)"
      R"("offer":"old offer","class":"marketing","attempt":1,"cost":0,"actor":{"kind":"system"},"source_system":"crm",)"
      R"("topology_version":"0123456789abcdeffedcba9876543210"})");
  Parse<v1::ContactRecord>(Contact(record));
}

TEST_F(RecordWriterTest, ASendParsesAsItsMessage) {
  decision::OutboundRecord record;
  record.customer = "C1";
  record.time = At("2026-03-01T10:00:00Z");
  record.contact_id = {.high = 0, .low = 5};
  record.channel = state::ChannelId{1};
  record.treatment = state::TreatmentId{1};
  record.language = state::LanguageId{1};
  record.text = "Hi \"you\"\n\u00e9";
  EXPECT_EQ(
      Outbound(record),
      R"({"kind":"send","customer":"C1","time":"2026-03-01T10:00:00.000Z","topology_version":"0123456789abcdeffedcba9876543210",)"
      R"("contact_id":"00000000000000000000000000000005","channel":"sms","treatment":"savings_sweep.sms","language":"en","text":"Hi \"you\"\n)"
      "\u00e9\"}");
  const auto message = Parse<v1::OutboundRecord>(Outbound(record));
  EXPECT_EQ(message.kind(), "send");
  EXPECT_EQ(message.text(), record.text);
  EXPECT_EQ(message.language(), "en");
  EXPECT_FALSE(message.has_web());
}

TEST_F(RecordWriterTest, AnAnswerParsesAsItsMessage) {
  decision::OutboundRecord record;
  record.kind = decision::OutboundRecord::Kind::kAnswer;
  record.customer = "C1";
  record.time = At("2026-03-01T10:00:00Z");
  record.request_id = "r1";
  record.decision_id = {.high = 0, .low = 6};
  record.offers.Add() = {.contact_id = {.high = 0, .low = 7},
                         .offer = state::OfferId{0},
                         .treatment = state::TreatmentId{0},
                         .text = "say it",
                         .tell = "because",
                         .score = Value::Int(5)};
  record.holdings = {"current", "savings"};
  record.recent_contacts.Add() = {.time = At("2026-02-01T10:00:00Z"),
                                  .channel = state::ChannelId{1},
                                  .offer = state::kNone<state::OfferId>,
                                  .offer_text = "old",
                                  .direction = state::Direction::kInbound,
                                  .status = state::ContactStatus::kSeen};
  record.web_allowed = true;
  record.web.Add() = {.time = At("2026-02-02T10:00:00Z"), .path = "/mortgage"};
  const auto message = Parse<v1::OutboundRecord>(Outbound(record));
  EXPECT_EQ(message.kind(), "answer");
  EXPECT_EQ(message.request_id(), "r1");
  EXPECT_EQ(message.decision_id(), ToHex(record.decision_id));
  EXPECT_EQ(message.topology_version(), kVersion);
  ASSERT_EQ(message.offers_size(), 1);
  EXPECT_EQ(message.offers(0).contact_id(), ToHex(record.offers[0].contact_id));
  EXPECT_EQ(message.offers(0).rank(), 1);
  EXPECT_EQ(message.offers(0).offer(), "mortgage_call");
  EXPECT_EQ(message.offers(0).treatment(), "mortgage_call.call");
  EXPECT_EQ(message.offers(0).script(), "say it");
  EXPECT_EQ(message.offers(0).tell(), "because");
  EXPECT_EQ(message.offers(0).score(), 5);
  EXPECT_EQ(message.holdings_size(), 2);
  ASSERT_EQ(message.recent_contacts_size(), 1);
  EXPECT_EQ(message.recent_contacts(0).offer(), "old");
  EXPECT_EQ(message.recent_contacts(0).direction(), "inbound");
  EXPECT_EQ(message.recent_contacts(0).status(), "seen");
  EXPECT_EQ(message.web().pages(0).path(), "/mortgage");
  record.web_allowed = false;
  EXPECT_FALSE(Parse<v1::OutboundRecord>(Outbound(record)).has_web());
}

TEST_F(RecordWriterTest, ADeadLetterParsesAsItsMessage) {
  for (const std::string& bytes : {std::string(), std::string("a"), std::string("ab"), std::string("\0\xFF{", 3), std::string("four")}) {
    std::string out;
    RecordWriter(topology_).AppendDeadLetter(out, {.source = "a.jsonl",
                                                   .file = 2,
                                                   .line = 7,
                                                   .offset = 18'446'744'073'709'551'615U,
                                                   .reason = DeadLetterReason::kNotJson,
                                                   .message = "not UTF-8",
                                                   .time = At("2026-03-01T10:00:00Z"),
                                                   .bytes = bytes});
    const auto message = Parse<v1::DeadLetter>(out);
    EXPECT_EQ(message.source(), "a.jsonl");
    EXPECT_EQ(message.file(), 2U);
    EXPECT_EQ(message.line(), 7U);
    EXPECT_EQ(message.offset(), 18'446'744'073'709'551'615U);
    EXPECT_EQ(message.reason(), "not_json");
    EXPECT_EQ(message.message(), "not UTF-8");
    EXPECT_EQ(message.topology_version(), kVersion);
    EXPECT_EQ(message.bytes(), bytes);
    EXPECT_TRUE(message.has_time());
  }
}

TEST(JsonWriterTest, InvalidUtf8IsReplacedAndTheRestKept) {
  const auto quoted = [](std::string_view text) {
    std::string out;
    AppendJsonString(out, text);
    return out;
  };
  EXPECT_EQ(quoted("a\"\\\b\f\n\r\t\x01\x7F/"), "\"a\\\"\\\\\\b\\f\\n\\r\\t\\u0001\x7F/\"");
  EXPECT_EQ(quoted("\u00e9\u20ac\U0001F600"), "\"\u00e9\u20ac\U0001F600\"");
  EXPECT_EQ(quoted("a\xFFz"), "\"a\uFFFDz\"");
  EXPECT_EQ(quoted("\xC0\x80"), "\"\uFFFD\uFFFD\"");
  EXPECT_EQ(quoted("\xED\xA0\x80"), "\"\uFFFD\uFFFD\uFFFD\"");
  EXPECT_EQ(quoted("\xE2\x82"), "\"\uFFFD\"");
  EXPECT_EQ(quoted("\xF0\x9F\x98z"), "\"\uFFFDz\"");
  EXPECT_EQ(quoted("\xF4\x90\x80\x80"), "\"\uFFFD\uFFFD\uFFFD\uFFFD\"");
}

TEST(JsonWriterTest, PropertyDoublesReadBackTheSame) {
  EXPECT_TRUE(rc::check([](std::uint64_t bits) {
    double value = 0;
    std::memcpy(&value, &bits, sizeof(value));
    RC_PRE(std::isfinite(value));
    std::string out;
    AppendDouble(out, value);
    RC_ASSERT(std::strtod(out.c_str(), nullptr) == value);
  }));
}

TEST(JsonWriterTest, NumbersThatJsonLacksAreLeftOut) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  json.NumberIfAny("a", Value::Double(std::numeric_limits<double>::quiet_NaN()));
  json.NumberIfAny("b", Value::Double(std::numeric_limits<double>::infinity()));
  json.NumberIfAny("c", Value::Absent());
  json.NumberIfAny("d", Value::Int(1));
  json.EndObject();
  EXPECT_EQ(out, R"({"d":1})");
}

TEST_F(RecordWriterTest, PropertyAnyTextOfACustomerGivesALineThatParses) {
  EXPECT_TRUE(rc::check([&](const std::string& text) {
    decision::ContactRecord record = SomeContact();
    record.customer = text;
    record.reason = text;
    v1::ContactRecord message;
    RC_ASSERT(JsonStringToMessage(Contact(record), &message).ok());
  }));
}

}  // namespace
}  // namespace antiphon::formats

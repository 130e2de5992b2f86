#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/process/byte_size.h"
#include "services/process/config_text.h"
#include "services/process/kafka_settings.h"
#include "tests/unit/process/process_support.h"

namespace antiphon::process {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(ProcessLoaderTest, ReadsEveryKey) {
  const ProcessOutcome outcome = Load(kGood);
  ASSERT_THAT(Brief(outcome.diagnostics), IsEmpty());
  ASSERT_TRUE(outcome.config);
  const ProcessConfig& config = *outcome.config;
  EXPECT_EQ(config.file, kFile);
  EXPECT_EQ(config.topology, "/bank/topology");
  EXPECT_EQ(config.group, "marketing");
  EXPECT_EQ(config.node, "antiphon-0");
  EXPECT_EQ(config.kafka.at("sasl.password").value, kPassword);
  EXPECT_TRUE(config.kafka.at("sasl.password").secret);
  EXPECT_EQ(config.kafka.at("ssl.key.password").value, kKeySecret) << "without the line feed that ends the file";
  EXPECT_EQ(config.kafka.at("ssl.ca.location").value, "/bank/certificates/ca.pem");
  EXPECT_FALSE(config.kafka.at("sasl.username").secret);
  ASSERT_EQ(config.inputs.size(), 2U);
  EXPECT_EQ(config.inputs[0].topic, "core.transactions");
  EXPECT_EQ(config.inputs[0].format.payload, Payload::kJson);
  EXPECT_FALSE(config.inputs[0].format.registry_framed);
  EXPECT_EQ(config.inputs[0].keyed_by, KeyedBy::kCustomer);
  EXPECT_EQ(config.inputs[0].start, StartAt::kEarliest);
  EXPECT_EQ(config.inputs[0].replies, "");
  const InputTopic& requests = config.inputs[1];
  EXPECT_EQ(requests.format.payload, Payload::kProtobuf);
  EXPECT_EQ(requests.format.envelope, Envelope::kCloudEventsBinary);
  EXPECT_TRUE(requests.format.registry_framed);
  EXPECT_THAT(requests.format.schema_ids, ElementsAre(7U, 9U));
  EXPECT_EQ(requests.format.descriptor, "/bank/crm.desc");
  EXPECT_EQ(requests.format.message, "crm.Request");
  EXPECT_EQ(requests.keyed_by, KeyedBy::kOther);
  EXPECT_EQ(requests.start, StartAt::kLatest);
  EXPECT_EQ(requests.replies, "crm.answers");
  EXPECT_EQ(requests.correlation_header, "request");
  EXPECT_EQ(config.topic_prefix, "bank.");
  EXPECT_EQ(config.state_folder, "/bank/state");
  EXPECT_EQ(config.memory_bytes, std::uint64_t{1536} << 20U);
  EXPECT_EQ(config.workers, 3U);
  EXPECT_EQ(config.standby, 1U);
  EXPECT_EQ(config.clock, ClockKind::kWall);
  EXPECT_EQ(config.ahead, std::chrono::hours{2});
  EXPECT_EQ(config.fresh, std::chrono::seconds{5});
  EXPECT_EQ(config.commit_every, Milliseconds{25});
  EXPECT_EQ(config.commit_inputs, 500U);
  EXPECT_EQ(config.stop_within, std::chrono::seconds{15});
  EXPECT_EQ(config.http_listen, "[::1]:9404");
  EXPECT_TRUE(config.log_json);
  EXPECT_EQ(config.log_level, "warn");
}

TEST(ProcessLoaderTest, WhatIsLeftOutHasItsDefault) {
  const ProcessOutcome outcome = Load(
      "antiphon_process: 1\ntopology: topology\ngroup: g\nnode: n\nkafka: {bootstrap.servers: k}\n"
      "inputs: [{topic: t, format: {payload: json, registry: {}}}]\nstate: {folder: /s}\nclock: event\n");
  ASSERT_TRUE(outcome.config) << Printed(outcome.diagnostics);
  const ProcessConfig defaults;
  EXPECT_EQ(outcome.config->topic_prefix, "antiphon.");
  EXPECT_EQ(outcome.config->memory_bytes, defaults.memory_bytes);
  EXPECT_EQ(outcome.config->workers, 1U);
  EXPECT_EQ(outcome.config->standby, 0U);
  EXPECT_EQ(outcome.config->clock, ClockKind::kEvent);
  EXPECT_EQ(outcome.config->commit_inputs, defaults.commit_inputs);
  EXPECT_EQ(outcome.config->http_listen, "");
  EXPECT_FALSE(outcome.config->log_json);
  EXPECT_TRUE(outcome.config->inputs[0].format.registry_framed);
  EXPECT_THAT(outcome.config->inputs[0].format.schema_ids, IsEmpty());
}

TEST(ProcessLoaderTest, AnInputThatIsRekeyedMayNameSeveralCustomers) {
  const auto load = [](const std::string& input) {
    return Load("antiphon_process: 1\ntopology: topology\ngroup: g\nnode: n\nkafka: {bootstrap.servers: k}\ninputs: [" + input +
                "]\nstate: {folder: /s}\n");
  };
  const ProcessOutcome good = load("{topic: t, format: json, key: other, customers: booking.holders.id, wait: 200ms}");
  ASSERT_TRUE(good.config) << Printed(good.diagnostics);
  EXPECT_THAT(good.config->inputs[0].format.customers, ElementsAre("booking", "holders", "id"));
  EXPECT_EQ(good.config->inputs[0].wait, Milliseconds{200});
  EXPECT_EQ(RekeyGroupOf(*good.config), "g-rekey");
  EXPECT_THAT(Brief(load("{topic: t, format: json, customers: holders}").diagnostics), ElementsAre("6:46 contradiction"));
  EXPECT_THAT(Brief(load("{topic: t, format: protobuf, key: other, customers: holders}").diagnostics), ElementsAre("6:62 contradiction"));
  EXPECT_EQ(Brief(load("{topic: t, format: json, key: other, customers: 'a..b'}").diagnostics).size(), 1U);
  EXPECT_THAT(Brief(load("{topic: t, format: json, wait: 2m}").diagnostics), ElementsAre("6:41 out_of_range"));
}

TEST(ProcessLoaderTest, TellsEveryMistakeOfOneRunAtItsPlace) {
  const ProcessOutcome outcome = Load(R"(antiphon_process: 2
topologi: retail
group: "a b"
kafka:
  bootstrap.servrs: k
  sasl.password: hunter2
  isolation.level: read_uncommitted
inputs:
  - {topic: "no spaces", format: jsn}
state: {folder: s, memory: 5GB}
workers: 0
)");
  EXPECT_FALSE(outcome.config);
  EXPECT_THAT(Brief(outcome.diagnostics),
              ElementsAre("1:1 missing_key", "1:1 missing_key", "1:19 unknown_version", "2:1 unknown_key", "3:8 bad_name",
                          "5:3 unknown_setting", "5:3 missing_key", "6:18 literal_secret", "7:3 refused_setting", "9:13 bad_topic",
                          "9:34 unknown_word", "10:28 bad_size", "11:10 out_of_range"));
  const std::string printed = Printed(outcome.diagnostics);
  EXPECT_THAT(printed, HasSubstr("did you mean 'topology'?"));
  EXPECT_THAT(printed, HasSubstr("did you mean 'bootstrap.servers'?"));
  EXPECT_THAT(printed, HasSubstr("did you mean 'json'?"));
  EXPECT_THAT(printed, HasSubstr("512MiB"));
  EXPECT_THAT(printed, Not(HasSubstr("hunter2")));
}

struct Mistake {
  const char* rule;
  const char* from;
  const char* to;
  std::vector<std::string> expected;
};
class ProcessMistakeTest : public testing::TestWithParam<Mistake> {};

TEST_P(ProcessMistakeTest, IsRefusedAtItsPlace) {
  const ProcessOutcome outcome = Load(With(GetParam().from, GetParam().to));
  EXPECT_EQ(Brief(outcome.diagnostics), GetParam().expected) << GetParam().rule << "\n" << Printed(outcome.diagnostics);
  EXPECT_FALSE(outcome.config) << GetParam().rule;
}

const Mistake kMistakes[] = {
    {"version", "antiphon_process: 1", "antiphon_process: one", {"1:19 unknown_version"}},
    {"folder without a topology", "topology: topology", "topology: elsewhere", {"2:11 no_topology"}},
    {"empty path", "topology: topology", "topology: ''", {"2:11 missing_value"}},
    {"group of Kafka's letters", "group: marketing", "group: a/b", {"3:8 bad_name"}},
    {"node is set", "env: NODE_NAME", "env: NO_NAME", {"4:13 no_variable"}},
    {"name of a variable", "env: NODE_NAME", "env: '$NODE'", {"4:13 bad_variable"}},
    {"one source", "{env: NODE_NAME}", "{env: NODE_NAME, file: x}", {"4:7 wrong_type"}},
    {"kafka is a map",
     "kafka:\n  bootstrap.servers: kafka-1:9093",
     "kafka: [1]\nhttp:\n  listn: 1",
     {"5:8 wrong_type", "7:3 unknown_key", "8:3 unknown_key", "9:3 unknown_key", "10:3 unknown_key", "11:3 unknown_key", "12:3 unknown_key",
      "13:3 unknown_key", "28:1 duplicate_key"}},
    {"brokers", "bootstrap.servers: kafka-1:9093", "client.id: a", {"6:3 missing_key"}},
    {"empty brokers", "bootstrap.servers: kafka-1:9093", "bootstrap.servers: ''", {"6:22 missing_value"}},
    {"setting without a value", "sasl.username: antiphon", "sasl.username:", {"11:3 missing_value"}},
    {"literal secret", "{env: KAFKA_PASSWORD}", "secret", {"12:18 literal_secret"}},
    {"secret that is no word", "{env: KAFKA_PASSWORD}", "[secret]", {"12:18 wrong_type"}},
    {"secret that is not set", "{env: KAFKA_PASSWORD}", "{env: KAFKA_PASSWORT}", {"12:24 no_variable"}},
    {"secret's file that is not there", "{file: key-password}", "{file: keys}", {"9:28 no_file"}},
    {"secret's file that is empty", "{file: key-password}", "{file: ''}", {"9:28 bad_file"}},
    {"Java's settings", "ssl.ca.location", "ssl.truststore.location", {"8:3 refused_setting"}},
    {"unknown protocol", "security.protocol: sasl_ssl", "security.protocol: sasl_tls", {"7:22 unknown_word"}},
    {"unknown mechanism", "sasl.mechanism: PLAIN", "sasl.mechanism: SCRAM", {"10:19 unknown_word"}},
    {"no mechanism", "  sasl.mechanism: PLAIN\n", "", {"7:3 missing_key"}},
    {"no user", "  sasl.username: antiphon\n", "", {"10:19 missing_key"}},
    {"settings without their protocol",
     "security.protocol: sasl_ssl",
     "security.protocol: ssl",
     {"10:3 unused_setting", "11:3 unused_setting", "12:3 unused_setting"}},
    {"one compression",
     "sasl.username: antiphon",
     "sasl.username: a\n  compression.codec: lz4\n  compression.type: lz4",
     {"13:3 contradiction"}},
    {"inputs", "inputs:\n", "inputs: []\nnoputs:\n", {"13:9 wrong_type", "14:1 unknown_key"}},
    {"input without a format", ", format: json", "", {"14:5 missing_key"}},
    {"format that is no word", "format: json", "format: avro", {"14:40 unknown_word"}},
    {"input twice", "topic: crm.requests", "topic: core.transactions", {"15:12 duplicate_topic"}},
    {"input that Antiphon keeps", "topic: crm.requests", "topic: bank.contacts", {"15:12 kept_topic"}},
    {"input that may be a channel's", "topic: crm.requests", "topic: bank.outbound.sms", {"15:12 kept_topic"}},
    {"answers where Antiphon writes", "replies: crm.answers", "replies: bank.decisions", {"19:14 kept_topic"}},
    {"answers where requests come", "replies: crm.answers", "replies: crm.requests", {"19:14 contradiction"}},
    {"correlation without answers", "    replies: crm.answers\n", "", {"19:25 contradiction"}},
    {"registry without a value", "registry: {ids: [9, 7, 9]}", "registry: ", {"16:63 missing_value"}},
    {"schema ids", "ids: [9, 7, 9]", "ids: [x]", {"16:80 wrong_type"}},
    {"no schema ids", "ids: [9, 7, 9]", "ids: []", {"16:79 out_of_range"}},
    {"message without its descriptor", ", descriptor: crm.desc", "", {"16:13 missing_key"}},
    {"descriptor that is not there", "crm.desc", "crm.dsc", {"16:103 no_file"}},
    {"protobuf's keys with JSON", "payload: protobuf", "payload: json", {"16:99 contradiction", "16:118 contradiction"}},
    {"envelope that is JSON", "cloudevents_binary", "debezium", {"16:43 contradiction"}},
    {"unknown envelope", "cloudevents_binary", "cloudevent_binary", {"16:43 unknown_word"}},
    {"key", "key: other", "key: account", {"17:10 unknown_word"}},
    {"start", "start: latest", "start: newest", {"18:12 unknown_word"}},
    {"prefix", "prefix: bank.", "prefix: bank", {"21:18 bad_topic"}},
    {"memory's unit", "memory: 1.5GiB", "memory: 1.5GB", {"22:32 bad_size"}},
    {"memory too small", "memory: 1.5GiB", "memory: 63MiB", {"22:32 out_of_range"}},
    {"folder", "folder: state, ", "", {"22:8 missing_key"}},
    {"workers", "workers: 3", "workers: 257", {"23:10 out_of_range"}},
    {"clock's kind", "kind: wall", "kind: lamport", {"24:15 unknown_word"}},
    {"clock of events has no bounds", "kind: wall", "kind: event", {"24:29 contradiction", "24:40 contradiction"}},
    {"fresh", "fresh: 5s", "fresh: 1ms", {"24:39 out_of_range"}},
    {"commits", "every: 25ms", "every: 6s", {"25:17 out_of_range"}},
    {"inputs of a commit", "inputs: 500", "inputs: 0", {"25:31 out_of_range"}},
    {"stop", "stop_within: 15s", "stop_within: 15", {"26:14 bad_duration"}},
    {"listen", "[::1]:9404", "::1:9404", {"27:16 bad_address"}},
    {"port", "[::1]:9404", "localhost:65536", {"27:16 bad_address"}},
    {"level", "level: warn", "level: loud", {"28:28 unknown_word"}},
    {"two documents", "log: {", "---\nlog: {", {"29:1 yaml_documents"}},
};
INSTANTIATE_TEST_SUITE_P(Each, ProcessMistakeTest, testing::ValuesIn(kMistakes));

TEST(ProcessLoaderTest, RefusesWhatAntiphonMustOwnWithTheReason) {
  for (const char* const name : {"acks", "auto.offset.reset", "enable.auto.commit", "enable.idempotence", "group.id", "group.instance.id",
                                 "isolation.level", "max.poll.interval.ms", "partition.assignment.strategy", "partitioner",
                                 "plugin.library.paths", "transaction.timeout.ms", "transactional.id"}) {
    const ProcessOutcome outcome = Load(With("bootstrap.servers: kafka-1:9093", std::string("bootstrap.servers: k\n  ") + name + ": x"));
    EXPECT_THAT(Brief(outcome.diagnostics), ElementsAre("7:3 refused_setting")) << name;
    EXPECT_THAT(outcome.diagnostics[0].message, HasSubstr(": ")) << name;
  }
}

TEST(ProcessLoaderTest, EverySecretOfTheTableIsRefusedAsALiteral) {
  for (const char* const name : {"sasl.password", "ssl.key.password", "ssl.keystore.password", "ssl.key.pem", "sasl.oauthbearer.config"}) {
    ASSERT_NE(FindKafkaSetting(name), nullptr) << name;
    EXPECT_EQ(FindKafkaSetting(name)->kind, SettingKind::kSecret) << name;
    const ProcessOutcome outcome = LoadProcess("kafka: {" + std::string(name) + ": s3cret}", kFile, GoodSurroundings());
    EXPECT_THAT(Printed(outcome.diagnostics), HasSubstr("literal_secret")) << name;
    EXPECT_THAT(Printed(outcome.diagnostics), Not(HasSubstr("s3cret"))) << name;
  }
}

TEST(ProcessLoaderTest, ElsewhereWhatTheSurroundingsLackIsAWarning) {
  FakeSurroundings bare;
  bare.files = {{"/bank/topology/topology.yaml", ""}, {"/bank/crm.desc", ""}};
  const ProcessOutcome outcome = LoadProcess(kGood, kFile, bare, ReadAt::kElsewhere);
  EXPECT_TRUE(outcome.config);
  EXPECT_THAT(Brief(outcome.diagnostics), ElementsAre("4:13 no_variable", "9:28 no_file", "12:24 no_variable"));
  for (const auto& one : outcome.diagnostics) EXPECT_EQ(one.severity, topology::Severity::kWarning);
  EXPECT_FALSE(LoadProcess(kGood, kFile, bare).config) << "where it runs it is an error";
}

TEST(ProcessLoaderTest, ElsewhereNothingIsJudgedThatIsNotKnown) {
  std::string text = kGood;
  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{{"topology: topology", "topology: {env: A}"},
                                                        {"group: marketing", "group: {env: A}"},
                                                        {"prefix: bank.", "prefix: {env: A}"},
                                                        {"folder: state", "folder: {env: A}"},
                                                        {"security.protocol: sasl_ssl", "security.protocol: {env: A}"},
                                                        {"descriptor: crm.desc", "descriptor: {env: A}"},
                                                        {"listen: \"[::1]:9404\"", "listen: {env: A}"}}) {
    ASSERT_NE(text.find(from), std::string::npos);
    text.replace(text.find(from), from.size(), to);
  }
  const ProcessOutcome outcome = LoadProcess(text, kFile, GoodSurroundings(), ReadAt::kElsewhere);
  ASSERT_TRUE(outcome.config) << Printed(outcome.diagnostics);
  EXPECT_EQ(outcome.diagnostics.size(), 7U);
  EXPECT_TRUE(outcome.config->topology.empty());
  EXPECT_FALSE(LoadProcess(text, kFile, GoodSurroundings()).config);
}

TEST(ProcessLoaderTest, WarnsOfTrafficThatOthersCanRead) {
  const ProcessOutcome outcome = Load(
      "antiphon_process: 1\ntopology: topology\ngroup: g\nnode: n\nstate: {folder: /s}\ninputs: [{topic: t, format: json}]\n"
      "kafka:\n  bootstrap.servers: k\n  security.protocol: SASL_PLAINTEXT\n  sasl.mechanism: GSSAPI\n"
      "  enable.ssl.certificate.verification: false\n");
  EXPECT_TRUE(outcome.config) << Printed(outcome.diagnostics);
  EXPECT_THAT(Brief(outcome.diagnostics), ElementsAre("9:3 unencrypted", "11:3 unverified"));
}

TEST(ProcessLoaderTest, ReadsTheFileOfItsSurroundings) {
  GoodSurroundings surroundings;
  EXPECT_TRUE(LoadGoodProcess(kFile, surroundings));
  surroundings.files[kFile] = With("workers: 3", "workers: x");
  const auto bad = LoadGoodProcess(kFile, surroundings);
  ASSERT_FALSE(bad);
  EXPECT_THAT(bad.error().message, HasSubstr("/bank/process.yaml:23:10: error: `workers` must be a whole number [wrong_type]"));
  EXPECT_FALSE(LoadProcessFile("/bank/other.yaml", surroundings));
}

TEST(ConfigTextTest, PrintsNoSecret) {
  const ProcessOutcome outcome = Load(With("sasl.username: antiphon", "sasl.username: {env: NODE_NAME}"));
  ASSERT_TRUE(outcome.config);
  const std::string json = ToJson(*outcome.config);
  EXPECT_THAT(json, Not(HasSubstr(kPassword)));
  EXPECT_THAT(json, Not(HasSubstr(kKeySecret)));
  EXPECT_THAT(json, HasSubstr(R"x("sasl.password":"(secret)")x"));
  EXPECT_THAT(json, HasSubstr(R"x("sasl.username":"(secret)")x")) << "what came from the surroundings is nobody's business either";
  EXPECT_THAT(json, HasSubstr(R"("bootstrap.servers":"kafka-1:9093")"));
  EXPECT_THAT(json, HasSubstr(R"("memory":"1536MiB")"));
}

TEST(SecretTest, IsNotSaidWhereItStandsInAWrongPlace) {
  const char* const places[] = {"!s3cret",         "*s3cret",        "{s3cret: 1}",    "[s3cret]",
                                "{env: s3cret}",   "{env: s3-cret}", "{file: s3cret}", "{env: s3cret, file: s3cret}",
                                "{env: [s3cret]}", "\"s3cret\\q\"",  "|\n    s3cret"};
  for (const char* const place : places) {
    const ProcessOutcome outcome = Load(With("{env: KAFKA_PASSWORD}", place));
    EXPECT_FALSE(outcome.config) << place;
    EXPECT_THAT(Printed(outcome.diagnostics), Not(HasSubstr("s3"))) << place;
  }
}

TEST(ByteSizeTest, ReadsBinaryUnitsOnly) {
  EXPECT_EQ(ParseByteSize("512MiB"), std::uint64_t{512} << 20U);
  EXPECT_EQ(ParseByteSize("1.5GiB"), std::uint64_t{1536} << 20U);
  EXPECT_EQ(ParseByteSize("1TiB"), std::uint64_t{1} << 40U);
  for (const char* const bad :
       {"", "MiB", "512", "512MB", "512 MiB", "-1MiB", "0MiB", "1e3MiB", "nanMiB", "infGiB", "99999999999TiB", ".5GiB", "0x1GiB"}) {
    EXPECT_EQ(ParseByteSize(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(FormatByteSize(std::uint64_t{1536} << 20U), "1536MiB");
  EXPECT_EQ(FormatByteSize(1023), "1023 bytes");
}

}  // namespace
}  // namespace antiphon::process

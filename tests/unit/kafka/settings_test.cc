#include "services/kafka/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <array>

namespace antiphon::kafka {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

ClientOptions With(std::map<std::string, std::string, std::less<>> settings) {
  settings.try_emplace("bootstrap.servers", "127.0.0.1:1");
  return {.settings = std::move(settings), .client_id = "test", .log = {}};
}

std::string ErrorOf(const ClientOptions& options) {
  const Result<void> checked = CheckSettings(options);
  if (checked) return "";
  EXPECT_EQ(checked.error().recovery, Recovery::kStopProcess);
  return checked.error().message;
}

TEST(SettingsTest, WhatABankNeedsIsTaken) {
  EXPECT_EQ(ErrorOf(With({{"security.protocol", "SASL_SSL"},
                          {"sasl.mechanism", "SCRAM-SHA-512"},
                          {"sasl.username", "antiphon"},
                          {"sasl.password", "hunter2"},
                          {"ssl.ca.location", "/nowhere/ca.pem"},
                          {"compression.codec", "zstd"}})),
            "");
}

TEST(SettingsTest, ABadOneIsNamedAndItsValueIsNot) {
  EXPECT_THAT(ErrorOf(With({{"sasl.pasword", "hunter2"}})), HasSubstr("\"sasl.pasword\""));
  EXPECT_THAT(ErrorOf(With({{"sasl.pasword", "hunter2"}})), Not(HasSubstr("hunter2")));
  EXPECT_THAT(ErrorOf(With({{"security.protocol", "hunter2"}})), HasSubstr("\"security.protocol\""));
  EXPECT_THAT(ErrorOf(With({{"security.protocol", "hunter2"}})), Not(HasSubstr("hunter2")));
  EXPECT_THAT(ErrorOf({}), HasSubstr("\"bootstrap.servers\""));
}

TEST(SettingsTest, WhatExactlyOnceRestsOnIsRefused) {
  for (const char* name : {"isolation.level", "enable.auto.commit", "transactional.id", "group.id", "acks", "partitioner", "check.crcs",
                           "enable.idempotence", "client.rack", "auto.offset.reset", "message.timeout.ms"}) {
    EXPECT_THAT(ErrorOf(With({{name, "1"}})), HasSubstr("Antiphon sets it itself")) << name;
  }
}

TEST(SettingsTest, OptionsWinOverDefaultsAndOursOverAll) {
  HandleSettings settings;
  settings.fixed = {{"enable.idempotence", "true"}};
  settings.defaults = {{"linger.ms", "2"}, {"retry.backoff.ms", "20"}};
  const auto conf = MakeConf(With({{"linger.ms", "7"}}), settings);
  ASSERT_TRUE(conf);
  const auto value = [&](const char* name) {
    std::array<char, 64> text{};
    std::size_t size = text.size();
    EXPECT_EQ(rd_kafka_conf_get(conf->get(), name, text.data(), &size), RD_KAFKA_CONF_OK);
    return std::string(text.data());
  };
  EXPECT_EQ(value("linger.ms"), "7");
  EXPECT_EQ(value("retry.backoff.ms"), "20");
  EXPECT_EQ(value("enable.idempotence"), "true");
  EXPECT_EQ(value("client.id"), "test");
}

TEST(SettingsTest, SecretsAreCutOutOfTexts) {
  const std::vector<std::string> secrets =
      SecretsOf(With({{"sasl.password", "hunter2"}, {"ssl.key.pem", "PEM"}, {"sasl.username", "bank"}}));
  EXPECT_EQ(WithoutSecrets("bank said hunter2, hunter2 and PEM", secrets), "bank said ***, *** and ***");
}

}  // namespace
}  // namespace antiphon::kafka

#include "services/archive/archived_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "services/archive/archive.h"
#include "services/files/output_file.h"
#include "tests/support/temporary_directory.h"

namespace antiphon::archive {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

process::ProcessConfig Sample() {
  process::ProcessConfig config;
  config.group = "g";
  config.topic_prefix = "bank-";
  config.clock = process::ClockKind::kWall;
  config.ahead = Milliseconds{90'000};
  config.kafka["bootstrap.servers"] = {.value = "secret-host:9092"};
  config.kafka["sasl.password"] = {.value = "hunter2", .secret = true};
  config.inputs.push_back({.topic = "plain", .format = {}, .replies = "answers", .correlation_header = "corr: #1"});
  const formats::RecordFormat framed{.payload = formats::Payload::kProtobuf,
                                     .registry_framed = true,
                                     .schema_ids = {4, 7},
                                     .schema_guids = {"89791762-2336-4186-9674-299b90a802e2"},
                                     .descriptor = "/elsewhere/bank.desc",
                                     .message = "bank.Event",
                                     .event = "paid",
                                     .customer = "key",
                                     .customers = {},
                                     .time = formats::TimeFrom::kRecord,
                                     .operations = {}};
  config.inputs.push_back({.topic = "framed", .format = framed, .start = process::StartAt::kLatest, .replies = {}});
  const formats::RecordFormat table{.envelope = formats::Envelope::kDebezium,
                                    .schema_ids = {},
                                    .schema_guids = {},
                                    .descriptor = {},
                                    .message = {},
                                    .event = "account",
                                    .customer = {},
                                    .customers = {},
                                    .operations = {{"c", "account.opened"}, {"d", ""}},
                                    .snapshot_is_backfill = false,
                                    .decimals = formats::ColumnDecimals::kBytes,
                                    .times = formats::ColumnTimes::kNanoseconds};
  config.inputs.push_back({.topic = "table", .format = table, .replies = {}});
  formats::RecordFormat shared;
  shared.customers = {"holders", "a/b~c"};
  config.inputs.push_back({.topic = "shared", .format = shared, .keyed_by = process::KeyedBy::kOther, .replies = {}});
  return config;
}

TEST(ArchivedProcessTest, ComesBackWithAllThatDecodesAndNothingOfTheCluster) {
  const test::TemporaryDirectory folder;
  const std::filesystem::path span = folder.path() + "/span";
  const Hash128 version{.high = 3, .low = 4};
  const std::string text = ArchivedProcessText(Sample(), version);
  EXPECT_THAT(text, Not(HasSubstr("secret-host")));
  EXPECT_THAT(text, Not(HasSubstr("hunter2")));
  const std::filesystem::path topology = folder.path() + "/topologies/" + ToHex(version);
  std::filesystem::create_directories(topology);
  std::filesystem::create_directories(span / "descriptors");
  ASSERT_TRUE(files::WriteWholeFile(topology / "topology.yaml", "antiphon: 1\n").has_value());
  ASSERT_TRUE(files::WriteWholeFile(span / DescriptorFile(1), "bytes").has_value());
  ASSERT_TRUE(files::WriteWholeFile(span / kProcessFile, text).has_value());

  const auto loaded = LoadArchivedProcess(span);
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  EXPECT_EQ(ArchivedProcessText(loaded->config, version), text);
  EXPECT_EQ(loaded->descriptors, (std::vector<std::string>{"", "bytes", "", ""}));
  EXPECT_EQ(loaded->config.inputs[0].correlation_header, "corr: #1");
  EXPECT_EQ(loaded->config.inputs[1].format.schema_ids, (std::vector<std::uint32_t>{4, 7}));
  EXPECT_EQ(loaded->config.inputs[1].format.schema_guids.size(), 1U);
  EXPECT_EQ(loaded->config.inputs[1].format.time, formats::TimeFrom::kRecord);
  EXPECT_EQ(loaded->config.inputs[2].format.operations.at("d"), "");
  EXPECT_FALSE(loaded->config.inputs[2].format.snapshot_is_backfill);
  EXPECT_EQ(loaded->config.inputs[2].format.times, formats::ColumnTimes::kNanoseconds);
  EXPECT_EQ(loaded->config.inputs[3].keyed_by, process::KeyedBy::kOther);
  EXPECT_EQ(loaded->config.inputs[3].format.customers, (std::vector<std::string>{"holders", "a/b~c"}));
  EXPECT_EQ(loaded->config.ahead, Milliseconds{90'000});
  EXPECT_EQ(std::filesystem::weakly_canonical(loaded->config.topology), std::filesystem::weakly_canonical(topology));
}

}  // namespace
}  // namespace antiphon::archive

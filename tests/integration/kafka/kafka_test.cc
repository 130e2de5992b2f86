#include "tests/integration/kafka/kafka_test.h"

#include <cstdio>
#include <cstdlib>

namespace antiphon::kafka {

using runtime::LogId;
using test::KafkaBroker;

void KafkaTest::SetUp() {
  broker_ = KafkaBroker::Shared();
  if (broker_ == nullptr) {
    if (KafkaBroker::Required()) FAIL() << KafkaBroker::Why() << "; configure with -DANTIPHON_REQUIRE_KAFKA=OFF to do without";
    GTEST_SKIP() << "\nnot run: tests on Kafka (" << KafkaBroker::Why() << ")";
  }
  const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
  static int run = 0;  // --gtest_repeat
  group_ = std::string(info->test_suite_name()) + "." + info->name() + "." + std::to_string(++run);
}

void KafkaTest::TearDown() {}

std::uint32_t KafkaTest::AddTopic(const std::string& name, std::int32_t partitions) {
  topics_.push_back(group_ + "." + name);
  test::CreateTopic(address(), topics_.back(), partitions);
  return static_cast<std::uint32_t>(topics_.size() - 1);
}

ClientOptions KafkaTest::Client() const {
  ClientOptions options;
  options.settings = {{"bootstrap.servers", address()}};
  options.client_id = "antiphon-test";
  if (const char* debug = std::getenv("ANTIPHON_KAFKA_LOG"); debug != nullptr) {  // what librdkafka has to say, by its words for "debug"
    if (*debug != '\0') options.settings["debug"] = debug;
    options.log = [](LogLevel, std::string_view text) {
      std::fprintf(stderr, "  kafka: %.*s\n", static_cast<int>(text.size()), text.data());
    };
  }
  return options;
}

std::unique_ptr<KafkaEventSource> KafkaTest::Source(std::set<std::uint32_t> with_headers) const {
  auto source = KafkaEventSource::Create(
      {.client = Client(), .group = group_, .topics = topics_, .with_headers = std::move(with_headers), .ends_within = kPatience});
  EXPECT_TRUE(source) << source.error().message;
  return std::move(*source);
}

OutputSinkOptions KafkaTest::SinkOptions(const std::string& node, std::vector<std::uint32_t> outputs) const {
  return {.client = Client(), .group = group_, .node = node, .topics = topics_, .outputs = std::move(outputs)};
}

MembershipOptions KafkaTest::MemberOptions(const std::string& node, const std::vector<std::uint32_t>& inputs,
                                           std::int32_t partitions) const {
  MembershipOptions options{.client = Client(), .group = group_, .node = node, .inputs = {}, .partitions = partitions};
  options.client.settings["session.timeout.ms"] = "2000";
  options.client.settings["heartbeat.interval.ms"] = "200";
  options.client.settings["topic.metadata.refresh.interval.ms"] = "500";
  for (const std::uint32_t input : inputs) options.inputs.push_back(topics_.at(input));
  return options;
}

std::unique_ptr<KafkaLogDirectory> KafkaTest::Directory(Milliseconds within) const {
  auto directory = KafkaLogDirectory::Create({.client = Client(), .group = group_, .topics = topics_, .within = within});
  EXPECT_TRUE(directory) << directory.error().message;
  return std::move(*directory);
}

void KafkaTest::Fill(std::uint32_t topic, std::int32_t partition, int from, int to) const {
  test::RawProducer producer(address());
  for (int i = from; i < to; ++i) {
    producer.Send(topics_.at(topic), {.partition = partition, .key = "key", .value = std::to_string(i)});
  }
  producer.Flush();
}

Kept Keep(const runtime::LogRecord& record) {
  Kept kept{.offset = record.offset, .timestamp = record.timestamp, .key = {}, .value = {}, .headers = {}};
  if (record.key) kept.key = std::string(*record.key);
  if (record.value) kept.value = std::string(*record.value);
  for (const auto& [name, value] : record.headers) kept.headers.emplace_back(name, value);
  return kept;
}

namespace {

// Takes from the log until `done` says so of what came, or there is an error, or the time is over.
template <typename Done>
std::optional<Error> Take(KafkaEventSource& source, LogId log, std::vector<Kept>& records, Milliseconds within, Done done) {
  const auto until = std::chrono::steady_clock::now() + within;
  while (!done()) {
    const auto left = std::chrono::duration_cast<Milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) return std::nullopt;
    auto taken = source.Take(log);
    if (!taken) return taken.error();
    if (taken->has_value()) {
      records.push_back(Keep(**taken));
    } else if (!done()) {
      source.Wait(left);
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<Kept> TakeSome(KafkaEventSource& source, LogId log, std::size_t count, Milliseconds within) {
  std::vector<Kept> records;
  const auto error = Take(source, log, records, within, [&] { return records.size() >= count; });
  EXPECT_FALSE(error) << error->message;
  return records;
}

std::vector<Kept> TakeTo(KafkaEventSource& source, LogId log, std::int64_t position) {
  std::vector<Kept> records;
  const auto error = Take(source, log, records, kPatience, [&] { return source.Position(log) >= position; });
  EXPECT_FALSE(error) << error->message;
  EXPECT_EQ(source.Position(log), position);
  return records;
}

std::optional<Error> TakeToError(KafkaEventSource& source, LogId log) {
  std::vector<Kept> records;
  return Take(source, log, records, kPatience, [] { return false; });
}

std::vector<std::string> ValuesOf(const std::vector<Kept>& records) {
  std::vector<std::string> values;
  values.reserve(records.size());
  for (const Kept& record : records) values.push_back(record.value.value_or("(null)"));
  return values;
}

std::vector<std::string> ValuesOf(const std::vector<test::RawRecord>& records) {
  std::vector<std::string> values;
  values.reserve(records.size());
  for (const test::RawRecord& record : records) values.push_back(record.value.value_or("(null)"));
  return values;
}

std::vector<std::string> Numbers(int from, int to) {
  std::vector<std::string> numbers;
  for (int i = from; i < to; ++i) numbers.push_back(std::to_string(i));
  return numbers;
}

void NotingListener::OnAssigned(std::span<const std::int32_t> given, std::shared_ptr<const runtime::MemberToken> token) {
  ++assigned;
  partitions.assign(given.begin(), given.end());
  member = std::move(token);
}

void NotingListener::OnRevoked(bool was_lost) {
  ++revoked;
  lost += was_lost ? 1 : 0;
  partitions.clear();
  member.reset();
}

}  // namespace antiphon::kafka

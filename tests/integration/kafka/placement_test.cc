#include <gtest/gtest.h>

#include "services/runtime/partitioner.h"
#include "tests/integration/kafka/kafka_test.h"

namespace antiphon::kafka {
namespace {

class PlacementTest : public KafkaTest {};

// Where the Java client puts a record by its key, a customer is for us.
TEST_F(PlacementTest, EqualsTheJavaProducers) {
  constexpr std::int32_t kPartitions = 7;
  constexpr int kKeys = 400;
  const std::uint32_t topic = AddTopic("events", kPartitions);
  std::string lines;
  for (int i = 0; i < kKeys; ++i) {
    // Lengths of every remainder of four, and bytes beyond ASCII.
    lines += "c" + std::to_string(i * 7919) + (i % 5 == 0 ? "\u00e4\u20ac" : "") + std::string(static_cast<std::size_t>(i % 4), 'x') +
             "\tvalue\n";
  }
  const std::string said = broker().Tool(
      "kafka.tools.ConsoleProducer --bootstrap-server BOOTSTRAP --topic " + topics()[topic] + " --property parse.key=true", lines);
  int seen = 0;
  for (std::int32_t partition = 0; partition < kPartitions; ++partition) {
    for (const test::RawRecord& record : test::ReadAll(address(), topics()[topic], partition)) {
      ++seen;
      EXPECT_EQ(static_cast<std::int32_t>(runtime::PartitionOf(record.key.value_or(""), kPartitions)), partition) << *record.key;
    }
  }
  EXPECT_EQ(seen, kKeys) << said;
}

}  // namespace
}  // namespace antiphon::kafka

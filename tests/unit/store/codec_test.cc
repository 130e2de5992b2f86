#include "state/store/codec.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>

#include "tests/unit/store/generators.h"

namespace antiphon::store {
namespace {

using state::CustomerState;

std::string Encoded(const CustomerState& customer, const SlotMap& map = SlotMap::Identity()) {
  std::string out;
  EncodeCustomer(customer, map, out);
  return out;
}

TEST(CodecTest, AnEmptyRecordHasNoByteForItsSections) { EXPECT_EQ(Encoded({}), std::string("\x02\0\0\0\0\0\0\0\0\0", 10)); }

// The stored form is a promise: bytes written by an earlier build must read the same. If this fails, kRecordVersion has to change.
TEST(CodecTest, BytesOfVersionOneReadAndThoseOfVersionTwoStay) {
  CustomerState customer;
  customer.newest_event = FromEpochMs(1'000'000);
  customer.arrivals = 300;
  customer.holdings = {{.product = state::ProductId{2}, .since = FromEpochMs(1'000'001), .account = "A1"}};
  customer.features = {{.feature = state::FeatureId{130},
                        .newest = FromEpochMs(1'000'000),
                        .buckets = {{.index = 2, .count = 2, .value = 5}, {.index = 3, .count = 1, .value = 1ULL << 63U}},
                        .scalars = {{.index = 1, .time = kEngineTimeMax, .value = std::string("x")}}}};
  customer.timers = {{.due = FromEpochMs(1'000'000), .sequence = 7, .kind = state::TimerKind::kContactDue, .reference = 9}};
  const std::string of_version_one(
      "\x01\x0c\x20\x83\x89\x7a\xac\x02\x00\x00\x00\x00\x00"  // header
      "\x01\x03\x05\x02"
      "A1"                                                                                                 // holdings
      "\x01\x83\x01\x00\x04\x02\x01\x04\x04\x0a\x02\x03\x00\x00\x00\x00\x00\x00\x00\x80\x02\x01\x05\x01x"  // features
      "\x01\x04\x03\x07\x09",                                                                              // timers
      49);
  EXPECT_EQ(DecodeCustomer(of_version_one, SlotMap::Identity()).value(), customer);
  std::string expected = of_version_one;
  expected[0] = '\x02';
  EXPECT_EQ(Encoded(customer), expected);
  customer.decided = customer.timers[0].due + Milliseconds{1};
  customer.decided_then = 3;
  expected[2] = '\xa0';
  EXPECT_EQ(Encoded(customer), expected + "\x05\x03");
}

TEST(CodecTest, EveryRecordReadsBackAsItWas) {
  EXPECT_TRUE(rc::check([] {
    const CustomerState customer = test::AnyCustomer();
    const std::string bytes = Encoded(customer);
    RC_ASSERT(DecodeCustomer(bytes, SlotMap::Identity()).value() == customer);
  }));
}

TEST(CodecTest, ReadingIntoAUsedRecordLeavesNothingOfIt) {
  EXPECT_TRUE(rc::check([] {
    CustomerState used = test::AnyCustomer();
    used.customer = "kept";
    CustomerState customer = test::AnyCustomer();
    customer.customer = "kept";
    RC_ASSERT(DecodeCustomerInto(Encoded(customer), SlotMap::Identity(), used).has_value());
    RC_ASSERT(used == customer);
  }));
}

TEST(CodecTest, WritingAppends) {
  std::string out = "before";
  EncodeCustomer({}, SlotMap::Identity(), out);
  EXPECT_EQ(out, "before" + Encoded({}));
}

TEST(CodecTest, KeepsTheBitsOfADouble) {
  for (const double value : {-0.0, std::numeric_limits<double>::quiet_NaN(), -std::numeric_limits<double>::infinity()}) {
    CustomerState customer;
    customer.profile = {{.field = {}, .time = {}, .value = value}};
    const std::string bytes = Encoded(customer);
    EXPECT_EQ(Encoded(DecodeCustomer(bytes, SlotMap::Identity()).value()), bytes);
  }
}

TEST(CodecTest, RefusesAnUnknownVersion) {
  std::string bytes = Encoded({});
  bytes[0] = 3;
  const auto decoded = DecodeCustomer(bytes, SlotMap::Identity());
  ASSERT_FALSE(decoded.has_value());
  EXPECT_EQ(decoded.error().recovery, Recovery::kStopProcess);
  EXPECT_NE(decoded.error().message.find("version 3"), std::string::npos);
}

TEST(CodecTest, RefusesARecordCutAnywhereOrTooLong) {
  EXPECT_TRUE(rc::check([] {
    const std::string bytes = Encoded(test::AnyCustomer());
    const std::size_t size = test::Below(static_cast<std::uint32_t>(bytes.size()));
    RC_ASSERT(!DecodeCustomer(std::string_view(bytes).substr(0, size), SlotMap::Identity()).has_value());
    RC_ASSERT(!DecodeCustomer(bytes + '\0', SlotMap::Identity()).has_value());
  }));
}

TEST(CodecTest, AnyBytesGiveAnErrorOrASoundRecord) {
  EXPECT_TRUE(rc::check([] {
    std::string bytes = Encoded(test::AnyCustomer());
    for (std::uint32_t changes = test::Below(6); changes > 0; --changes) {
      const std::size_t place = test::Below(static_cast<std::uint32_t>(bytes.size()));
      switch (test::Below(3)) {
        case 0:
          bytes[place] = static_cast<char>(test::Below(256));
          break;
        case 1:
          bytes.insert(place, test::Below(12), '\xff');
          break;
        default:
          bytes.erase(place, test::Below(4));
      }
      if (bytes.empty()) bytes = "\x01";
    }
    const auto decoded = DecodeCustomer(bytes, SlotMap::Identity());
    if (!decoded.has_value()) return;
    // NaN is not equal to itself, hence the comparison of bytes.
    const std::string again = Encoded(*decoded);
    RC_ASSERT(Encoded(DecodeCustomer(again, SlotMap::Identity()).value()) == again);
  }));
  EXPECT_TRUE(rc::check([](const std::string& tail) { (void)DecodeCustomer("\x01" + tail, SlotMap::Identity()); }));
}

// Read, such a record could not be written again.
TEST(CodecTest, RefusesNoSlotWhereOneIsNeeded) {
  const std::string counters(7, '\0');
  const auto record = [&](unsigned section, std::string_view entry) {
    const unsigned bit = 1U << section;
    return std::string("\x01") + static_cast<char>(bit & 0xFFU) + static_cast<char>(bit >> 8U) + counters + '\x01' + std::string(entry);
  };
  using namespace std::string_view_literals;
  for (const char slot : {'\0', '\1'}) {
    const auto read = [&](unsigned section, std::string_view before, std::string_view after) {
      return DecodeCustomer(record(section, std::string(before) + slot + std::string(after)), SlotMap::Identity()).has_value();
    };
    EXPECT_EQ(read(1, "", "\0\0"sv), slot != 0) << "profile field";
    EXPECT_EQ(read(3, "", "\0\0\0\0"sv), slot != 0) << "feature";
    EXPECT_EQ(read(10, "\1\0\0\0\0\0\1"sv, "\0\0\0\0\0\0"sv), slot != 0) << "event type of a held event";
    EXPECT_EQ(read(13, "\1\0\0"sv, ""), slot != 0) << "trigger of a timer";
    EXPECT_TRUE(read(5, "", "\1\0\0"sv)) << "a consent for all channels";
  }
}

// A count that the bytes cannot hold is refused before memory is taken for it.
TEST(CodecTest, HugeCountsTakeNoMemory) {
  for (unsigned bit = 0; bit < 16; ++bit) {
    std::string bytes = Encoded({});
    bytes[1 + bit / 8] = static_cast<char>(1U << (bit % 8));
    bytes += "\xff\xff\xff\xff\xff\xff\xff\xff\x01";
    EXPECT_FALSE(DecodeCustomer(bytes, SlotMap::Identity()).has_value()) << bit;
  }
}

TEST(CodecTest, PartitionReadsBackAsItWas) {
  const state::PartitionState partition{.clock = FromEpochMs(1'770'000'000'000),
                                        .newest_backfill = {},
                                        .pauses = {{.kind = state::PausedKind::kOffer, .what = 3, .since = FromEpochMs(5)},
                                                   {.kind = state::PausedKind::kAll, .what = 0, .since = {}}}};
  std::string bytes;
  EncodePartition(partition, SlotMap::Identity(), bytes);
  const state::PartitionState decoded = DecodePartition(bytes, SlotMap::Identity()).value();
  EXPECT_EQ(decoded.clock, partition.clock);
  EXPECT_EQ(decoded.newest_backfill, partition.newest_backfill);
  EXPECT_EQ(decoded.pauses, partition.pauses);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(DecodePartition(std::string_view(bytes).substr(0, size), SlotMap::Identity()).has_value());
  }
}

}  // namespace
}  // namespace antiphon::store

#include <signal.h>

#include <charconv>
#include <chrono>
#include <optional>
#include <string>

#include "tests/integration/live/live_test.h"

namespace antiphon::live {
namespace {

using ::testing::HasSubstr;

class StandbyLiveTest : public LiveTest {
 protected:
  static Estate EstateWithStandby(const std::string& node) {
    return {.node = node, .topology = "topologies/retail-bank", .partitions = 2, .input_more = {}, .more = "standby: 1\n"};
  }

  // The number that follows the last `text` that it printed.
  static std::optional<std::uint64_t> NumberAfter(const Child& child, const std::string& text) {
    const std::size_t at = child.printed().rfind(text);
    if (at == std::string::npos) return std::nullopt;
    const char* const begin = child.printed().data() + at + text.size();
    std::uint64_t number = 0;
    if (std::from_chars(begin, child.printed().data() + child.printed().size(), number).ec != std::errc{}) return std::nullopt;
    return number;
  }
};

TEST_F(StandbyLiveTest, WhoTakesOverHasReadNearlyAllBefore) {
  const std::string a = MakeEstate(EstateWithStandby("a"));
  const std::string b = WriteProcess(EstateWithStandby("b"));
  const auto dies = Run(a);
  Feed(a, {"--customers", "400", "--days", "20"});
  ASSERT_TRUE(HasReadAll(*dies)) << dies->printed();
  const std::size_t all = test::ReadAll(address(), Topic("state"), 0).size();
  ASSERT_GT(all, 200U);

  // It comes to an estate that has a past: it owns partition 1, and keeps a standby of the other, from its beginning.
  const auto lives = Run(b);
  ASSERT_TRUE(lives->Prints("partition 0: its standby is up to date after ")) << lives->printed();
  EXPECT_EQ(NumberAfter(*lives, "partition 0: kept as a standby, from offset "), 0U);
  EXPECT_GE(NumberAfter(*lives, "partition 0: its standby is up to date after "), all);
  ASSERT_TRUE(dies->Prints("partition 1: its standby is up to date after ")) << dies->printed();
  Feed(a, {"--customers", "40", "--days", "30"});
  ASSERT_TRUE(HasReadAll(*lives)) << lives->printed();

  dies->Signal(SIGKILL);
  ASSERT_TRUE(lives->Prints("partition 0: " + std::string(kActive))) << lives->printed();
  const auto left = NumberAfter(*lives, "partition 0: " + std::string(kActive) + " ");
  ASSERT_TRUE(left);
  EXPECT_LT(*left * 10, all) << lives->printed();
  Feed(a, {"--customers", "400", "--days", "30"});
  ASSERT_TRUE(HasReadAll(*lives)) << lives->printed();
  Stop(*lives);
  ExpectVerified(b);

  const auto owners = ValuesOf(Topic("owners"), 1);
  ASSERT_FALSE(owners.empty());
  EXPECT_THAT(owners.back(), HasSubstr(R"("node":"b","generation":)"));
}

}  // namespace
}  // namespace antiphon::live

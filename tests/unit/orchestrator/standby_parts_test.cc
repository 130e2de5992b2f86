// The small things that standbys are made of: claims of stores, and the record of the owners topic.
#include <gtest/gtest.h>

#include <optional>
#include <utility>

#include "services/orchestrator/directory_claims.h"
#include "services/orchestrator/owner_record.h"

namespace antiphon::orchestrator {
namespace {

TEST(DirectoryClaimsTest, AStoreIsOnesUntilTheClaimEnds) {
  DirectoryClaims claims;
  std::optional<DirectoryClaims::Claim> kept;
  {
    auto first = claims.Take(3);
    ASSERT_TRUE(first);
    EXPECT_FALSE(claims.Take(3));
    EXPECT_TRUE(claims.Take(4));
    kept = std::move(first);
  }
  EXPECT_FALSE(claims.Take(3)) << "moving it is not ending it";
  kept.reset();
  EXPECT_TRUE(claims.Take(3));
}

TEST(DirectoryClaimsTest, AssigningEndsTheOneThatWasHeld) {
  DirectoryClaims claims;
  auto one = claims.Take(1);
  one = claims.Take(2);
  EXPECT_TRUE(claims.Take(1));
  EXPECT_FALSE(claims.Take(2));
}

TEST(OwnerRecordTest, NamesTheOwnerAndWhereItListens) {
  process::ProcessConfig config;
  config.group = "bank";
  config.node = "antiphon-0";
  EXPECT_EQ(OwnerRecord(config, 3, 7, 4711), R"({"partition":3,"group":"bank","node":"antiphon-0","generation":7,"sequence":4711})");
  config.http_listen = "[::1]:9404";
  EXPECT_EQ(OwnerRecord(config, 0, 8, 1),
            R"({"partition":0,"group":"bank","node":"antiphon-0","generation":8,"sequence":1,"http":"[::1]:9404"})");
}

}  // namespace
}  // namespace antiphon::orchestrator

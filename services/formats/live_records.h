#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/formats/journal.h"
#include "state/base/hash.h"
#include "state/base/result.h"
#include "state/base/time.h"

// What a live run writes of itself: the values of antiphon.journal and antiphon.state. Source: docs/live.md, "What stands in the topics".
namespace antiphon::formats {

// The keys of antiphon.state: a table's byte, then the name. (A customer's key is kCustomerKey and his id.)
inline constexpr char kCustomerKey = 'c';
inline constexpr std::string_view kDictionaryKey = "sdictionary";
inline constexpr std::string_view kMetaKey = "mmeta";

// What decided beside the inputs; the same for all commits of a partition between two openings.
struct LiveSettings {
  std::uint32_t partitions = 0;
  std::uint32_t semantics_version = 0;
  Hash128 topology_version;
  bool wall_clock = true;
  Milliseconds ahead{0};
  Milliseconds fresh{0};
  friend bool operator==(const LiveSettings&, const LiveSettings&) = default;
};

// One transaction of one partition. JournalRange and JournalRecord count their source in `topics`.
struct LiveCommit {
  std::uint32_t partition = 0;
  std::uint64_t sequence = 0;  // from 1, without a gap
  LiveSettings settings;
  std::string node;
  std::int32_t generation = 0;
  std::vector<std::string> topics;
  std::vector<JournalEntry> entries;
  friend bool operator==(const LiveCommit&, const LiveCommit&) = default;
};

[[nodiscard]] std::string EncodeLiveCommit(const LiveCommit& commit);
// Fails (stop the process) on bytes that are no such record or name a source that is not there.
[[nodiscard]] Result<LiveCommit> DecodeLiveCommit(std::string_view bytes);

struct TopicPosition {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t next = 0;
  friend bool operator==(const TopicPosition&, const TopicPosition&) = default;
};

// Where a partition stands after a commit.
struct PartitionMeta {
  std::uint64_t sequence = 0;
  std::vector<TopicPosition> positions;  // of all its inputs, control included
  std::string partition_state;           // state/store/codec.h
  EngineTime floor{};
  Hash128 topology_version;
  std::uint32_t semantics_version = 0;
  std::string node;
  std::int32_t generation = 0;
  std::int64_t topologies_next = 0;  // in antiphon.topologies: what was published before it is taken account of
  friend bool operator==(const PartitionMeta&, const PartitionMeta&) = default;
};

[[nodiscard]] std::string EncodePartitionMeta(const PartitionMeta& meta);
// Fails (restart the task) on bytes that are no such record.
[[nodiscard]] Result<PartitionMeta> DecodePartitionMeta(std::string_view bytes);

}  // namespace antiphon::formats

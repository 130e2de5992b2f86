#include "services/formats/live_records.h"

#include <utility>

#include "antiphon/v1/live.pb.h"
#include "services/formats/journal_proto.h"

namespace antiphon::formats {
namespace {

// Whether what the entry names as its source is there.
bool HasSource(const JournalEntry& entry, std::size_t topics) {
  if (const auto* range = std::get_if<JournalRange>(&entry)) return range->source < topics && range->from <= range->to;
  if (const auto* record = std::get_if<JournalRecord>(&entry)) return record->source < topics;
  return true;
}

}  // namespace

std::string EncodeLiveCommit(const LiveCommit& commit) {
  v1::LiveCommit out;
  out.set_partition(commit.partition);
  out.set_sequence(commit.sequence);
  out.set_partitions(commit.settings.partitions);
  out.set_semantics_version(commit.settings.semantics_version);
  ToProto(commit.settings.topology_version, *out.mutable_topology_version());
  out.set_wall_clock(commit.settings.wall_clock);
  out.set_ahead_ms(commit.settings.ahead.count());
  out.set_fresh_ms(commit.settings.fresh.count());
  for (const std::string& topic : commit.topics) out.add_topics(topic);
  for (const JournalEntry& entry : commit.entries) ToProto(entry, *out.add_entries());
  out.set_node(commit.node);
  out.set_generation(commit.generation);
  return out.SerializeAsString();
}

Result<LiveCommit> DecodeLiveCommit(std::string_view bytes) {
  v1::LiveCommit in;
  if (!in.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Fail(Recovery::kStopProcess, "a record of the journal is damaged: it is no antiphon.v1.LiveCommit");
  }
  LiveCommit commit{.partition = in.partition(),
                    .sequence = in.sequence(),
                    .settings = {.partitions = in.partitions(),
                                 .semantics_version = in.semantics_version(),
                                 .topology_version = FromProto(in.topology_version()),
                                 .wall_clock = in.wall_clock(),
                                 .ahead = Milliseconds{in.ahead_ms()},
                                 .fresh = Milliseconds{in.fresh_ms()}},
                    .node = in.node(),
                    .generation = in.generation(),
                    .topics = {in.topics().begin(), in.topics().end()},
                    .entries = {}};
  for (const v1::JournalEntry& entry : in.entries()) {
    auto known = FromProto(entry);
    if (!known || !HasSource(*known, commit.topics.size())) {
      return Fail(Recovery::kStopProcess, "a record of the journal has an entry that this version does not know: read it with a newer one");
    }
    commit.entries.push_back(*std::move(known));
  }
  return commit;
}

std::string EncodePartitionMeta(const PartitionMeta& meta) {
  v1::PartitionMeta out;
  out.set_sequence(meta.sequence);
  for (const TopicPosition& position : meta.positions) {
    v1::TopicPosition& made = *out.add_positions();
    made.set_topic(position.topic);
    made.set_partition(position.partition);
    made.set_next(position.next);
  }
  out.set_partition_state(meta.partition_state);
  out.set_floor_ms(ToEpochMs(meta.floor));
  ToProto(meta.topology_version, *out.mutable_topology_version());
  out.set_semantics_version(meta.semantics_version);
  out.set_node(meta.node);
  out.set_generation(meta.generation);
  out.set_topologies_next(meta.topologies_next);
  return out.SerializeAsString();
}

Result<PartitionMeta> DecodePartitionMeta(std::string_view bytes) {
  v1::PartitionMeta in;
  if (!in.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Fail(Recovery::kRestartTask, "a partition's meta record is damaged: it is no antiphon.v1.PartitionMeta");
  }
  PartitionMeta meta{.sequence = in.sequence(),
                     .positions = {},
                     .partition_state = in.partition_state(),
                     .floor = FromEpochMs(in.floor_ms()),
                     .topology_version = FromProto(in.topology_version()),
                     .semantics_version = in.semantics_version(),
                     .node = in.node(),
                     .generation = in.generation(),
                     .topologies_next = in.topologies_next()};
  for (const v1::TopicPosition& position : in.positions()) {
    meta.positions.push_back({.topic = position.topic(), .partition = position.partition(), .next = position.next()});
  }
  return meta;
}

}  // namespace antiphon::formats

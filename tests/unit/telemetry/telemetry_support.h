#pragma once

#include <cstdint>
#include <utility>

#include "services/orchestrator/live_figures.h"
#include "services/orchestrator/process_parts.h"
#include "services/process/process_config.h"
#include "services/process/topic_table.h"
#include "services/runtime/clock.h"
#include "state/store/rocksdb/rocks_resources.h"
#include "tests/support/small_topology.h"

namespace antiphon::telemetry {

// SmallEstate: the parts of a process of two inputs, four partitions and two workers, as far as they are seen from outside.
class SmallEstate {
 public:
  SmallEstate() {
    parts.config = &config;
    parts.topics = &topics;
    parts.topology = &topology;
    parts.settings.partitions = kPartitions;
    parts.settings.topology_version = topology.version;
    parts.settings.semantics_version = 2;
    parts.rocks = store::RocksResources::Create(std::size_t{16} << 20U);
    parts.clock = &clock;
    parts.figures = &figures;
  }

  static constexpr std::uint32_t kPartitions = 4;

  topology::Topology topology = MakeTopology();
  process::ProcessConfig config = MakeConfig();
  process::TopicTable topics = process::TopicTable::Make(config, topology);
  runtime::VirtualClock clock{EngineTime{Milliseconds{1'800'000'000'000}}};
  orchestrator::LiveFigures figures{{.topology = &topology, .inputs = topics.inputs(), .partitions = kPartitions, .workers = 2}};
  orchestrator::ProcessParts parts;

 private:
  static topology::Topology MakeTopology() {
    SmallTopology small;
    small.AddTriggeredOffer("loan", 10);
    small.AddTriggeredOffer("savings", 20);
    topology::Topology topology = small.Take();
    topology.caps.resize(1);
    topology.caps[0].id = "weekly";
    return topology;
  }

  static process::ProcessConfig MakeConfig() {
    process::ProcessConfig config;
    config.group = "g";
    config.node = "n\"1";  // a label's value is escaped
    config.inputs.push_back({.topic = "bank.payments", .format = {}, .replies = {}});
    config.inputs.push_back({.topic = "bank.web", .format = {}, .replies = {}});
    config.http_listen = "127.0.0.1:0";
    return config;
  }
};

}  // namespace antiphon::telemetry

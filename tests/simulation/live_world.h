#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "services/archive/exporter.h"
#include "services/orchestrator/process_parts.h"
#include "services/orchestrator/rekeyer.h"
#include "services/orchestrator/standby_keeper.h"
#include "services/orchestrator/worker.h"
#include "services/process/process_config.h"
#include "services/process/topic_table.h"
#include "services/runtime/clock.h"
#include "tests/support/memory_log/memory_cluster.h"
#include "tests/support/memory_log/memory_ports.h"

namespace antiphon::simulation {

// LiveNode: one process of the simulated estate: the worker that production has, on the ports of the cluster in memory. What a process has
// on its disk is the world's: a node that starts again finds it.
class LiveNode final : private runtime::Membership::Listener {
 public:
  LiveNode(const orchestrator::ProcessParts& parts, memory_log::MemoryCluster& cluster, runtime::VirtualClock& clock,
           const std::string& name);
  ~LiveNode() override;

  // One step of its life: a poll of the group, a round of the worker, of the standby keeper, of the re-keyer. An Error: the process would
  // have ended.
  [[nodiscard]] Result<void> Step();
  // Either half of it alone.
  [[nodiscard]] Result<void> StepWorker();
  [[nodiscard]] Result<void> StepRekeyer();
  // As SIGTERM.
  void Leave();
  void Kill() {
    process_.Kill();
    rekey_process_.Kill();
  }
  [[nodiscard]] bool dead() const { return process_.killed() || rekey_process_.killed(); }
  [[nodiscard]] orchestrator::Worker& worker() { return *worker_; }
  [[nodiscard]] const orchestrator::StandbyKeeper* keeper() const { return keeper_.get(); }  // nullptr without `standby: 1`

 private:
  void OnAssigned(std::span<const std::int32_t> partitions, std::shared_ptr<const runtime::MemberToken> member) override;
  void OnRevoked(bool lost) override;

  memory_log::MemoryProcess process_;
  memory_log::MemoryOutputSinkFactory sinks_;
  memory_log::MemoryLogDirectory directory_;
  memory_log::MemoryMembership membership_;
  memory_log::MemoryGroupMembers members_;
  memory_log::MemoryProcess rekey_process_;  // the same process, in its other group
  memory_log::MemoryOutputSinkFactory rekey_sinks_;
  memory_log::MemoryLogDirectory rekey_directory_;
  std::unique_ptr<orchestrator::Worker> worker_;
  std::unique_ptr<orchestrator::Rekeyer> rekeyer_;
  std::unique_ptr<orchestrator::StandbyKeeper> keeper_;
};

// LiveWorld: a seeded estate: a cluster, two input topics keyed by the customer, one keyed by the card with another number of partitions,
// and control, some nodes, a bank whose customers pay, visit and ask, alone or two by one card, a clock. Whatever happens comes from the
// seed.
class LiveWorld {
 public:
  static constexpr std::int32_t kPartitions = 4;
  static constexpr std::int32_t kCardPartitions = 3;

  LiveWorld(std::uint64_t seed, std::filesystem::path folder, bool wall_clock = true, std::uint32_t standby = 0);
  ~LiveWorld();

  [[nodiscard]] memory_log::Faults& faults() { return faults_; }
  [[nodiscard]] memory_log::MemoryCluster& cluster() { return cluster_; }
  [[nodiscard]] const orchestrator::ProcessParts& parts(const std::string& node);
  [[nodiscard]] runtime::VirtualClock& clock() { return clock_; }
  [[nodiscard]] std::uint64_t Below(std::uint64_t bound) { return random_() % bound; }

  void StartNode(const std::string& name);
  // It dies and does not come back.
  void LoseNode(const std::string& name);
  [[nodiscard]] std::map<std::string, std::unique_ptr<LiveNode>>& nodes() { return nodes_; }

  // A customer does something, at wall time or a little before.
  void Happen();
  // A word of the bank.
  void Control();

  // The versions of the topology that the bank has, and what it does with one: publishes it, or names it in a control record. Node's own
  // folders are all the first, which is published from the beginning.
  static constexpr std::size_t kVersions = 3;
  [[nodiscard]] static Hash128 VersionOf(std::size_t version);
  void Publish(std::size_t version, std::set<std::string> allowed_drops);
  void Activate(const Hash128& version);
  // Of the partitions that are active.
  [[nodiscard]] std::set<Hash128> RunningVersions();

  // Steps of random nodes, events, and time. Nodes that ended or died are started again.
  void Run(int steps, bool with_events);
  // No more faults or events: until all is read, decided and committed. False if that does not come.
  [[nodiscard]] bool Settle();

  // Adds a span to the archive in the folder. Faults that the world has meet it too.
  enum class Meanwhile : std::uint8_t { kRests, kRunsOn };  // the estate, while it is exported
  [[nodiscard]] Result<archive::ExportReport> Export(const std::filesystem::path& folder, Meanwhile meanwhile = Meanwhile::kRests);

  // Verifies every partition against its own topics (services/archive); the differences, or nothing.
  [[nodiscard]] std::string Verify();
  // What is wrong with antiphon.rekeyed, or nothing: each record of a card there once for each customer, in order.
  [[nodiscard]] std::string CheckRekeyed();
  // Records that partitions are to consume: one for each customer.
  [[nodiscard]] std::uint64_t produced() const { return produced_; }
  [[nodiscard]] std::uint64_t JournaledRecords();

 private:
  struct Parts;
  struct Reader;
  void StepNode(const std::string& name);
  void Produce(const std::string& topic, const std::string& customer, const std::string& json);
  void UseCard();
  [[nodiscard]] bool IsSettled();

  std::mt19937_64 random_;
  std::filesystem::path folder_;
  runtime::VirtualClock clock_;
  memory_log::Faults faults_;
  memory_log::MemoryCluster cluster_;
  std::map<std::string, std::unique_ptr<Parts>> parts_;  // by node
  std::map<std::string, std::unique_ptr<LiveNode>> nodes_;
  bool wall_clock_;
  std::uint32_t standby_;
  std::uint64_t produced_ = 0;
  std::uint64_t cards_ = 0;
  std::map<std::pair<std::string, std::string>, std::string> handed_;  // source and customer -> value
};

}  // namespace antiphon::simulation

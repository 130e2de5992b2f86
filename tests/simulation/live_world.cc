#include "tests/simulation/live_world.h"

#include <gtest/gtest.h>

#include <functional>
#include <utility>

#include "engine/topology/topology_loader.h"
#include "services/archive/exporter.h"
#include "services/archive/verifier.h"
#include "services/formats/live_records.h"
#include "services/formats/message_catalog.h"
#include "services/runtime/partitioner.h"
#include "services/runtime/version.h"
#include "services/topology_files/published_version.h"
#include "tests/support/memory_log/committed_reader.h"

namespace antiphon::simulation {
namespace {

constexpr EngineTime kBegin{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} + std::chrono::hours{9}};
constexpr int kCustomers = 12;
constexpr int kSettleSteps = 20'000;

using topology_files::LoadedVersion;

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

LoadedVersion Changed(const LoadedVersion& first, const std::vector<std::pair<std::string, std::string>>& changes) {
  LoadedVersion changed = first;
  std::string& text = changed.record.files.at("topology.yaml");
  for (const auto& [from, to] : changes) text = Replaced(text, from, to);
  const formats::ProtoMessageCatalog catalog;
  changed.topology = topology::LoadTopology(topology_files::MemoryFiles(changed.record.files), catalog).topology;
  changed.record.version = changed.topology->version;
  return changed;
}

// The folder's, one in which a pattern and a feature are others and there is a new one, one without an offer and its trigger.
const std::vector<LoadedVersion>& TheVersions() {
  static const std::vector<LoadedVersion> kVersions = [] {
    const LoadedVersion first = topology_files::LoadVersionFolder(ANTIPHON_SIMULATION_TOPOLOGY, runtime::kSemanticsVersion).value();
    return std::vector{
        first,
        Changed(first, {{"within: 90s", "within: 60s"},
                        {"over: 5m, grain: 1m}", "over: 6m, grain: 1m}\n  payments: {on: paid, count: true, over: 20m, grain: 1m}"},
                        {"features.paid_10m'", "features.paid_10m + features.payments'"}}),
        Changed(first, {{"    offers: [remind]", "    offers: [invest]"},
                        {first.record.files.at("topology.yaml")
                             .substr(first.record.files.at("topology.yaml").find("  remind:"),
                                     first.record.files.at("topology.yaml").find("channels:") -
                                         first.record.files.at("topology.yaml").find("  remind:")),
                         "\n"}})};
  }();
  return kVersions;
}

const topology::Topology& TheTopology() { return *TheVersions().front().topology; }

process::ProcessConfig ConfigOf(const std::string& node, const std::filesystem::path& folder, bool wall_clock, std::uint32_t standby) {
  process::ProcessConfig config;
  config.group = "g";
  config.node = node;
  for (const std::string topic : {"bank.payments", "bank.web"}) {
    config.inputs.push_back({.topic = topic, .format = {}, .replies = "bank.answers"});
  }
  process::InputTopic cards{.topic = "bank.cards", .format = {}, .keyed_by = process::KeyedBy::kOther, .replies = "bank.answers"};
  cards.format.customers = {"holders", "id"};
  config.inputs.push_back(std::move(cards));
  config.inputs.front().wait = Milliseconds{100};
  config.topology = ANTIPHON_SIMULATION_TOPOLOGY;
  config.state_folder = folder / node;
  config.clock = wall_clock ? process::ClockKind::kWall : process::ClockKind::kEvent;
  config.commit_inputs = 40;
  config.standby = standby;
  return config;
}

std::vector<runtime::LogId> CardLogs(const process::TopicTable& topics) {
  std::vector<runtime::LogId> logs;
  for (std::int32_t partition = 0; partition < LiveWorld::kCardPartitions; ++partition) {
    logs.push_back({.topic = topics.sources().front(), .partition = partition});
  }
  return logs;
}

memory_log::MemoryProcess::Topics TopicsOf(const process::TopicTable& table) {
  memory_log::MemoryProcess::Topics topics;
  for (std::uint32_t topic = 0; topic < table.topics().size(); ++topic) {
    topics.names.push_back(table.topics()[topic].name);
    topics.with_headers.insert(topic);
  }
  topics.inputs = table.inputs();
  topics.shared = table.lanes();
  return topics;
}

memory_log::MemoryProcess::Topics RekeyTopicsOf(const process::TopicTable& table) {
  memory_log::MemoryProcess::Topics topics = TopicsOf(table);
  topics.shared = table.sources();
  topics.group = "-rekey";
  return topics;
}

// A worker that waits lets time pass.
class WaitingSource : public memory_log::MemoryEventSource {
 public:
  WaitingSource(memory_log::MemoryProcess& process, runtime::VirtualClock& clock) : MemoryEventSource(process), clock_(clock) {}
  void Wait(Milliseconds at_most) override { clock_.MoveTo(clock_.Now() + at_most); }

 private:
  runtime::VirtualClock& clock_;
};

// The estate goes on whenever somebody asks where logs end, and now and then while he reads.
class BusySource final : public WaitingSource {
 public:
  BusySource(memory_log::MemoryProcess& process, runtime::VirtualClock& clock, std::function<void()> go_on)
      : WaitingSource(process, clock), go_on_(std::move(go_on)) {}
  Result<std::vector<std::int64_t>> StableEnds(std::span<const runtime::LogId> logs) override {
    go_on_();
    return WaitingSource::StableEnds(logs);
  }
  Result<std::optional<runtime::LogRecord>> Take(runtime::LogId log) override {
    constexpr int kTakesPerStep = 50;
    if (++takes_ % kTakesPerStep == 0) go_on_();
    return WaitingSource::Take(log);
  }

 private:
  int takes_ = 0;
  std::function<void()> go_on_;
};

class BusyDirectory final : public runtime::LogDirectory {
 public:
  BusyDirectory(memory_log::MemoryProcess& process, std::function<void()> go_on) : directory_(process), go_on_(std::move(go_on)) {}
  Result<std::vector<std::optional<std::int64_t>>> Committed(std::span<const runtime::LogId> logs) override {
    return directory_.Committed(logs);
  }
  Result<std::vector<std::int64_t>> Starts(std::span<const runtime::LogId> logs) override { return directory_.Starts(logs); }
  Result<std::vector<std::int64_t>> HighWatermarks(std::span<const runtime::LogId> logs) override {
    go_on_();
    return directory_.HighWatermarks(logs);
  }
  Result<std::optional<runtime::TopicFacts>> Describe(const std::string& topic) override { return directory_.Describe(topic); }
  Result<void> Create(const std::string& topic, const runtime::TopicFacts& facts) override { return directory_.Create(topic, facts); }

 private:
  memory_log::MemoryLogDirectory directory_;
  std::function<void()> go_on_;
};

}  // namespace

struct LiveWorld::Parts {
  Parts(const std::string& node, const std::filesystem::path& folder, bool wall_clock, std::uint32_t standby, runtime::Clock& clock)
      : config(ConfigOf(node, folder, wall_clock, standby)),
        topics(process::TopicTable::Make(config, TheTopology())),
        library({.config = &config,
                 .topics = &topics,
                 .counted = &TheTopology(),
                 .descriptors = {},
                 .semantics_version = runtime::kSemanticsVersion,
                 .allowed_drops = {}}),
        figures({.topology = &TheTopology(),
                 .inputs = static_cast<std::uint32_t>(topics.lanes().size()),
                 .sources = 1,
                 .partitions = kPartitions,
                 .workers = 1}),
        parts{.config = &config,
              .topics = &topics,
              .topology = &TheTopology(),
              .library = &library,
              .sources = CardLogs(topics),
              .descriptors = {},
              .settings = {.partitions = kPartitions,
                           .semantics_version = runtime::kSemanticsVersion,
                           .topology_version = TheTopology().version,
                           .wall_clock = wall_clock,
                           .ahead = config.ahead,
                           .fresh = config.fresh},
              .rocks = store::RocksResources::Create(std::size_t{32} << 20U),
              .cache_bytes = std::size_t{1} << 20U,
              .clock = &clock,
              .faults = &faults,
              .figures = &figures,
              .claims = &claims} {}

  process::ProcessConfig config;
  process::TopicTable topics;
  orchestrator::TopologyLibrary library;
  orchestrator::FaultPoints faults;
  orchestrator::LiveFigures figures;
  orchestrator::DirectoryClaims claims;
  orchestrator::ProcessParts parts;
};

LiveNode::LiveNode(const orchestrator::ProcessParts& parts, memory_log::MemoryCluster& cluster, runtime::VirtualClock& clock,
                   const std::string& name)
    : process_(cluster, name, TopicsOf(*parts.topics)),
      sinks_(process_),
      directory_(process_),
      membership_(process_, *this),
      members_(process_),
      rekey_process_(cluster, name, RekeyTopicsOf(*parts.topics)),
      rekey_sinks_(rekey_process_),
      rekey_directory_(rekey_process_) {
  worker_ = std::make_unique<orchestrator::Worker>(parts,
                                                   orchestrator::Worker::Options{.number = 0,
                                                                                 .source = std::make_unique<WaitingSource>(process_, clock),
                                                                                 .sinks = &sinks_,
                                                                                 .directory = &directory_,
                                                                                 .rekeyed = &directory_});
  rekeyer_ = std::make_unique<orchestrator::Rekeyer>(
      parts, orchestrator::Rekeyer::Options{
                 .source = std::make_unique<WaitingSource>(rekey_process_, clock),
                 .decoders = orchestrator::MakeDecoders(*parts.config, {}, *parts.topology).value(),
                 .sinks = &rekey_sinks_,
                 .directory = &rekey_directory_,
                 .make_membership = [this](runtime::Membership::LogsListener& listener) -> Result<std::unique_ptr<runtime::Membership>> {
                   return std::make_unique<memory_log::MemoryMembership>(rekey_process_, listener);
                 }});
  if (parts.config->standby == 0) return;
  keeper_ = std::make_unique<orchestrator::StandbyKeeper>(
      parts, orchestrator::StandbyKeeper::Options{
                 .source = std::make_unique<WaitingSource>(process_, clock), .directory = &directory_, .members = &members_});
}

LiveNode::~LiveNode() = default;

Result<void> LiveNode::Step() {
  if (auto stepped = StepWorker(); !stepped) return stepped;
  if (keeper_ != nullptr) (void)keeper_->Round();
  return StepRekeyer();
}

Result<void> LiveNode::StepWorker() {
  if (auto polled = membership_.Poll(Milliseconds{0}); !polled) return polled;
  if (auto round = worker_->Round(); !round) return std::unexpected(std::move(round.error()));
  return {};
}

Result<void> LiveNode::StepRekeyer() {
  if (auto round = rekeyer_->Round(); !round) return std::unexpected(std::move(round.error()));
  return {};
}

void LiveNode::Leave() {
  rekeyer_->Leave();
  membership_.Leave();
}

void LiveNode::OnAssigned(std::span<const std::int32_t> partitions, std::shared_ptr<const runtime::MemberToken> member) {
  if (keeper_ != nullptr) keeper_->Own({partitions.begin(), partitions.end()});
  worker_->Assign({partitions.begin(), partitions.end()}, std::move(member));
}

void LiveNode::OnRevoked(bool lost) {
  const std::future<void> done = worker_->Revoke(lost);
  (void)worker_->Round();  // takes the command
}

LiveWorld::LiveWorld(std::uint64_t seed, std::filesystem::path folder, bool wall_clock, std::uint32_t standby)
    : random_(seed),
      folder_(std::move(folder)),
      clock_(kBegin),
      faults_(seed),
      cluster_(clock_, faults_),
      wall_clock_(wall_clock),
      standby_(standby) {
  const orchestrator::ProcessParts& any = parts("n1");
  for (const process::Topic& topic : any.topics->topics()) {
    using process::TopicRole;
    const bool one = topic.role == TopicRole::kControl || topic.role == TopicRole::kTopologies || topic.role == TopicRole::kOwners;
    cluster_.CreateTopic(topic.name, one ? 1 : topic.name == "bank.cards" ? kCardPartitions : kPartitions);
  }
  Publish(0, {});
}

LiveWorld::~LiveWorld() = default;

const orchestrator::ProcessParts& LiveWorld::parts(const std::string& node) {
  auto& made = parts_[node];
  if (made == nullptr) made = std::make_unique<Parts>(node, folder_, wall_clock_, standby_, clock_);
  return made->parts;
}

void LiveWorld::StartNode(const std::string& name) { nodes_[name] = std::make_unique<LiveNode>(parts(name), cluster_, clock_, name); }

void LiveWorld::LoseNode(const std::string& name) {
  nodes_.at(name)->Kill();
  nodes_.erase(name);
}

void LiveWorld::Produce(const std::string& topic, const std::string& customer, const std::string& json) {
  const auto partition = static_cast<std::int32_t>(runtime::PartitionOf(customer, kPartitions));
  (void)cluster_.Produce({.topic = topic, .partition = partition},
                         {.timestamp = {}, .key = customer, .value = json, .headers = {{"correlation-id", "r"}}});
  ++produced_;
}

void LiveWorld::Happen() {
  if (Below(4) == 0) return UseCard();
  const std::string customer = "C" + std::to_string(Below(kCustomers));
  const EngineTime time = clock_.Now() - Milliseconds{static_cast<std::int64_t>(Below(2'000))};
  const std::string head =
      R"({"id":"e)" + std::to_string(produced_) + R"(","customer":")" + customer + R"(","time":")" + FormatTime(time) + R"(","type":)";
  switch (Below(10)) {
    case 0:
      return Produce(
          "bank.web", customer,
          head + R"("asked","channel":"desk","placement":"desk","slots":1,"interaction_id":"i)" + std::to_string(Below(50)) + R"("})");
    case 1:
      return Produce("bank.web", customer, R"({"id":"broken)");
    case 2:
    case 3:
    case 4:
      return Produce("bank.web", customer, head + R"("visited","page":"/"})");
    default:
      return Produce("bank.payments", customer, head + R"("paid","amount":)" + std::to_string(Below(1'000)) + "}");
  }
}

// By one of its holders, or both; some of them ask, and some records are nothing.
void LiveWorld::UseCard() {
  const auto quoted = [](const std::string& text) { return '"' + text + '"'; };
  const std::uint64_t card = Below(20);
  const auto partition = static_cast<std::int32_t>(card % kCardPartitions);
  std::vector<std::string> holders{"C" + std::to_string(card % kCustomers)};
  if (card % 3 == 0) holders.push_back("C" + std::to_string((card + 5) % kCustomers));
  const EngineTime time = clock_.Now() - Milliseconds{static_cast<std::int64_t>(Below(2'000))};
  std::string head = R"({"time":)" + quoted(FormatTime(time));
  if (Below(3) != 0) head += R"(,"id":)" + quoted("k" + std::to_string(cards_));
  ++cards_;
  if (holders.size() == 1 && Below(2) == 0) {
    head += R"(,"customer":)" + quoted(holders.front());  // the topology's place for a single one
  } else {
    std::string list;
    for (const std::string& holder : holders) list += (list.empty() ? R"({"id":)" : R"(,{"id":)") + quoted(holder) + "}";
    head += R"(,"holders":[)" + list + "]";
  }
  std::string value = head + R"(,"type":"paid","amount":)" + std::to_string(Below(1'000)) + "}";
  const std::uint64_t kind = Below(12);
  if (kind == 0) {
    value = head + R"(,"type":"asked","channel":"desk","placement":"desk","slots":1,"interaction_id":)" +
            quoted("i" + std::to_string(Below(50))) + "}";
  } else if (kind == 1) {
    value = R"({"type":"paid","amount":1)";
    holders.clear();
  } else if (kind == 2) {
    value = R"({"type":"unheard_of"})";
    holders.clear();
  }
  const std::int64_t offset = cluster_.Produce({.topic = "bank.cards", .partition = partition},
                                               {.timestamp = {},
                                                .key = "card-" + std::to_string(card),
                                                .value = value,
                                                .headers = {{"correlation-id", "card"}, {"antiphon-source", "no:1:1"}}});
  for (const std::string& holder : holders) {
    handed_.emplace(std::pair(orchestrator::SourceText("bank.cards", partition, offset), holder), value);
  }
  produced_ += holders.size();
}

void LiveWorld::Control() {
  const std::string word = Below(2) == 0 ? "control.pause" : "control.resume";
  (void)cluster_.Produce({.topic = "antiphon.control", .partition = 0},
                         {.timestamp = {},
                          .key = {},
                          .value = R"({"type":")" + word + R"(","time":")" + FormatTime(clock_.Now()) + R"(","offer":"remind"})",
                          .headers = {}});
}

Hash128 LiveWorld::VersionOf(std::size_t version) { return TheVersions().at(version).record.version; }

void LiveWorld::Publish(std::size_t version, std::set<std::string> allowed_drops) {
  topology_files::PublishedVersion record = TheVersions().at(version).record;
  record.allowed_drops = std::move(allowed_drops);
  (void)cluster_.Produce({.topic = "antiphon.topologies", .partition = 0},
                         {.timestamp = {}, .key = ToHex(record.version), .value = EncodeVersion(record), .headers = {}});
}

void LiveWorld::Activate(const Hash128& version) {
  (void)cluster_.Produce(
      {.topic = "antiphon.control", .partition = 0},
      {.timestamp = {},
       .key = {},
       .value = R"({"type":"control.activate","time":")" + FormatTime(clock_.Now()) + R"(","version":")" + ToHex(version) + R"("})",
       .headers = {}});
}

std::set<Hash128> LiveWorld::RunningVersions() {
  std::set<Hash128> versions;
  for (const auto& [name, node] : nodes_) {
    for (const auto& partition : node->worker().active()) versions.insert(partition->version());
  }
  return versions;
}

void LiveWorld::StepNode(const std::string& name) {
  std::unique_ptr<LiveNode>& node = nodes_.at(name);
  const auto stepped = node->Step();
  // A store is never open twice, nor does a worker wait for one in vain.
  if (node->keeper() != nullptr) {
    EXPECT_EQ(node->keeper()->last_error().find("has it open"), std::string::npos);
  }
  if (stepped && !node->dead()) return;
  if (!node->dead()) {
    for (const char* never : {"somebody moved", "has it open", "has not closed its store"}) {
      EXPECT_EQ(stepped.error().message.find(never), std::string::npos) << stepped.error().message;
    }
  }
  node->Kill();  // a process that ends by itself closes nothing in the cluster either
  node.reset();
  std::error_code ignored;
  if (Below(3) == 0) std::filesystem::remove_all(folder_ / name, ignored);  // it comes back on another machine
  StartNode(name);
}

void LiveWorld::Run(int steps, bool with_events) {
  std::vector<std::string> names;
  for (const auto& [name, node] : nodes_) names.push_back(name);
  for (int step = 0; step < steps; ++step) {
    if (with_events) {
      for (std::uint64_t i = Below(4); i > 0; --i) Happen();
      if (Below(200) == 0) Control();
    }
    StepNode(names[Below(names.size())]);
    clock_.MoveTo(clock_.Now() + Milliseconds{static_cast<std::int64_t>(Below(200))});
  }
}

bool LiveWorld::IsSettled() {
  const orchestrator::ProcessParts& any = parts("n1");
  std::size_t active = 0;
  for (const auto& [name, node] : nodes_) {
    active += node->worker().active().size();
    for (const auto& partition : node->worker().active()) {
      if (partition->HasChanges()) return false;
      for (const runtime::LogPosition& position : partition->Positions()) {
        const memory_log::Log* log =
            cluster_.Find({.topic = any.topics->topics()[position.log.topic].name, .partition = position.log.partition});
        if (position.next < log->stable_end()) return false;
      }
    }
  }
  if (active != kPartitions) return false;
  for (std::int32_t partition = 0; partition < kCardPartitions; ++partition) {
    const memory_log::LogName log{.topic = "bank.cards", .partition = partition};
    const auto committed = cluster_.Committed({log});
    if (!committed || committed->front().value_or(0) < cluster_.Find(log)->stable_end()) return false;
  }
  return true;
}

std::string LiveWorld::CheckRekeyed() {
  std::string wrong;
  auto missing = handed_;
  std::map<std::pair<std::string, std::string>, std::int64_t> last;  // by source partition and customer
  for (std::int32_t partition = 0; partition < kPartitions; ++partition) {
    for (const auto& written : memory_log::CommittedRecords(cluster_, {.topic = "antiphon.rekeyed", .partition = partition})) {
      const std::string customer = written.record.key.value_or("");
      std::string source;
      for (const auto& [name, value] : written.record.headers) {
        if (name == orchestrator::kSourceHeader) source = value;
      }
      const auto found = missing.find({source, customer});
      if (found == missing.end() || found->second != written.record.value) {
        wrong += "not asked for, twice, or changed: " + source + " to " + customer + "\n";
      } else {
        missing.erase(found);
      }
      const std::size_t colon = source.rfind(':');
      const std::int64_t offset = std::stoll(source.substr(colon + 1));
      std::int64_t& before = last.try_emplace({source.substr(0, colon), customer}, -1).first->second;
      if (offset <= before) wrong += "out of order: " + source + "\n";
      before = offset;
      if (runtime::PartitionOf(customer, kPartitions) != static_cast<std::uint32_t>(partition)) wrong += "misplaced: " + source + "\n";
    }
  }
  for (const auto& [place, value] : missing) wrong += "missing: " + place.first + " to " + place.second + "\n";
  return wrong;
}

bool LiveWorld::Settle() {
  faults_.Heal();
  for (int step = 0; step < kSettleSteps; ++step) {
    Run(1, false);
    if (step % 50 == 0 && IsSettled()) return true;
  }
  return false;
}

// What reads beside the run: a process of its own each time, so that a fault that kills it kills no later one.
struct LiveWorld::Reader {
  Reader(LiveWorld& world, Meanwhile meanwhile)
      : process(world.cluster_, "reader", TopicsOf(*world.parts("n1").topics)),
        source(process, world.clock_, GoOn(world, meanwhile)),
        directory(process, GoOn(world, meanwhile)) {}

  static std::function<void()> GoOn(LiveWorld& world, Meanwhile meanwhile) {
    return [&world, meanwhile] {
      if (meanwhile == Meanwhile::kRunsOn) world.Run(static_cast<int>(world.Below(4)), true);
    };
  }

  memory_log::MemoryProcess process;
  BusySource source;
  BusyDirectory directory;
};

Result<archive::ExportReport> LiveWorld::Export(const std::filesystem::path& folder, Meanwhile meanwhile) {
  Reader reader(*this, meanwhile);
  return archive::ExportSpan(parts("n1"), reader.source, reader.directory, {.archive = folder});
}

std::string LiveWorld::Verify() {
  Reader reader(*this, Meanwhile::kRests);
  std::string differences;
  for (std::int32_t partition = 0; partition < kPartitions; ++partition) {
    const auto verdict = archive::VerifyPartition(parts("n1"), partition, reader.source, reader.directory);
    if (!verdict) {
      differences += verdict.error().message + "\n";
    } else if (!verdict->equal) {
      differences += verdict->difference + "\n";
    }
  }
  return differences;
}

std::uint64_t LiveWorld::JournaledRecords() {
  std::uint64_t records = 0;
  for (std::int32_t partition = 0; partition < kPartitions; ++partition) {
    std::uint64_t sequence = 0;
    for (const auto& written : memory_log::CommittedRecords(cluster_, {.topic = "antiphon.journal", .partition = partition})) {
      const auto commit = formats::DecodeLiveCommit(*written.record.value).value();
      EXPECT_EQ(commit.sequence, ++sequence);
      for (const formats::JournalEntry& entry : commit.entries) {
        if (const auto* range = std::get_if<formats::JournalRange>(&entry)) records += range->records;
      }
    }
  }
  return records;
}

}  // namespace antiphon::simulation

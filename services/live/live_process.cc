#include "services/live/live_process.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "services/kafka/event_source.h"
#include "services/kafka/group_members.h"
#include "services/kafka/log_directory.h"
#include "services/kafka/membership.h"
#include "services/kafka/output_sink.h"
#include "services/live/cluster.h"
#include "services/live/logging.h"
#include "services/orchestrator/input_sample.h"
#include "services/process/process_loader.h"
#include "services/process/surroundings.h"
#include "services/runtime/version.h"

namespace antiphon::live {
namespace {

// For tests: "committed:3" kills the process there, as SIGKILL does. See services/orchestrator/fault_points.h.
constexpr const char* kFaultVariable = "ANTIPHON_KILL_AT";

// Of the memory budget: RocksDB's blocks and memtables, the rest is for decoded records.
constexpr std::uint64_t kRocksShare = 4;
constexpr std::size_t kRocksBytesMin = std::size_t{32} << 20U;

// The bound of a worker's question how far the re-keyers are: it asks again in its next round.
constexpr Milliseconds kRekeyedWithin{1'000};

// The bound of the standby keeper's questions: a worker that waits for a store waits for them.
constexpr Milliseconds kStandbyWithin{1'000};

std::string ErrorsOf(const process::TopicReport& report) {
  std::string text;
  for (const process::TopicFinding& finding : report.findings) {
    if (finding.severity == topology::Severity::kError) text += ToString(finding) + "\n";
  }
  return text + "Nothing was started. `antiphon topics --process FILE` shows all of it; --create makes the topics that Antiphon keeps.";
}

}  // namespace

LiveProcess::LiveProcess(process::ProcessConfig config, topology_files::LoadedVersion own)
    : config_(std::move(config)),
      own_(std::move(own)),
      topology_(own_.topology),
      topics_(std::make_shared<const process::TopicTable>(process::TopicTable::Make(config_, *topology_))) {}

LiveProcess::~LiveProcess() = default;

Result<std::unique_ptr<LiveProcess>> LiveProcess::Begin(const std::string& file) {
  const process::SystemSurroundings surroundings;
  auto config = process::LoadGoodProcess(file, surroundings);
  if (!config) return std::unexpected(std::move(config.error()));
  SetUpLogging(*config);
  auto own = topology_files::LoadVersionFolder(config->topology.string(), runtime::kSemanticsVersion);
  if (!own) return std::unexpected(std::move(own.error()));
  std::unique_ptr<LiveProcess> made(new LiveProcess(*std::move(config), *std::move(own)));
  if (const auto kill_at = surroundings.Variable(kFaultVariable); kill_at && !made->faults_.Parse(*kill_at)) {
    return Fail(Recovery::kStopProcess, std::string(kFaultVariable) + ": no such point: " + *kill_at);
  }
  if (auto checked = made->ReadFormats(); !checked) return std::unexpected(std::move(checked.error()));
  return made;
}

Result<std::unique_ptr<LiveProcess>> LiveProcess::Open(const std::string& file) {
  auto made = Begin(file);
  if (!made) return made;
  const auto partitions = (*made)->CheckCluster();
  if (!partitions) return std::unexpected(partitions.error());
  auto versions = (*made)->ReadVersions();
  if (!versions) return std::unexpected(std::move(versions.error()));
  // Whoever looks back meets all of them; one that cannot be compiled here is said where it is met.
  std::vector<std::shared_ptr<const topology::Topology>> all;
  for (const auto& [version, entry] : versions->all()) {
    if (auto compiled = topology_files::CompileVersion(*entry.record, runtime::kSemanticsVersion)) all.push_back(*std::move(compiled));
  }
  if ((*made)->Widen(std::move(all))) {
    auto directory = live::OpenCluster((*made)->config_, (*made)->topics_);
    if (!directory) return std::unexpected(std::move(directory.error()));
    (*made)->directory_ = *std::move(directory);
  }
  (*made)->FillParts(*partitions, *std::move(versions), {});
  return made;
}

Result<std::unique_ptr<LiveProcess>> LiveProcess::OpenToRun(const std::string& file, const PublishWish& wish) {
  auto made = Begin(file);
  if (!made) return made;
  LiveProcess& process = **made;
  auto partitions = process.CheckCluster();
  if (!partitions) return std::unexpected(std::move(partitions.error()));
  auto versions = process.ReadVersions();
  if (!versions) return std::unexpected(std::move(versions.error()));
  if (auto published = process.PublishOwn(*versions, wish); !published) return std::unexpected(std::move(published.error()));
  if (const auto& newest = *versions->Newest()->record; newest.version != process.own_.record.version) {
    auto compiled = topology_files::CompileVersion(newest, runtime::kSemanticsVersion);
    if (!compiled) {
      spdlog::warn("{}; partitions that run it are not run here", compiled.error().message);
    } else {
      process.topology_ = *std::move(compiled);
    }
  }
  if (process.Widen({process.own_.topology})) {
    partitions = process.CheckCluster();
    if (!partitions) return std::unexpected(std::move(partitions.error()));
  }
  process.FillParts(*partitions, *std::move(versions), wish.allowed_drops);
  return made;
}

Result<void> LiveProcess::ReadFormats() {
  const process::SystemSurroundings surroundings;
  for (const process::InputTopic& input : config_.inputs) {
    std::string descriptor;
    if (!input.format.descriptor.empty()) descriptor = surroundings.File(input.format.descriptor).value_or("");
    descriptors_.push_back(std::move(descriptor));
  }
  auto decoders = MakeDecoders();
  if (!decoders) return std::unexpected(std::move(decoders.error()));
  for (std::uint32_t topic = 0; topic < topics_->inputs(); ++topic) {
    if ((*decoders)[topic]->wants_headers() || topics_->RepliesOf(topic)) with_headers_.insert(topic);
  }
  if (!topics_->sources().empty()) with_headers_.insert(topics_->Of(process::TopicRole::kRekeyed));
  return {};
}

Result<orchestrator::Decoders> LiveProcess::MakeDecoders() const { return orchestrator::MakeDecoders(config_, descriptors_, *topology_); }

Result<std::uint32_t> LiveProcess::CheckCluster() {
  auto directory = live::OpenCluster(config_, topics_);
  if (!directory) return std::unexpected(std::move(directory.error()));
  directory_ = *std::move(directory);
  const auto report = process::CheckTopics(*topics_, config_, *directory_);
  if (!report) return std::unexpected(report.error());
  if (!report->good() || !report->partitions) return Fail(Recovery::kStopProcess, ErrorsOf(*report));
  const auto warnings = std::ranges::count(report->findings, topology::Severity::kWarning, &process::TopicFinding::severity);
  if (warnings > 0) spdlog::warn("{} warnings about topics; `antiphon topics --process FILE` shows them", warnings);
  if (auto found = FindSources(*report); !found) return std::unexpected(std::move(found.error()));
  return *report->partitions;
}

// How many partitions the inputs with `key: other` have now; whoever adds one stops the process, as with the others.
Result<void> LiveProcess::FindSources(const process::TopicReport& report) {
  sources_.clear();
  for (const std::uint32_t topic : topics_->sources()) {
    const std::optional<runtime::TopicFacts>& facts = report.facts[topic];
    for (std::int32_t partition = 0; facts && partition < facts->partitions; ++partition) {
      sources_.push_back({.topic = topic, .partition = partition});
    }
  }
  if (sources_.empty()) return {};
  auto made = kafka::KafkaLogDirectory::Create({.client = ClientOf(config_),
                                                .group = process::RekeyGroupOf(config_),
                                                .topics = TopicNamesOf(*topics_),
                                                .waits = false,
                                                .within = kRekeyedWithin});
  if (!made) return std::unexpected(std::move(made.error()));
  rekeyed_ = *std::move(made);
  return {};
}

Result<topology_files::PublishedVersions> LiveProcess::ReadVersions() {
  auto source = MakeSource();
  if (!source) return std::unexpected(std::move(source.error()));
  return ReadPublished(*topics_, **source, *directory_, clock_);
}

Result<void> LiveProcess::PublishOwn(topology_files::PublishedVersions& versions, const PublishWish& wish) {
  const auto publication = Decide(own_, versions, wish);
  if (!publication) return std::unexpected(publication.error());
  if (!publication->note.empty()) spdlog::info("{}", publication->note);
  if (!publication->publish) return {};
  if (auto published = Publish(config_, *topics_, *publication->publish); !published) return published;
  auto again = ReadVersions();
  if (!again) return std::unexpected(std::move(again.error()));
  versions = *std::move(again);
  if (versions.Find(own_.record.version) != nullptr) return {};
  return Fail(Recovery::kStopProcess, "the topology that was published just now is not in its topic: is antiphon.topologies compacted?");
}

bool LiveProcess::Widen(std::vector<std::shared_ptr<const topology::Topology>> others) {
  const std::size_t before = topics_->topics().size();
  topics_ = std::make_shared<const process::TopicTable>(process::TopicTable::Make(config_, *topology_, others));
  return topology_ != own_.topology || topics_->topics().size() != before;
}

void LiveProcess::FillParts(std::uint32_t partitions, topology_files::PublishedVersions versions, std::set<std::string> allowed_drops) {
  const std::uint64_t rocks = std::max<std::uint64_t>(config_.memory_bytes / kRocksShare, kRocksBytesMin);
  const std::uint64_t records = config_.memory_bytes > rocks ? config_.memory_bytes - rocks : config_.memory_bytes / 2;
  figures_ = std::make_unique<orchestrator::LiveFigures>(
      orchestrator::LiveFigures::Shape{.topology = topology_.get(),
                                       .inputs = static_cast<std::uint32_t>(topics_->lanes().size()),
                                       .sources = static_cast<std::uint32_t>(topics_->sources().size()),
                                       .partitions = partitions,
                                       .workers = config_.workers});
  library_ = std::make_unique<orchestrator::TopologyLibrary>(
      orchestrator::TopologyLibrary::Options{.config = &config_,
                                             .topics = topics_.get(),
                                             .counted = topology_.get(),
                                             .descriptors = descriptors_,
                                             .semantics_version = runtime::kSemanticsVersion,
                                             .allowed_drops = std::move(allowed_drops)},
      std::move(versions));
  parts_ = {.config = &config_,
            .topics = topics_.get(),
            .topology = topology_.get(),
            .library = library_.get(),
            .sources = std::move(sources_),
            .descriptors = descriptors_,
            .settings = {.partitions = partitions,
                         .semantics_version = runtime::kSemanticsVersion,
                         .topology_version = topology_->version,
                         .wall_clock = config_.clock == process::ClockKind::kWall,
                         .ahead = config_.ahead,
                         .fresh = config_.fresh},
            .rocks = store::RocksResources::Create(rocks),
            .cache_bytes = records / partitions,
            .clock = &clock_,
            .faults = &faults_,
            .figures = figures_.get(),
            .claims = &claims_};
}

Result<std::unique_ptr<runtime::EventSource>> LiveProcess::MakeSource(Headers headers) const {
  kafka::EventSourceOptions options{
      .client = ClientOf(config_), .group = config_.group, .topics = TopicNamesOf(*topics_), .with_headers = with_headers_};
  options.with_headers.insert(topics_->Of(process::TopicRole::kDeadLetters));  // for verify: notes of re-drives
  for (std::uint32_t topic = 0; headers == Headers::kAll && topic < topics_->topics().size(); ++topic) options.with_headers.insert(topic);
  auto made = kafka::KafkaEventSource::Create(std::move(options));
  if (!made) return std::unexpected(std::move(made.error()));
  return *std::move(made);
}

std::unique_ptr<runtime::OutputSinkFactory> LiveProcess::MakeSinks() const {
  kafka::OutputSinkOptions options{
      .client = ClientOf(config_), .group = config_.group, .node = config_.node, .topics = TopicNamesOf(*topics_), .outputs = {}};
  for (std::uint32_t topic = 0; topic < topics_->topics().size(); ++topic) {
    const process::TopicRole role = topics_->topics()[topic].role;
    const bool read = role == process::TopicRole::kInput || role == process::TopicRole::kControl || role == process::TopicRole::kRekeyed;
    if (!read) options.outputs.push_back(topic);
  }
  return std::make_unique<kafka::KafkaOutputSinkFactory>(std::move(options));
}

Result<std::unique_ptr<runtime::Membership>> LiveProcess::MakeMembership(runtime::Membership::Listener& listener) const {
  kafka::TopicNames inputs;
  for (const std::uint32_t topic : topics_->lanes()) inputs.push_back(topics_->topics()[topic].name);
  auto made = kafka::KafkaMembership::Create(
      {.client = ClientOf(config_), .group = config_.group, .node = config_.node, .inputs = std::move(inputs), .partitions = partitions()},
      listener);
  if (!made) return std::unexpected(std::move(made.error()));
  return *std::move(made);
}

Result<void> LiveProcess::CheckInputs() const {
  kafka::EventSourceOptions options{
      .client = ClientOf(config_), .group = config_.group, .topics = TopicNamesOf(*topics_), .with_headers = {}};
  for (std::uint32_t input = 0; input < topics_->inputs(); ++input) options.with_headers.insert(input);
  const auto source = kafka::KafkaEventSource::Create(std::move(options));
  if (!source) return std::unexpected(source.error());
  const auto directory = kafka::KafkaLogDirectory::Create(
      {.client = ClientOf(config_), .group = config_.group, .topics = TopicNamesOf(*topics_), .waits = false});
  if (!directory) return std::unexpected(directory.error());
  const auto decoders = MakeDecoders();
  if (!decoders) return std::unexpected(decoders.error());
  const auto samples = orchestrator::SampleInputs(parts_, *decoders, **source, **directory);
  if (!samples) return std::unexpected(samples.error());
  std::string errors;
  for (const orchestrator::InputSample& sample : *samples) {
    const orchestrator::SampleVerdict keys = JudgeKeys(sample, parts_);
    if (keys.refused) errors += "error: " + keys.message + "\n";
    if (!keys.refused && !keys.message.empty()) spdlog::warn("{}; they become dead letters (wrong_partition)", keys.message);
    if (const std::string clock = JudgeClock(sample, parts_); !clock.empty()) spdlog::warn("{}", clock);
  }
  if (errors.empty()) return {};
  return Fail(Recovery::kStopProcess, errors + "Nothing was started.");
}

Result<std::unique_ptr<runtime::EventSource>> LiveProcess::MakeRekeySource() const {
  auto made = kafka::KafkaEventSource::Create({.client = ClientOf(config_),
                                               .group = process::RekeyGroupOf(config_),
                                               .topics = TopicNamesOf(*topics_),
                                               .with_headers = {topics_->sources().begin(), topics_->sources().end()}});
  if (!made) return std::unexpected(std::move(made.error()));
  return *std::move(made);
}

Result<std::unique_ptr<runtime::LogDirectory>> LiveProcess::MakeRekeyDirectory() const {
  auto made = kafka::KafkaLogDirectory::Create(
      {.client = ClientOf(config_), .group = process::RekeyGroupOf(config_), .topics = TopicNamesOf(*topics_)});
  if (!made) return std::unexpected(std::move(made.error()));
  return *std::move(made);
}

std::unique_ptr<runtime::OutputSinkFactory> LiveProcess::MakeRekeySinks() const {
  return std::make_unique<kafka::KafkaOutputSinkFactory>(
      kafka::OutputSinkOptions{.client = ClientOf(config_),
                               .group = process::RekeyGroupOf(config_),
                               .node = config_.node,
                               .transactional_id = config_.group + "-" + config_.node + "-rekey",
                               .topics = TopicNamesOf(*topics_),
                               .outputs = {topics_->Of(process::TopicRole::kRekeyed), topics_->Of(process::TopicRole::kDeadLetters)}});
}

Result<std::unique_ptr<runtime::Membership>> LiveProcess::MakeRekeyMembership(runtime::Membership::LogsListener& listener) const {
  kafka::MembershipOptions options{
      .client = ClientOf(config_), .group = process::RekeyGroupOf(config_), .node = config_.node, .inputs = {}, .partitions = 0};
  options.numbers = topics_->sources();
  for (const std::uint32_t topic : topics_->sources()) {
    options.inputs.push_back(topics_->topics()[topic].name);
    options.each.push_back(static_cast<std::int32_t>(std::ranges::count(parts_.sources, topic, &runtime::LogId::topic)));
  }
  auto made = kafka::KafkaMembership::Create(std::move(options), listener);
  if (!made) return std::unexpected(std::move(made.error()));
  return *std::move(made);
}

Result<std::unique_ptr<orchestrator::StandbyKeeper>> LiveProcess::MakeStandbyKeeper() {
  if (config_.standby == 0) return nullptr;
  auto source = kafka::KafkaEventSource::Create(
      {.client = ClientOf(config_), .group = config_.group, .topics = TopicNamesOf(*topics_), .with_headers = {}});
  if (!source) return std::unexpected(std::move(source.error()));
  auto directory = kafka::KafkaLogDirectory::Create(
      {.client = ClientOf(config_), .group = config_.group, .topics = TopicNamesOf(*topics_), .within = kStandbyWithin});
  if (!directory) return std::unexpected(std::move(directory.error()));
  auto members = kafka::KafkaGroupMembers::Create({.client = ClientOf(config_), .group = config_.group, .within = kStandbyWithin});
  if (!members) return std::unexpected(std::move(members.error()));
  standby_directory_ = *std::move(directory);
  members_ = *std::move(members);
  return std::make_unique<orchestrator::StandbyKeeper>(
      parts_,
      orchestrator::StandbyKeeper::Options{.source = *std::move(source), .directory = standby_directory_.get(), .members = members_.get()});
}

}  // namespace antiphon::live

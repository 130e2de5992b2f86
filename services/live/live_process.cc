#include "services/live/live_process.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "services/kafka/event_source.h"
#include "services/kafka/membership.h"
#include "services/kafka/output_sink.h"
#include "services/live/cluster.h"
#include "services/live/logging.h"
#include "services/process/process_loader.h"
#include "services/process/surroundings.h"
#include "services/runtime/slot_definitions.h"
#include "services/runtime/version.h"
#include "services/topology_files/topology_folder.h"

namespace antiphon::live {
namespace {

// For tests: "committed:3" kills the process there, as SIGKILL does. See services/orchestrator/fault_points.h.
constexpr const char* kFaultVariable = "ANTIPHON_KILL_AT";

// Of the memory budget: RocksDB's blocks and memtables, the rest is for decoded records.
constexpr std::uint64_t kRocksShare = 4;
constexpr std::size_t kRocksBytesMin = std::size_t{32} << 20U;

std::string ErrorsOf(const process::TopicReport& report) {
  std::string text;
  for (const process::TopicFinding& finding : report.findings) {
    if (finding.severity == topology::Severity::kError) text += ToString(finding) + "\n";
  }
  return text + "Nothing was started. `antiphon topics --process FILE` shows all of it; --create makes the topics that Antiphon keeps.";
}

}  // namespace

LiveProcess::LiveProcess(process::ProcessConfig config, std::shared_ptr<const topology::Topology> topology)
    : config_(std::move(config)),
      topology_(std::move(topology)),
      topics_(std::make_shared<const process::TopicTable>(process::TopicTable::Make(config_, *topology_))),
      engine_(*topology_),
      writer_(*topology_) {}

LiveProcess::~LiveProcess() = default;

Result<std::unique_ptr<LiveProcess>> LiveProcess::Open(const std::string& file) {
  const process::SystemSurroundings surroundings;
  auto config = process::LoadGoodProcess(file, surroundings);
  if (!config) return std::unexpected(std::move(config.error()));
  SetUpLogging(*config);
  auto topology = topology_files::LoadGoodTopology(config->topology.string());
  if (!topology) return std::unexpected(std::move(topology.error()));
  std::unique_ptr<LiveProcess> made(new LiveProcess(*std::move(config), *std::move(topology)));
  if (const auto kill_at = surroundings.Variable(kFaultVariable); kill_at && !made->faults_.Parse(*kill_at)) {
    return Fail(Recovery::kStopProcess, std::string(kFaultVariable) + ": no such point: " + *kill_at);
  }
  if (auto checked = made->ReadFormats(); !checked) return std::unexpected(std::move(checked.error()));
  if (auto opened = made->OpenCluster(); !opened) return std::unexpected(std::move(opened.error()));
  return made;
}

Result<void> LiveProcess::ReadFormats() {
  const process::SystemSurroundings surroundings;
  for (const process::InputTopic& input : config_.inputs) {
    if (input.keyed_by != process::KeyedBy::kCustomer) {
      return Fail(Recovery::kStopProcess, input.topic + ": `key: other` is not run by this version: key the topic by the customer");
    }
    std::string descriptor;
    if (!input.format.descriptor.empty()) descriptor = surroundings.File(input.format.descriptor).value_or("");
    descriptors_.push_back(std::move(descriptor));
  }
  auto decoders = MakeDecoders();
  if (!decoders) return std::unexpected(std::move(decoders.error()));
  for (std::uint32_t topic = 0; topic < topics_->inputs(); ++topic) {
    if ((*decoders)[topic]->wants_headers() || topics_->RepliesOf(topic)) with_headers_.insert(topic);
  }
  return {};
}

Result<orchestrator::Decoders> LiveProcess::MakeDecoders() const { return orchestrator::MakeDecoders(config_, descriptors_, *topology_); }

Result<void> LiveProcess::OpenCluster() {
  auto directory = live::OpenCluster(config_, topics_);
  if (!directory) return std::unexpected(std::move(directory.error()));
  directory_ = *std::move(directory);
  const auto report = process::CheckTopics(*topics_, config_, *directory_);
  if (!report) return std::unexpected(report.error());
  if (!report->good() || !report->partitions) return Fail(Recovery::kStopProcess, ErrorsOf(*report));
  const auto warnings = std::ranges::count(report->findings, topology::Severity::kWarning, &process::TopicFinding::severity);
  if (warnings > 0) spdlog::warn("{} warnings about topics; `antiphon topics --process FILE` shows them", warnings);
  FillParts(*report->partitions);
  return {};
}

void LiveProcess::FillParts(std::uint32_t partitions) {
  const std::uint64_t rocks = std::max<std::uint64_t>(config_.memory_bytes / kRocksShare, kRocksBytesMin);
  const std::uint64_t records = config_.memory_bytes > rocks ? config_.memory_bytes - rocks : config_.memory_bytes / 2;
  figures_ = std::make_unique<orchestrator::LiveFigures>(orchestrator::LiveFigures::Shape{
      .topology = topology_.get(), .inputs = topics_->inputs(), .partitions = partitions, .workers = config_.workers});
  parts_ = {.config = &config_,
            .topics = topics_.get(),
            .topology = topology_.get(),
            .engine = &engine_,
            .writer = &writer_,
            .descriptors = descriptors_,
            .definitions = runtime::SlotDefinitionsOf(*topology_),
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
            .figures = figures_.get()};
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
    if (role != process::TopicRole::kInput && role != process::TopicRole::kControl) options.outputs.push_back(topic);
  }
  return std::make_unique<kafka::KafkaOutputSinkFactory>(std::move(options));
}

Result<std::unique_ptr<runtime::Membership>> LiveProcess::MakeMembership(runtime::Membership::Listener& listener) const {
  kafka::TopicNames inputs;
  for (const process::InputTopic& input : config_.inputs) inputs.push_back(input.topic);
  auto made = kafka::KafkaMembership::Create(
      {.client = ClientOf(config_), .group = config_.group, .node = config_.node, .inputs = std::move(inputs), .partitions = partitions()},
      listener);
  if (!made) return std::unexpected(std::move(made.error()));
  return *std::move(made);
}

}  // namespace antiphon::live

#include "services/live/cluster_view.h"

#include <optional>
#include <utility>

#include "services/kafka/event_source.h"
#include "services/live/cluster.h"
#include "services/live/logging.h"
#include "services/process/process_loader.h"
#include "services/process/surroundings.h"
#include "services/topology_files/topology_folder.h"

namespace antiphon::live {

Result<ClusterView> ClusterView::Open(const std::string& file) {
  const process::SystemSurroundings surroundings;
  auto config = process::LoadGoodProcess(file, surroundings);
  if (!config) return std::unexpected(std::move(config.error()));
  SetUpLogging(*config);
  auto topology = topology_files::LoadGoodTopology(config->topology.string());
  if (!topology) return std::unexpected(std::move(topology.error()));
  auto table = std::make_shared<const process::TopicTable>(process::TopicTable::Make(*config, **topology));
  auto directory = OpenCluster(*config, table);
  if (!directory) return std::unexpected(std::move(directory.error()));
  return ClusterView{
      .config = *std::move(config), .topology = *std::move(topology), .topics = std::move(table), .directory = *std::move(directory)};
}

Result<std::unique_ptr<runtime::EventSource>> ClusterView::MakeSource() const {
  kafka::EventSourceOptions options{.client = ClientOf(config), .group = config.group, .topics = TopicNamesOf(*topics), .with_headers = {}};
  for (std::uint32_t topic = 0; topic < topics->topics().size(); ++topic) options.with_headers.insert(topic);
  auto made = kafka::KafkaEventSource::Create(std::move(options));
  if (!made) return std::unexpected(std::move(made.error()));
  return *std::move(made);
}

Result<std::int32_t> ClusterView::PartitionsOf(const std::string& topic) const {
  const auto facts = directory->Describe(topic);
  if (!facts) return std::unexpected(facts.error());
  const std::optional<runtime::TopicFacts>& topic_facts = *facts;
  if (topic_facts) return topic_facts->partitions;
  return Fail(Recovery::kStopProcess, "topic " + topic + " is not there; `antiphon topics --process FILE` shows all of them");
}

}  // namespace antiphon::live

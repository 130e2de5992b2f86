#include "services/archive/archived_process.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "services/archive/archive.h"
#include "services/process/config_text.h"
#include "services/process/process_loader.h"
#include "services/process/surroundings.h"

namespace antiphon::archive {
namespace {

using Json = nlohmann::ordered_json;
using process::Envelope;
using process::RecordFormat;

void AddDebezium(const RecordFormat& format, Json& json) {
  using formats::ColumnDecimals;
  using formats::ColumnTimes;
  if (!format.operations.empty()) json["operations"] = format.operations;
  json["snapshots"] = format.snapshot_is_backfill ? "backfill" : "events";
  json["decimals"] = format.decimals == ColumnDecimals::kText ? "text" : "bytes";
  static constexpr const char* kTimes[] = {"milliseconds", "microseconds", "nanoseconds"};
  json["times"] = kTimes[static_cast<std::size_t>(format.times)];
}

Json FormatAsJson(const RecordFormat& format, std::size_t input) {
  Json json{{"payload", process::ToString(format.payload)}, {"envelope", process::ToString(format.envelope)}};
  if (format.registry_framed) {
    Json& frame = json["registry"] = Json::object();
    if (!format.schema_ids.empty()) frame["ids"] = format.schema_ids;
    if (!format.schema_guids.empty()) frame["guids"] = format.schema_guids;
  }
  if (!format.descriptor.empty()) json["descriptor"] = DescriptorFile(input).string();
  if (!format.message.empty()) json["message"] = format.message;
  if (!format.event.empty()) json["event"] = format.event;
  if (!format.customer.empty()) json["customer"] = format.customer;
  static constexpr const char* kTimes[] = {"envelope", "payload", "record"};
  json["time"] = kTimes[static_cast<std::size_t>(format.time)];
  if (format.envelope == Envelope::kDebezium) AddDebezium(format, json);
  return json;
}

// A JSON pointer: a key may hold anything.
std::string PointerOf(const std::vector<std::string>& path) {
  std::string pointer;
  for (const std::string& key : path) {
    pointer += '/';
    for (const char one : key) pointer += one == '~' ? "~0" : one == '/' ? "~1" : std::string(1, one);
  }
  return pointer;
}

Json InputAsJson(const process::InputTopic& input, std::size_t number) {
  Json json{{"topic", input.topic},
            {"format", FormatAsJson(input.format, number)},
            {"key", process::ToString(input.keyed_by)},
            {"start", process::ToString(input.start)}};
  if (!input.format.customers.empty()) json["customers"] = PointerOf(input.format.customers);
  if (!input.replies.empty()) {
    json["replies"] = input.replies;
    json["correlation_header"] = input.correlation_header;
  }
  return json;
}

}  // namespace

std::filesystem::path DescriptorFile(std::size_t input) { return std::filesystem::path("descriptors") / (std::to_string(input) + ".desc"); }

std::string ArchivedProcessText(const process::ProcessConfig& config, const Hash128& topology) {
  Json inputs = Json::array();
  for (std::size_t i = 0; i < config.inputs.size(); ++i) inputs.push_back(InputAsJson(config.inputs[i], i));
  Json clock{{"kind", process::ToString(config.clock)}};
  if (config.clock == process::ClockKind::kWall) {
    clock["ahead"] = FormatDuration(config.ahead);
    clock["fresh"] = FormatDuration(config.fresh);
  }
  std::string text = "# What a replay needs of the run's process file. Brokers, secrets and folders of the machine are not archived.\n";
  const auto add = [&text](const char* key, const Json& value) { text.append(key).append(": ").append(value.dump()).append("\n"); };
  add("antiphon_process", 1);
  add("topology", "../" + std::string(kTopologiesFolder) + "/" + ToHex(topology));
  add("group", config.group);
  add("node", "archive");
  add("kafka", {{"bootstrap.servers", "none:9092"}});
  add("inputs", inputs);
  add("topics", {{"prefix", config.topic_prefix}});
  add("state", {{"folder", "none"}});
  add("clock", clock);
  return text;
}

Result<ArchivedProcess> LoadArchivedProcess(const std::filesystem::path& span_folder) {
  const process::SystemSurroundings surroundings;
  auto config = process::LoadGoodProcess(span_folder / kProcessFile, surroundings);
  if (!config) return std::unexpected(std::move(config.error()));
  ArchivedProcess loaded{.config = *std::move(config), .descriptors = {}};
  for (const process::InputTopic& input : loaded.config.inputs) {
    auto& descriptor = loaded.descriptors.emplace_back();
    if (!input.format.descriptor.empty()) descriptor = surroundings.File(input.format.descriptor).value_or("");
  }
  return loaded;
}

}  // namespace antiphon::archive

#include "services/process/config_text.h"

#include <nlohmann/json.hpp>

#include "services/process/byte_size.h"

namespace antiphon::process {
namespace {

using Json = nlohmann::ordered_json;

Json FormatAsJson(const RecordFormat& format) {
  Json json{{"payload", ToString(format.payload)}, {"envelope", ToString(format.envelope)}};
  if (format.registry_framed) json["registry"] = {{"ids", format.schema_ids}};
  if (!format.descriptor.empty()) json["descriptor"] = format.descriptor;
  if (!format.message.empty()) json["message"] = format.message;
  return json;
}

Json InputAsJson(const InputTopic& input) {
  Json json{
      {"topic", input.topic}, {"format", FormatAsJson(input.format)}, {"key", ToString(input.keyed_by)}, {"start", ToString(input.start)}};
  if (!input.format.customers.empty()) json["customers"] = input.format.customers;
  if (input.wait > Milliseconds{0}) json["wait"] = FormatDuration(input.wait);
  if (!input.replies.empty()) {
    json["replies"] = input.replies;
    json["correlation_header"] = input.correlation_header;
  }
  return json;
}

}  // namespace

const char* ToString(Payload payload) { return payload == Payload::kJson ? "json" : "protobuf"; }
const char* ToString(Envelope envelope) {
  static constexpr const char* kWords[] = {"none", "cloudevents_binary", "cloudevents_structured", "debezium"};
  return kWords[static_cast<std::size_t>(envelope)];
}
const char* ToString(KeyedBy keyed_by) { return keyed_by == KeyedBy::kCustomer ? "customer" : "other"; }
const char* ToString(StartAt start) { return start == StartAt::kEarliest ? "earliest" : "latest"; }
const char* ToString(ClockKind clock) { return clock == ClockKind::kWall ? "wall" : "event"; }

std::string ToJson(const ProcessConfig& config) {
  Json kafka = Json::object();
  for (const auto& [name, setting] : config.kafka) kafka[name] = setting.secret ? "(secret)" : setting.value;
  Json inputs = Json::array();
  for (const InputTopic& input : config.inputs) inputs.push_back(InputAsJson(input));
  Json clock{{"kind", ToString(config.clock)}};
  if (config.clock == ClockKind::kWall) {
    clock["ahead"] = FormatDuration(config.ahead);
    clock["fresh"] = FormatDuration(config.fresh);
  }
  const Json json{{"file", config.file.string()},
                  {"topology", config.topology.string()},
                  {"group", config.group},
                  {"node", config.node},
                  {"kafka", std::move(kafka)},
                  {"inputs", std::move(inputs)},
                  {"topics", {{"prefix", config.topic_prefix}}},
                  {"state", {{"folder", config.state_folder.string()}, {"memory", FormatByteSize(config.memory_bytes)}}},
                  {"workers", config.workers},
                  {"standby", config.standby},
                  {"clock", std::move(clock)},
                  {"commit", {{"every", FormatDuration(config.commit_every)}, {"inputs", config.commit_inputs}}},
                  {"stop_within", FormatDuration(config.stop_within)},
                  {"http", {{"listen", config.http_listen}}},
                  {"log", {{"format", config.log_json ? "json" : "plain"}, {"level", config.log_level}}}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace antiphon::process

#include "services/orchestrator/owner_record.h"

#include "services/formats/json_writer.h"

namespace antiphon::orchestrator {

std::string OwnerRecord(const process::ProcessConfig& config, std::int32_t partition, std::int32_t generation, std::uint64_t sequence) {
  std::string text;
  formats::JsonWriter writer(text);
  writer.BeginObject();
  writer.IntAt("partition", partition);
  writer.TextAt("group", config.group);
  writer.TextAt("node", config.node);
  writer.IntAt("generation", generation);
  writer.UintAt("sequence", sequence);
  writer.TextIfAny("http", config.http_listen);
  writer.EndObject();
  return text;
}

}  // namespace antiphon::orchestrator

#include "services/orchestrator/decoders.h"

#include <utility>

namespace antiphon::orchestrator {

Result<Decoders> MakeDecoders(const process::ProcessConfig& config, const std::vector<std::string>& descriptors,
                              const topology::Topology& topology) {
  Decoders decoders;
  for (std::size_t i = 0; i < config.inputs.size(); ++i) {
    const process::InputTopic& input = config.inputs[i];
    auto made = formats::MakeRecordDecoder(input.format, topology, i < descriptors.size() ? descriptors[i] : std::string());
    if (!made) return Fail(made.error().recovery, input.topic + ": " + made.error().message);
    decoders.push_back(*std::move(made));
  }
  auto control = formats::MakeRecordDecoder(formats::RecordFormat{}, topology, "");
  if (!control) return std::unexpected(std::move(control.error()));
  decoders.push_back(*std::move(control));
  return decoders;
}

}  // namespace antiphon::orchestrator

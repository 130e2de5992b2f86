#include "services/antiphon/cluster.h"

namespace antiphon::command {

Result<std::unique_ptr<runtime::LogDirectory>> OpenCluster(const process::ProcessConfig& /*config*/,
                                                           std::shared_ptr<const process::TopicTable> /*table*/) {
  return Fail(Recovery::kStopProcess, "this build of antiphon has no adapter for Kafka");
}

}  // namespace antiphon::command

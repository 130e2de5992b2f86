#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/kafka/client.h"
#include "services/kafka/handle.h"
#include "services/kafka/owned.h"
#include "state/base/result.h"

namespace antiphon::kafka {

// The options and a client's own settings as librdkafka takes them. Errors as of CheckSettings.
[[nodiscard]] Result<Owned<rd_kafka_conf_s>> MakeConf(const ClientOptions& options, const HandleSettings& settings);

// The values that must never be printed.
[[nodiscard]] std::vector<std::string> SecretsOf(const ClientOptions& options);
// The text with each secret replaced by "***".
[[nodiscard]] std::string WithoutSecrets(std::string_view text, const std::vector<std::string>& secrets);

}  // namespace antiphon::kafka

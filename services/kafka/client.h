#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "state/base/result.h"

namespace antiphon::kafka {

enum class LogLevel : std::uint8_t { kError, kWarning, kInfo, kDebug };

// Where the words of the client library go. Called from any thread, the library's own among them; must not call back into this room.
using Log = std::function<void(LogLevel, std::string_view)>;

// ClientOptions: how the cluster is reached; every client of a process is made with the same.
struct ClientOptions {
  // As librdkafka has them (its CONFIGURATION.md): bootstrap.servers, security.protocol, sasl.*, ssl.*, .. What decides whether each event
  // is decided exactly once is set by this room and refused here; everything else that this room sets is a default and may be given.
  std::map<std::string, std::string, std::less<>> settings;
  std::string client_id;  // how brokers name it in their logs and quotas
  Log log;                // may be empty
};

// Whether every setting is known, may be given and can be read. kStopProcess: the message names the setting and never a value. Nothing is
// contacted and no file opened: what only then shows (a missing certificate) is said by whoever is made first.
[[nodiscard]] Result<void> CheckSettings(const ClientOptions& options);

}  // namespace antiphon::kafka

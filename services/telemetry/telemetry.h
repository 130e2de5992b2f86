#pragma once

#include <cstdint>
#include <memory>

#include "services/orchestrator/process_parts.h"
#include "services/telemetry/http_server.h"
#include "state/base/result.h"

namespace antiphon::telemetry {

// Telemetry: what is seen of a process from outside, over HTTP: /metrics for Prometheus, /healthz and /readyz for whoever starts and
// replaces processes. Owned by the command; lives as long as it is asked, ends before the process's parts.
// Source: docs/operations.md.
class Telemetry {
 public:
  // Listens where `http: {listen}` says. REQUIRES: it is not empty, and parts.figures. `parts` outlives it.
  [[nodiscard]] static Result<std::unique_ptr<Telemetry>> Start(const orchestrator::ProcessParts& parts);

  [[nodiscard]] std::uint16_t port() const { return server_->port(); }

 private:
  explicit Telemetry(std::unique_ptr<HttpServer> server) : server_(std::move(server)) {}

  std::unique_ptr<HttpServer> server_;
};

}  // namespace antiphon::telemetry

#include "services/telemetry/telemetry.h"

#include <string>
#include <utility>
#include <vector>

#include "services/telemetry/health.h"
#include "services/telemetry/metrics.h"

namespace antiphon::telemetry {
namespace {

constexpr int kOk = 200;
constexpr int kUnavailable = 503;

HttpAnswer AnswerOf(HealthAnswer health) {
  return {.status = health.good ? kOk : kUnavailable, .content_type = "application/json", .body = std::move(health.json)};
}

}  // namespace

Result<std::unique_ptr<Telemetry>> Telemetry::Start(const orchestrator::ProcessParts& parts) {
  std::vector<HttpPage> pages;
  pages.push_back({.path = "/metrics", .answer = [&parts] {
                     return HttpAnswer{
                         .status = kOk, .content_type = "text/plain; version=0.0.4; charset=utf-8", .body = MetricsText(parts)};
                   }});
  pages.push_back({.path = "/healthz", .answer = [&parts] { return AnswerOf(AnswerAlive(*parts.figures, parts.clock->Monotonic())); }});
  pages.push_back({.path = "/readyz", .answer = [&parts] { return AnswerOf(AnswerReady(*parts.figures)); }});
  auto server = HttpServer::Start(parts.config->http_listen, std::move(pages));
  if (!server) return std::unexpected(std::move(server.error()));
  return std::unique_ptr<Telemetry>(new Telemetry(*std::move(server)));
}

}  // namespace antiphon::telemetry

#include "services/live/run_command.h"

#include <signal.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

#include "services/live/live_process.h"
#include "services/orchestrator/orchestrator.h"
#include "services/telemetry/telemetry.h"

namespace antiphon::live {
namespace {

constexpr int kExitFault = 1;
constexpr int kExitBad = 2;
constexpr int kExitInterrupted = 130;

orchestrator::StopRequest stop_request = 0;  // of the signal handler, which has no other place

void OnSignal(int /*signal*/) {
  if (stop_request.fetch_add(1) > 0) ::_exit(kExitInterrupted);
}

void HandleSignals() {
  struct sigaction action{};
  action.sa_handler = OnSignal;
  ::sigemptyset(&action.sa_mask);
  for (const int signal : {SIGTERM, SIGINT}) ::sigaction(signal, &action, nullptr);
}

Result<std::vector<orchestrator::Worker::Options>> MakeWorkers(LiveProcess& process, runtime::OutputSinkFactory& sinks) {
  std::vector<orchestrator::Worker::Options> workers;
  for (std::uint32_t number = 0; number < process.parts().config->workers; ++number) {
    auto source = process.MakeSource();
    if (!source) return std::unexpected(std::move(source.error()));
    workers.push_back({.number = number,
                       .source = *std::move(source),
                       .sinks = &sinks,
                       .directory = &process.directory(),
                       .rekeyed = process.parts().sources.empty() ? nullptr : &process.rekeyed()});
  }
  return workers;
}

// What the re-keyer works with; outlives it.
struct RekeyPorts {
  std::unique_ptr<runtime::OutputSinkFactory> sinks;
  std::unique_ptr<runtime::LogDirectory> directory;
};

// Nothing where no input has `key: other`.
Result<std::unique_ptr<orchestrator::Rekeyer>> MakeRekeyer(LiveProcess& process, RekeyPorts& ports) {
  if (process.parts().sources.empty()) return nullptr;
  auto source = process.MakeRekeySource();
  if (!source) return std::unexpected(std::move(source.error()));
  auto decoders = process.MakeDecoders();
  if (!decoders) return std::unexpected(std::move(decoders.error()));
  auto directory = process.MakeRekeyDirectory();
  if (!directory) return std::unexpected(std::move(directory.error()));
  ports = {.sinks = process.MakeRekeySinks(), .directory = *std::move(directory)};
  return std::make_unique<orchestrator::Rekeyer>(
      process.parts(),
      orchestrator::Rekeyer::Options{.source = *std::move(source),
                                     .decoders = *std::move(decoders),
                                     .sinks = ports.sinks.get(),
                                     .directory = ports.directory.get(),
                                     .make_membership = [&process](auto& listener) { return process.MakeRekeyMembership(listener); }});
}

// Nothing if the process file has no `http`.
Result<std::unique_ptr<telemetry::Telemetry>> StartTelemetry(const orchestrator::ProcessParts& parts) {
  if (parts.config->http_listen.empty()) return nullptr;
  auto started = telemetry::Telemetry::Start(parts);
  if (started) spdlog::info("metrics and health on {}, port {}", parts.config->http_listen, (*started)->port());
  return started;
}

}  // namespace

int RunRunCommand(const RunCommand& command, std::FILE* messages) {
  HandleSignals();
  const auto drops = ParseDrops(command.allow_drop);
  if (!drops) {
    std::fprintf(messages, "antiphon run: %s\n", drops.error().message.c_str());
    return kExitBad;
  }
  auto process = LiveProcess::OpenToRun(command.process, {.activate = command.activate, .allowed_drops = *drops});
  if (!process) {
    std::fprintf(messages, "%s\n", process.error().message.c_str());
    return kExitBad;
  }
  if (const auto checked = (*process)->CheckInputs(); !checked) {
    std::fprintf(messages, "%s\n", checked.error().message.c_str());
    return kExitBad;
  }
  const std::unique_ptr<runtime::OutputSinkFactory> sinks = (*process)->MakeSinks();
  auto workers = MakeWorkers(**process, *sinks);
  if (!workers) {
    std::fprintf(messages, "%s\n", workers.error().message.c_str());
    return kExitBad;
  }
  RekeyPorts rekey_ports;
  auto rekeyer = MakeRekeyer(**process, rekey_ports);
  if (!rekeyer) {
    std::fprintf(messages, "%s\n", rekeyer.error().message.c_str());
    return kExitBad;
  }
  auto keeper = (*process)->MakeStandbyKeeper();
  if (!keeper) {
    std::fprintf(messages, "%s\n", keeper.error().message.c_str());
    return kExitBad;
  }
  const orchestrator::ProcessParts& parts = (*process)->parts();
  const auto telemetry = StartTelemetry(parts);
  if (!telemetry) {
    std::fprintf(messages, "%s\n", telemetry.error().message.c_str());
    return kExitBad;
  }
  spdlog::info("antiphon runs: group {}, node {}, {} partitions, {} workers, topology {}", parts.config->group, parts.config->node,
               parts.settings.partitions, workers->size(), ToHex(parts.settings.topology_version));
  auto orchestrator = std::make_unique<orchestrator::Orchestrator>(parts, *std::move(workers), *std::move(rekeyer), *std::move(keeper));
  const auto done =
      orchestrator->Run([&](runtime::Membership::Listener& listener) { return (*process)->MakeMembership(listener); }, stop_request);
  if (done) {
    spdlog::info("left in order");
    return 0;
  }
  spdlog::critical("{}", done.error().message);
  spdlog::shutdown();
  // Threads may hang in the client library, or hold a store: nobody waits for them, the changelog has all that is committed.
  ::_exit(kExitFault);
}

}  // namespace antiphon::live

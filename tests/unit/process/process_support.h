#pragma once

#include <algorithm>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/topology/topology.h"
#include "services/process/process_loader.h"

namespace antiphon::process {

// Variables and files as maps.
class FakeSurroundings : public Surroundings {
 public:
  [[nodiscard]] std::optional<std::string> Variable(const std::string& name) const override { return Find(variables, name); }
  [[nodiscard]] std::optional<std::string> File(const std::filesystem::path& path) const override { return Find(files, path.string()); }

  std::map<std::string, std::string> variables;
  std::map<std::string, std::string> files;

 private:
  static std::optional<std::string> Find(const std::map<std::string, std::string>& map, const std::string& key) {
    const auto found = map.find(key);
    return found == map.end() ? std::nullopt : std::optional(found->second);
  }
};

inline constexpr const char* kFile = "/bank/process.yaml";
inline constexpr const char* kPassword = "hunter2-9f3a";     // of a variable
inline constexpr const char* kKeySecret = "open-sesame-71";  // of a file

inline constexpr const char* kGood = R"(antiphon_process: 1
topology: topology
group: marketing
node: {env: NODE_NAME}
kafka:
  bootstrap.servers: kafka-1:9093
  security.protocol: sasl_ssl
  ssl.ca.location: certificates/ca.pem
  ssl.key.password: {file: key-password}
  sasl.mechanism: PLAIN
  sasl.username: antiphon
  sasl.password: {env: KAFKA_PASSWORD}
inputs:
  - {topic: core.transactions, format: json}
  - topic: crm.requests
    format: {payload: protobuf, envelope: cloudevents_binary, registry: {ids: [9, 7, 9]}, descriptor: crm.desc, message: crm.Request}
    key: other
    start: latest
    replies: crm.answers
    correlation_header: request
topics: {prefix: bank.}
state: {folder: state, memory: 1.5GiB}
workers: 3
clock: {kind: wall, ahead: 2h, fresh: 5s}
commit: {every: 25ms, inputs: 500}
stop_within: 15s
http: {listen: "[::1]:9404"}
log: {format: json, level: warn}
standby: 1
)";

// With what kGood names.
class GoodSurroundings final : public FakeSurroundings {
 public:
  GoodSurroundings() {
    variables = {{"NODE_NAME", "antiphon-0"}, {"KAFKA_PASSWORD", kPassword}};
    files = {{"/bank/topology/topology.yaml", "antiphon: 1"},
             {"/bank/crm.desc", "bytes"},
             {"/bank/key-password", std::string(kKeySecret) + "\n"},
             {kFile, kGood}};
  }
};

// kGood with the first occurrence of a text replaced.
inline std::string With(std::string_view from, std::string_view to) {
  std::string text = kGood;
  const std::size_t at = text.find(from);
  if (at == std::string::npos) return "the test replaces what is not there: " + std::string(from);
  return text.replace(at, from.size(), to);
}

inline ProcessOutcome Load(std::string_view text) { return LoadProcess(text, kFile, GoodSurroundings()); }

// "12:7 code", by place.
inline std::vector<std::string> Brief(const std::vector<topology::Diagnostic>& diagnostics) {
  std::vector<std::string> brief;
  for (const topology::Diagnostic& one : diagnostics) {
    brief.push_back(std::to_string(one.line) + ":" + std::to_string(one.column) + " " + one.code);
  }
  return brief;
}

// Everything that is ever printed of a diagnostic.
inline std::string Printed(const std::vector<topology::Diagnostic>& diagnostics) {
  std::string all;
  for (const topology::Diagnostic& one : diagnostics) all += topology::ToString(one) + "\n" + one.text + "\n";
  return all;
}

// A topology of the channels: call (outbound), web (inbound only), sms (outbound), with requests.
inline topology::Topology ThreeChannels() {
  topology::Topology topology;
  for (const auto& [id, outbound] : std::vector<std::pair<std::string, bool>>{{"call", true}, {"sms", true}, {"web", false}}) {
    topology.channels.emplace_back();
    topology.channels.back().id = id;
    topology.channels.back().outbound = outbound;
  }
  topology.request_type = topology::EventTypeIndex{0};
  return topology;
}

}  // namespace antiphon::process

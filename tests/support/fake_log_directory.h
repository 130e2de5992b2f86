#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "services/runtime/log_directory.h"

namespace antiphon {

// A cluster as a map of topics; positions and offsets are what the test puts there, else nothing and 0.
class FakeLogDirectory : public runtime::LogDirectory {
 public:
  [[nodiscard]] Result<std::vector<std::optional<std::int64_t>>> Committed(std::span<const runtime::LogId> logs) override {
    return Each<std::optional<std::int64_t>>(logs, committed);
  }
  [[nodiscard]] Result<std::vector<std::int64_t>> Starts(std::span<const runtime::LogId> logs) override {
    return Each<std::int64_t>(logs, starts);
  }
  [[nodiscard]] Result<std::vector<std::int64_t>> HighWatermarks(std::span<const runtime::LogId> logs) override {
    return Each<std::int64_t>(logs, high_watermarks);
  }
  [[nodiscard]] Result<std::optional<runtime::TopicFacts>> Describe(const std::string& topic) override {
    if (!reachable) return Fail(Recovery::kRetry, "no broker answered within 10s");
    const auto found = topics.find(topic);
    return found == topics.end() ? std::nullopt : std::optional(found->second);
  }
  [[nodiscard]] Result<void> Create(const std::string& topic, const runtime::TopicFacts& facts) override {
    if (!reachable) return Fail(Recovery::kRetry, "no broker answered within 10s");
    if (refused == topic) return Fail(Recovery::kStopProcess, "Topic authorization failed");
    if (!topics.emplace(topic, facts).second) return Fail(Recovery::kStopProcess, "Topic '" + topic + "' already exists");
    created.push_back(topic);
    return {};
  }

  std::map<std::string, runtime::TopicFacts> topics;
  std::map<runtime::LogId, std::int64_t> committed, starts, high_watermarks;
  std::vector<std::string> created;  // by Create, in order
  std::string refused;               // that Create refuses
  bool reachable = true;

 private:
  template <typename T>
  [[nodiscard]] Result<std::vector<T>> Each(std::span<const runtime::LogId> logs, const std::map<runtime::LogId, std::int64_t>& of) const {
    if (!reachable) return Fail(Recovery::kRetry, "no broker answered within 10s");
    std::vector<T> values;
    for (const runtime::LogId& log : logs) {
      const auto found = of.find(log);
      values.push_back(found == of.end() ? T{} : T{found->second});
    }
    return values;
  }
};

}  // namespace antiphon

#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/topology/topology_loader.h"

namespace antiphon::topology {

// The files of a topology as a map.
class FilesInMemory : public SourceFiles {
 public:
  FilesInMemory() = default;
  explicit FilesInMemory(std::string topology) { files["topology.yaml"] = std::move(topology); }

  [[nodiscard]] std::optional<std::string> Read(std::string_view path) const override {
    const auto found = files.find(std::string(path));
    return found == files.end() ? std::nullopt : std::optional(found->second);
  }
  [[nodiscard]] std::vector<std::string> List() const override {
    std::vector<std::string> paths;
    for (const auto& [path, text] : files) paths.push_back(path);
    return paths;
  }

  std::map<std::string, std::string> files;
};

// No wire messages but those given.
class SomeMessages : public MessageCatalog {
 public:
  [[nodiscard]] const Message* Find(std::string_view name) const override {
    const auto found = messages.find(std::string(name));
    return found == messages.end() ? nullptr : &found->second;
  }
  [[nodiscard]] std::vector<std::string> Names() const override {
    std::vector<std::string> names;
    for (const auto& [name, message] : messages) names.push_back(name);
    return names;
  }

  std::map<std::string, Message> messages;
};

inline std::string Lines(const std::vector<Diagnostic>& diagnostics) {
  std::string lines;
  for (const Diagnostic& diagnostic : diagnostics) lines += ToString(diagnostic) + "\n";
  return lines;
}

}  // namespace antiphon::topology

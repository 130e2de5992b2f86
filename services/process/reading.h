#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "engine/topology/map_reader.h"
#include "services/process/process_loader.h"

// What the readers of a process file's parts share. Internal to this room.
namespace antiphon::process {

enum class Secrecy : std::uint8_t { kPublic, kSecret };

// A value as it was given.
struct Given {
  std::string text;
  bool literal = true;  // else of a variable or file
  bool known = true;    // else it is not there, and need not be (ReadAt::kElsewhere)
};

// Reading: one load of a process file: where it stands, what it may read, and the complaints (of the topology's loader, whose readers of
// maps and scalars serve here too).
class Reading {
 public:
  Reading(topology::Loading& loading, const Surroundings& surroundings, std::filesystem::path folder, ReadAt where)
      : loading_(loading), surroundings_(surroundings), folder_(std::move(folder)), where_(where) {}

  [[nodiscard]] topology::Loading& loading() { return loading_; }

  // A text: literal, {env: NAME} or {file: PATH}. Reports what is wrong, without what was written where it may be a secret.
  [[nodiscard]] std::optional<Given> ReadGiven(const topology::YamlNode& node, std::string_view what, Secrecy secrecy);
  // The value of a key that need not be a secret; `fallback` if it is absent, wrong or not known here.
  [[nodiscard]] std::string Text(topology::MapReader& map, std::string_view key, std::string fallback = {});

  // Relative to the process file's folder, without "." and "..".
  [[nodiscard]] std::filesystem::path Absolute(const std::filesystem::path& path) const;
  [[nodiscard]] bool Exists(const std::filesystem::path& path) const { return surroundings_.File(path).has_value(); }

  // Like Loading's, but without the text that stands there.
  void Silent(topology::Severity severity, const topology::YamlNode& node, std::string code, std::string message, std::string remedy = {});

 private:
  [[nodiscard]] std::optional<Given> ReadVariable(const topology::YamlNode& node, std::string_view what, Secrecy secrecy);
  [[nodiscard]] std::optional<Given> ReadFile(const topology::YamlNode& node, std::string_view what, Secrecy secrecy);
  [[nodiscard]] std::optional<Given> Missing(const topology::YamlNode& node, std::string code, std::string message, std::string remedy);

  topology::Loading& loading_;
  const Surroundings& surroundings_;
  std::filesystem::path folder_;
  ReadAt where_;
};

// `kafka`: the settings of librdkafka. `node` is nullptr where the file has none.
void ReadKafka(Reading& reading, const topology::YamlNode* node, ProcessConfig& config);

// `inputs`. REQUIRES: config.topic_prefix is set.
void ReadInputs(Reading& reading, const topology::YamlNode* node, ProcessConfig& config);

}  // namespace antiphon::process

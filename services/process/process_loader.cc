#include "services/process/process_loader.h"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include "services/process/byte_size.h"
#include "services/process/reading.h"
#include "services/process/topic_names.h"

namespace antiphon::process {
namespace {

using topology::MapReader;
using topology::Severity;
using topology::YamlNode;

// A process file names no other source files and no event messages; the loading that is shared with topologies asks for both.
class NoFiles final : public topology::SourceFiles {
 public:
  [[nodiscard]] std::optional<std::string> Read(std::string_view /*path*/) const override { return std::nullopt; }
  [[nodiscard]] std::vector<std::string> List() const override { return {}; }
};
class NoMessages final : public topology::MessageCatalog {
 public:
  [[nodiscard]] const Message* Find(std::string_view /*name*/) const override { return nullptr; }
  [[nodiscard]] std::vector<std::string> Names() const override { return {}; }
};

constexpr topology::YamlLimits kLimits = {
    .bytes_max = std::size_t{1} << 18U, .depth_max = 16, .nodes_max = 20'000, .text_bytes_max = std::size_t{1} << 20U};

// A stable name of a group or a process: goes into client ids, transactional ids and Kafka's group.instance.id.
bool IsStableName(std::string_view name) {
  constexpr std::size_t kNameMax = 100;
  return IsTopicName(name) && name.size() <= kNameMax;
}

// "host:port", "[::1]:port"; port 0 is any free one.
bool IsListenAddress(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || colon > 255) return false;
  const std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  const bool bracketed = host.starts_with('[') && host.ends_with(']') && host.size() > 2;
  if (!bracketed && host.find_first_of(":[]/ ") != std::string_view::npos) return false;
  std::uint16_t number = 0;
  const auto [rest, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  return !port.empty() && error == std::errc{} && rest == port.data() + port.size();
}

class Loader {
 public:
  Loader(Reading& reading, ProcessConfig& config) : reading_(reading), loading_(reading.loading()), config_(config) {}

  void Read(const YamlNode& root) {
    MapReader map(loading_, root, "a process file");
    if (const YamlNode* version = map.Require("antiphon_process")) {
      if (!version->is_scalar() || version->text != "1") {
        loading_.Error(*version, "unknown_version", "this version of the process file is not known", "write `antiphon_process: 1`");
      }
    }
    if (const YamlNode* topology = map.Require("topology")) ReadTopology(*topology, map);
    if (map.Require("group") != nullptr)
      config_.group = StableName(map, "group", "a group of processes that share one topology and its topics");
    if (map.Require("node") != nullptr)
      config_.node = StableName(map, "node", "a name that this process keeps when it is started again: {env: HOSTNAME} of a stateful set");
    ReadKafka(reading_, map.Require("kafka"), config_);
    if (const YamlNode* topics = map.Find("topics")) ReadTopics(*topics);
    ReadInputs(reading_, map.Require("inputs"), config_);
    if (const YamlNode* state = map.Require("state")) ReadState(*state);
    constexpr std::int64_t kWorkersMax = 256;
    config_.workers = static_cast<std::uint32_t>(map.Int("workers", 1, kWorkersMax).value_or(1));
    config_.standby = static_cast<std::uint32_t>(map.Int("standby", 0, 1).value_or(0));
    if (const YamlNode* clock = map.Find("clock")) ReadClock(*clock);
    if (const YamlNode* commit = map.Find("commit")) ReadCommit(*commit);
    Bounded(map, "stop_within", {std::chrono::seconds{1}, std::chrono::minutes{10}}, config_.stop_within);
    if (const YamlNode* http = map.Find("http")) ReadHttp(*http);
    if (const YamlNode* log = map.Find("log")) ReadLog(*log);
    map.Finish();
  }

 private:
  struct Bounds {
    Milliseconds min;
    Milliseconds max;
  };

  void Bounded(MapReader& map, std::string_view key, Bounds bounds, Milliseconds& value) {
    const YamlNode* const node = map.Find(key);
    const auto written = map.Duration(key);
    if (!written) return;
    if (*written < bounds.min || *written > bounds.max) {
      loading_.Error(*node, "out_of_range",
                     "`" + std::string(key) + "` must be between " + FormatDuration(bounds.min) + " and " + FormatDuration(bounds.max));
      return;
    }
    value = *written;
  }

  std::filesystem::path Path(const YamlNode& node, MapReader& map, std::string_view key, std::string_view what) {
    const std::string text = reading_.Text(map, key);
    if (!text.empty()) return reading_.Absolute(text);
    if (node.is_scalar()) loading_.Error(node, "missing_value", "`" + std::string(key) + "` is empty", "write " + std::string(what));
    return {};
  }

  void ReadTopology(const YamlNode& node, MapReader& map) {
    config_.topology = Path(node, map, "topology", "the folder that holds topology.yaml");
    if (config_.topology.empty() || reading_.Exists(config_.topology / "topology.yaml")) return;
    reading_.Silent(Severity::kError, node, "no_topology", "the folder " + config_.topology.string() + " has no topology.yaml",
                    "relative paths are relative to the process file");
  }

  std::string StableName(MapReader& map, std::string_view key, std::string_view what) {
    const YamlNode& node = *map.Find(key);
    const std::size_t errors = loading_.diagnostics.errors();
    std::string name = reading_.Text(map, key, "unknown");
    if (loading_.diagnostics.errors() == errors && !IsStableName(name)) {
      reading_.Silent(Severity::kError, node, "bad_name",
                      "`" + std::string(key) + "` must be a name of letters, digits, '.', '_' and '-', at most 100",
                      "it is " + std::string(what));
    }
    return name;
  }

  void ReadTopics(const YamlNode& node) {
    MapReader map(loading_, node, "`topics`");
    if (const YamlNode* prefix = map.Find("prefix")) {
      std::string text = reading_.Text(map, "prefix", config_.topic_prefix);
      const bool divided = text.ends_with('.') || text.ends_with('-') || text.ends_with('_');
      if (!IsStableName(text) || !divided) {
        loading_.Error(*prefix, "bad_topic", "`prefix` must begin the names of topics and end with '.', '-' or '_', at most 100 letters",
                       "antiphon.");
      } else {
        config_.topic_prefix = std::move(text);
      }
    }
    map.Finish();
  }

  void ReadState(const YamlNode& node) {
    constexpr std::uint64_t kMemoryMin = std::uint64_t{64} << 20U;
    MapReader map(loading_, node, "`state`");
    if (const YamlNode* folder = map.Require("folder"))
      config_.state_folder = Path(*folder, map, "folder", "a folder of this process alone, on a local disk");
    if (const YamlNode* memory = map.Find("memory")) {
      const auto bytes = memory->is_scalar() ? ParseByteSize(memory->text) : std::nullopt;
      if (!bytes) {
        loading_.Error(*memory, "bad_size", "`memory` must be a number of bytes", "write a number and a unit: 512MiB, 1.5GiB");
      } else if (*bytes < kMemoryMin) {
        loading_.Error(*memory, "out_of_range", "`memory` must be at least 64MiB");
      } else {
        config_.memory_bytes = *bytes;
      }
    }
    map.Finish();
  }

  void ReadClock(const YamlNode& node) {
    static const topology::Words<ClockKind> kWords = {{"wall", ClockKind::kWall}, {"event", ClockKind::kEvent}};
    if (node.is_scalar()) {
      if (const auto word = topology::ReadWord(loading_, node, "clock", {"wall", "event"})) config_.clock = kWords[*word].second;
      return;
    }
    MapReader map(loading_, node, "`clock`");
    if (map.Require("kind") != nullptr) config_.clock = map.Word<ClockKind>("kind", kWords).value_or(ClockKind::kWall);
    Bounded(map, "ahead", {std::chrono::seconds{1}, std::chrono::days{366}}, config_.ahead);
    Bounded(map, "fresh", {Milliseconds{100}, std::chrono::days{1}}, config_.fresh);
    for (const char* const key : {"ahead", "fresh"}) {
      const YamlNode* const of_wall = map.Find(key);
      if (of_wall != nullptr && config_.clock == ClockKind::kEvent) {
        loading_.Error(*of_wall, "contradiction", std::string("`") + key + "` is of `kind: wall`: events alone move this clock",
                       "leave it out");
      }
    }
    map.Finish();
  }

  void ReadCommit(const YamlNode& node) {
    constexpr std::int64_t kInputsMax = 1'000'000;
    MapReader map(loading_, node, "`commit`");
    Bounded(map, "every", {Milliseconds{1}, std::chrono::seconds{5}}, config_.commit_every);
    config_.commit_inputs = static_cast<std::uint32_t>(map.Int("inputs", 1, kInputsMax).value_or(config_.commit_inputs));
    map.Finish();
  }

  void ReadHttp(const YamlNode& node) {
    MapReader map(loading_, node, "`http`");
    if (const YamlNode* listen = map.Find("listen")) {
      const std::size_t errors = loading_.diagnostics.errors();
      config_.http_listen = reading_.Text(map, "listen", "localhost:0");
      if (loading_.diagnostics.errors() == errors && !IsListenAddress(config_.http_listen)) {
        loading_.Error(*listen, "bad_address", "`listen` must be an address and a port", "write 0.0.0.0:9404 for every interface");
      }
    }
    map.Finish();
  }

  void ReadLog(const YamlNode& node) {
    MapReader map(loading_, node, "`log`");
    config_.log_json = map.Word<bool>("format", {{"plain", false}, {"json", true}}).value_or(false);
    static const std::vector<std::string> kLevels = {"trace", "debug", "info", "warn", "error"};
    if (const YamlNode* level = map.Find("level")) {
      if (const auto word = topology::ReadWord(loading_, *level, "level", kLevels)) config_.log_level = kLevels[*word];
    }
    map.Finish();
  }

  Reading& reading_;
  topology::Loading& loading_;
  ProcessConfig& config_;
};

// Problems after which the tree says less than was written.
bool EndsReading(const topology::YamlProblem& problem) {
  return problem.code != "duplicate_key" && problem.code != "yaml_tag" && problem.code != "yaml_merge";
}

// The parser repeats what stands there, and that may be a secret that begins with '*' or '!'.
std::string WithoutText(const topology::YamlProblem& problem) {
  if (problem.code == "yaml_tag") return "a tag ('!..') means nothing here";
  if (problem.code != "yaml_syntax") return problem.message;
  const std::size_t reason = problem.message.find(": ");
  const std::size_t detail = reason == std::string::npos ? reason : problem.message.find(": ", reason + 2);
  return problem.message.substr(0, detail);
}

std::string RemedyOf(const topology::YamlProblem& problem) {
  if (problem.code == "yaml_too_large" || problem.code == "yaml_too_deep") return "a process file is small";
  if (problem.code == "yaml_tag") return "write quotes around a text that begins with '!'";
  return problem.remedy;
}

std::filesystem::path AbsoluteFile(const std::filesystem::path& file) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(file, error);
  return (error ? file : absolute).lexically_normal();
}

}  // namespace

ProcessOutcome LoadProcess(std::string_view text, const std::filesystem::path& file, const Surroundings& surroundings, ReadAt where) {
  const NoFiles no_files;
  const NoMessages no_messages;
  topology::Loading loading(no_files, no_messages);
  const std::uint16_t source = loading.sources.Add(file.string(), std::string(text));
  const topology::YamlDocument document = topology::ParseYaml(text, source, kLimits);
  for (const topology::YamlProblem& problem : document.problems) {
    YamlNode place;
    place.file = source;
    place.offset = problem.offset;
    loading.Error(place, problem.code, WithoutText(problem), RemedyOf(problem));
  }
  ProcessConfig config;
  config.file = AbsoluteFile(file);
  Reading reading(loading, surroundings, config.file.parent_path(), where);
  if (std::ranges::none_of(document.problems, EndsReading)) Loader(reading, config).Read(document.root);
  ProcessOutcome outcome;
  if (!loading.diagnostics.has_errors()) outcome.config = std::move(config);
  outcome.diagnostics = loading.diagnostics.Take();
  return outcome;
}

Result<ProcessOutcome> LoadProcessFile(const std::filesystem::path& file, const Surroundings& surroundings, ReadAt where) {
  const auto text = surroundings.File(file);
  if (!text) return Fail(Recovery::kStopProcess, "the process file " + file.string() + " cannot be read");
  return LoadProcess(*text, file, surroundings, where);
}

Result<ProcessConfig> LoadGoodProcess(const std::filesystem::path& file, const Surroundings& surroundings) {
  auto loaded = LoadProcessFile(file, surroundings);
  if (!loaded) return std::unexpected(std::move(loaded.error()));
  ProcessOutcome& outcome = *loaded;
  if (outcome.config) return std::move(*outcome.config);
  std::string message = "the process file has errors:";
  for (const topology::Diagnostic& diagnostic : outcome.diagnostics) {
    if (diagnostic.severity == Severity::kError) message += "\n" + topology::ToString(diagnostic);
  }
  return Fail(Recovery::kStopProcess, message);
}

}  // namespace antiphon::process

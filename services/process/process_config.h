#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/formats/record_format.h"
#include "state/base/time.h"

namespace antiphon::process {

using formats::Envelope;
using formats::Payload;
using formats::RecordFormat;

// What a topic's records are keyed by.
enum class KeyedBy : std::uint8_t {
  kCustomer,  // by the customer, with the partitions of the process: read as it is
  kOther,     // by anything else, or with another number of partitions: passes through the re-keying topic
};

// Where a log without a committed position is begun.
enum class StartAt : std::uint8_t { kEarliest, kLatest };

struct InputTopic {
  std::string topic;
  RecordFormat format;
  KeyedBy keyed_by = KeyedBy::kCustomer;
  StartAt start = StartAt::kEarliest;
  Milliseconds wait{0};                               // read to its end, it holds up records of others for so long
  std::string replies;                                // the topic for answers to requests that came here; empty: none are given
  std::string correlation_header = "correlation-id";  // copied from the request to its answer
};

enum class ClockKind : std::uint8_t { kWall, kEvent };

// A setting of librdkafka. A secret is read when the file is loaded and never printed; so is whatever else came from a file or an
// environment variable, but for the brokers' addresses.
struct ClientSetting {
  std::string value;
  bool secret = false;
};

// ProcessConfig: one process file, checked. Paths are absolute. Immutable after loading; made by LoadProcess (process_loader.h), printed by
// ToJson (config_text.h) only. Source: docs/process-file.md, field by field.
struct ProcessConfig {
  std::filesystem::path file;
  std::filesystem::path topology;                           // the folder
  std::string group;                                        // of the consumers; prefix of the transactional ids
  std::string node;                                         // this process's stable name within the group
  std::map<std::string, ClientSetting, std::less<>> kafka;  // as librdkafka has them, bootstrap.servers among them

  std::vector<InputTopic> inputs;
  std::string topic_prefix = "antiphon.";  // of the topics that Antiphon keeps: antiphon.state, antiphon.contacts, ..

  std::filesystem::path state_folder;
  std::uint64_t memory_bytes = std::uint64_t{1} << 30U;  // for records, blocks and memtables
  std::uint32_t workers = 1;
  std::uint32_t standby = 0;  // how many warm copies of each partition other processes keep: 0 or 1

  ClockKind clock = ClockKind::kWall;
  Milliseconds ahead{3'600'000};  // kWall: an event later than wall time plus this is a dead letter
  Milliseconds fresh{10'000};     // kWall: a partition further behind is not current

  Milliseconds commit_every{100};        // a transaction is open for no longer
  std::uint32_t commit_inputs = 20'000;  // nor has more inputs
  Milliseconds stop_within{20'000};      // of SIGTERM

  std::string http_listen;  // "127.0.0.1:9404", "[::1]:9404"; empty: none
  bool log_json = false;
  std::string log_level = "info";  // trace, debug, info, warn, error
};

// The group of the re-keyers of all its processes: theirs are the inputs with `key: other`.
[[nodiscard]] inline std::string RekeyGroupOf(const ProcessConfig& config) { return config.group + "-rekey"; }

}  // namespace antiphon::process

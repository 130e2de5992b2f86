#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace antiphon::process {

// Which of librdkafka's clients reads a setting; another one would say that it ignores it.
enum class SettingUse : std::uint8_t { kBoth, kProducer, kConsumer };

enum class SettingKind : std::uint8_t {
  kPlain,
  kPath,     // of a file; relative to the process file
  kSecret,   // never written in the process file, never printed
  kRefused,  // Antiphon's own, or of no use here: `why` says so, and what to write instead
};

struct KafkaSetting {
  std::string_view name;
  SettingUse use = SettingUse::kBoth;
  SettingKind kind = SettingKind::kPlain;
  std::string_view why;
};

// The settings of librdkafka 2.0.2 that a process file may give under `kafka`, and those that it may not, with the reason.
// Source: librdkafka's CONFIGURATION.md; docs/live.md for what exactly once needs.
// nullptr: there is no such setting. O(log n).
[[nodiscard]] const KafkaSetting* FindKafkaSetting(std::string_view name);

// The names that may be given, sorted.
[[nodiscard]] const std::vector<std::string>& KafkaSettingNames();

}  // namespace antiphon::process

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "services/formats/journal.h"
#include "services/formats/json_event_decoder.h"
#include "services/formats/log_reader.h"
#include "services/formats/merged_log.h"
#include "state/base/result.h"
#include "state/base/time.h"

namespace antiphon::replay {

// What a source gives, one after the other.
struct SourceItem {
  enum class Kind : std::uint8_t { kLine, kTick, kFloor, kEnd };
  Kind kind = Kind::kEnd;
  formats::LogLine line;   // kLine; never of kind kEnd
  std::uint32_t file = 0;  // kLine: the argument position
  EngineTime time{};       // kTick, kFloor
};

// ReplaySource: the inputs in the one order of this replay. Lines stay in memory until they are released. Owned by the reading thread.
class ReplaySource {
 public:
  ReplaySource() = default;
  ReplaySource(const ReplaySource&) = delete;
  ReplaySource& operator=(const ReplaySource&) = delete;
  virtual ~ReplaySource() = default;

  [[nodiscard]] virtual Result<SourceItem> Next() = 0;

  // As LogReader's: lines given before MarkHere() may be overwritten after Release().
  using Mark = std::vector<formats::LogReader::Mark>;
  [[nodiscard]] virtual Mark MarkHere() const = 0;
  virtual void Release(const Mark& mark) = 0;

  // What the journal says of the logs; digests are zero as long as a log was not read to its end.
  [[nodiscard]] virtual std::vector<formats::JournalSource> Sources() const = 0;
  // Why a file broke off, by argument position.
  [[nodiscard]] virtual const std::string& BrokenText(std::uint32_t file) const = 0;
  // For progress: bytes of the files consumed, and their size; 0 if it is unknown.
  [[nodiscard]] virtual std::uint64_t raw_bytes() const = 0;
  [[nodiscard]] virtual std::uint64_t raw_size() const = 0;
};

// The logs merged by time. `decoder` (it looks at times) must outlive the source.
[[nodiscard]] Result<std::unique_ptr<ReplaySource>> OpenLogs(const std::vector<std::string>& paths, formats::JsonEventDecoder& decoder);

// The order of a journal, over the same logs (those that were files, in the same order). Refuses logs that are not those of the journal.
[[nodiscard]] Result<std::unique_ptr<ReplaySource>> OpenJournal(const std::string& journal, const std::vector<std::string>& paths);

}  // namespace antiphon::replay

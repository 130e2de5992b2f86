#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "services/runtime/log.h"
#include "state/base/result.h"

namespace antiphon::runtime {

// RecordProducer: the port through which a tool writes records beside a run: a feed of made events, dead letters that are tried again. It
// has no positions and no member; what a run writes goes through OutputSink. Used by one thread.
// Errors: kStopProcess, a topic or partition that is not there, a record that is too large, a missing right; kRestartTask, all else: what
// was sent since the last Flush may be there or not. After an Error the producer is spent.
class RecordProducer {
 public:
  RecordProducer() = default;
  RecordProducer(const RecordProducer&) = delete;
  RecordProducer& operator=(const RecordProducer&) = delete;
  virtual ~RecordProducer() = default;

  // Hands a record over; copies. Blocks while the client's buffer is full, up to a bound. `log.partition` may be kByKey: where Java's
  // client would put the key; without a key, any.
  [[nodiscard]] virtual Result<void> Send(LogId log, std::optional<std::string_view> key, std::optional<std::string_view> value,
                                          std::span<const Header> headers = {}) = 0;
  // Waits until all that was handed over is delivered; a transactional one then commits it, all or nothing.
  [[nodiscard]] virtual Result<void> Flush() = 0;
  // Records that the cluster has confirmed. Of a transactional one: that are committed.
  [[nodiscard]] virtual std::uint64_t delivered() const = 0;
};

}  // namespace antiphon::runtime

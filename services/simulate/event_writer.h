#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/simulate/customer.h"
#include "services/simulate/day_log.h"
#include "state/base/result.h"

namespace antiphon::simulate {

// ByteSink: where finished bytes go. Implemented by the shell (a file) and by tests (a string).
class ByteSink {
 public:
  ByteSink() = default;
  ByteSink(const ByteSink&) = delete;
  ByteSink& operator=(const ByteSink&) = delete;
  virtual ~ByteSink() = default;
  // Takes all of `bytes` or fails; after a failure nothing more is written.
  [[nodiscard]] virtual Result<void> Write(std::string_view bytes) = 0;
};

// EventWriter: turns drafts into JSON lines and writes them in the order (time, id). A batch is a time slice of all customers: Take each
// customer's drafts, then WriteBatch; batches must follow one another in time. Memory: the lines of one batch.
// Owned by the simulation, one thread.
class EventWriter {
 public:
  explicit EventWriter(ByteSink& sink) : sink_(&sink) {}

  // Orders the customer's drafts in time (those of one instant in the order of drafting), keeps them at least a millisecond apart,
  // numbers them and books the transactions on his accounts.
  void Take(Customer& customer, const DayLog& log);

  [[nodiscard]] Result<void> WriteBatch();

  [[nodiscard]] std::uint64_t events() const { return events_; }

 private:
  struct Line {
    std::int64_t time_ms;
    std::uint64_t id;  // type, customer and number, packed so that their order is that of the printed id
    std::size_t begin;
    std::size_t length;
  };

  ByteSink* sink_;
  std::vector<std::size_t> order_;
  std::vector<Line> lines_;
  std::string text_;
  std::string out_;
  std::uint64_t events_ = 0;
};

}  // namespace antiphon::simulate

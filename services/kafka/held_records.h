#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "services/runtime/log.h"
#include "state/base/result.h"

namespace antiphon::kafka {

// HeldRecords: records of a transaction that wait to be handed to the client in one go, the first one of every log before all others. The
// client adds a log to the transaction a millisecond after its first record, and spins for that millisecond: logs that come in one by one
// cost one each, and a request; those of one burst cost one together. Owned by a producer, used on its thread.
class HeldRecords {
 public:
  // Views into its memory, until the next Add or Clear.
  struct Record {
    runtime::LogId log;
    std::optional<std::string_view> key;
    std::optional<std::string_view> value;
    std::span<const runtime::Header> headers;
  };

  // A transaction begins: nothing is held, no log is part of it.
  void Begin();
  // Copies.
  void Add(const Record& record);
  // What is held, in memory.
  [[nodiscard]] std::size_t bytes() const { return bytes_.size() + places_.size() * sizeof(Place); }

  // Each record once: the first one of every log, then the others in the order in which they were added. Stops at an Error.
  template <typename Take>  // Result<void>(const Record&)
  [[nodiscard]] Result<void> ForEach(const Take& take) {
    for (const bool firsts : {true, false}) {
      for (const Place& place : places_) {
        if (place.is_first != firsts) continue;
        if (auto taken = take(RecordAt(place)); !taken) return taken;
      }
    }
    return {};
  }
  // True if one of them is the first of its log in this transaction.
  [[nodiscard]] bool HasFirsts() const { return firsts_ != 0; }
  // They were handed on.
  void Clear();

 private:
  struct Text {
    std::uint32_t from = 0;
    std::uint32_t size = 0;
    bool exists = false;
  };
  struct NamedText {
    Text name;
    Text value;
  };
  struct Place {
    runtime::LogId log;
    Text key;
    Text value;
    std::uint32_t headers_from = 0;
    std::uint32_t headers = 0;
    bool is_first = false;
  };

  [[nodiscard]] Text Copy(std::optional<std::string_view> text);
  [[nodiscard]] std::optional<std::string_view> TextAt(Text text) const;
  [[nodiscard]] Record RecordAt(const Place& place);
  [[nodiscard]] bool IsFirst(runtime::LogId log);

  std::string bytes_;
  std::vector<Place> places_;
  std::vector<NamedText> headers_;
  std::vector<runtime::LogId> logs_;     // of the transaction
  std::size_t firsts_ = 0;               // of those held
  std::vector<runtime::Header> viewed_;  // reused
};

}  // namespace antiphon::kafka

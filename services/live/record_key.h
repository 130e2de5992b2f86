#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/topology/topology.h"
#include "services/formats/json_cursor.h"
#include "services/formats/padded_text.h"

namespace antiphon::live {

// RecordKey: what a JSON event is keyed by in Kafka: its customer, found where the topology says that the customer of its type stands; for
// a type that it does not declare, where most declared types have him. Not thread-safe.
class RecordKey {
 public:
  // `topology` must outlive it.
  explicit RecordKey(const topology::Topology& topology);

  struct Address {
    std::optional<std::string_view> customer;  // nothing: there is none, or the line is no JSON
    bool is_control = false;                   // control.pause, control.resume: belongs on the control topic
  };
  // Valid until the next call. O(line).
  [[nodiscard]] Address Of(std::string_view line);

 private:
  using Path = std::vector<std::string>;
  // The text or number at a path.
  [[nodiscard]] std::optional<std::string> Find(formats::PaddedText line, const Path& path);

  const topology::Topology& topology_;
  Path type_path_;
  Path common_path_;
  formats::PaddedBuffer buffer_;
  formats::JsonCursor cursor_;
  std::string key_;
};

}  // namespace antiphon::live

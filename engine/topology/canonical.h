#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/calendar/calendar_period.h"
#include "engine/calendar/canonical.h"
#include "engine/expression/program.h"
#include "engine/topology/policy.h"
#include "engine/topology/topology.h"
#include "state/base/strong_id.h"
#include "state/base/time.h"

namespace antiphon::topology {

// CanonicalText: bytes by which two topologies are compared: each part says its length or has a fixed width, so that parts cannot run into
// each other. Names stand for positions, so that the order of files and of definitions does not matter. Internal to this room.
class CanonicalText {
 public:
  CanonicalText& Text(std::string_view text) {
    calendar::AppendText(bytes_, text);
    return *this;
  }
  CanonicalText& Number(std::int64_t number) {
    calendar::AppendI64(bytes_, number);
    return *this;
  }
  CanonicalText& Length(Milliseconds length) { return Number(length.count()); }
  CanonicalText& Flag(bool flag) { return Number(flag ? 1 : 0); }
  CanonicalText& Expression(const std::optional<expression::Program>& program);
  CanonicalText& Expression(const expression::Program& program);
  CanonicalText& Period(const std::optional<calendar::PeriodGrid>& grid);
  CanonicalText& Value(const state::Scalar& value);
  template <typename List, typename Append>
  CanonicalText& Each(const List& list, const Append& append) {
    Number(static_cast<std::int64_t>(list.size()));
    for (const auto& item : list) append(item);
    return *this;
  }
  CanonicalText& Path(const std::vector<std::string>& path) {
    return Each(path, [this](const std::string& part) { Text(part); });
  }
  template <typename Item>
  CanonicalText& Optional(const std::optional<Item>& item, Milliseconds (*length)(const Item&)) {
    Flag(item.has_value());
    return item ? Length(length(*item)) : *this;
  }

  [[nodiscard]] std::string& bytes() { return bytes_; }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// An expression without what does not matter: white space outside of texts, comments.
[[nodiscard]] std::string CanonicalExpression(std::string_view text);

// "day", "week", "month" or "year".
[[nodiscard]] std::string_view PeriodName(const calendar::PeriodGrid& grid);

}  // namespace antiphon::topology

#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "state/base/time.h"
#include "state/store/stored_row.h"

namespace antiphon::store {

// DueWindow: the first rows of the due index, changes not yet committed included. The index is ordered by (due, customer); the window has
// exactly its rows up to a border, so that it answers alone as long as it is not empty, and a bounded number of them.
// Owned by a RocksStore. Times of changes: O(log size). Source: docs/state.md, "The due index".
class DueWindow {
 public:
  using Row = std::pair<EngineTime, std::string>;

  // REQUIRES: rows_wanted > 0.
  explicit DueWindow(std::size_t rows_wanted) : rows_wanted_(rows_wanted) {}

  // The customer's row moves; kNeverDue: no row. A row beyond the border is of no interest.
  void Move(std::string_view customer, EngineTime from, EngineTime to);

  [[nodiscard]] const Row* First() const { return rows_.empty() ? nullptr : &*rows_.begin(); }

  // True if rows may stand beyond the border and none within: then the owner reads the next of them, and calls Extend.
  [[nodiscard]] bool NeedsRows() const { return rows_.empty() && !is_complete_; }

  // The last row within; nothing if there is no border, or nothing was read so far.
  [[nodiscard]] const std::optional<Row>& border() const { return border_; }
  [[nodiscard]] bool IsWithin(EngineTime due, std::string_view customer) const;

  // Sets the border further on (nothing: the index has no more rows), for rows that Move will then add.
  void Extend(std::optional<Row> border);

  // A time before which the index has no row.
  [[nodiscard]] EngineTime Watermark() const;

  [[nodiscard]] std::size_t size() const { return rows_.size(); }

 private:
  struct Less {
    using is_transparent = void;
    template <typename Left, typename Right>
    bool operator()(const Left& left, const Right& right) const {
      if (left.first != right.first) return left.first < right.first;
      return std::string_view(left.second) < std::string_view(right.second);
    }
  };

  std::size_t rows_wanted_;
  std::set<Row, Less> rows_;
  std::optional<Row> border_;
  bool is_complete_ = false;
};

}  // namespace antiphon::store

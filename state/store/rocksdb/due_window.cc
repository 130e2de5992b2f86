#include "state/store/rocksdb/due_window.h"

#include <iterator>

#include "state/base/check.h"

namespace antiphon::store {

bool DueWindow::IsWithin(EngineTime due, std::string_view customer) const {
  if (is_complete_) return true;
  return border_.has_value() && !Less()(*border_, std::pair(due, customer));
}

void DueWindow::Move(std::string_view customer, EngineTime from, EngineTime to) {
  if (from != kNeverDue) {
    const auto row = rows_.find(std::pair(from, customer));
    if (row != rows_.end()) rows_.erase(row);
  }
  if (to == kNeverDue || !IsWithin(to, customer)) return;
  rows_.emplace(to, customer);
  if (rows_.size() < 2 * rows_wanted_) return;
  const auto last = std::next(rows_.begin(), static_cast<std::ptrdiff_t>(rows_wanted_) - 1);
  border_ = *last;
  is_complete_ = false;
  rows_.erase(std::next(last), rows_.end());
}

void DueWindow::Extend(std::optional<Row> border) {
  ANTIPHON_CHECK(!is_complete_);
  is_complete_ = !border.has_value();
  border_ = std::move(border);
}

EngineTime DueWindow::Watermark() const {
  if (!rows_.empty()) return rows_.begin()->first;
  return border_.has_value() ? border_->first : is_complete_ ? kNeverDue : EngineTime::min();
}

}  // namespace antiphon::store

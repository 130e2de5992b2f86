#include "services/simulate/event_writer.h"

#include <algorithm>

#include "state/base/check.h"
#include "state/base/time.h"

namespace antiphon::simulate {
namespace {

constexpr std::size_t kWriteBytes = std::size_t{1} << 20U;
constexpr std::uint32_t kNumberWidth = 7;
constexpr std::uint32_t kNumbersPerCustomer = 9'999'999;

}  // namespace

void EventWriter::Take(Customer& customer, const DayLog& log) {
  const std::vector<Draft>& drafts = log.drafts();
  order_.resize(drafts.size());
  for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = i;
  std::ranges::sort(order_, [&](std::size_t left, std::size_t right) {
    return drafts[left].time != drafts[right].time ? drafts[left].time < drafts[right].time : left < right;
  });
  EngineTime previous = kEngineTimeMin;
  for (const std::size_t position : order_) {
    const Draft& draft = drafts[position];
    const EngineTime time = std::max(draft.time, previous + Milliseconds{1});
    previous = time;
    const std::uint32_t number = ++customer.events;
    ANTIPHON_CHECK(number <= kNumbersPerCustomer);
    const std::size_t begin = text_.size();
    text_.append("{\"id\":\"").append(IdPrefix(draft.type)).append("-");
    AppendPadded(text_, customer.index, 8);
    text_ += '-';
    AppendPadded(text_, number, kNumberWidth);
    text_.append("\",\"type\":\"").append(TypeName(draft.type)).append("\",\"time\":\"");
    AppendTime(text_, time);
    text_.append("\",\"customer_id\":\"");
    AppendCustomerId(text_, customer.index);
    text_ += '"';
    if (draft.account_ordinal != kNoAccount) {
      text_.append(",\"account_id\":\"");
      AppendAccountId(text_, draft.account_owner, draft.account_ordinal);
      text_ += '"';
    }
    text_.append(log.TextOf(position));
    if (draft.type == EventType::kTransactionPosted) {
      Account& account = customer.accounts[draft.account_ordinal - 1];
      account.balance += draft.delta;
      Fields(text_).Amount("balance", account.balance);
    }
    text_.append("}\n");
    const std::uint64_t id = (static_cast<std::uint64_t>(draft.type) << 56U) | (static_cast<std::uint64_t>(customer.index) << 24U) | number;
    lines_.push_back({ToEpochMs(time), id, begin, text_.size() - begin});
  }
}

Result<void> EventWriter::WriteBatch() {
  std::ranges::sort(lines_, [](const Line& left, const Line& right) {
    return left.time_ms != right.time_ms ? left.time_ms < right.time_ms : left.id < right.id;
  });
  events_ += lines_.size();
  for (const Line& line : lines_) {
    out_.append(text_, line.begin, line.length);
    if (out_.size() < kWriteBytes) continue;
    if (auto written = sink_->Write(out_); !written) return written;
    out_.clear();
  }
  lines_.clear();
  text_.clear();
  if (out_.empty()) return {};
  auto written = sink_->Write(out_);
  out_.clear();
  return written;
}

}  // namespace antiphon::simulate

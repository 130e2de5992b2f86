#include "services/orchestrator/lane.h"

#include <cstring>
#include <utility>

#include "services/formats/padded_text.h"
#include "state/base/check.h"

namespace antiphon::orchestrator {
namespace {

// More than the decoder's own limit of a record: what is too large for it must reach it, to become a dead letter.
constexpr std::size_t kTextsMax = formats::kLineBytesMaxDefault + (std::size_t{64} << 20U);

std::string_view LastOf(const std::vector<runtime::Header>& headers, std::string_view name) {
  for (auto header = headers.rbegin(); header != headers.rend(); ++header) {
    if (header->name == name) return header->value;
  }
  return {};
}

}  // namespace

Lane::Lane(Options options)
    : options_(std::move(options)), texts_(kTextsMax), decoded_(options_.decoder->ArenaBytes(kItemsMax, formats::kLineBytesMaxDefault)) {}

Result<void> Lane::Fill() {
  ANTIPHON_CHECK(empty());
  items_.clear();
  first_ = 0;
  bytes_ = 0;
  texts_.Reset();
  decoded_.Reset();
  while (items_.size() < kItemsMax && bytes_ < kBytesMax) {
    auto taken = options_.feed->Take();
    if (!taken) return std::unexpected(std::move(taken.error()));
    if (!*taken) break;
    if (auto in = TakeIn(**taken); !in) return in;
  }
  return {};
}

Result<void> Lane::TakeIn(const runtime::LogRecord& record) {
  const std::string_view value = record.value.value_or(std::string_view());
  const std::string_view correlation =
      options_.correlation_header.empty() ? std::string_view() : LastOf(record.headers, options_.correlation_header);
  const std::size_t size = value.size() + formats::kTextPadding;
  char* const text = static_cast<char*>(texts_.Allocate(size + correlation.size()));
  if (text == nullptr) {
    return Fail(Recovery::kStopProcess, options_.topic + ": a record is larger than a lane can hold; lower message.max.bytes of the topic");
  }
  std::memcpy(text, value.data(), value.size());
  std::memset(text + value.size(), 0, formats::kTextPadding);
  std::memcpy(text + size, correlation.data(), correlation.size());
  bytes_ += size;

  LaneItem item;
  item.offset = record.offset;
  item.bytes = std::string_view(text, value.size());
  item.correlation = std::string_view(text + size, correlation.size());
  if (!record.value) {
    item.decoded.kind = formats::Decoded::Kind::kSkipped;  // a tombstone says nothing of a customer
    item.decoded.type = "tombstone";
  } else {
    const formats::RecordPosition position{.partition = static_cast<std::uint32_t>(log().partition),
                                           .offset = static_cast<std::uint64_t>(record.offset)};
    item.decoded = options_.decoder->Decode(formats::PaddedText::AssumePadded(item.bytes), position, decoded_);
  }
  item.merge_time = item.decoded.time.value_or(EngineTime::min());
  items_.push_back(std::move(item));
  return {};
}

}  // namespace antiphon::orchestrator

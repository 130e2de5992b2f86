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

LaneMemory::LaneMemory(const formats::JsonEventDecoder& decoder, std::size_t items_max)
    : texts(kTextsMax), decoded(decoder.ArenaBytes(items_max, formats::kLineBytesMaxDefault)) {}

void LaneMemory::Reset() {
  texts.Reset();
  decoded.Reset();
}

Result<LaneItem> DecodeItem(const runtime::LogRecord& record, runtime::LogId log, std::string_view correlation_header,
                            formats::JsonEventDecoder& decoder, LaneMemory& memory) {
  const std::string_view value = record.value.value_or(std::string_view());
  const std::string_view correlation = correlation_header.empty() ? std::string_view() : LastOf(record.headers, correlation_header);
  const std::size_t size = value.size() + formats::kTextPadding;
  char* const text = static_cast<char*>(memory.texts.Allocate(size + correlation.size()));
  if (text == nullptr) {
    return Fail(Recovery::kStopProcess, "the record at offset " + std::to_string(record.offset) + " of partition " +
                                            std::to_string(log.partition) +
                                            " is larger than memory for it; lower the topic's max.message.bytes");
  }
  std::memcpy(text, value.data(), value.size());
  std::memset(text + value.size(), 0, formats::kTextPadding);
  std::memcpy(text + size, correlation.data(), correlation.size());

  LaneItem item;
  item.offset = record.offset;
  item.timestamp = record.timestamp;
  item.bytes = std::string_view(text, value.size());
  item.correlation = std::string_view(text + size, correlation.size());
  if (!record.value) {
    item.is_tombstone = true;
    item.decoded.kind = formats::Decoded::Kind::kSkipped;
    item.decoded.type = "tombstone";
  } else {
    const formats::RecordPosition position{.partition = static_cast<std::uint32_t>(log.partition),
                                           .offset = static_cast<std::uint64_t>(record.offset)};
    item.decoded = decoder.Decode(formats::PaddedText::AssumePadded(item.bytes), position, memory.decoded);
  }
  item.merge_time = item.decoded.time.value_or(EngineTime::min());
  return item;
}

Lane::Lane(Options options) : options_(std::move(options)), memory_(*options_.decoder, kItemsMax) {}

Result<void> Lane::Fill() {
  ANTIPHON_CHECK(empty());
  items_.clear();
  first_ = 0;
  memory_.Reset();
  for (std::size_t bytes = 0; items_.size() < kItemsMax && bytes < kBytesMax;) {
    auto taken = options_.feed->Take();
    if (!taken) return std::unexpected(std::move(taken.error()));
    if (!*taken) break;
    auto item = DecodeItem(**taken, log(), options_.correlation_header, *options_.decoder, memory_);
    if (!item) return Fail(item.error().recovery, options_.topic + ": " + item.error().message);
    bytes += item->bytes.size();
    items_.push_back(*std::move(item));
  }
  return {};
}

}  // namespace antiphon::orchestrator

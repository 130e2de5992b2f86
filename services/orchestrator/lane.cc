#include "services/orchestrator/lane.h"

#include <cstring>
#include <memory>
#include <span>
#include <utility>

#include "services/formats/padded_text.h"
#include "services/orchestrator/rekeyed_records.h"
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

LaneMemory::LaneMemory(const formats::RecordDecoder& decoder, std::size_t items_max)
    : texts(kTextsMax), decoded(decoder.ArenaBytes(items_max, formats::kLineBytesMaxDefault)) {}

LaneMemory::LaneMemory(const RekeyedReader& reader, std::size_t items_max)
    : texts(kTextsMax), decoded(reader.ArenaBytes(items_max, formats::kLineBytesMaxDefault)) {}

void LaneMemory::Reset() {
  texts.Reset();
  decoded.Reset();
}

namespace {

// Copies what a client lends into memory that lives as long as the lane's batch. `full` is set where that has no room.
class Copier {
 public:
  explicit Copier(expression::Arena& memory) : memory_(memory) {}

  std::string_view Copy(std::string_view text, std::size_t padding = 0) {
    char* const copy = static_cast<char*>(memory_.Allocate(text.size() + padding));
    if (copy == nullptr) {
      full = true;
      return {};
    }
    if (!text.empty()) std::memcpy(copy, text.data(), text.size());
    std::memset(copy + text.size(), 0, padding);
    return {copy, text.size()};
  }

  std::span<const formats::RecordHeader> Copy(const std::vector<runtime::Header>& headers) {
    auto* const copies = memory_.AllocateArray<formats::RecordHeader>(headers.size());
    if (copies == nullptr) {
      full = true;
      return {};
    }
    for (std::size_t i = 0; i < headers.size(); ++i) {
      std::construct_at(copies + i, formats::RecordHeader{.name = Copy(headers[i].name), .value = Copy(headers[i].value)});
    }
    return {copies, headers.size()};
  }

  bool full = false;

 private:
  expression::Arena& memory_;
};

}  // namespace

namespace {

std::unexpected<Error> TooLarge(const runtime::LogRecord& record, runtime::LogId log) {
  return Fail(Recovery::kStopProcess, "the record at offset " + std::to_string(record.offset) + " of partition " +
                                          std::to_string(log.partition) +
                                          " is larger than memory for it; lower the topic's max.message.bytes");
}

}  // namespace

Result<formats::TopicRecord> CopyRecord(const runtime::LogRecord& record, runtime::LogId log, bool with_headers, LaneMemory& memory) {
  Copier copier(memory.texts);
  formats::TopicRecord copy{
      .key = {},
      .value = {},
      .headers = {},
      .timestamp = record.timestamp,
      .position = {.partition = static_cast<std::uint32_t>(log.partition), .offset = static_cast<std::uint64_t>(record.offset)},
      .customer = {}};
  if (record.key) copy.key = copier.Copy(*record.key);
  if (record.value) copy.value = formats::PaddedText::AssumePadded(copier.Copy(*record.value, formats::kTextPadding));
  if (with_headers) copy.headers = copier.Copy(record.headers);
  if (copier.full) return TooLarge(record, log);
  return copy;
}

Result<LaneItem> DecodeItem(const runtime::LogRecord& record, runtime::LogId log, std::string_view correlation_header,
                            formats::RecordDecoder& decoder, LaneMemory& memory, std::string_view customer) {
  auto copy = CopyRecord(record, log, decoder.wants_headers(), memory);
  if (!copy) return std::unexpected(std::move(copy.error()));
  LaneItem item;
  item.offset = record.offset;
  Copier copier(memory.texts);
  if (!correlation_header.empty()) item.correlation = copier.Copy(LastOf(record.headers, correlation_header));
  if (!customer.empty()) copy->customer = copier.Copy(customer);
  if (copier.full) return TooLarge(record, log);
  if (copy->value) item.bytes = copy->value->text();
  item.is_tombstone = !record.value;
  item.timestamp = record.timestamp;
  item.decoded = decoder.Decode(*copy, memory.decoded);
  item.merge_time = item.decoded.time.value_or(EngineTime::min());
  return item;
}

Lane::Lane(Options options)
    : options_(std::move(options)),
      memory_(options_.rekeyed != nullptr ? LaneMemory(*options_.rekeyed, kItemsMax) : LaneMemory(*options_.decoder, kItemsMax)) {}

Result<void> Lane::Fill() {
  ANTIPHON_CHECK(empty());
  items_.clear();
  first_ = 0;
  memory_.Reset();
  for (std::size_t bytes = 0; items_.size() < kItemsMax && bytes < kBytesMax;) {
    auto taken = options_.feed->Take();
    if (!taken) return std::unexpected(std::move(taken.error()));
    if (!*taken) break;
    auto item = options_.rekeyed != nullptr ? options_.rekeyed->Decode(**taken, log(), memory_)
                                            : DecodeItem(**taken, log(), options_.correlation_header, *options_.decoder, memory_);
    if (!item) return Fail(item.error().recovery, options_.topic + ": " + item.error().message);
    bytes += item->bytes.size();
    items_.push_back(*std::move(item));
  }
  return {};
}

}  // namespace antiphon::orchestrator

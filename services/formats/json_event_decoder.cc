#include "services/formats/json_event_decoder.h"

#include <string>
#include <string_view>
#include <vector>

#include "services/formats/event_draft.h"
#include "services/formats/json_payload.h"
#include "services/formats/type_plans.h"

namespace antiphon::formats {

class JsonEventDecoder::Impl {
 public:
  Impl(const topology::Topology& topology, std::size_t line_bytes_max)
      : topology_(topology), line_bytes_max_(line_bytes_max), type_path_(TypePathOf(topology.envelope)), plans_(topology, {}) {}

  Decoded Decode(PaddedText line, const RecordPosition& position, expression::Arena& arena);
  std::optional<EngineTime> PeekTime(PaddedText line);
  [[nodiscard]] const TypePlans& plans() const { return plans_; }

 private:
  const topology::Topology& topology_;
  std::size_t line_bytes_max_;
  std::vector<std::string> type_path_;
  TypePlans plans_;
  JsonPayload payload_{plans_};
  DraftFinisher finisher_{topology_};
};

Decoded JsonEventDecoder::Impl::Decode(PaddedText line, const RecordPosition& position, expression::Arena& arena) {
  Decoded out;
  if (line.size() > line_bytes_max_) {
    MakeDeadLetter(out, DeadLetterReason::kTooLarge, "longer than the line limit");
    return out;
  }
  std::string_view type;
  if (!JsonPayload::CheckUtf8(line.text(), out) || !payload_.FindType(line, type_path_, type, out)) return out;
  out.type = type;
  const std::uint32_t number = plans_.Find(type);
  if (number == KeyTable::kNone) {
    if (payload_.Check(line, out)) MakeUndeclared(topology_.envelope, out);
    return out;
  }
  EventDraft draft;
  if (plans_.Begin(number, arena, draft, out) && payload_.Read(line, draft, out)) finisher_.Finish(draft, number, position, out);
  return out;
}

std::optional<EngineTime> JsonEventDecoder::Impl::PeekTime(PaddedText line) {
  Decoded ignored;
  std::string_view type;
  if (line.size() > line_bytes_max_ || !payload_.FindType(line, type_path_, type, ignored)) return std::nullopt;
  const std::uint32_t number = plans_.Find(type);
  if (number == KeyTable::kNone) return std::nullopt;
  const auto time = payload_.FindTime(line, plans_.plan(number).time_path);
  if (!time || *time < kEngineTimeMin || *time >= kEngineTimeMax) return std::nullopt;
  return time;
}

JsonEventDecoder::JsonEventDecoder(const topology::Topology& topology, std::size_t line_bytes_max)
    : impl_(std::make_unique<Impl>(topology, line_bytes_max)) {}
JsonEventDecoder::~JsonEventDecoder() = default;
JsonEventDecoder::JsonEventDecoder(JsonEventDecoder&&) noexcept = default;
JsonEventDecoder& JsonEventDecoder::operator=(JsonEventDecoder&&) noexcept = default;

Decoded JsonEventDecoder::Decode(PaddedText line, const RecordPosition& position, expression::Arena& arena) {
  return impl_->Decode(line, position, arena);
}
std::size_t JsonEventDecoder::ArenaBytes(std::size_t batch_lines, std::size_t batch_bytes) const {
  return impl_->plans().ArenaBytes(batch_lines, batch_bytes);
}
std::optional<EngineTime> JsonEventDecoder::PeekTime(PaddedText line) { return impl_->PeekTime(line); }

}  // namespace antiphon::formats

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/topology/topology.h"
#include "services/formats/decoded.h"
#include "services/formats/envelope_parts.h"
#include "services/formats/event_draft.h"
#include "services/formats/record_format.h"
#include "services/formats/type_plans.h"
#include "state/base/result.h"

namespace antiphon::formats {

// ProtoPayload: the bytes of a protobuf message -> the values of a draft. The bytes are read by plans compiled from descriptors; no message
// is built. What is not read is passed over by its length. As protobuf's own parser: the last occurrence of a field wins, messages that
// come in pieces are merged, fields of another wire type than declared are unknown ones, a member of a oneof undoes the others.
// Not thread-safe; keeps its memory. Source: docs/events.md, "Protobuf".
class ProtoPayload {
 public:
  static constexpr std::uint32_t kNoMessage = 0xFFFFFFFF;

  // Errors: kStopProcess, see MakeRecordDecoder. What it is given must outlive it.
  [[nodiscard]] static Result<std::unique_ptr<ProtoPayload>> Create(const RecordFormat& format, const topology::Topology& topology,
                                                                    const TypePlans& plans, std::string_view descriptor_set);
  ~ProtoPayload();
  ProtoPayload(const ProtoPayload&) = delete;
  ProtoPayload& operator=(const ProtoPayload&) = delete;

  // Whether records are antiphon.v1.Event, which is an envelope; else they are messages of the declared type, number 0.
  [[nodiscard]] static bool IsEvent(const RecordFormat& format);
  // The place of the declared message in its file, for frames.
  [[nodiscard]] const std::vector<std::int32_t>& message_path() const;

  // An antiphon.v1.Event. False: `out` says what is wrong with it.
  [[nodiscard]] bool ReadEvent(std::string_view event, EnvelopeParts& parts, Decoded& out);
  // The type that a declared message names. REQUIRES: the format has neither an envelope nor `event`.
  [[nodiscard]] bool FindType(std::string_view message, std::string_view& type, Decoded& out);
  // A message of number `message` as what `type` wants of it. What is wrong with a value is noted in the draft.
  [[nodiscard]] bool Read(std::string_view bytes, std::uint32_t message, std::uint32_t type, EventDraft& draft, Decoded& out);
  // That the fields of the message have numbers and lengths.
  [[nodiscard]] static bool Check(std::string_view message, Decoded& out);

 private:
  class Impl;
  explicit ProtoPayload(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace antiphon::formats

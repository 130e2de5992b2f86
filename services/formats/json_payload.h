#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/expression/arena.h"
#include "services/formats/decoded.h"
#include "services/formats/event_draft.h"
#include "services/formats/json_cursor.h"
#include "services/formats/padded_text.h"
#include "services/formats/type_plans.h"
#include "services/formats/value_reader.h"

namespace antiphon::formats {

// JsonPayload: one JSON object -> the values of a draft, as its plan says. A text that is no JSON is always called that, whatever else is
// wrong with it and whoever reads it. Where a method returns false, `out` is the dead letter. Not thread-safe; keeps its memory.
class JsonPayload {
 public:
  explicit JsonPayload(const TypePlans& plans) : seen_(plans.members_max()) {}
  JsonPayload(const JsonPayload&) = delete;
  JsonPayload& operator=(const JsonPayload&) = delete;

  [[nodiscard]] static bool CheckUtf8(std::string_view text, Decoded& out);

  // `type` is a text in `object` or in this reader's own memory, padded, until the next call.
  [[nodiscard]] bool FindType(PaddedText object, const std::vector<std::string>& path, std::string_view& type, Decoded& out);
  // The time at `path`; nothing if it cannot be read. Reads only as far as it must.
  [[nodiscard]] std::optional<EngineTime> FindTime(PaddedText object, const std::vector<std::string>& path);
  // The ids at `path`, each once, in their order; lists on the way and at its end are gone through, null and "" are nobody. One more than
  // `ids_max` where there are more.
  [[nodiscard]] bool FindIds(PaddedText object, const std::vector<std::string>& path, std::size_t ids_max, expression::Arena& arena,
                             std::vector<std::string_view>& ids, Decoded& out);
  // One JSON object and nothing else. What is wrong with a value is noted in the draft.
  [[nodiscard]] bool Read(PaddedText object, EventDraft& draft, Decoded& out);
  // That it is one JSON value and nothing else.
  [[nodiscard]] bool Check(PaddedText text, Decoded& out);

 private:
  enum class Found : std::uint8_t { kYes, kNo, kNotJson };
  struct Ids {
    const std::vector<std::string>& path;
    std::size_t max;
    expression::Arena& arena;
    std::vector<std::string_view>& found;
  };
  ValueFault CollectIds(const Ids& ids, std::size_t depth, bool within_list);
  ValueFault CollectMember(const Ids& ids, std::size_t depth);
  Found FindPath(const std::vector<std::string>& path);
  bool ReadObject(EventDraft& draft, std::uint32_t node);
  bool ReadMember(EventDraft& draft, std::uint32_t member);
  ValueFault ReadTarget(EventDraft& draft, const Target& target);
  ValueFault ReadControlTarget(EventDraft& draft, state::PausedKind kind);
  ValueFault ReadControlVersion(EventDraft& draft);
  std::uint32_t FindMember(const DecodePlan& plan, std::uint32_t node, const JsonString& key);
  bool CheckRest(Decoded& out);

  JsonCursor cursor_;
  ValueReader reader_{cursor_};
  PaddedBuffer key_;        // a key with escapes, resolved
  PaddedBuffer type_;       // likewise the type
  std::vector<char> seen_;  // by member: its key occurred
};

}  // namespace antiphon::formats

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/expression/arena.h"
#include "engine/expression/value.h"
#include "engine/topology/events.h"
#include "services/formats/event_draft.h"
#include "services/formats/proto_plan.h"
#include "services/formats/typed_text.h"

namespace antiphon::formats {

// ProtoScan: one pass over the bytes of a message; fills the slots of its plan. Keeps its memory.
class ProtoScan {
 public:
  struct Slot {
    std::uint64_t bits = 0;
    std::string_view bytes;
    std::size_t first_item = 0;  // of a list: those before it were undone
    bool set = false;
  };
  struct Item {
    std::uint32_t slot = 0;
    std::uint64_t bits = 0;
    std::string_view bytes;
  };

  // False: it is no such message. The slots are borrowed from `message`.
  [[nodiscard]] bool Run(const ProtoPlan& plan, std::string_view message);
  [[nodiscard]] const Slot& slot(std::uint32_t number) const { return slots_[number]; }
  // The occurrences of a list, in order.
  template <typename Use>
  bool ForEach(std::uint32_t number, Use&& use) const {
    for (std::size_t i = slots_[number].first_item; i < items_.size(); ++i) {
      if (items_[i].slot == number && !use(items_[i])) return false;
    }
    return true;
  }

 private:
  bool ReadNode(const ProtoPlan& plan, std::uint32_t node, std::string_view message);
  bool ReadPacked(std::uint32_t slot, std::string_view packed);

  std::vector<Slot> slots_;
  std::vector<Item> items_;
};

// ProtoValues: the values of a plan, made from what a scan found; noted in a draft. Keeps its memory.
class ProtoValues {
 public:
  void Read(const ProtoPlan& plan, const ProtoScan& scan, EventDraft& draft);
  // The text of a type.
  [[nodiscard]] ValueFault ReadText(const ProtoPlan::Value& value, const ProtoScan& scan, std::string_view& out);

 private:
  enum class Class : std::uint8_t { kAbsent, kBool, kInt, kUint, kDouble, kFloat, kText, kTime };
  // One value, whatever it was on the wire. Texts are borrowed from the record, the plan or digits_.
  struct Scalar {
    Class is = Class::kAbsent;
    std::int64_t number = 0;  // kBool, kInt; kTime: milliseconds
    std::uint64_t large = 0;  // kUint: beyond an int64
    double real = 0;          // kDouble, kFloat
    std::string_view text;
  };

  ValueFault ReadScalar(const ProtoPlan::Value& value, const ProtoScan& scan, Scalar& out);
  ValueFault ScalarOf(ProtoForm form, const ProtoEnum* names, std::uint64_t bits, std::string_view bytes, Scalar& out);
  ValueFault Parts(const ProtoPlan::Value& value, const ProtoScan& scan, Scalar& out);
  ValueFault ReadTarget(const ProtoPlan::Value& value, const ProtoScan& scan, EventDraft& draft);
  ValueFault ReadField(const ProtoPlan::Value& value, const ProtoScan& scan, EventDraft& draft);
  ValueFault ToField(const topology::EventField& field, const Scalar& scalar, expression::Arena& arena, expression::Value& out);
  ValueFault ToAny(const Scalar& scalar, expression::Arena& arena, expression::Value& out);  // of a map
  ValueFault ToId(const Scalar& scalar, expression::Arena& arena, std::string_view& out);
  ValueFault ToTime(const Scalar& scalar, std::optional<EngineTime>& out);
  ValueFault ToControl(const Scalar& scalar, state::PausedKind kind, EventDraft& draft);
  std::string_view Digits(const Scalar& scalar);

  ValueFault ReadList(const ProtoPlan::Value& value, const ProtoScan& scan, expression::Arena& arena, expression::Value& out);
  ValueFault ReadMap(const ProtoPlan::Value& value, const ProtoScan& scan, expression::Arena& arena, expression::Value& out);
  ValueFault ReadStructFields(std::string_view message, int depth, expression::Arena& arena);
  ValueFault ReadMapEntry(const ProtoPlan::Value* value, std::string_view bytes, int depth, expression::Arena& arena);
  ValueFault ReadStructValue(std::string_view message, int depth, expression::Arena& arena, expression::Value& out);
  ValueFault FinishMap(std::size_t from, expression::Arena& arena, expression::Value& out);

  std::array<char, 64> digits_{};
  std::vector<expression::Value> items_;       // of the lists being read, a stack
  std::vector<expression::MapEntry> entries_;  // of the maps being read, a stack
};

// Whether a text is UTF-8; mostly it is ASCII.
[[nodiscard]] bool IsUtf8(std::string_view text);

}  // namespace antiphon::formats

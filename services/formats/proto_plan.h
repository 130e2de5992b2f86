#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "services/formats/decode_plan.h"
#include "services/formats/proto_wire.h"
#include "state/base/result.h"

namespace google::protobuf {
class Descriptor;
}

namespace antiphon::formats {

inline constexpr std::uint32_t kNoSlot = 0xFFFFFFFF;

// How the bits or bytes of a value are meant.
enum class ProtoForm : std::uint8_t {
  kBool,
  kInt32,  // also enums that have no names
  kInt64,
  kSint,  // zigzag
  kUnsigned,
  kFloat,
  kDouble,
  kEnum,
  kText,
  kTime,   // google.protobuf.Timestamp: seconds, nanos
  kDate,   // google.type.Date: year, month, day
  kMoney,  // google.type.Money: units, nanos
  kTextList,
  kEnumList,
  kStruct,  // google.protobuf.Struct
  kMap,     // map<string, ..>, of values of `item`
};

// The names of an enum's numbers, sorted. `closed`: other numbers are as if they were not there (proto2).
struct ProtoEnum {
  std::vector<std::pair<std::int32_t, std::string>> names;
  bool closed = false;
};

// ProtoPlan: where the values that are read stand in the wire form of one message, made from its descriptor. The scan of the bytes fills
// slots, the last occurrence of a field wins; then each value is made from its slots. Immutable.
struct ProtoPlan {
  // One field of one message that is read, leads to what is read, or undoes it (a oneof).
  struct Entry {
    std::uint32_t number = 0;
    WireType wire = WireType::kVarint;
    bool packable = false;         // a list of enums may stand as one field of bytes
    bool list = false;             // occurrences are kept one by one
    std::uint32_t slot = kNoSlot;  // of a message: its presence
    std::uint32_t node = kNoSlot;  // of a message: its own fields
    std::vector<std::uint32_t> clears;
  };
  struct Node {
    static constexpr std::size_t kDirect = 32;
    std::vector<Entry> entries;                  // sorted by number
    std::array<std::uint8_t, kDirect> direct{};  // of a small number its entry + 1; 0: none
    [[nodiscard]] const Entry* Find(std::uint32_t number) const;
  };
  struct Value {
    Target target;
    std::string path;
    ProtoForm form = ProtoForm::kText;
    ProtoForm item = ProtoForm::kText;  // of kMap
    bool implicit = false;              // not there: zero or false; an empty text or an enum's zero is not there
    std::uint32_t presence = kNoSlot;   // a message that must be there; its value is then zero or empty if it is not
    std::array<std::uint32_t, 3> slots{kNoSlot, kNoSlot, kNoSlot};
    std::shared_ptr<const ProtoEnum> names;  // of enums
  };

  std::vector<Node> nodes;  // [0]: the message
  std::vector<Value> values;
  std::uint32_t slots = 0;
};

// What is to become of a field that the message does not have.
enum class MissingField : std::uint8_t { kRefused, kAbsent };

// The plan of what `plan` wants, read from `message`, which need not live on. An Error names the field, what it is and what it could be.
[[nodiscard]] Result<ProtoPlan> CompileProtoPlan(const google::protobuf::Descriptor& message, const DecodePlan& plan, MissingField missing);

}  // namespace antiphon::formats

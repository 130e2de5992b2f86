#include "services/formats/proto_values.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <optional>

#include <simdjson.h>

#include "services/formats/decoded.h"

namespace antiphon::formats {
namespace {

using expression::Arena;
using expression::MapEntry;
using expression::Value;
using topology::EventField;
using topology::FieldType;

constexpr ValueFault kFine{};
constexpr ValueFault kNotUtf8{.reason = DeadLetterReason::kNotProtobuf, .what = "not UTF-8"};
constexpr ValueFault kBroken{.reason = DeadLetterReason::kNotProtobuf, .what = "not protobuf, or cut off"};
constexpr std::int64_t kNanosOfSecond = 1'000'000'000;

std::int32_t Int32Of(std::uint64_t bits) { return static_cast<std::int32_t>(static_cast<std::uint32_t>(bits)); }

}  // namespace

bool IsUtf8(std::string_view text) {
  const char* p = text.data();
  const char* const end = p + text.size();
  std::uint64_t high = 0;
  for (; end - p >= 8; p += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, p, sizeof(eight));
    high |= eight;
  }
  for (; p < end; ++p) high |= static_cast<std::uint64_t>(static_cast<unsigned char>(*p));
  return (high & 0x8080808080808080U) == 0 || simdjson::validate_utf8(text.data(), text.size());
}

bool ProtoScan::Run(const ProtoPlan& plan, std::string_view message) {
  slots_.assign(plan.slots, Slot{});
  items_.clear();
  return ReadNode(plan, 0, message);
}

bool ProtoScan::ReadPacked(std::uint32_t slot, std::string_view packed) {
  WireReader reader(packed);
  while (!reader.rest().empty()) {
    Item item{.slot = slot, .bits = 0, .bytes = {}};
    if (!reader.ReadVarint(item.bits)) return false;
    items_.push_back(item);
  }
  return true;
}

// Recurses as deep as the plan is, which a path of the topology bounds.
bool ProtoScan::ReadNode(const ProtoPlan& plan, std::uint32_t node, std::string_view message) {
  WireReader reader(message);
  WireField field;
  while (true) {
    const WireReader::Next next = reader.ReadField(field);
    if (next == WireReader::Next::kEnd) return true;
    if (next == WireReader::Next::kFault) return false;
    const ProtoPlan::Entry* const entry = plan.nodes[node].Find(field.number);
    if (entry == nullptr) continue;
    if (entry->packable && field.type == WireType::kBytes) {
      if (!ReadPacked(entry->slot, field.bytes)) return false;
      continue;
    }
    if (entry->wire != field.type) continue;
    for (const std::uint32_t cleared : entry->clears) slots_[cleared] = {.bits = 0, .bytes = {}, .first_item = items_.size(), .set = false};
    if (entry->list) {
      items_.push_back({.slot = entry->slot, .bits = field.bits, .bytes = field.bytes});
    } else if (entry->slot != kNoSlot) {
      slots_[entry->slot] = {.bits = field.bits, .bytes = field.bytes, .first_item = 0, .set = true};
    }
    if (entry->node != kNoSlot && !ReadNode(plan, entry->node, field.bytes)) return false;
  }
}

ValueFault ProtoValues::ScalarOf(ProtoForm form, const ProtoEnum* names, std::uint64_t bits, std::string_view bytes, Scalar& out) {
  out.is = Class::kInt;
  switch (form) {
    case ProtoForm::kBool:
      out.is = Class::kBool;
      out.number = bits != 0 ? 1 : 0;
      return kFine;
    case ProtoForm::kInt32:
      out.number = Int32Of(bits);
      return kFine;
    case ProtoForm::kInt64:
      out.number = static_cast<std::int64_t>(bits);
      return kFine;
    case ProtoForm::kSint:
      out.number = ZigZag(bits);
      return kFine;
    case ProtoForm::kUnsigned:
      out.number = static_cast<std::int64_t>(bits);
      out.large = bits;
      if (out.number < 0) out.is = Class::kUint;
      return kFine;
    case ProtoForm::kFloat:
      out.is = Class::kFloat;
      out.real = static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
      return kFine;
    case ProtoForm::kDouble:
      out.is = Class::kDouble;
      out.real = std::bit_cast<double>(bits);
      return kFine;
    case ProtoForm::kEnum: {
      const std::int32_t number = Int32Of(bits);
      const auto found = std::ranges::lower_bound(names->names, number, {}, &std::pair<std::int32_t, std::string>::first);
      if (found != names->names.end() && found->first == number) {
        out.is = Class::kText;
        out.text = found->second;
      } else if (names->closed) {
        out.is = Class::kAbsent;
      } else {  // as protobuf's JSON has it
        out.number = number;
        out.text = Digits(out);
        out.is = Class::kText;
      }
      return kFine;
    }
    default:
      out.is = Class::kText;
      out.text = bytes;
      return IsUtf8(bytes) ? kFine : kNotUtf8;
  }
}

// A value of several parts.
ValueFault ProtoValues::Parts(const ProtoPlan::Value& value, const ProtoScan& scan, Scalar& out) {
  const std::uint64_t first = scan.slot(value.slots[0]).bits;
  const std::int32_t second = Int32Of(scan.slot(value.slots[1]).bits);
  if (value.form == ProtoForm::kTime) {
    const auto seconds = static_cast<std::int64_t>(first);
    constexpr std::int64_t kSecondsMax = 253'402'300'800;  // the year 10000, and as far to the other side
    if (second < 0 || second >= kNanosOfSecond || seconds > kSecondsMax || seconds < -kSecondsMax) return OutOfRange("not a time");
    out.is = Class::kTime;
    out.number = seconds * 1000 + second / 1'000'000;
    return kFine;
  }
  char* p = digits_.data();
  const auto put = [&](std::uint64_t number, int width) {
    std::array<char, 20> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
    for (auto missing = width - (end - text.data()); missing > 0; --missing) *p++ = '0';
    p = std::copy(text.data(), end, p);
  };
  out.is = Class::kText;
  if (value.form == ProtoForm::kDate) {
    const std::int32_t year = Int32Of(first);
    const std::int32_t day = Int32Of(scan.slot(value.slots[2]).bits);
    if (year < 1 || year > 9999 || second < 1 || second > 12 || day < 1 || day > 31) return OutOfRange("not a date");
    put(static_cast<std::uint64_t>(year), 4);
    *p++ = '-';
    put(static_cast<std::uint64_t>(second), 2);
    *p++ = '-';
    put(static_cast<std::uint64_t>(day), 2);
  } else {
    const auto units = static_cast<std::int64_t>(first);
    if ((units < 0 && second > 0) || (units > 0 && second < 0) || std::abs(std::int64_t{second}) >= kNanosOfSecond) {
      return OutOfRange("units and nanos of an amount do not agree");
    }
    if (units < 0 || second < 0) *p++ = '-';
    put(units < 0 ? 0 - static_cast<std::uint64_t>(units) : static_cast<std::uint64_t>(units), 1);
    *p++ = '.';
    put(static_cast<std::uint64_t>(std::abs(std::int64_t{second})), 9);
  }
  out.text = {digits_.data(), static_cast<std::size_t>(p - digits_.data())};
  return kFine;
}

ValueFault ProtoValues::ReadScalar(const ProtoPlan::Value& value, const ProtoScan& scan, Scalar& out) {
  if (value.presence != kNoSlot && !scan.slot(value.presence).set) return kFine;
  if (value.form == ProtoForm::kTime || value.form == ProtoForm::kDate || value.form == ProtoForm::kMoney) return Parts(value, scan, out);
  const ProtoScan::Slot& slot = scan.slot(value.slots[0]);
  if (!slot.set && value.presence == kNoSlot && !value.implicit) return kFine;
  if (value.implicit && value.form == ProtoForm::kText && slot.bytes.empty()) return kFine;
  if (value.implicit && value.form == ProtoForm::kEnum && Int32Of(slot.bits) == 0) return kFine;
  return ScalarOf(value.form, value.names.get(), slot.bits, slot.bytes, out);
}

// The number as JSON would have it. Into digits_.
std::string_view ProtoValues::Digits(const Scalar& scalar) {
  char* const begin = digits_.data();
  char* const end = begin + digits_.size();
  std::to_chars_result result{};
  switch (scalar.is) {
    case Class::kUint:
      result = std::to_chars(begin, end, scalar.large);
      break;
    case Class::kDouble:
      result = std::to_chars(begin, end, scalar.real);
      break;
    case Class::kFloat:
      result = std::to_chars(begin, end, static_cast<float>(scalar.real));
      break;
    default:
      result = std::to_chars(begin, end, scalar.number);
      break;
  }
  return {begin, static_cast<std::size_t>(result.ptr - begin)};
}

ValueFault ProtoValues::ToField(const EventField& field, const Scalar& scalar, Arena& arena, Value& out) {
  const bool real = scalar.is == Class::kDouble || scalar.is == Class::kFloat;
  if (real && !std::isfinite(scalar.real)) return OutOfRange("not a finite number");
  if (scalar.is == Class::kText) {
    if (field.type != FieldType::kString || scalar.text.data() != digits_.data()) return TypedText(field, scalar.text, out);
    out = arena.CopyString(scalar.text);  // the number of an enum's unknown value
    return out.is_error() ? NoRoom() : kFine;
  }
  switch (field.type) {
    case FieldType::kBool:
      if (scalar.is != Class::kBool) break;
      out = Value::Bool(scalar.number != 0);
      return kFine;
    case FieldType::kInt:
      if (scalar.is == Class::kUint) return OutOfRange("its type cannot hold the number exactly");
      if (scalar.is != Class::kInt) break;
      out = Value::Int(scalar.number);
      return kFine;
    case FieldType::kDecimal:
      return scalar.is == Class::kBool ? WrongType("not a number") : IntegerOf(Digits(scalar), field.scale, out);
    case FieldType::kDouble:
      if (scalar.is == Class::kBool) break;
      out = Value::Double(real                        ? scalar.real
                          : scalar.is == Class::kUint ? static_cast<double>(scalar.large)
                                                      : static_cast<double>(scalar.number));
      return kFine;
    case FieldType::kTimestamp:
      if (scalar.is != Class::kTime && scalar.is != Class::kInt) break;
      return TimestampOf(FromEpochMs(scalar.number), "not a time", out);
    default:
      break;
  }
  return WrongType("of another type than declared");
}

ValueFault ProtoValues::ToAny(const Scalar& scalar, Arena& arena, Value& out) {
  switch (scalar.is) {
    case Class::kBool:
      out = Value::Bool(scalar.number != 0);
      return kFine;
    case Class::kText:
      out = scalar.text.data() == digits_.data() ? arena.CopyString(scalar.text) : Value::String(scalar.text);
      return out.is_error() ? NoRoom() : kFine;
    case Class::kUint:
      out = Value::Double(static_cast<double>(scalar.large));
      return kFine;
    case Class::kDouble:
    case Class::kFloat:
      out = Value::Double(scalar.real);
      return std::isfinite(scalar.real) ? kFine : OutOfRange("not a finite number");
    case Class::kAbsent:
      out = Value::Null();
      return kFine;
    default:
      out = Value::Int(scalar.number);
      return kFine;
  }
}

ValueFault ProtoValues::ReadField(const ProtoPlan::Value& value, const ProtoScan& scan, EventDraft& draft) {
  const EventField& field = draft.plan->type->fields[value.target.index];
  Value& out = draft.fields[value.target.index];
  switch (value.form) {
    case ProtoForm::kTextList:
    case ProtoForm::kEnumList:
      return ReadList(value, scan, *draft.arena, out);
    case ProtoForm::kStruct:
    case ProtoForm::kMap:
      return ReadMap(value, scan, *draft.arena, out);
    default:
      break;
  }
  Scalar scalar;
  const ValueFault fault = ReadScalar(value, scan, scalar);
  if (fault.bad() || scalar.is == Class::kAbsent) return fault;
  if (!field.values.empty() && scalar.is != Class::kTime) {
    const std::string_view word = scalar.is == Class::kText   ? scalar.text
                                  : scalar.is == Class::kBool ? std::string_view(scalar.number != 0 ? "true" : "false")
                                                              : Digits(scalar);
    const auto found = std::ranges::find_if(field.values, [word](const auto& pair) { return pair.first == word; });
    if (found != field.values.end()) return TypedText(field, found->second, out);
  }
  return ToField(field, scalar, *draft.arena, out);
}

ValueFault ProtoValues::ToId(const Scalar& scalar, Arena& arena, std::string_view& out) {
  if (scalar.is == Class::kText) {
    out = scalar.text;
  } else if (scalar.is != Class::kAbsent) {
    const Value copy = arena.CopyString(Digits(scalar));
    if (copy.is_error()) return NoRoom();
    out = copy.as_text();
  }
  return out.size() <= kIdBytesMax ? kFine : OutOfRange("longer than 256 bytes");
}

ValueFault ProtoValues::ToTime(const Scalar& scalar, std::optional<EngineTime>& out) {
  if (scalar.is == Class::kUint) return OutOfRange("not a time");
  if (scalar.is == Class::kInt || scalar.is == Class::kTime) out = FromEpochMs(scalar.number);
  if (scalar.is != Class::kText) return kFine;
  out = ParseTime(scalar.text);
  return out ? kFine : WrongType("not a time");
}

ValueFault ProtoValues::ToControl(const Scalar& scalar, state::PausedKind kind, EventDraft& draft) {
  const bool named = scalar.is == Class::kText ? !scalar.text.empty() : scalar.is == Class::kBool && scalar.number != 0;
  if (named) draft.SetControlTarget(kind, scalar.text);
  return kFine;
}

ValueFault ProtoValues::ReadTarget(const ProtoPlan::Value& value, const ProtoScan& scan, EventDraft& draft) {
  if (value.target.kind == TargetKind::kField) return ReadField(value, scan, draft);
  Scalar scalar;
  const ValueFault fault = ReadScalar(value, scan, scalar);
  switch (value.target.kind) {
    case TargetKind::kId:
      return AsIdFault(fault.bad() ? fault : ToId(scalar, *draft.arena, draft.id));
    case TargetKind::kCustomer:
      return AsCustomerFault(fault.bad() ? fault : ToId(scalar, *draft.arena, draft.customer));
    case TargetKind::kTime:
      return AsTimeFault(fault.bad() ? fault : ToTime(scalar, draft.time));
    case TargetKind::kBackfill:
      if (scalar.is == Class::kBool) draft.backfill = scalar.number != 0;
      return fault;
    case TargetKind::kControlTarget:
      return fault.bad() ? fault : ToControl(scalar, static_cast<state::PausedKind>(value.target.index), draft);
    case TargetKind::kControlVersion:
      if (!fault.bad() && scalar.is == Class::kText) draft.SetControlVersion(scalar.text);
      return fault;
    default:
      return fault;
  }
}

void ProtoValues::Read(const ProtoPlan& plan, const ProtoScan& scan, EventDraft& draft) {
  for (const ProtoPlan::Value& value : plan.values) {
    const ValueFault fault = ReadTarget(value, scan, draft);
    if (fault.bad()) draft.Note(fault, value.path);
  }
}

ValueFault ProtoValues::ReadText(const ProtoPlan::Value& value, const ProtoScan& scan, std::string_view& out) {
  Scalar scalar;
  const ValueFault fault = ReadScalar(value, scan, scalar);
  if (!fault.bad() && scalar.is == Class::kText) out = scalar.text;
  return fault;
}

ValueFault ProtoValues::ReadList(const ProtoPlan::Value& value, const ProtoScan& scan, Arena& arena, Value& out) {
  items_.clear();
  ValueFault fault;
  (void)scan.ForEach(value.slots[0], [&](const ProtoScan::Item& item) {
    Scalar scalar;
    fault = ScalarOf(value.form == ProtoForm::kEnumList ? ProtoForm::kEnum : ProtoForm::kText, value.names.get(), item.bits, item.bytes,
                     scalar);
    if (fault.bad()) return false;
    if (scalar.is == Class::kAbsent) return true;
    if (scalar.text.data() == digits_.data()) {
      items_.push_back(arena.CopyString(scalar.text));
      if (items_.back().is_error()) fault = NoRoom();
    } else {
      items_.push_back(Value::String(scalar.text));
    }
    return !fault.bad();
  });
  if (fault.bad() || items_.empty()) return fault;
  out = arena.CopyList(items_);
  return out.is_error() ? NoRoom() : kFine;
}

ValueFault ProtoValues::ReadMap(const ProtoPlan::Value& value, const ProtoScan& scan, Arena& arena, Value& out) {
  items_.clear();
  entries_.clear();
  bool any = false;
  ValueFault fault;
  (void)scan.ForEach(value.slots[0], [&](const ProtoScan::Item& item) {
    any = true;
    fault = value.form == ProtoForm::kStruct ? ReadStructFields(item.bytes, 1, arena) : ReadMapEntry(&value, item.bytes, 1, arena);
    return !fault.bad();
  });
  return fault.bad() || !any ? fault : FinishMap(0, arena, out);
}

// The fields of a google.protobuf.Struct, onto entries_.
ValueFault ProtoValues::ReadStructFields(std::string_view message, int depth, Arena& arena) {
  WireReader reader(message);
  WireField field;
  while (true) {
    const WireReader::Next next = reader.ReadField(field);
    if (next == WireReader::Next::kEnd) return kFine;
    if (next == WireReader::Next::kFault) return kBroken;
    if (field.number != 1 || field.type != WireType::kBytes) continue;
    const ValueFault fault = ReadMapEntry(nullptr, field.bytes, depth, arena);
    if (fault.bad()) return fault;
  }
}

// key = 1, value = 2. `value`: of a map of scalars; nullptr: of a Struct.
ValueFault ProtoValues::ReadMapEntry(const ProtoPlan::Value* value, std::string_view bytes, int depth, Arena& arena) {
  WireReader reader(bytes);
  WireField field;
  std::string_view key = bytes.substr(0, 0);  // a place in the record also for a key that is not there
  std::string_view text;
  std::uint64_t bits = 0;
  while (true) {
    const WireReader::Next next = reader.ReadField(field);
    if (next == WireReader::Next::kEnd) break;
    if (next == WireReader::Next::kFault) return kBroken;
    if (field.number == 1 && field.type == WireType::kBytes) key = field.bytes;
    if (field.number == 2) {
      text = field.bytes;
      bits = field.bits;
    }
    field.bytes = {};
    field.bits = 0;
  }
  if (!IsUtf8(key)) return kNotUtf8;
  MapEntry entry{.key = Value::String(key), .value = {}};
  ValueFault fault;
  if (value == nullptr) {
    fault = ReadStructValue(text, depth, arena, entry.value);
  } else {
    Scalar scalar;
    fault = ScalarOf(value->item, value->names.get(), bits, text, scalar);
    if (!fault.bad()) fault = ToAny(scalar, arena, entry.value);
  }
  if (!fault.bad()) entries_.push_back(entry);
  return fault;
}

// null = 1, number = 2, text = 3, bool = 4, struct = 5, list = 6; the last one wins.
ValueFault ProtoValues::ReadStructValue(std::string_view message, int depth, Arena& arena, Value& out) {
  WireReader reader(message);
  WireField field;
  WireField last;
  while (true) {
    const WireReader::Next next = reader.ReadField(field);
    if (next == WireReader::Next::kEnd) break;
    if (next == WireReader::Next::kFault) return kBroken;
    const WireType wanted = field.number == 2                        ? WireType::kFixed64
                            : field.number == 1 || field.number == 4 ? WireType::kVarint
                                                                     : WireType::kBytes;
    if (field.number <= 6 && field.type == wanted) last = field;
  }
  if (last.number >= 5 && depth >= kJsonDepthMax) return OutOfRange("nested deeper than 64");
  switch (last.number) {
    case 2: {
      const double number = std::bit_cast<double>(last.bits);
      constexpr double kWhole = 9'007'199'254'740'992.0;  // 2^53: a whole number is an int, as in JSON
      if (!std::isfinite(number)) return OutOfRange("not a finite number");
      out = std::abs(number) <= kWhole && std::trunc(number) == number ? Value::Int(static_cast<std::int64_t>(number))
                                                                       : Value::Double(number);
      return kFine;
    }
    case 3:
      if (!IsUtf8(last.bytes)) return kNotUtf8;
      out = Value::String(last.bytes);
      return kFine;
    case 4:
      out = Value::Bool(last.bits != 0);
      return kFine;
    case 5: {
      const std::size_t from = entries_.size();
      const ValueFault fault = ReadStructFields(last.bytes, depth + 1, arena);
      return fault.bad() ? fault : FinishMap(from, arena, out);
    }
    case 6:
      break;
    default:
      out = Value::Null();
      return kFine;
  }
  const std::size_t from = items_.size();
  WireReader list(last.bytes);
  while (true) {
    const WireReader::Next next = list.ReadField(field);
    if (next == WireReader::Next::kEnd) break;
    if (next == WireReader::Next::kFault) return kBroken;
    if (field.number != 1 || field.type != WireType::kBytes) continue;
    Value item;
    const ValueFault fault = ReadStructValue(field.bytes, depth + 1, arena, item);
    if (fault.bad()) return fault;
    items_.push_back(item);
  }
  out = arena.CopyList(std::span(items_).subspan(from));
  items_.resize(from);
  return out.is_error() ? NoRoom() : kFine;
}

// The entries from `from` on as a map, in the order of their keys, for a map has none on the wire; of equal keys the last one counts.
ValueFault ProtoValues::FinishMap(std::size_t from, Arena& arena, Value& out) {
  const auto begin = entries_.begin() + static_cast<std::ptrdiff_t>(from);
  std::sort(begin, entries_.end(), [](const MapEntry& a, const MapEntry& b) {
    const std::string_view left = a.key.as_text();
    const std::string_view right = b.key.as_text();
    return left != right ? left < right : std::less<>()(left.data(), right.data());  // both stand in the record, the later one behind
  });
  auto kept = begin;
  for (auto entry = begin; entry != entries_.end(); ++entry) {
    if (entry + 1 != entries_.end() && entry->key.as_text() == (entry + 1)->key.as_text()) continue;
    *kept++ = *entry;
  }
  entries_.erase(kept, entries_.end());
  out = arena.CopyMap(std::span(entries_).subspan(from));
  entries_.resize(from);
  return out.is_error() ? NoRoom() : kFine;
}

}  // namespace antiphon::formats

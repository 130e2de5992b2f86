#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/expression/value.h"

namespace antiphon::expression {

enum class TypeKind : std::uint8_t {
  kDyn,  // anything; checked when evaluated
  kNull,
  kBool,
  kInt,
  kUint,
  kDouble,
  kString,
  kBytes,
  kTimestamp,
  kDuration,
  kList,       // parameters: element
  kMap,        // parameters: key, value
  kType,       // parameters: what it is the type of, or none
  kOptional,   // parameters: element
  kAbstract,   // a name of its own and any parameters
  kParameter,  // T in list(T), within the signature of a function
};

// Type: a CEL type as a value; a copy costs a reference count. Used when compiling only.
class Type {
 public:
  Type() = default;  // dyn

  static Type Dyn() { return Type(TypeKind::kDyn); }
  static Type Null() { return Type(TypeKind::kNull); }
  static Type Bool() { return Type(TypeKind::kBool); }
  static Type Int() { return Type(TypeKind::kInt); }
  static Type Uint() { return Type(TypeKind::kUint); }
  static Type Double() { return Type(TypeKind::kDouble); }
  static Type String() { return Type(TypeKind::kString); }
  static Type Bytes() { return Type(TypeKind::kBytes); }
  static Type Timestamp() { return Type(TypeKind::kTimestamp); }
  static Type Duration() { return Type(TypeKind::kDuration); }
  static Type List(Type element);
  static Type Map(Type key, Type value);
  static Type TypeOf(Type type);
  static Type Optional(Type element);
  static Type Abstract(std::string name, std::vector<Type> parameters = {});
  static Type Parameter(std::string name);

  // Reads a name as `name()` writes it ("list(int)", "map(string, dyn)", "google.protobuf.Timestamp"). A single capital letter, alone or
  // with digits, is a parameter; any other unknown name is an abstract type. Nothing if the brackets do not fit.
  static std::optional<Type> Parse(std::string_view text);

  [[nodiscard]] TypeKind kind() const { return kind_; }
  [[nodiscard]] bool is_dyn() const { return kind_ == TypeKind::kDyn; }
  [[nodiscard]] bool is_numeric() const { return kind_ == TypeKind::kInt || kind_ == TypeKind::kUint || kind_ == TypeKind::kDouble; }
  [[nodiscard]] std::span<const Type> parameters() const;
  // REQUIRES: index < parameters().size().
  [[nodiscard]] const Type& parameter(std::size_t index) const { return parameters()[index]; }
  // kAbstract and kParameter.
  [[nodiscard]] const std::string& own_name() const;
  [[nodiscard]] std::string name() const;

  friend bool operator==(const Type& left, const Type& right);

 private:
  struct Detail;
  explicit Type(TypeKind kind) : kind_(kind) {}
  Type(TypeKind kind, std::string name, std::vector<Type> parameters);

  TypeKind kind_ = TypeKind::kDyn;
  std::shared_ptr<const Detail> detail_;
};

// The kind that values of this type have; nothing for dyn, abstract types and parameters.
[[nodiscard]] std::optional<Kind> KindOf(const Type& type);

}  // namespace antiphon::expression

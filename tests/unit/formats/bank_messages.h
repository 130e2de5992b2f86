#pragma once

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "tests/unit/formats/topic_records.h"

namespace antiphon::formats {

// proto/bank/v1/events.proto with its imports, as protoc writes it.
inline std::string BankDescriptors() {
  std::ifstream file(ANTIPHON_BANK_DESCRIPTORS, std::ios::binary);
  EXPECT_TRUE(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

inline RecordFormat BankFormat() {
  RecordFormat format;
  format.payload = Payload::kProtobuf;
  format.descriptor = "bank.pb";
  format.message = "bank.v1.Outer.Everything";
  format.event = "everything";
  return format;
}

// The tiny topology, of which `everything` has one field more or differs in one.
inline topology::Topology WithField(topology::EventField field) {
  topology::Topology topology = TinyTopology();
  auto& fields = topology.event_types[0].fields;
  std::erase_if(fields, [&](const auto& old) { return old.name == field.name; });
  fields.push_back(std::move(field));
  std::ranges::sort(fields, {}, &topology::EventField::name);
  return topology;
}

}  // namespace antiphon::formats

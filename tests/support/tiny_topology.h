#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/topology/topology.h"

namespace antiphon::formats {

// A topology made by hand: what the formats read of it, and nothing more.
inline topology::EventField Field(std::string name, topology::FieldType type, std::uint8_t scale = 0) {
  topology::EventField field;
  field.path = {name};
  field.name = std::move(name);
  field.type = type;
  field.scale = scale;
  return field;
}

inline topology::EventType Type(std::string name, std::vector<topology::EventField> fields) {
  topology::EventType type;
  type.name_in_log = name;
  type.name = std::move(name);
  type.source = "core";
  type.id_path = {"id"};
  type.time_path = {"time"};
  type.customer_path = {"customer_id"};
  type.fields = std::move(fields);
  return type;
}

inline topology::Topology TinyTopology() {
  using topology::FieldType;
  topology::Topology topology;
  topology.name = "tiny";
  topology.version = {.high = 0x0123456789abcdefU, .low = 0xfedcba9876543210U};
  topology.envelope = {.type_path = {"type"}, .backfill_path = {"backfill"}, .unknown_types_dead_letter = false};
  topology::EventField kind = Field("actor.kind", FieldType::kString);
  kind.path = {"actor", "kind"};
  topology::EventField nested = Field("deep", FieldType::kInt);
  nested.path = {"payload", "inner", "deep"};
  topology::EventField mapped = Field("direction", FieldType::kString);
  mapped.path = {"richtung"};
  mapped.values = {{"H", "credit"}, {"S", "debit"}, {"1", "credit"}};
  topology::EventField required = Field("must", FieldType::kString);
  required.required = true;
  topology.event_types = {
      Type("everything", {kind, Field("at", FieldType::kTimestamp), Field("born", FieldType::kDate), Field("context", FieldType::kMap),
                          nested, Field("flag", FieldType::kBool), Field("ratio", FieldType::kDouble),
                          Field("tags", FieldType::kStringList), Field("text", FieldType::kString), Field("units", FieldType::kInt)}),
      Type("strict", {required}),
      Type("transaction.posted",
           {Field("account_id", FieldType::kString), Field("amount", FieldType::kDecimal, 2), Field("balance", FieldType::kDecimal, 2),
            Field("counterparty_bank", FieldType::kString), Field("currency", FieldType::kString), mapped,
            Field("operation", FieldType::kString), Field("purpose", FieldType::kString)}),
  };
  for (std::size_t i = 0; i < topology.event_types.size(); ++i) {
    topology.event_type_by_log_name.emplace(topology.event_types[i].name_in_log, static_cast<std::uint16_t>(i));
  }
  topology.languages = {"cs", "en"};
  topology.channels.resize(2);
  topology.channels[0].id = "call";
  topology.channels[1].id = "sms";
  topology.campaigns.resize(1);
  topology.campaigns[0].id = "spring";
  topology.campaigns[0].goal = "cross-sell";
  topology.offers.resize(2);
  topology.offers[0].id = "mortgage_call";
  topology.offers[1].id = "savings_sweep";
  topology.offers[1].goal = "retain";
  topology.treatments.resize(2);
  topology.treatments[0].id = "mortgage_call.call";
  topology.treatments[1].id = "savings_sweep.sms";
  topology.triggers.resize(2);
  topology.triggers[0].id = "birthday";
  topology.triggers[1].id = "salary_leaves";
  return topology;
}

}  // namespace antiphon::formats

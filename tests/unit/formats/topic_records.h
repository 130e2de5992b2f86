#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "services/formats/record_decoder.h"
#include "tests/support/tiny_topology.h"
#include "tests/support/wire_bytes.h"

namespace antiphon::formats {

using Headers = std::vector<std::pair<std::string, std::string>>;

// RecordBench: one decoder and the memory of its records, each exactly as large as it must be, so that AddressSanitizer sees a step too
// far.
class RecordBench {
 public:
  explicit RecordBench(const RecordFormat& format, const topology::Topology& topology = TinyTopology(), std::string_view descriptors = {})
      : topology_(topology) {
    auto made = MakeRecordDecoder(format, topology_, descriptors);
    if (made) {
      decoder_ = *std::move(made);
    } else {
      error_ = made.error().message;
    }
  }
  RecordBench(const RecordBench&) = delete;
  RecordBench& operator=(const RecordBench&) = delete;

  [[nodiscard]] const std::string& error() const { return error_; }

  Decoded Decode(std::optional<std::string_view> value, const Headers& headers = {}, std::optional<std::string_view> key = std::nullopt,
                 EngineTime timestamp = {}, std::string_view customer = {}) {
    const TopicRecord record = RecordOf(value, headers, key, timestamp, customer);
    Decoded decoded = decoder_->Decode(record, arena_);
    EXPECT_EQ(decoded.kind == Decoded::Kind::kDeadLetter, decoded.reason != DeadLetterReason::kNone);
    EXPECT_EQ(decoded.reason != DeadLetterReason::kNone, !decoded.message.empty());
    return decoded;
  }

  // The customers, divided by commas, or what the record is instead.
  std::string Customers(std::string_view value, Decoded& out) {
    const TopicRecord record = RecordOf(value, {}, std::nullopt, {}, {});
    std::vector<std::string_view> customers;
    if (!decoder_->FindCustomers(record, arena_, customers, out)) return "(" + std::string(DeadLetterReasonName(out.reason)) + ")";
    std::string text;
    for (const std::string_view customer : customers) text.append(text.empty() ? "" : ",").append(customer);
    return text;
  }

 private:
  TopicRecord RecordOf(std::optional<std::string_view> value, const Headers& headers, std::optional<std::string_view> key,
                       EngineTime timestamp, std::string_view customer) {
    EXPECT_NE(decoder_, nullptr) << error_;
    arena_.Reset();
    copies_.clear();
    headers_.clear();
    TopicRecord record;
    if (value) {
      value_ = std::make_unique<PaddedBuffer>(*value);
      record.value = value_->padded();
    }
    if (key) record.key = Copy(*key);
    for (const auto& [name, text] : headers) headers_.push_back({.name = Copy(name), .value = Copy(text)});
    record.headers = headers_;
    record.timestamp = timestamp;
    record.position = {.partition = 3, .offset = 77};
    if (!customer.empty()) record.customer = Copy(customer);
    return record;
  }

 public:
  expression::Value FieldOf(const Decoded& decoded, std::string_view name) const {
    EXPECT_EQ(decoded.kind, Decoded::Kind::kEvent) << DeadLetterReasonName(decoded.reason) << ": " << decoded.message;
    if (decoded.kind != Decoded::Kind::kEvent) return expression::Value::Error(expression::ErrorCode::kHost, "no event");
    const auto index = topology::FindById(topology_.event_types[decoded.event.type].fields, name);
    return index ? decoded.event.fields[*index] : expression::Value::Error(expression::ErrorCode::kHost, "no such field");
  }
  static void ExpectDead(const Decoded& decoded, DeadLetterReason reason, std::string_view part = "") {
    EXPECT_EQ(decoded.kind, Decoded::Kind::kDeadLetter);
    EXPECT_EQ(DeadLetterReasonName(decoded.reason), DeadLetterReasonName(reason)) << decoded.message;
    EXPECT_NE(decoded.message.find(part), std::string::npos) << decoded.message;
  }

 private:
  std::string_view Copy(std::string_view text) {
    copies_.push_back(std::make_unique<std::vector<char>>(text.begin(), text.end()));
    return {copies_.back()->data(), text.size()};
  }

  topology::Topology topology_;
  std::unique_ptr<RecordDecoder> decoder_;
  std::string error_;
  expression::Arena arena_;
  std::unique_ptr<PaddedBuffer> value_;
  std::vector<std::unique_ptr<std::vector<char>>> copies_;
  std::vector<RecordHeader> headers_;
};

}  // namespace antiphon::formats

#pragma once

#include <cstdint>
#include <string_view>

namespace antiphon::runtime {

// Kafka's murmur2 of a record's key, seed 0x9747b28c, as org.apache.kafka.common.utils.Utils.murmur2 of the Java client computes it.
[[nodiscard]] std::uint32_t Murmur2(std::string_view bytes);

// The partition of a customer: the same as the Java client's for a record whose key is the customer's UTF-8 bytes.
// REQUIRES: partitions > 0.
[[nodiscard]] inline std::uint32_t PartitionOf(std::string_view customer, std::uint32_t partitions) {
  return (Murmur2(customer) & 0x7FFFFFFFU) % partitions;
}

}  // namespace antiphon::runtime

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "services/kafka/owned.h"
#include "services/runtime/membership.h"
#include "state/base/result.h"

namespace antiphon::kafka {

// KafkaMemberToken: generation and member id as values. The sink makes librdkafka's object of them, so none of that crosses threads.
class KafkaMemberToken : public runtime::MemberToken {
 public:
  KafkaMemberToken(std::int32_t generation, std::string member_id) : generation_(generation), member_id_(std::move(member_id)) {}

  // The consumer's membership as it is now; to be called in its rebalance callback. kStopProcess if this librdkafka writes it in another
  // form.
  [[nodiscard]] static Result<std::shared_ptr<const runtime::MemberToken>> Of(rd_kafka_s* consumer);

  [[nodiscard]] std::int32_t generation() const override { return generation_; }
  [[nodiscard]] const std::string& member_id() const override { return member_id_; }

 private:
  std::int32_t generation_;
  std::string member_id_;
};

}  // namespace antiphon::kafka

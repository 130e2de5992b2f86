#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "engine/decision/engine.h"
#include "engine/decision/step.h"
#include "engine/expression/compiler.h"
#include "engine/topology/slots.h"
#include "engine/topology/topology.h"

namespace antiphon::decision {

inline EngineTime At(std::string_view rfc3339) { return ParseTime(rfc3339).value(); }
inline EngineTime Ms(std::int64_t ms) { return EngineTime{kEngineTimeMin} + Milliseconds{ms}; }

// One customer and all that a step needs, over a topology that the test fills.
struct Bench {
  topology::Topology topology;
  state::PartitionState partition;
  state::CustomerState customer;
  StepScratchPtr scratch = MakeStepScratch();
  Effects effects;

  Bench() { customer.customer = "C1"; }

  [[nodiscard]] Step StepAt(EngineTime now) {
    return Step{.topology = topology,
                .partition = partition,
                .customer = customer,
                .time = {.now = now, .floor = now},
                .scratch = *scratch,
                .effects = effects};
  }

  // A contact in the ledger, as if it had been made before.
  state::Contact& AddToLedger(state::ContactStatus status, EngineTime counted, state::OfferId offer = state::OfferId{0},
                              state::Direction direction = state::Direction::kOutbound) {
    state::Contact contact;
    contact.number = ++customer.contacts_made;
    contact.id = {.high = 1, .low = contact.number};
    contact.status = status;
    contact.direction = direction;
    contact.offer = offer;
    contact.channel = state::ChannelId{0};
    contact.counted = contact.due = counted;
    contact.expires = kEngineTimeMax;
    customer.contacts.push_back(contact);
    return customer.contacts.back();
  }

  state::OfferId AddOffer(std::string id, std::string group = {}) {
    topology::Offer offer;
    offer.id = std::move(id);
    offer.group = std::move(group);
    topology.offers.push_back(std::move(offer));
    return state::OfferId{static_cast<std::uint16_t>(topology.offers.size() - 1)};
  }

  state::ChannelId AddChannel(std::string id) {
    topology::Channel channel;
    channel.id = std::move(id);
    channel.address.by_channel = true;
    topology.channels.push_back(std::move(channel));
    return state::ChannelId{static_cast<std::uint16_t>(topology.channels.size() - 1)};
  }
};

}  // namespace antiphon::decision

#include "tests/unit/tools/small_bank.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "engine/topology/topology_loader.h"
#include "services/formats/message_catalog.h"

namespace antiphon::tools {
namespace {

constexpr const char* kSmallBank = R"(
antiphon: 1
name: small-bank
timezone: Europe/Prague
default_language: en
languages: [en]
placements: [call_screen]
envelope: {id: id, time: time, customer: customer_id, source: core}

events:
  customer.profile:
    fields: {first_name: string, email: string, phone: string, birth_date: date}
  account.opened:
    fields: {account_id: {type: string, required: true}, product: string}
  transaction.posted:
    fields:
      account_id: string
      amount: {type: decimal(2), currency: CZK, required: true}
      balance: {type: decimal(2), currency: CZK, from: /payload/balance}
  web.page_viewed:
    acts_as: page_viewed
    fields: {path: {type: string, required: true}, sensitive: bool}
  consent.changed:
    acts_as: consent_changed
    fields: {channel: string, purpose: string, granted: bool}
  complaint.opened:
    fields: {case_id: string}
  complaint.closed:
    fields: {case_id: string}
  contact.response:
    acts_as: contact_response
    fields: {contact_id: {type: string, required: true}, code: {type: string, required: true}, actor.kind: string, actor.id: string}
  decision.requested:
    acts_as: decision_requested
    fields: {request_id: string, channel: string, placement: string, slots: int, interaction_id: string}

customer:
  contact_points: [email, phone]
  birth_date: birth_date
  fields:
    first_name: {type: string, from: {customer.profile: first_name}}
    email: {type: string, from: {customer.profile: email}}
    phone: {type: string, from: {customer.profile: phone}}
    birth_date: {type: date, from: {customer.profile: birth_date}}

features:
  balance: {on: transaction.posted, last: event.balance, default: 0}
  pages_7d: {on: web.page_viewed, count: true, over: 7d}

segments:
  asset_tier:
    - affluent: 'features.balance >= 5000000'
    - mass: 'true'

triggers:
  account_unused:
    about: an account stands unused for 14 days
    pattern:
      - opened: {event: account.opened}
      - used: {event: transaction.posted, contiguity: not_followed_by}
    within: 14d
    offers: [first_steps]
  savings_read:
    about: the savings page was read three times
    tell: you looked at our savings
    pattern:
      - read: {event: web.page_viewed, where: 'event.path == "/savings"', times: 3}
    within: 1d
    expires_after: 48h
    offers: [savings_sweep]

offers:
  first_steps:
    about: help with a new account
    class: marketing
    treatments:
      email: {template: "Dear {{ customer.first_name }}, shall we help with your account?"}
  savings_sweep:
    about: move what is left to savings
    class: marketing
    eligible:
      grown_up: {about: grown-ups only, when: 'customer.age >= 18'}
    propensity: '4'
    value: '100'
    request: {placements: [call_screen]}
    treatments:
      sms: {template: "Your money could earn interest."}
      call: {script: "Ask about savings."}

consent:
  marketing: {sms: opt_in, email: opt_in, call: opt_out, default: unknown_is_no}
  profiling: {default: unknown_is_no}

contact_policy:
  caps:
    - {id: weekly, about: one push a week, max: 1, over: 7d}
  after:
    declined: {suppress: offer, over: 90d}
  suppressions:
    complaint: {about: nothing is sold while a complaint is open, open: complaint.opened, close: complaint.closed, case: event.case_id, then: {quiet: 14d}}

channels:
  email: {direction: outbound, open: {mon-fri: "09:00-17:00"}, address: customer.email, point: email, response_window: 7d, cost: 1}
  sms: {direction: outbound, open: {every day: "08:00-20:00"}, address: customer.phone, point: phone, response_window: 3d, cost: 12}
  call: {direction: inbound, address: by_channel, cost: 0}

experiments:
  universal_holdout: {share: 50%, salt: h1}
)";

// The one file of the small bank.
class OneFile final : public topology::SourceFiles {
 public:
  [[nodiscard]] std::optional<std::string> Read(std::string_view path) const override {
    return path == kTopologyFile ? std::optional<std::string>(kSmallBank) : std::nullopt;
  }
  [[nodiscard]] std::vector<std::string> List() const override { return {kTopologyFile}; }
};

}  // namespace

std::string Lines(const std::vector<topology::Diagnostic>& diagnostics) {
  std::string lines;
  for (const topology::Diagnostic& diagnostic : diagnostics) lines += topology::ToString(diagnostic) + "\n";
  return lines;
}

std::shared_ptr<const topology::Topology> SharedSmallBank() {
  static const auto kBank = [] {
    const topology::LoadOutcome outcome = topology::LoadTopology(OneFile(), formats::ProtoMessageCatalog());
    if (outcome.topology == nullptr) ADD_FAILURE() << Lines(outcome.diagnostics);
    return outcome.topology;
  }();
  return kBank;
}

const topology::Topology& SmallBank() { return *SharedSmallBank(); }

LoadTopologyFolder LoadSmallBank() {
  return [](const std::string& /*folder*/) -> Result<std::shared_ptr<const topology::Topology>> { return SharedSmallBank(); };
}

TemporaryFile::TemporaryFile(const std::string& name, const std::string& text) {
  path_ = testing::TempDir() + "antiphon-" + std::to_string(getpid()) + "-" + name;
  std::ofstream(path_, std::ios::binary) << text;
}

TemporaryFile::~TemporaryFile() { std::remove(path_.c_str()); }

std::string ReadAll(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return std::move(text).str();
}

}  // namespace antiphon::tools

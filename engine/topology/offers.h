#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/expression/program.h"
#include "state/base/time.h"
#include "state/model/contact.h"
#include "state/model/ids.h"

namespace antiphon::topology {

// A text with values put in. A value that is absent or fails closes the candidate at stage `template`: never sent half-filled.
struct Template {
  struct Piece {
    std::string text;                            // literal, if there is no program
    std::optional<expression::Program> program;  // `{{ expression }}`
    std::uint8_t scale = 0;                      // of money: digits after the point
    std::string currency;
  };
  std::string file;  // the script's file name, or empty
  std::vector<Piece> pieces;
};

struct RepliesTo {
  state::ChannelId channel;
  Milliseconds open_within{0};
  Milliseconds open_for{0};
};

enum class WhenDue : std::uint8_t { kDecideAgain, kSend };

// An offer's form on one channel.
struct Treatment {
  std::string id;  // offer id + "." + name; the name defaults to the channel's
  state::OfferId offer;
  state::ChannelId channel;
  bool script = false;                               // for an agent to say; else a text to send or show
  std::vector<std::optional<Template>> by_language;  // by LanguageId; nothing where the author wrote none
  std::optional<RepliesTo> replies_to;
  std::optional<std::int64_t> cost;  // else the channel's
  std::optional<expression::Program> where;
  std::string tell;
};

struct Gate {
  std::string rule;  // its name in reasons: "eligible", or eligible/NAME where the author names several
  std::string about;
  expression::Program when;
};

// Something the bank could say. Source: docs/topology-reference.md, "offers".
struct Offer {
  std::string id;
  std::string about;
  std::string tell;
  std::string owner;
  state::ContactClass contact_class = state::ContactClass::kMarketing;
  std::string issue;
  std::string group;
  std::string product;
  std::string goal;
  state::CampaignId campaign = state::kNone<state::CampaignId>;
  std::int32_t priority = 0;
  std::optional<EngineTime> valid_from;  // [from, until)
  std::optional<EngineTime> valid_until;
  std::vector<Gate> eligible;
  std::vector<Gate> applicable;
  std::vector<Gate> suitable;
  std::optional<expression::Program> propensity;  // a factor that is not written is 1
  std::optional<expression::Program> value;
  std::optional<expression::Program> context;
  std::optional<expression::Program> lever;
  std::vector<state::TreatmentId> treatments;  // ascending
  std::vector<std::uint16_t> placements;       // of requests: positions in Topology::placements, ascending
  std::vector<std::string> intents;            // of requests; none: any
};

// A named set of triggers and offers. Its dates and pauses hold for all its offers.
struct Campaign {
  std::string id;
  std::string about;
  std::string owner;
  std::string goal;
  std::optional<EngineTime> from;
  std::optional<EngineTime> until;
  std::uint32_t control_share_ppm = 0;  // control group, parts per million of customers
  std::string control_salt;
};

}  // namespace antiphon::topology

#include "services/tools/scenario_run.h"

#include <algorithm>
#include <charconv>
#include <deque>
#include <utility>

#include "engine/decision/record_ids.h"
#include "engine/expression/arena.h"
#include "services/formats/json_event_decoder.h"
#include "services/formats/padded_text.h"
#include "services/tools/contact_match.h"
#include "services/tools/customer_view.h"
#include "services/tools/json_out.h"
#include "services/tools/session.h"
#include "services/tools/value_text.h"

namespace antiphon::tools {
namespace {

using expression::Kind;
using expression::Value;

// JsonRecord: values put at paths of one JSON object.
class JsonRecord {
 public:
  void Put(const std::vector<std::string>& path, std::string json) {
    Node* node = &root_;
    for (const std::string& key : path) node = &ChildOf(*node, key);
    node->json = std::move(json);
  }
  [[nodiscard]] std::string Text() const {
    std::string text;
    JsonOut json(text);
    Write(json, root_);
    return text;
  }

 private:
  struct Node {
    std::string key;
    std::string json;                // of a leaf
    std::deque<Node> children = {};  // places do not move
  };

  static Node& ChildOf(Node& node, const std::string& key) {
    for (Node& child : node.children) {
      if (child.key == key) return child;
    }
    node.children.push_back({.key = key, .json = {}});
    return node.children.back();
  }

  static void Write(JsonOut& json, const Node& node) {
    if (node.children.empty() && !node.json.empty()) return json.Raw(node.json);
    json.BeginObject();
    for (const Node& child : node.children) {
      json.Key(child.key);
      Write(json, child);
    }
    json.EndObject();
  }

  Node root_;
};

// An empty path is the usual key.
std::vector<std::string> OrElse(const std::vector<std::string>& path, const char* key) {
  return path.empty() ? std::vector<std::string>{key} : path;
}

bool IsText(const Value& value, const std::string& text, const calendar::Zone& zone) {
  switch (value.kind()) {
    case Kind::kString:
      return value.as_text() == text;
    case Kind::kTimestamp: {
      const auto span = ReadTimeSpan(text, zone);
      return span && span->Contains(FromEpochMs(value.as_ms()));
    }
    case Kind::kDuration: {
      const auto length = ParseDuration(text);
      return length && length->count() == value.as_ms();
    }
    case Kind::kDouble: {
      double wanted = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), wanted);
      return error == std::errc{} && end == text.data() + text.size() && wanted == value.as_double();
    }
    case Kind::kUint:
      return std::to_string(value.as_uint()) == text;
    default:
      return ValueText(value) == text;
  }
}

bool FitsState(const Value& value, const ExpectedState& expected, const calendar::Zone& zone) {
  const bool has_value = !value.is_error() && !value.is(Kind::kAbsent);
  if (expected.absent || !has_value) return expected.absent && !has_value;
  if (!expected.is_list) return !expected.is.empty() && IsText(value, expected.is.front(), zone);
  if (!value.is(Kind::kList) || value.as_list().size() != expected.is.size()) return false;
  for (std::size_t i = 0; i < expected.is.size(); ++i) {
    if (!IsText(value.as_list()[i], expected.is[i], zone)) return false;
  }
  return true;
}

// Runner: one scenario while it runs.
class Runner final : private StepObserver {
 public:
  Runner(const topology::Topology& topology, const Scenario& scenario) : topology_(topology), scenario_(scenario), decoder_(topology) {
    run_.states.resize(scenario.state.size());
    for (std::size_t i = 0; i < scenario.state.size(); ++i) {
      if (const auto& at = scenario.state[i].at) asked_.push_back({.at = *at, .state = i});
    }
    std::ranges::stable_sort(asked_, {}, &Asked::at);
  }

  ScenarioRun Run() {
    auto session = Session::Create({.topology = &topology_, .observer = this, .watched = {}});
    if (!session) return Broken(session.error());
    session_ = *std::move(session);
    for (std::size_t i = 0; i < scenario_.given.size(); ++i) {
      const GivenEvent& given = scenario_.given[i];
      for (std::uint32_t k = 0; k < given.repeat; ++k) {
        if (auto applied = Give(given, i, k); !applied) return Broken(applied.error());
      }
    }
    if (auto finished = Finish(); !finished) return Broken(finished.error());
    return std::move(run_);
  }

 private:
  // An expectation of Scenario::state that has a time.
  struct Asked {
    EngineTime at{};
    std::size_t state = 0;
  };

  void OnStep(SessionStep& step) override {
    std::ranges::move(step.effects.decisions, std::back_inserter(run_.decisions));
    std::ranges::move(step.effects.contacts, std::back_inserter(run_.contacts));
    std::ranges::move(step.effects.outbound, std::back_inserter(run_.outbound));
  }

  ScenarioRun Broken(const Error& error) {
    run_.problems.push_back({.place = scenario_.place, .expected = "the scenario runs", .happened = {error.message}});
    return std::move(run_);
  }

  void Problem(const GivenEvent& given, std::string message, std::vector<std::string> lines = {}) {
    run_.problems.push_back({.place = given.place, .expected = given.type + " is applied", .happened = {std::move(message)}});
    std::ranges::move(lines, std::back_inserter(run_.problems.back().happened));
  }

  Result<void> Give(const GivenEvent& given, std::size_t number, std::uint32_t repetition) {
    const EngineTime time = given.time + given.every * repetition;
    const EngineTime now = std::max(clock_, time);
    if (given.backfill && now > clock_) session_->TellBackfill({.after = clock_, .until = now});
    if (auto advanced = AnswerUntil(now); !advanced) return advanced;
    // `contact` means the ledger as it stands when the event happens: what is due before or at that time has happened.
    if (auto advanced = session_->AdvanceTo(now); !advanced) return advanced;
    clock_ = now;
    auto line = LineOf(given, time, number, repetition);
    if (!line) return {};
    arena_.Reset();
    const formats::Decoded decoded = decoder_.Decode(buffer_.Assign(*line), {.partition = 0, .offset = lines_++}, arena_);
    switch (decoded.kind) {
      case formats::Decoded::Kind::kEvent:
        return session_->Apply(decoded.event, now);
      case formats::Decoded::Kind::kControl:
        return session_->Apply(decoded.control, now);
      case formats::Decoded::Kind::kActivation:
        Problem(given, "a scenario has one version of the topology");
        return {};
      case formats::Decoded::Kind::kSkipped:
        Problem(given, "its type is not declared");
        return {};
      case formats::Decoded::Kind::kDeadLetter:
        Problem(given, "it became a dead letter (" + std::string(formats::DeadLetterReasonName(decoded.reason)) + "): " + decoded.message,
                {"the record: " + *line});
        return {};
    }
    return {};
  }

  // The record as the log would have it; nothing, and a problem, if the contact that it names does not exist.
  std::optional<std::string> LineOf(const GivenEvent& given, EngineTime time, std::size_t number, std::uint32_t repetition) {
    JsonRecord record;
    if (given.control) {
      record.Put(OrElse(topology_.envelope.type_path, "type"), QuotedJson(given.type));
      record.Put({"time"}, QuotedJson(FormatTime(time)));
    } else {
      const topology::EventType& type = topology_.event_types[given.event_type];
      record.Put(OrElse(topology_.envelope.type_path, "type"), QuotedJson(type.name_in_log));
      record.Put(OrElse(type.time_path, "time"), QuotedJson(FormatTime(time)));
      record.Put(OrElse(type.customer_path, "customer"), QuotedJson(given.customer));
      const std::string id =
          given.id.value_or("e" + std::to_string(number + 1) + (given.repeat > 1 ? "-" + std::to_string(repetition + 1) : ""));
      record.Put(OrElse(type.id_path, "id"), QuotedJson(id));
      if (given.backfill) record.Put(OrElse(topology_.envelope.backfill_path, "backfill"), "true");
    }
    for (const GivenEvent::Field& field : given.fields) record.Put(field.path, field.json);
    if (given.contact) {
      const auto id = FindContact(given, *given.contact);
      if (!id) return std::nullopt;
      record.Put(given.contact_path, QuotedJson(*id));
    }
    return record.Text();
  }

  // The id of the newest contact of the event's customer that fits as it stands now.
  std::optional<std::string> FindContact(const GivenEvent& given, const ContactPattern& pattern) {
    std::vector<const decision::ContactRecord*> newest;  // of each contact, by its first record
    for (const decision::ContactRecord& record : run_.contacts) {
      if (record.customer != given.customer) continue;
      const auto same = std::ranges::find_if(newest, [&record](const auto* other) { return other->contact.id == record.contact.id; });
      if (same == newest.end()) {
        newest.push_back(&record);
      } else {
        *same = &record;
      }
    }
    for (auto record = newest.rbegin(); record != newest.rend(); ++record) {
      const state::Contact& contact = (*record)->contact;
      if (!Fits(topology_, pattern, **record, run_.TextOf(contact.id))) continue;
      return contact.foreign_id.empty() ? ToHex(contact.id) : contact.foreign_id;
    }
    std::vector<std::string> lines;
    if (newest.empty()) lines.push_back(given.customer + " has no contact at that time");
    for (const decision::ContactRecord* record : newest) lines.push_back("there is " + RecordText(topology_, *record));
    Problem(given, "no contact fits {" + PatternText(topology_, pattern) + "}", std::move(lines));
    return std::nullopt;
  }

  // Answers what `state` asks for times before `now`: everything at that time has then happened.
  Result<void> AnswerUntil(EngineTime now) {
    while (next_asked_ < asked_.size() && asked_[next_asked_].at < now) {
      const Asked& asked = asked_[next_asked_++];
      const EngineTime at = std::max(clock_, asked.at);
      if (auto advanced = session_->AdvanceTo(at); !advanced) return advanced;
      clock_ = at;
      Answer(asked.state);
    }
    return {};
  }

  void Answer(std::size_t asked) {
    const ExpectedState& expected = scenario_.state[asked];
    CustomerView view(topology_, session_->Look(expected.customer), clock_);
    const EvaluationResult result = EvaluateAndNote(*expected.program, view);
    StateReading& reading = run_.states[asked];
    reading.read = true;
    reading.fits = FitsState(result.value, expected, topology_.zone);
    reading.value = ValueText(result.value);
    for (const Reading& read : result.readings) reading.readings.push_back(read.name + " = " + read.value);
  }

  Result<void> Finish() {
    const EngineTime end = std::max(clock_, scenario_.until.value_or(clock_));
    if (auto advanced = AnswerUntil(end + Milliseconds{1}); !advanced) return advanced;
    if (auto advanced = session_->AdvanceTo(end); !advanced) return advanced;
    clock_ = end;
    run_.end = end;
    for (std::size_t i = 0; i < scenario_.state.size(); ++i) {
      if (!scenario_.state[i].at) Answer(i);
    }
    return {};
  }

  const topology::Topology& topology_;
  const Scenario& scenario_;
  formats::JsonEventDecoder decoder_;
  formats::PaddedBuffer buffer_;
  expression::Arena arena_;
  std::unique_ptr<Session> session_;
  ScenarioRun run_;
  EngineTime clock_{};
  std::uint64_t lines_ = 0;
  std::vector<Asked> asked_;  // by time
  std::size_t next_asked_ = 0;
};

}  // namespace

const std::string* ScenarioRun::TextOf(const Hash128& contact_id) const {
  for (const decision::OutboundRecord& record : outbound) {
    if (record.kind == decision::OutboundRecord::Kind::kSend && record.contact_id == contact_id) return &record.text;
    for (const decision::AnsweredOffer& offer : record.offers) {
      if (offer.contact_id == contact_id) return &offer.text;
    }
  }
  return nullptr;
}

topology::Topology WithoutExperiments(const topology::Topology& topology) {
  topology::Topology without = topology;
  without.universal_holdout.share_ppm = 0;
  for (topology::Campaign& campaign : without.campaigns) campaign.control_share_ppm = 0;
  return without;
}

ScenarioRun RunScenario(const topology::Topology& topology, const Scenario& scenario) { return Runner(topology, scenario).Run(); }

}  // namespace antiphon::tools

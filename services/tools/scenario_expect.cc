#include <algorithm>
#include <utility>

#include "engine/decision/words.h"
#include "engine/expression/compiler.h"
#include "services/tools/scenario_reader.h"

namespace antiphon::tools {
namespace {

using decision::CauseKind;
using decision::Stage;
using topology::YamlNode;

std::vector<std::string> StageWords() {
  std::vector<std::string> words;
  words.reserve(decision::kStageCount);
  for (std::size_t i = 0; i < decision::kStageCount; ++i) words.emplace_back(decision::StageName(static_cast<Stage>(i)));
  return words;
}

std::vector<std::string> CauseWords() {
  std::vector<std::string> words;
  words.reserve(static_cast<std::size_t>(CauseKind::kRecorded) + 1);
  for (std::size_t i = 0; i <= static_cast<std::size_t>(CauseKind::kRecorded); ++i) {
    words.emplace_back(decision::CauseKindName(static_cast<CauseKind>(i)));
  }
  return words;
}

std::vector<std::string> StatusWords() {
  std::vector<std::string> words;
  words.reserve(static_cast<std::size_t>(state::ContactStatus::kExpired) + 1);
  for (std::size_t i = 0; i <= static_cast<std::size_t>(state::ContactStatus::kExpired); ++i) {
    words.emplace_back(decision::StatusName(static_cast<state::ContactStatus>(i)));
  }
  return words;
}

template <typename Enum>
std::optional<Enum> Word(MapKeys& keys, std::string_view key, const std::vector<std::string>& words) {
  const auto word = keys.Name(key, words);
  if (!word) return std::nullopt;
  return static_cast<Enum>(std::ranges::find(words, *word) - words.begin());
}

// The items of a list, or the one map that stands for it.
std::vector<const YamlNode*> Items(ScenarioReader& reader, const YamlNode& node, std::string_view key) {
  std::vector<const YamlNode*> items;
  if (node.is_scalar() && node.text == "none") return items;
  if (node.is_map()) {
    items.push_back(&node);
  } else if (node.is_sequence()) {
    for (const YamlNode& item : node.items) items.push_back(&item);
  } else if (!node.is_null()) {
    reader.Error(node, "wrong_type", "`" + std::string(key) + "` is a list");
  }
  return items;
}

void ReadContactText(ScenarioReader& reader, const YamlNode& node, ContactPattern& pattern) {
  if (node.is_scalar()) {
    pattern.text = node.text;
    return;
  }
  MapKeys keys(reader, node, "`text`");
  pattern.text = keys.Text("equals");
  if (const YamlNode* contains = keys.Find("contains")) {
    pattern.text_contains = reader.ReadTexts(*contains, "contains", ScenarioReader::None::kIsAText).value_or(std::vector<std::string>{});
  }
  keys.Finish();
}

ExpectedDecision ReadDecision(ScenarioReader& reader, const YamlNode& node) {
  ExpectedDecision expected;
  expected.place = reader.PlaceOf(node);
  MapKeys keys(reader, node, "an expected decision");
  expected.customer = keys.Text("customer");
  expected.trigger = keys.Name("trigger", reader.triggers);
  expected.request = keys.Text("request");
  expected.cause = Word<CauseKind>(keys, "cause", CauseWords());
  expected.at = keys.Time("at");
  if (const YamlNode* chosen = keys.Find("chosen")) {
    if (chosen->is_scalar() && chosen->text == "none") {
      expected.chosen.emplace();
    } else if (chosen->is_scalar()) {
      if (auto name = reader.ReadName(*chosen, "offer", reader.offers)) expected.chosen = {*std::move(name)};
    } else {
      expected.chosen.emplace();
      for (const YamlNode& item : chosen->items) {
        if (auto name = reader.ReadName(item, "offer", reader.offers)) expected.chosen->push_back(*std::move(name));
      }
    }
  }
  expected.stage = Word<Stage>(keys, "stage", StageWords());
  expected.rule = keys.Text("rule");
  keys.Finish();
  return expected;
}

ExpectedSilence ReadSilence(ScenarioReader& reader, const YamlNode& node) {
  ExpectedSilence expected;
  expected.place = reader.PlaceOf(node);
  MapKeys keys(reader, node, "an expected silence");
  expected.customer = keys.Text("customer");
  expected.offer = keys.Name("offer", reader.offers);
  expected.trigger = keys.Name("trigger", reader.triggers);
  expected.channel = keys.Name("channel", reader.channels);
  expected.at = keys.Time("at");
  expected.stage = Word<Stage>(keys, "stage", StageWords());
  expected.rule = keys.Text("rule");
  keys.Finish();
  if (keys.good() && node.Find("offer") == nullptr && node.Find("trigger") == nullptr) {
    reader.Error(node, "missing_key", "a silence is that of an `offer` or of a `trigger`", "write {offer: .., stage: ..} or {trigger: ..}");
  }
  return expected;
}

ExpectedAnswer ReadAnswer(ScenarioReader& reader, const YamlNode& node) {
  ExpectedAnswer expected;
  expected.place = reader.PlaceOf(node);
  MapKeys keys(reader, node, "an expected answer");
  const auto list = [&](std::string_view key) -> std::optional<std::vector<std::string>> {
    const YamlNode* value = keys.Find(key);
    return value == nullptr ? std::nullopt : reader.ReadTexts(*value, key, ScenarioReader::None::kIsEmpty);
  };
  expected.request = keys.Text("request").value_or("");
  if (keys.good() && expected.request.empty()) reader.Error(node, "missing_key", "an expected answer needs the id of its `request`");
  if (const YamlNode* offers = keys.Find("offers"); offers != nullptr && offers->is_sequence()) {
    for (const YamlNode& item : offers->items) (void)reader.ReadName(item, "offer", reader.offers);
  }
  expected.offers = list("offers");
  expected.web = list("web");
  expected.holdings = list("holdings");
  expected.tell = list("tell");
  if (const YamlNode* text = keys.Find("text")) {
    ContactPattern pattern;
    ReadContactText(reader, *text, pattern);
    expected.text_contains = pattern.text_contains;
    if (pattern.text) expected.text_contains.push_back(*pattern.text);
  }
  keys.Finish();
  return expected;
}

std::shared_ptr<const expression::Program> CompileState(ScenarioReader& reader, const YamlNode& node) {
  auto program = expression::Compile(node.text, reader.scope(), {});
  if (program) return std::make_shared<const expression::Program>(*std::move(program));
  for (const expression::ExpressionDiagnostic& mistake : program.error()) {
    reader.ErrorAt(reader.PlaceIn(node, mistake.offset), "bad_expression", node.text.substr(mistake.offset, mistake.length),
                   mistake.message, mistake.remedy);
  }
  return nullptr;
}

ExpectedState ReadState(ScenarioReader& reader, const YamlNode& node, const std::string& customer) {
  ExpectedState expected;
  expected.place = reader.PlaceOf(node);
  MapKeys keys(reader, node, "an expected state");
  if (const YamlNode* text = keys.Find("expression")) {
    expected.text = text->text;
    expected.program = CompileState(reader, *text);
  } else if (keys.good()) {
    reader.Error(node, "missing_key", "an expected state needs an `expression`", "write {expression: 'features.balance', is: 100000}");
  }
  if (const auto at = keys.Time("at")) expected.at = at->from;
  expected.customer = keys.Text("customer").value_or(customer);
  expected.absent = keys.Bool("absent").value_or(false);
  const YamlNode* is = keys.Find("is");
  if (is != nullptr) {
    expected.is_list = is->is_sequence();
    expected.is = reader.ReadTexts(*is, "is", ScenarioReader::None::kIsAText).value_or(std::vector<std::string>{});
  }
  if (keys.good() && (is != nullptr) == expected.absent) {
    reader.Error(node, "missing_key", "an expected state says what the expression is", "write `is: ..`, or `absent: true`");
  }
  keys.Finish();
  return expected;
}

std::vector<ExpectedContact> ReadContacts(ScenarioReader& reader, const YamlNode& node, std::string_view key) {
  std::vector<ExpectedContact> contacts;
  for (const YamlNode* item : Items(reader, node, key)) {
    contacts.push_back({.place = reader.PlaceOf(*item), .pattern = ReadContactPattern(reader, *item, "an expected contact")});
  }
  return contacts;
}

}  // namespace

ContactPattern ReadContactPattern(ScenarioReader& reader, const YamlNode& node, std::string subject) {
  ContactPattern pattern;
  MapKeys keys(reader, node, std::move(subject));
  pattern.source_system = keys.Text("source_system");
  pattern.offer = pattern.source_system ? keys.Text("offer") : keys.Name("offer", reader.offers);
  pattern.channel = keys.Name("channel", reader.channels);
  pattern.treatment = keys.Name("treatment", reader.treatments);
  pattern.trigger = keys.Name("trigger", reader.triggers);
  pattern.campaign = keys.Name("campaign", reader.campaigns);
  pattern.language = keys.Name("language", reader.topology().languages);
  pattern.contact_class = keys.Name("class", {"marketing", "advice", "service", "mandatory"});
  pattern.direction = keys.Name("direction", {"outbound", "inbound"});
  pattern.status = Word<state::ContactStatus>(keys, "status", StatusWords());
  pattern.previous = Word<state::ContactStatus>(keys, "previous", StatusWords());
  pattern.reason = keys.Text("reason");
  pattern.customer = keys.Text("customer");
  pattern.interaction_id = keys.Text("interaction_id");
  pattern.at = keys.Time("at");
  pattern.due = keys.Time("due");
  pattern.expires = keys.Time("expires");
  if (const YamlNode* text = keys.Find("text")) ReadContactText(reader, *text, pattern);
  keys.Finish();
  return pattern;
}

void ReadExpectations(ScenarioReader& reader, const YamlNode& node, const std::string& customer, Scenario& scenario) {
  MapKeys keys(reader, node, "`expect`");
  if (!keys.good()) return;
  if (const YamlNode* contacts = keys.Find("contacts")) scenario.contacts = ReadContacts(reader, *contacts, "contacts");
  scenario.only = keys.Bool("only").value_or(true);
  if (const YamlNode* never = keys.Find("never")) scenario.never = ReadContacts(reader, *never, "never");
  if (const YamlNode* decisions = keys.Find("decisions")) {
    for (const YamlNode* item : Items(reader, *decisions, "decisions")) scenario.decisions.push_back(ReadDecision(reader, *item));
  }
  if (const YamlNode* silence = keys.Find("silence")) {
    for (const YamlNode* item : Items(reader, *silence, "silence")) scenario.silence.push_back(ReadSilence(reader, *item));
  }
  if (const YamlNode* answers = keys.Find("answers")) {
    for (const YamlNode* item : Items(reader, *answers, "answers")) scenario.answers.push_back(ReadAnswer(reader, *item));
  }
  if (const YamlNode* states = keys.Find("state")) {
    for (const YamlNode* item : Items(reader, *states, "state")) scenario.state.push_back(ReadState(reader, *item, customer));
  }
  keys.Finish();
}

}  // namespace antiphon::tools

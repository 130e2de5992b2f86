#include "services/formats/record_writer.h"
#include "services/tools/contact_match.h"
#include "services/tools/explain_command.h"
#include "services/tools/json_out.h"
#include "services/tools/reason_words.h"
#include "services/tools/time_text.h"

namespace antiphon::tools {
namespace {

std::string SpanText(const TimeSpan& span, const calendar::Zone& zone) {
  const bool open_start = span.from == EngineTime{};
  const bool open_end = span.until == kEngineTimeMax;
  if (open_start && open_end) return "all of the log";
  std::string text;
  if (!open_start) text = "from " + LocalTimeText(span.from, zone);
  if (!open_end) text.append(text.empty() ? "" : " ").append("to ").append(LocalTimeText(span.until, zone));
  return text;
}

void AppendCandidate(std::string& out, const ExplainedCandidate& candidate) {
  out += "  - " + candidate.text + "\n";
  for (const std::string& line : candidate.details) out += "      " + line + "\n";
  if (!candidate.score.empty()) out += "      " + candidate.score + "\n";
  if (candidate.says.empty()) return;
  const bool chosen = candidate.record.stage == decision::Stage::kChosen;
  out += std::string(chosen ? "      says: " : "      would have said: ") + QuotedJson(candidate.says) + "\n";
}

void AppendDecision(std::string& out, const topology::Topology& topology, const ExplainedDecision& decision) {
  out += "\n" + decision.title + "\n  decision " + ToHex(decision.record.id) + "\n";
  out += (decision.record.chosen.empty() ? "  " : "  chosen: ") + decision.result + "\n";
  for (const ExplainedCandidate& candidate : decision.candidates) AppendCandidate(out, candidate);
  if (decision.contacts.empty()) return;
  out += "  what became of it\n";
  for (const decision::ContactRecord& record : decision.contacts) {
    out += "      " + RecordText(topology, record);
    const std::string why = ChangeText(topology, record.reason);
    if (why != record.reason) out += ": " + why;
    out += "\n";
  }
}

void WriteTexts(JsonOut& json, std::string_view key, const std::vector<std::string>& texts) {
  json.Key(key);
  json.BeginArray();
  for (const std::string& text : texts) json.String(text);
  json.EndArray();
}

void WriteDecision(JsonOut& json, const formats::RecordWriter& writer, const ExplainedDecision& decision) {
  json.BeginObject();
  json.Field("title", decision.title);
  json.Field("result", decision.result);
  std::string line;
  writer.AppendDecision(line, decision.record);
  json.Key("decision");
  json.Raw(line);
  json.Key("candidates");
  json.BeginArray();
  for (const ExplainedCandidate& candidate : decision.candidates) {
    json.BeginObject();
    json.Field("text", candidate.text);
    json.FieldIfAny("score", candidate.score);
    WriteTexts(json, "details", candidate.details);
    json.FieldIfAny("says", candidate.says);
    json.EndObject();
  }
  json.EndArray();
  json.Key("contacts");
  json.BeginArray();
  for (const decision::ContactRecord& record : decision.contacts) {
    line.clear();
    writer.AppendContact(line, record);
    json.Raw(line);
  }
  json.EndArray();
  json.EndObject();
}

}  // namespace

std::string ExplanationText(const topology::Topology& topology, const Explanation& explanation) {
  std::string out =
      "customer " + explanation.customer + ", " + SpanText(explanation.span, topology.zone) + "; times of " + topology.zone.name() + "\n";
  if (explanation.decisions.empty()) {
    out += "\nnothing was decided for him then\n";
    if (!explanation.earlier.empty()) out += "\nthe last decisions before\n";
    for (const std::string& line : explanation.earlier) out += "  " + line + "\n";
    if (!explanation.later.empty()) out += "\nthe next one\n";
    for (const std::string& line : explanation.later) out += "  " + line + "\n";
  }
  for (const ExplainedDecision& decision : explanation.decisions) AppendDecision(out, topology, decision);
  for (const StandingPart& part : explanation.standing) {
    out += "\n" + part.title + "\n";
    for (const std::string& line : part.lines) out += "  " + line + "\n";
  }
  if (explanation.dead_letters > 0) out += "\n" + std::to_string(explanation.dead_letters) + " records of the logs could not be read\n";
  return out;
}

std::string ExplanationJson(const topology::Topology& topology, const Explanation& explanation) {
  const formats::RecordWriter writer(topology);
  std::string out;
  JsonOut json(out);
  json.BeginObject();
  json.Field("customer", explanation.customer);
  if (explanation.span.from != EngineTime{}) json.Field("from", FormatTime(explanation.span.from));
  if (explanation.span.until != kEngineTimeMax) json.Field("until", FormatTime(explanation.span.until));
  json.Field("topology_version", ToHex(topology.version));
  json.Field("zone", topology.zone.name());
  json.Key("decisions");
  json.BeginArray();
  for (const ExplainedDecision& decision : explanation.decisions) WriteDecision(json, writer, decision);
  json.EndArray();
  WriteTexts(json, "earlier", explanation.earlier);
  WriteTexts(json, "later", explanation.later);
  json.Key("standing");
  json.BeginObject();
  for (const StandingPart& part : explanation.standing) WriteTexts(json, part.title, part.lines);
  json.EndObject();
  json.FieldInt("dead_letters", static_cast<std::int64_t>(explanation.dead_letters));
  WriteTexts(json, "notes", explanation.notes);
  json.EndObject();
  return out + "\n";
}

}  // namespace antiphon::tools

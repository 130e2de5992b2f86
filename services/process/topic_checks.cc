#include "services/process/topic_checks.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "state/base/time.h"

namespace antiphon::process {
namespace {

using runtime::TopicFacts;
using topology::Severity;

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kForever = -1;
constexpr std::int64_t kMessageBytesMin = 1'000'000;

std::string Setting(const TopicFacts& facts, std::string_view name, std::string_view fallback) {
  const auto found = facts.settings.find(name);
  return found == facts.settings.end() || found->second.empty() ? std::string(fallback) : found->second;
}

std::int64_t Number(const TopicFacts& facts, std::string_view name, std::int64_t fallback) {
  const std::string text = Setting(facts, name, {});
  std::int64_t value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return text.empty() || error != std::errc{} || rest != text.data() + text.size() ? fallback : value;
}

bool HasPolicy(const TopicFacts& facts, std::string_view policy) {
  const std::string text = Setting(facts, "cleanup.policy", "delete");
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    std::string_view word = std::string_view(text).substr(begin, end - begin);
    while (word.starts_with(' ')) word.remove_prefix(1);
    while (word.ends_with(' ')) word.remove_suffix(1);
    if (word == policy) return true;
    begin = end + 1;
  }
  return false;
}

std::string Length(std::int64_t ms) { return ms < 0 ? "no time limit" : FormatDuration(Milliseconds{ms}); }

// Judges one topic that is there.
class Judge {
 public:
  Judge(const Topic& topic, const TopicFacts& facts, const KafkaCommands& commands, std::vector<TopicFinding>& findings)
      : topic_(topic), facts_(facts), commands_(commands), findings_(findings) {}

  // `keyed_by_customer`: of an input.
  void Partitions(std::optional<std::uint32_t> process, const std::string& said_by, bool keyed_by_customer) {
    if (topic_.role == TopicRole::kReplies || (topic_.role == TopicRole::kInput && !keyed_by_customer)) return;
    const bool one = HasOnePartition(topic_.role);
    if (!one && !process) return;
    const std::uint32_t wanted = one ? 1 : *process;
    const auto is = static_cast<std::uint32_t>(std::max(facts_.partitions, 0));
    if (is == wanted) return;
    const std::string why =
        one ? "every process reads it whole, in one order" : "a customer's records must lie in one partition number, as in " + said_by;
    Add({Severity::kError, topic_.name, "partitions", std::to_string(is) + (is == 1 ? " partition" : " partitions"), std::to_string(wanted),
         why, MendPartitions(is, wanted)});
  }

  void Replication() {
    const std::int64_t in_sync = Number(facts_, "min.insync.replicas", 1);
    const bool kept = IsKept(topic_.role);
    if (facts_.replication == 1) {
      if (kept) {
        Add({Severity::kWarning, topic_.name, "replication", "one replica", "3", "a broker's disk that dies takes it along",
             "kafka-reassign-partitions.sh adds replicas; `antiphon topics --create --replication 3` makes topics that have them"});
      }
      return;
    }
    if (in_sync < 2) {
      Add({kept ? Severity::kError : Severity::kWarning, topic_.name, "min_insync_replicas",
           "min.insync.replicas is " + std::to_string(in_sync), "2", "what one broker alone acknowledged is lost with it",
           commands_.Set(topic_.name, "min.insync.replicas", "2")});
    } else if (facts_.replication > 0 && in_sync > facts_.replication) {
      Add({Severity::kError, topic_.name, "min_insync_replicas",
           "min.insync.replicas is " + std::to_string(in_sync) + " of " + std::to_string(facts_.replication) + " replicas", "2",
           "nothing can be written to it", commands_.Set(topic_.name, "min.insync.replicas", "2")});
    } else if (facts_.replication > 0 && in_sync == facts_.replication && kept) {
      Add({Severity::kWarning, topic_.name, "min_insync_replicas",
           "min.insync.replicas is " + std::to_string(in_sync) + " of " + std::to_string(facts_.replication) + " replicas",
           "less than the replicas", "nothing can be written to it while one broker is down",
           "kafka-reassign-partitions.sh adds replicas"});
    }
  }

  void Elections() {
    if (Setting(facts_, "unclean.leader.election.enable", "false") != "true") return;
    Add({IsKept(topic_.role) ? Severity::kError : Severity::kWarning, topic_.name, "unclean_election",
         "unclean.leader.election.enable is true", "false",
         "a broker that missed committed records may become the leader; they are gone then, unseen",
         commands_.Set(topic_.name, "unclean.leader.election.enable", "false")});
  }

  void Cleanup() {
    const std::string is = "cleanup.policy is " + Setting(facts_, "cleanup.policy", "delete");
    if (IsCompacted(topic_.role)) return CleanupOfCompacted(is);
    if (!HasPolicy(facts_, "compact")) return;
    const char* why = nullptr;
    Severity severity = Severity::kError;
    switch (topic_.role) {
      case TopicRole::kInput:
      case TopicRole::kReplies:
        why = "of a customer's records only the last is sure to be read";
        severity = Severity::kWarning;
        break;
      case TopicRole::kJournal:
      case TopicRole::kControl:
      case TopicRole::kDeadLetters:
        why = "its records need no key, and Kafka refuses those in a compacted topic";
        break;
      default:
        why = "of a customer's records all but the last would be removed, and each counts";
        break;
    }
    Add({severity, topic_.name, "cleanup", is, "delete", why, commands_.Set(topic_.name, "cleanup.policy", "delete")});
  }

  // How long records are kept: warned of where it is short, told where somebody builds on it.
  void Retention() {
    if (IsCompacted(topic_.role)) return TombstoneRetention();
    if (!HasPolicy(facts_, "delete")) return;
    const std::int64_t ms = Number(facts_, "retention.ms", 7 * kDayMs);
    const std::int64_t bytes = Number(facts_, "retention.bytes", kForever);
    const bool read_back = topic_.role == TopicRole::kInput || topic_.role == TopicRole::kRekeyed || topic_.role == TopicRole::kControl;
    const std::int64_t shortest = topic_.role == TopicRole::kJournal ? 7 * kDayMs : kDayMs;
    if (ms >= 0 && ms < shortest) {
      const char* const why = topic_.role == TopicRole::kJournal ? "no replay reaches further back"
                              : read_back                        ? "a process that is away for longer loses records"
                                                                 : "who reads it and is away for longer loses records";
      Add({Severity::kWarning, topic_.name, "retention", "retention.ms is " + Length(ms), "at least " + Length(shortest), why,
           commands_.Set(topic_.name, "retention.ms", std::to_string(shortest))});
    } else if (topic_.role == TopicRole::kJournal) {
      Add({Severity::kNote,
           topic_.name,
           "retention",
           "kept for " + Length(ms),
           {},
           "a replay from the cluster reaches no further back",
           "`antiphon export` archives a span"});
    }
    if (bytes >= 0 && (read_back || topic_.role == TopicRole::kJournal)) {
      Add({Severity::kWarning, topic_.name, "retention", "retention.bytes is " + std::to_string(bytes), "-1",
           "a busy day may remove records before their time", commands_.Set(topic_.name, "retention.bytes", "-1")});
    }
  }

  void MessageSize() {
    const std::int64_t bytes = Number(facts_, "max.message.bytes", 1'048'588);
    if (!IsKept(topic_.role) || bytes >= kMessageBytesMin) return;
    Add({Severity::kError, topic_.name, "max_message_bytes", "max.message.bytes is " + std::to_string(bytes), "at least 1048588",
         "a batch of a transaction, or a customer's record, would be refused", commands_.Set(topic_.name, "max.message.bytes", "1048588")});
  }

 private:
  void Add(TopicFinding finding) { findings_.push_back(std::move(finding)); }

  void CleanupOfCompacted(const std::string& is) {
    const bool deletes = HasPolicy(facts_, "delete");
    if (HasPolicy(facts_, "compact") && !deletes) return;
    const std::int64_t ms = Number(facts_, "retention.ms", 7 * kDayMs);
    std::string why = deletes && ms >= 0 ? "what did not change for " + Length(ms) + " would be removed" : "it would grow for ever";
    if (deletes && topic_.role == TopicRole::kState) why += ": customers would be forgotten";
    Add({Severity::kError, topic_.name, "cleanup", is, "compact", std::move(why), commands_.Set(topic_.name, "cleanup.policy", "compact")});
  }

  void TombstoneRetention() {
    if (topic_.role != TopicRole::kState) return;
    const std::int64_t ms = Number(facts_, "delete.retention.ms", kDayMs);
    if (ms < kDayMs) {
      Add({Severity::kWarning, topic_.name, "delete_retention", "delete.retention.ms is " + Length(ms), "at least 1d",
           "a restore that takes longer brings removed customers back",
           commands_.Set(topic_.name, "delete.retention.ms", std::to_string(7 * kDayMs))});
      return;
    }
    Add({Severity::kNote,
         topic_.name,
         "delete_retention",
         "delete.retention.ms is " + Length(ms),
         {},
         "a local store that was away for more than half of it is made anew",
         {}});
  }

  [[nodiscard]] std::string MendPartitions(std::uint32_t is, std::uint32_t wanted) const {
    if (topic_.role == TopicRole::kInput) return "write `key: other` for this input, so that it is re-keyed; or give it as many partitions";
    const bool remembers = topic_.role == TopicRole::kState || topic_.role == TopicRole::kJournal || topic_.role == TopicRole::kRekeyed;
    if (remembers && is != 0) {
      return "if nothing was ever decided here, delete it and run `antiphon topics --create`; else somebody changed the partitions of the "
             "inputs: "
             "change them back, or begin anew under another `topics: {prefix: ..}`";
    }
    if (is < wanted) return commands_.AddPartitions(topic_.name, wanted);
    return commands_.Delete(topic_.name) + "  # with its records; then: antiphon topics --create";
  }

  const Topic& topic_;
  const TopicFacts& facts_;
  const KafkaCommands& commands_;
  std::vector<TopicFinding>& findings_;
};

// The first input that is keyed by the customer says how many partitions the process has; where there is none, what an earlier start made
// does. True if it is an input's to say, though it may not be there.
bool DecidePartitions(const TopicTable& table, const ProcessConfig& config, TopicReport& report) {
  const auto input = std::ranges::find(config.inputs, KeyedBy::kCustomer, &InputTopic::keyed_by);
  const bool said_by_input = input != config.inputs.end();
  const std::size_t sayer = said_by_input ? static_cast<std::size_t>(input - config.inputs.begin()) : table.Of(TopicRole::kRekeyed);
  if (const std::optional<TopicFacts>& facts = report.facts[sayer]; facts && facts->partitions > 0) {
    report.partitions = static_cast<std::uint32_t>(facts->partitions);
    report.partitions_of = table.topics()[sayer].name;
  }
  return said_by_input;
}

// As the bank has its topics in this cluster: of the first input that is there.
std::uint32_t UsualReplication(const TopicTable& table, const TopicReport& report) {
  for (std::size_t i = 0; i < table.inputs(); ++i) {
    if (const std::optional<TopicFacts>& facts = report.facts[i]; facts && facts->replication > 0) {
      return static_cast<std::uint32_t>(facts->replication);
    }
  }
  return 1;
}

void ReportMissing(const Topic& topic, std::uint32_t replication, const KafkaCommands& commands, TopicReport& report) {
  TopicFinding finding{Severity::kError, topic.name, "missing", "there is no such topic", "there", {}, {}};
  if (!IsKept(topic.role)) {
    finding.why = topic.role == TopicRole::kInput ? "it is an input, and the bank's" : "answers go there, and it is the bank's";
    finding.mend = "correct its name in the process file, or let it be created; mind that names are case-sensitive";
  } else if (!report.partitions && !HasOnePartition(topic.role)) {
    finding.why = "Antiphon keeps it, and no topic says how many partitions it must have";
    finding.mend = "have the inputs created first, or say --partitions N where no input is keyed by the customer";
  } else {
    const TopicSpec spec = SpecOf(topic, {.partitions = report.partitions.value_or(1), .replication = replication});
    finding.why = "Antiphon keeps it";
    finding.mend = commands.Create(spec);
    if (report.partitions) report.missing.push_back(spec);
  }
  report.findings.push_back(std::move(finding));
}

}  // namespace

bool TopicReport::good() const {
  return std::ranges::none_of(findings, [](const TopicFinding& finding) { return finding.severity == Severity::kError; });
}

std::string ToString(const TopicFinding& finding) {
  static constexpr const char* kWords[] = {"error", "warning", "note"};
  std::string text = std::string(kWords[static_cast<std::size_t>(finding.severity)]) + ": " + finding.topic + ": " + finding.is;
  if (!finding.should_be.empty() && finding.code != "missing") text += ", should be " + finding.should_be;
  if (!finding.why.empty()) text += ": " + finding.why;
  return text + " [" + finding.code + "]" + (finding.mend.empty() ? "" : "\n    " + finding.mend);
}

Result<TopicReport> CheckTopics(const TopicTable& table, const ProcessConfig& config, runtime::LogDirectory& directory,
                                const TopicCheckOptions& options) {
  TopicReport report;
  for (const Topic& topic : table.topics()) {
    auto facts = directory.Describe(topic.name);
    if (!facts) return std::unexpected(std::move(facts.error()));
    report.facts.push_back(std::move(*facts));
  }
  const bool said_by_input = DecidePartitions(table, config, report);
  if (!said_by_input && !report.partitions && options.partitions) {
    report.partitions = options.partitions;
    report.partitions_of = "--partitions";
  }
  const std::uint32_t replication = options.replication ? *options.replication : UsualReplication(table, report);
  const KafkaCommands commands(config);
  for (std::size_t i = 0; i < table.topics().size(); ++i) {
    const Topic& topic = table.topics()[i];
    const std::optional<TopicFacts>& facts = report.facts[i];
    if (!facts) {
      ReportMissing(topic, replication, commands, report);
      continue;
    }
    Judge judge(topic, *facts, commands, report.findings);
    judge.Partitions(report.partitions, report.partitions_of, i < config.inputs.size() && config.inputs[i].keyed_by == KeyedBy::kCustomer);
    judge.Replication();
    judge.Elections();
    judge.Cleanup();
    judge.Retention();
    judge.MessageSize();
  }
  return report;
}

}  // namespace antiphon::process

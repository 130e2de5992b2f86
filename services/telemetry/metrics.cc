#include "services/telemetry/metrics.h"

#include <prometheus/collectable.h>
#include <prometheus/text_serializer.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <initializer_list>
#include <limits>
#include <string_view>
#include <utility>

#include "engine/decision/effects.h"
#include "engine/decision/words.h"
#include "services/formats/dead_letter.h"
#include "services/orchestrator/live_figures.h"
#include "state/base/hash.h"

namespace antiphon::telemetry {
namespace {

using orchestrator::CountPlaces;
using orchestrator::LiveCount;
using orchestrator::LiveFigures;
using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

using Label = std::pair<const char*, std::string_view>;
using Labels = std::initializer_list<Label>;

constexpr double kMsPerSecond = 1'000.0;

std::vector<ClientMetric::Label> ToLabels(Labels labels) {
  std::vector<ClientMetric::Label> made;
  for (const auto& [name, value] : labels) made.push_back({.name = name, .value = std::string(value)});
  return made;
}

// Collection: the families of one scrape, in the order of the reference.
class Collection {
 public:
  void Counter(const char* name, const char* help) { Begin(MetricType::Counter, name, help); }
  void Gauge(const char* name, const char* help) { Begin(MetricType::Gauge, name, help); }

  // Of the family begun last.
  void Put(double value, Labels labels = {}) {
    ClientMetric metric;
    metric.label = ToLabels(labels);
    MetricFamily& family = families_.back();
    (family.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
    family.metric.push_back(std::move(metric));
  }
  void Put(std::uint64_t value, Labels labels = {}) { Put(static_cast<double>(value), labels); }

  void Histogram(const char* name, const char* help, const orchestrator::LiveHistogram& histogram) {
    Begin(MetricType::Histogram, name, help);
    const orchestrator::HistogramPart read = histogram.Read();
    ClientMetric metric;
    std::uint64_t count = 0;
    for (std::size_t i = 0; i <= histogram.bounds().size(); ++i) {
      count += read.buckets[i];
      const double bound = i < histogram.bounds().size() ? static_cast<double>(histogram.bounds()[i].count()) / kMsPerSecond
                                                         : std::numeric_limits<double>::infinity();
      metric.histogram.bucket.push_back({.cumulative_count = count, .upper_bound = bound});
    }
    metric.histogram.sample_count = count;
    metric.histogram.sample_sum = static_cast<double>(read.sum.count()) / kMsPerSecond;
    families_.back().metric.push_back(std::move(metric));
  }

  [[nodiscard]] std::vector<MetricFamily> Take() { return std::move(families_); }

 private:
  void Begin(MetricType type, const char* name, const char* help) {
    families_.push_back({.name = name, .help = help, .type = type, .metric = {}});
  }

  std::vector<MetricFamily> families_;
};

// ProcessCollector: a process's figures as Prometheus's families, at the time of a scrape.
class ProcessCollector final : public prometheus::Collectable {
 public:
  explicit ProcessCollector(const orchestrator::ProcessParts& parts) : parts_(parts), figures_(*parts.figures) {}

  [[nodiscard]] std::vector<MetricFamily> Collect() const override {
    Collection collection;
    PutProcess(collection);
    PutInputs(collection);
    PutRekeyer(collection);
    PutDecisions(collection);
    PutContacts(collection);
    PutCommits(collection);
    PutPartitions(collection);
    PutStores(collection);
    return collection.Take();
  }

 private:
  [[nodiscard]] std::uint64_t Of(LiveCount count) const { return figures_.count(figures_.places().Of(count)); }

  void PutProcess(Collection& to) const;
  void PutInputs(Collection& to) const;
  void PutRekeyer(Collection& to) const;
  void PutDecisions(Collection& to) const;
  void PutContacts(Collection& to) const;
  void PutCommits(Collection& to) const;
  void PutPartitions(Collection& to) const;
  void PutLags(Collection& to) const;
  void PutStores(Collection& to) const;

  const orchestrator::ProcessParts& parts_;
  const LiveFigures& figures_;
};

double ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  file >> all >> resident;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double CpuSeconds() {
  struct rusage usage{};
  (void)::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void ProcessCollector::PutProcess(Collection& to) const {
  to.Gauge("antiphon_info", "Always 1: group, node, topology version and semantics version of this process.");
  const std::string semantics = std::to_string(parts_.settings.semantics_version);
  to.Put(1.0, {{"group", parts_.config->group},
               {"node", parts_.config->node},
               {"topology", ToHex(parts_.settings.topology_version)},
               {"semantics", semantics}});
  to.Counter("process_cpu_seconds_total", "Processor time of the process, user and system.");
  to.Put(CpuSeconds());
  to.Gauge("process_resident_memory_bytes", "Memory of the process that is in RAM, all of it: more than what the budget is for.");
  to.Put(ResidentBytes());
  to.Gauge("antiphon_memory_budget_bytes", "state.memory of the process file: for decoded records, blocks and memtables.");
  to.Put(parts_.config->memory_bytes);
  to.Counter("antiphon_worker_rounds_total", "Rounds of each worker: one that stands still is stuck.");
  for (std::size_t i = 0; i < figures_.workers().size(); ++i) {
    to.Put(figures_.workers()[i].rounds.load(std::memory_order_relaxed), {{"worker", std::to_string(i)}});
  }
}

void ProcessCollector::PutInputs(Collection& to) const {
  const CountPlaces& places = figures_.places();
  to.Counter("antiphon_records_total", "Records of input topics that were consumed and committed, whatever they turned out to be.");
  const std::vector<std::uint32_t>& lanes = parts_.topics->lanes();
  for (std::size_t lane = 0; lane < lanes.size(); ++lane) {
    to.Put(figures_.count(places.OfRecords(lane)), {{"topic", parts_.topics->topics()[lanes[lane]].name}});
  }
  to.Counter("antiphon_events_total", "Events that were applied and committed.");
  to.Put(Of(LiveCount::kEvents));
  to.Counter("antiphon_duplicates_total", "Events with a source and id that the customer's record knew already: applied once.");
  to.Put(Of(LiveCount::kDuplicates));
  to.Counter("antiphon_timers_total", "Timers that fired.");
  to.Put(Of(LiveCount::kTimers));
  to.Counter("antiphon_controls_total", "Control records applied: each counts once for every partition.");
  to.Put(Of(LiveCount::kControls));
  to.Counter("antiphon_skipped_records_total", "Records of event types that the topology does not declare, and tombstones.");
  to.Put(Of(LiveCount::kSkipped));
  to.Counter("antiphon_dead_letters_total", "Records that could not be applied and went to the dead letters, by reason.");
  for (std::size_t reason = 1; reason < CountPlaces::kReasons; ++reason) {
    const auto which = static_cast<formats::DeadLetterReason>(reason);
    to.Put(figures_.count(places.Of(which)), {{"reason", formats::DeadLetterReasonName(which)}});
  }
}

void ProcessCollector::PutRekeyer(Collection& to) const {
  const std::vector<std::uint32_t>& inputs = parts_.topics->sources();
  const auto put = [&](const auto& value_of) {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      to.Put(static_cast<double>(value_of(figures_.sources[i])), {{"topic", parts_.topics->topics()[inputs[i]].name}});
    }
  };
  constexpr auto kRelaxed = std::memory_order_relaxed;
  to.Counter("antiphon_rekeyed_records_total", "Records of inputs with `key: other` that were read to be re-keyed, and committed.");
  put([](const LiveFigures::Source& source) { return source.records.load(kRelaxed); });
  to.Counter("antiphon_rekeyed_handed_total", "Records of antiphon.rekeyed that they became: one for each customer.");
  put([](const LiveFigures::Source& source) { return source.handed.load(kRelaxed); });
  to.Gauge("antiphon_rekey_lag_records", "Offsets between what is re-keyed and the stable ends, of this process's share; asked every 5 s.");
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::int64_t lag = figures_.sources[i].lag.load(kRelaxed);
    if (lag != LiveFigures::kUnknown) to.Put(static_cast<double>(lag), {{"topic", parts_.topics->topics()[inputs[i]].name}});
  }
  to.Counter("antiphon_rekey_transactions_lost_total", "Transactions of the re-keyer that were not committed.");
  if (!inputs.empty()) to.Put(figures_.rekey_losses.load(kRelaxed));
}

void ProcessCollector::PutDecisions(Collection& to) const {
  const CountPlaces& places = figures_.places();
  const topology::Topology& topology = *parts_.topology;
  to.Counter("antiphon_decisions_total", "Decisions, by what caused them and whether they chose anything.");
  for (std::size_t cause = 0; cause < CountPlaces::kCauses; ++cause) {
    const auto which = static_cast<decision::CauseKind>(cause);
    for (const bool silent : {false, true}) {
      to.Put(figures_.count(places.OfDecision(which, silent)),
             {{"cause", decision::CauseKindName(which)}, {"outcome", silent ? "silent" : "chosen"}});
    }
  }
  to.Counter("antiphon_candidates_total",
             "The funnel: candidates by offer and the stage that closed them; those of stage=\"chosen\" were chosen.");
  for (std::size_t offer = 0; offer < topology.offers.size(); ++offer) {
    const state::OfferId id{static_cast<std::uint16_t>(offer)};
    for (std::size_t stage = 0; stage < decision::kStageCount; ++stage) {
      const auto which = static_cast<decision::Stage>(stage);
      const std::uint64_t count = figures_.count(places.OfCandidate(id, which));
      // A thousand offers would make twenty thousand series, nearly all of them 0; what is chosen has one from the beginning.
      if (count == 0 && which != decision::Stage::kChosen) continue;
      to.Put(count, {{"offer", topology.offers[offer].id}, {"stage", decision::StageName(which)}});
    }
  }
  to.Counter("antiphon_cap_bindings_total", "Candidates that a cap of the contact policy closed, by cap.");
  for (std::size_t cap = 0; cap < topology.caps.size(); ++cap) {
    to.Put(figures_.count(places.OfCap(cap)), {{"cap", topology.caps[cap].id}});
  }
  to.Counter("antiphon_notes_total", "What happened that is no record, by the words of a replay's summary.");
  for (std::size_t note = 0; note < CountPlaces::kNotes; ++note) {
    const auto which = static_cast<decision::Counter>(note);
    to.Put(figures_.count(places.Of(which)), {{"note", decision::CounterName(which)}});
  }
  to.Counter("antiphon_expression_failures_total", "Expressions that failed or met an absent value where the rule is then closed.");
  to.Put(Of(LiveCount::kExpressionFailures));
}

void ProcessCollector::PutContacts(Collection& to) const {
  const topology::Topology& topology = *parts_.topology;
  to.Counter("antiphon_contacts_total", "Records of the contact ledger, by channel and the status that the contact came to.");
  for (std::size_t channel = 0; channel <= topology.channels.size(); ++channel) {
    const state::ChannelId id{static_cast<std::uint16_t>(channel)};
    const std::string_view name = channel < topology.channels.size() ? std::string_view(topology.channels[channel].id) : "(other)";
    for (std::size_t status = 1; status < CountPlaces::kStatuses; ++status) {
      const auto which = static_cast<state::ContactStatus>(status);
      const std::uint64_t count = figures_.count(figures_.places().OfContact(id, which));
      if (count == 0) continue;
      to.Put(count, {{"channel", name}, {"status", decision::StatusName(which)}});
    }
  }
  to.Counter("antiphon_answers_total", "Answers to requests for a decision.");
  to.Put(Of(LiveCount::kAnswers));
}

void ProcessCollector::PutCommits(Collection& to) const {
  to.Counter("antiphon_commits_total", "Transactions that were committed.");
  to.Put(figures_.commits.load(std::memory_order_relaxed));
  to.Counter("antiphon_transactions_lost_total",
             "Transactions that were not committed, or whose stores failed: the worker's partitions are restored.");
  to.Put(figures_.losses.load(std::memory_order_relaxed));
  to.Histogram("antiphon_commit_duration_seconds", "From the begin of a commit until the stores are written.", figures_.commit_time);
  to.Histogram("antiphon_record_to_commit_seconds",
               "From a record's own Kafka timestamp until its transaction was committed. Records without one are not in it.",
               figures_.record_to_commit);
}

void ProcessCollector::PutPartitions(Collection& to) const {
  const auto& partitions = figures_.partitions();
  const auto state_of = [](const LiveFigures::Partition& partition) { return partition.state.load(std::memory_order_relaxed); };
  const auto in_state = [&](LiveFigures::State state) { return static_cast<double>(std::ranges::count(partitions, state, state_of)); };
  to.Gauge("antiphon_partitions_owned", "Partitions of this process, by state.");
  to.Put(in_state(LiveFigures::State::kActive), {{"state", "active"}});
  to.Put(in_state(LiveFigures::State::kRestoring), {{"state", "restoring"}});
  const auto is_standby = [](const LiveFigures::Partition& partition) { return partition.is_standby.load(std::memory_order_relaxed); };
  to.Put(static_cast<double>(std::ranges::count_if(partitions, is_standby)), {{"state", "standby"}});
  to.Gauge("antiphon_partitions", "Partitions of all processes of the group together.");
  to.Put(std::uint64_t{partitions.size()});
  to.Counter("antiphon_restored_records_total", "Records of changelogs that were read to restore partitions.");
  to.Put(figures_.restored_records.load(std::memory_order_relaxed));
  to.Gauge("antiphon_restore_left_records", "Offsets of its changelog that a restoring partition has still to read, at most.");
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    if (state_of(partitions[i]) != LiveFigures::State::kRestoring) continue;
    to.Put(static_cast<double>(partitions[i].restore_left.load(std::memory_order_relaxed)), {{"partition", std::to_string(i)}});
  }
  to.Gauge("antiphon_standby_lag_records", "Offsets between what a standby has read and the end of its changelog; asked every 5 s.");
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const std::int64_t lag = partitions[i].standby_lag.load(std::memory_order_relaxed);
    if (lag != LiveFigures::kUnknown) to.Put(static_cast<double>(lag), {{"partition", std::to_string(i)}});
  }
  to.Gauge("antiphon_partition_clock_timestamp_seconds", "Engine time of an active partition, in seconds since 1970.");
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    if (state_of(partitions[i]) != LiveFigures::State::kActive) continue;
    to.Put(static_cast<double>(partitions[i].clock_ms.load(std::memory_order_relaxed)) / kMsPerSecond, {{"partition", std::to_string(i)}});
  }
  to.Gauge("antiphon_partition_sequence", "Commits of an active partition since it was made, whoever owned it.");
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    if (state_of(partitions[i]) != LiveFigures::State::kActive) continue;
    to.Put(partitions[i].sequence.load(std::memory_order_relaxed), {{"partition", std::to_string(i)}});
  }
  PutLags(to);
}

void ProcessCollector::PutLags(Collection& to) const {
  to.Gauge("antiphon_lag_records",
           "Offsets between what an active partition has applied and the stable end of the topic; asked every 5 s.");
  const auto& topics = parts_.topics->topics();
  const auto& partitions = figures_.partitions();
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    for (std::size_t lane = 0; lane < partitions[i].lags.size(); ++lane) {
      const std::int64_t lag = partitions[i].lags[lane].load(std::memory_order_relaxed);
      if (lag == LiveFigures::kUnknown) continue;
      const std::vector<std::uint32_t>& read = parts_.topics->lanes();
      const std::uint32_t topic = lane < read.size() ? read[lane] : parts_.topics->Of(process::TopicRole::kControl);
      to.Put(static_cast<double>(lag), {{"topic", topics[topic].name}, {"partition", std::to_string(i)}});
    }
  }
}

void ProcessCollector::PutStores(Collection& to) const {
  std::uint64_t customers = 0;
  std::uint64_t in_memory = 0;
  std::uint64_t at_rest = 0;
  for (const LiveFigures::Partition& partition : figures_.partitions()) {
    if (partition.state.load(std::memory_order_relaxed) != LiveFigures::State::kActive) continue;
    customers += partition.customers.load(std::memory_order_relaxed);
    in_memory += partition.bytes_in_memory.load(std::memory_order_relaxed);
    at_rest += partition.bytes_at_rest.load(std::memory_order_relaxed);
  }
  to.Gauge("antiphon_store_customers", "Customers of the active partitions; shown once a second.");
  to.Put(customers);
  to.Gauge("antiphon_store_records_bytes", "Decoded customers' records in memory (estimate); shown once a second.");
  to.Put(in_memory);
  to.Gauge("antiphon_store_blocks_bytes", "Blocks and memtables of RocksDB in memory.");
  to.Put(std::uint64_t{parts_.rocks->bytes_in_use()});
  to.Gauge("antiphon_store_disk_bytes", "Customers' records on disk (estimate); shown once a second.");
  to.Put(at_rest);
  to.Counter("antiphon_store_cache_hits_total", "Records that were asked for and were decoded in memory.");
  to.Put(figures_.cache_hits.load(std::memory_order_relaxed));
  to.Counter("antiphon_store_cache_misses_total", "Records that were asked for and were looked up on disk, unknown customers included.");
  to.Put(figures_.cache_misses.load(std::memory_order_relaxed));
}

std::string_view TypeName(MetricType type) {
  switch (type) {
    case MetricType::Counter:
      return "counter";
    case MetricType::Histogram:
      return "histogram";
    default:
      return "gauge";
  }
}

}  // namespace

std::string MetricsText(const orchestrator::ProcessParts& parts) {
  return prometheus::TextSerializer().Serialize(ProcessCollector(parts).Collect());
}

std::vector<MetricName> MetricNames(const orchestrator::ProcessParts& parts) {
  std::vector<MetricName> names;
  for (const MetricFamily& family : ProcessCollector(parts).Collect()) {
    names.push_back({.name = family.name, .type = std::string(TypeName(family.type))});
  }
  return names;
}

}  // namespace antiphon::telemetry

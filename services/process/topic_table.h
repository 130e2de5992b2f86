#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/topology/topology.h"
#include "services/process/process_config.h"

namespace antiphon::process {

// What a topic is to Antiphon; decides what is expected of its settings.
enum class TopicRole : std::uint8_t {
  kInput,        // the bank's: P partitions
  kControl,      // antiphon.control: one partition, every partition's owner reads it
  kRekeyed,      // antiphon.rekeyed: P; read and written; only where an input is keyed by something else than the customer
  kState,        // antiphon.state: P, compacted
  kJournal,      // antiphon.journal: P, kept as long as the archive wants
  kContacts,     // antiphon.contacts: P
  kDecisions,    // antiphon.decisions: P
  kOutbound,     // antiphon.outbound.<channel>: P
  kReplies,      // the bank's, named by an input: any number
  kDeadLetters,  // antiphon.dead-letters: P
  kTopologies,   // antiphon.topologies: one, compacted
  kOwners,       // antiphon.owners: one, compacted
};

// "dead_letters"
[[nodiscard]] const char* ToString(TopicRole role);

struct Topic {
  std::string name;
  TopicRole role = TopicRole::kInput;
};

// TopicTable: the topics that a process reads and writes; runtime::LogId counts in it. Inputs come first, in the order of the process file,
// then control, then rekeyed if there is one, then what is written. Inputs of one `replies` share its topic. Immutable, shared by threads.
class TopicTable {
 public:
  // `others`: versions of the topology that the process may meet; the channels that only they have are written too.
  [[nodiscard]] static TopicTable Make(const ProcessConfig& config, const topology::Topology& topology,
                                       std::span<const std::shared_ptr<const topology::Topology>> others = {});

  [[nodiscard]] const std::vector<Topic>& topics() const { return topics_; }
  [[nodiscard]] std::uint32_t inputs() const { return inputs_; }  // topics 0 to inputs() - 1, as ProcessConfig::inputs
  // What each partition reads of its own: the inputs that are keyed by the customer, in order; then rekeyed, if there is one.
  [[nodiscard]] const std::vector<std::uint32_t>& lanes() const { return lanes_; }
  // The inputs that are re-keyed, in order.
  [[nodiscard]] const std::vector<std::uint32_t>& sources() const { return sources_; }
  // Of rekeyed, if there is one.
  [[nodiscard]] bool IsRekeyed(std::uint32_t topic) const { return topics_[topic].role == TopicRole::kRekeyed; }
  // The topic of a role that has one topic. REQUIRES: not kInput, kOutbound, kReplies; kRekeyed only where there is one. O(topics).
  [[nodiscard]] std::uint32_t Of(TopicRole role) const;
  // REQUIRES: a channel of `topology` that may carry sends.
  [[nodiscard]] std::uint32_t OutboundOf(state::ChannelId channel) const;
  // Where answers to requests of this input go; nothing: nowhere.
  [[nodiscard]] std::optional<std::uint32_t> RepliesOf(std::uint32_t input) const;

 private:
  std::vector<Topic> topics_;
  std::uint32_t inputs_ = 0;
  std::vector<std::uint32_t> lanes_;
  std::vector<std::uint32_t> sources_;
  std::vector<std::optional<std::uint32_t>> outbound_;  // by channel
  std::vector<std::optional<std::uint32_t>> replies_;   // by input
};

}  // namespace antiphon::process

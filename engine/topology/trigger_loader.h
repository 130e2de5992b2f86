#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/topology/pattern_loader.h"

namespace antiphon::topology {

// TriggerLoader: reads all triggers, tells offers which values their moments can keep, and compiles conditions once it is known which of
// them are wanted.
class TriggerLoader {
 public:
  TriggerLoader(Loading& loading, Scopes& scopes) : loading_(loading), scopes_(scopes) {}

  void Read();

  // The triggers that list the offer.
  [[nodiscard]] const std::vector<state::TriggerId>& TriggersOf(state::OfferId offer) const { return triggers_of_[offer.value()]; }
  [[nodiscard]] const MomentSources& SourcesOf(state::TriggerId trigger) const { return drafts_[trigger.value()].sources; }

  // An offer of the trigger reads a value of its moments. REQUIRES: SourcesOf(trigger) has it.
  void Want(state::TriggerId trigger, const std::string& name) { drafts_[trigger.value()].wanted.insert(name); }

  void Compile();

 private:
  struct Draft {
    std::unique_ptr<PatternLoader> pattern;
    const YamlNode* where = nullptr;
    MomentSources sources;
    std::set<std::string, std::less<>> wanted;
  };

  void ReadTrigger(const Written& written, Trigger& trigger, Draft& draft);
  void ReadStory(const Written& written, MapReader& reader, Trigger& trigger, Draft& draft);
  void ReadEvents(const YamlNode& on, Trigger& trigger, Draft& draft);
  void ReadDate(const YamlNode& node, Trigger& trigger);
  void ReadOffers(MapReader& reader, Trigger& trigger);

  Loading& loading_;
  Scopes& scopes_;
  std::vector<Draft> drafts_;                               // by TriggerId
  std::vector<std::vector<state::TriggerId>> triggers_of_;  // by OfferId
};

}  // namespace antiphon::topology

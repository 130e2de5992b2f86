#include "engine/topology/topology_loader.h"

#include <utility>

#include "engine/topology/definitions.h"
#include "engine/topology/event_plans.h"
#include "engine/topology/loaders.h"
#include "engine/topology/offer_loader.h"
#include "engine/topology/sections.h"
#include "engine/topology/trigger_loader.h"
#include "engine/topology/version_hash.h"
#include "engine/topology/warnings.h"

namespace antiphon::topology {

LoadOutcome LoadTopology(const SourceFiles& files, const MessageCatalog& catalog) {
  Loading loading(files, catalog);
  ReadSections(loading);
  LoadBasics(loading);
  CollectNames(loading);
  LoadEvents(loading);
  LoadCustomer(loading);

  Scopes scopes(loading);
  scopes.DeclareCustomer();
  LoadCustomerConditions(loading, scopes);
  LoadFeatures(loading, scopes);
  scopes.DeclareFeatures();
  scopes.DeclareContacts();
  LoadSegments(loading, scopes);
  LoadCampaigns(loading);
  LoadChannels(loading);
  scopes.DeclareRequest();

  TriggerLoader triggers(loading, scopes);
  triggers.Read();
  LoadOffers(loading, scopes, triggers);
  triggers.Compile();
  LoadConsent(loading);
  LoadPolicy(loading, scopes);
  LoadExperiments(loading);

  NoteWhatIsRead(loading);
  PlanEvents(loading.topology);
  LoadOutcome outcome;
  if (!loading.diagnostics.has_errors()) {
    WarnOfTopology(loading);
    DescribeDefinitions(loading.topology);
    loading.topology.version = VersionOf(loading.topology);
    outcome.topology = std::make_shared<const Topology>(std::move(loading.topology));
  }
  outcome.diagnostics = loading.diagnostics.Take();
  return outcome;
}

}  // namespace antiphon::topology

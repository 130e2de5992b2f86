#pragma once

#include <map>
#include <memory>
#include <string>

#include "engine/topology/loading.h"
#include "engine/topology/scopes.h"

// The loaders of the sections, in the order in which topology_loader.cc calls them: each may rely on the ones before it. Internal.
namespace antiphon::topology {

// name, timezone, languages, moments, record, duplicates, answers; every list of names that others refer to.
void LoadBasics(Loading& loading);
void CollectNames(Loading& loading);

void LoadEvents(Loading& loading);
void LoadCustomer(Loading& loading);                            // fields, products, contact points; declares them
void LoadCustomerConditions(Loading& loading, Scopes& scopes);  // the `where` of their inputs
void LoadFeatures(Loading& loading, Scopes& scopes);
void LoadSegments(Loading& loading, Scopes& scopes);
void LoadCampaigns(Loading& loading);
void LoadChannels(Loading& loading);

void LoadConsent(Loading& loading);  // purposes and classes
void LoadPolicy(Loading& loading, Scopes& scopes);
void LoadExperiments(Loading& loading);

}  // namespace antiphon::topology

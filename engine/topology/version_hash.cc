#include "engine/topology/version_hash.h"

namespace antiphon::topology {

void DescribeDefinitions(Topology& /*topology*/) {}
Hash128 VersionOf(const Topology& topology) { return HashBytes128(topology.name); }

}  // namespace antiphon::topology

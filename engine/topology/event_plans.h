#pragma once

#include "engine/topology/loading.h"

namespace antiphon::topology {

// Fills Topology::event_plans from everything that listens to events.
void PlanEvents(Topology& topology);

// Marks what expressions read: Feature::previous_is_read, SegmentScheme::tracked.
void NoteWhatIsRead(Loading& loading);

}  // namespace antiphon::topology

#include "engine/decision/planned_time.h"

#include "engine/calendar/schedule.h"
#include "engine/decision/customer_questions.h"

namespace antiphon::decision {
namespace {

calendar::ZonedHours OpeningOf(const Step& step, const topology::Channel& channel) {
  return {.hours = channel.open ? &*channel.open : nullptr,
          .zone = &step.topology.zone,
          .holidays = channel.holidays ? &*channel.holidays : nullptr};
}

}  // namespace

std::optional<EngineTime> PlannedTime(const Step& step, const topology::Treatment& treatment, state::ContactClass contact_class,
                                      EngineTime at) {
  const topology::Channel& channel = step.topology.channels[treatment.channel.value()];
  calendar::SayableConstraints constraints;
  constraints.channel = OpeningOf(step, channel);
  if (step.topology.classes.at(static_cast<std::size_t>(contact_class)).quiet_hours && channel.quiet) {
    constraints.quiet = {.hours = &*channel.quiet, .zone = &ZoneOf(step)};
  }
  if (treatment.replies_to) {
    constraints.replies_to = {.hours = OpeningOf(step, step.topology.channels[treatment.replies_to->channel.value()]),
                              .open_within = treatment.replies_to->open_within,
                              .open_for = treatment.replies_to->open_for};
  }
  return calendar::EarliestSayable(constraints, at).at;
}

}  // namespace antiphon::decision

#include "engine/decision/planned_time.h"

#include "engine/calendar/schedule.h"
#include "engine/decision/customer_questions.h"

namespace antiphon::decision {
namespace {

calendar::HoursInZone OpeningOf(const Step& step, const topology::Channel& channel) {
  return {.hours = channel.open ? &*channel.open : nullptr,
          .holidays = channel.holidays ? &*channel.holidays : nullptr,
          .zone = &step.topology.zone};
}

}  // namespace

std::optional<EngineTime> PlannedTime(const Step& step, const topology::Treatment& treatment, state::ContactClass contact_class,
                                      EngineTime at) {
  const topology::Channel& channel = step.topology.channels[treatment.channel.value()];
  calendar::SayableQuestion question;
  question.open = OpeningOf(step, channel);
  if (step.topology.classes.at(static_cast<std::size_t>(contact_class)).quiet_hours && channel.quiet) {
    question.quiet = {.hours = &*channel.quiet, .holidays = nullptr, .zone = &ZoneOf(step)};
  }
  if (treatment.replies_to) {
    const topology::Channel& reply = step.topology.channels[treatment.replies_to->channel.value()];
    question.reply = {.channel = OpeningOf(step, reply),
                      .open_within = treatment.replies_to->open_within,
                      .open_for = treatment.replies_to->open_for};
  }
  return calendar::EarliestSayable(question, at);
}

}  // namespace antiphon::decision

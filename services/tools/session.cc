#include "services/tools/session.h"

#include <optional>
#include <utility>

#include "state/store/memory_store.h"

namespace antiphon::tools {

Result<std::unique_ptr<Session>> Session::Create(const Options& options) {
  std::unique_ptr<Session> session(new Session(options));
  runtime::PartitionTask::Options task;
  task.engine = &session->engine_;
  task.store = std::make_unique<store::MemoryStore>();
  task.sink = session.get();
  task.follows_log_clock = true;
  auto made = runtime::PartitionTask::Create(std::move(task));
  if (!made) return std::unexpected(std::move(made.error()));
  session->task_ = *std::move(made);
  return session;
}

void Session::Take(EngineTime now, decision::Effects& effects) {
  SessionStep step{.now = now, .event = event_, .effects = effects, .before = before_, .session = *this};
  observer_.OnStep(step);
}

bool Session::Knows(std::string_view customer) const {
  const auto found = task_->store().Find(customer);
  return found && *found != nullptr;
}

Snapshot Session::Look(std::string_view customer) const {
  Snapshot snapshot{.partition = task_->partition_state(), .customer = {}};
  if (const auto found = task_->store().Find(customer); found && *found != nullptr) {
    snapshot.customer = **found;
  } else {
    snapshot.customer.customer = customer;
  }
  return snapshot;
}

void Session::Remember(std::string_view customer) {
  before_ = nullptr;
  if (!watched_.empty() && customer == watched_) before_ = std::make_shared<const Snapshot>(Look(customer));
}

Result<void> Session::AdvanceTo(EngineTime now) {
  event_ = nullptr;
  while (true) {
    auto next = task_->store().NextDue();
    if (!next) return std::unexpected(std::move(next.error()));
    const std::optional<store::DueEntry>& first = *next;
    if (!first || first->due > now) break;
    const EngineTime due = first->due;
    Remember(watched_);  // others may be due at the same millisecond, and first
    if (auto advanced = task_->AdvanceTo(due); !advanced) return advanced;
  }
  return task_->AdvanceTo(now);
}

Result<void> Session::Apply(const decision::Event& event, EngineTime now) {
  if (auto advanced = AdvanceTo(now); !advanced) return advanced;
  Remember(event.customer);
  event_ = &event;
  auto applied = task_->ApplyEvent(event, now);
  event_ = nullptr;
  return applied;
}

Result<void> Session::Apply(const decision::Control& control, EngineTime now) {
  if (auto advanced = AdvanceTo(now); !advanced) return advanced;
  return task_->ApplyControl(control, now);
}

}  // namespace antiphon::tools

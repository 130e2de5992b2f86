#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/kafka/client.h"
#include "services/kafka/owned.h"
#include "state/base/result.h"

namespace antiphon::kafka {

using SettingList = std::vector<std::pair<std::string_view, std::string>>;

// What a client needs beside the ClientOptions.
struct HandleSettings {
  SettingList fixed;     // nobody else's to decide; each name is in the list of refused settings (client.cc)
  SettingList defaults;  // the options' win
  // Registers callbacks that need this client's owner. Called once, before the client is made.
  std::function<void(rd_kafka_conf_s*)> prepare;
  // Is told of errors that the library gives to no message, within the call of ours that serves the queue which they stood in.
  std::function<void(int code, std::string_view reason)> on_error;
  // What callbacks on the library's own threads use; lives as long as those threads.
  std::shared_ptr<void> kept;
};

// Handle: one librdkafka client with its threads, made and destroyed here. Its opaque is `owner`, so that callbacks find their object. Its
// log goes to the options' log, its secrets cut out. Thread-safe as librdkafka is.
// After destruction neither the log nor the owner is called any more. It waits for the client's threads, but not for ever: on this version
// they may never end once a topic that was read has been deleted (librdkafka 4724); then they are left behind, and the log says so.
class Handle {
 public:
  enum class Kind { kProducer, kConsumer };

  // kStopProcess if a setting is bad.
  [[nodiscard]] static Result<std::unique_ptr<Handle>> Open(Kind kind, const ClientOptions& options, const HandleSettings& settings,
                                                            void* owner);
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle();

  [[nodiscard]] rd_kafka_s* get() const { return client_.get(); }
  // The error after which this client is of no use any more, if there was one.
  [[nodiscard]] std::optional<std::pair<int, std::string>> Fatal() const;
  void Say(LogLevel level, std::string_view text) const;

  // What callbacks of librdkafka get as their opaque.
  struct Context;
  [[nodiscard]] static void* OwnerOf(void* opaque);

 private:
  explicit Handle(std::unique_ptr<Context> context);

  std::unique_ptr<Context> context_;
  Owned<rd_kafka_s> client_;  // after the context, so that it ends first
};

// Settings that every client of ours has, and those of every consumer.
void AddCommonSettings(HandleSettings& settings);
void AddConsumerSettings(HandleSettings& settings, const std::string& group);

// librdkafka's words for an error code.
[[nodiscard]] std::string ErrorWords(int code);
// Whether the same question may be answered later: no answer, no connection, a leader or coordinator that is moving.
[[nodiscard]] bool IsTransient(int code);

}  // namespace antiphon::kafka

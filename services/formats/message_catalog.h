#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/topology/events.h"

namespace antiphon::formats {

// ProtoMessageCatalog: the event messages of proto/antiphon/v1 by full name ("antiphon.v1.TransactionPosted"), read from their
// descriptors. A message is an event if it says so by the option (antiphon.v1.event_type). Nested messages are flattened with dots
// (`actor.kind`); fields are sorted by name and lie at their names from the record's root. Decimal fields have the scale of their option
// and no currency: the topology says which. Immutable.
class ProtoMessageCatalog final : public topology::MessageCatalog {
 public:
  ProtoMessageCatalog();
  [[nodiscard]] const Message* Find(std::string_view name) const override;
  [[nodiscard]] std::vector<std::string> Names() const override;
  // The usual name of the event's type, "transaction.posted"; empty: no such message.
  [[nodiscard]] std::string_view EventTypeOf(std::string_view name) const;

 private:
  struct Entry {
    Message message;
    std::string event_type;
  };
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace antiphon::formats

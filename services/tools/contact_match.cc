#include "services/tools/contact_match.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "engine/decision/words.h"
#include "services/tools/reason_words.h"
#include "services/tools/value_text.h"

namespace antiphon::tools {
namespace {

using state::kNone;

std::string SpanText(const TimeSpan& span, const calendar::Zone& zone) {
  std::string text = LocalTimeText(span.from, zone);
  if (span.until - span.from > std::chrono::hours{1} && text.ends_with(" 00:00")) text.resize(text.size() - 6);  // a whole day
  return text;
}

// Comparer: walks over the keys of a pattern; without a record only their texts are wanted.
class Comparer {
 public:
  Comparer(const topology::Topology& topology, const ContactPattern& pattern, const decision::ContactRecord* record,
           const std::string* text)
      : topology_(topology), pattern_(pattern), record_(record), text_(text) {}

  std::vector<KeyComparison> Run() {
    Name("offer", pattern_.offer, [this] { return OfferName(topology_, record_->contact); });
    Name("channel", pattern_.channel, [this] { return ChannelName(topology_, record_->contact.channel); });
    Name("status", StatusOf(pattern_.status), [this] { return decision::StatusName(record_->contact.status); });
    Name("previous", StatusOf(pattern_.previous), [this] { return decision::StatusName(record_->previous); });
    Time("at", pattern_.at, [this] { return record_->time; });
    Time("due", pattern_.due, [this] { return record_->contact.due; });
    Time("expires", pattern_.expires, [this] { return record_->contact.expires; });
    Name("trigger", pattern_.trigger, [this] { return TriggerName(topology_, record_->contact.trigger); });
    Name("treatment", pattern_.treatment, [this] { return IdOf(topology_.treatments, record_->contact.treatment); });
    Name("campaign", pattern_.campaign, [this] { return IdOf(topology_.campaigns, record_->contact.campaign); });
    Name("language", pattern_.language, [this] {
      const state::LanguageId id = record_->contact.language;
      return id == kNone<state::LanguageId> ? std::string_view("?") : std::string_view(topology_.languages[id.value()]);
    });
    Name("class", pattern_.contact_class, [this] { return decision::ClassName(record_->contact.contact_class); });
    Name("direction", pattern_.direction, [this] { return decision::DirectionName(record_->contact.direction); });
    Name("reason", pattern_.reason, [this] { return std::string_view(record_->reason); });
    Name("customer", pattern_.customer, [this] { return std::string_view(record_->customer); });
    Name("interaction_id", pattern_.interaction_id, [this] { return std::string_view(record_->contact.interaction_id); });
    Name("source_system", pattern_.source_system, [this] { return std::string_view(record_->contact.source_system); });
    Text();
    return std::move(found_);
  }

 private:
  template <typename Definitions, typename Id>
  static std::string_view IdOf(const Definitions& definitions, Id id) {
    return id == kNone<Id> ? std::string_view("?") : std::string_view(definitions[id.value()].id);
  }

  static std::optional<std::string> StatusOf(std::optional<state::ContactStatus> status) {
    if (!status) return std::nullopt;
    return std::string(decision::StatusName(*status));
  }

  void Name(std::string_view key, const std::optional<std::string>& wanted, const std::function<std::string_view()>& happened) {
    if (!wanted) return;
    KeyComparison comparison{.key = std::string(key), .expected = *wanted, .happened = {}};
    if (record_ != nullptr) comparison.happened = happened();
    comparison.fits = comparison.happened == *wanted;
    found_.push_back(std::move(comparison));
  }

  void Time(std::string_view key, const std::optional<TimeSpan>& wanted, const std::function<EngineTime()>& happened) {
    if (!wanted) return;
    KeyComparison comparison{.key = std::string(key), .expected = SpanText(*wanted, topology_.zone), .happened = {}};
    if (record_ != nullptr) {
      const EngineTime time = happened();
      comparison.happened = LocalTimeText(time, topology_.zone);
      comparison.fits = wanted->Contains(time);
    }
    found_.push_back(std::move(comparison));
  }

  void Text() {
    const std::string happened = text_ == nullptr ? "(no text was sent)" : QuotedJson(*text_);
    if (pattern_.text) {
      found_.push_back({"text", QuotedJson(*pattern_.text), happened, text_ != nullptr && *text_ == *pattern_.text});
    }
    for (const std::string& part : pattern_.text_contains) {
      const bool fits = text_ != nullptr && text_->find(part) != std::string::npos;
      found_.push_back({"text contains", QuotedJson(part), happened, fits});
    }
  }

  const topology::Topology& topology_;
  const ContactPattern& pattern_;
  const decision::ContactRecord* record_;
  const std::string* text_;
  std::vector<KeyComparison> found_;
};

}  // namespace

std::vector<KeyComparison> CompareContact(const topology::Topology& topology, const ContactPattern& pattern,
                                          const decision::ContactRecord& record, const std::string* text) {
  return Comparer(topology, pattern, &record, text).Run();
}

bool Fits(const topology::Topology& topology, const ContactPattern& pattern, const decision::ContactRecord& record,
          const std::string* text) {
  const std::vector<KeyComparison> keys = CompareContact(topology, pattern, record, text);
  return std::all_of(keys.begin(), keys.end(), [](const KeyComparison& key) { return key.fits; });
}

std::string PatternText(const topology::Topology& topology, const ContactPattern& pattern) {
  std::string text;
  for (const KeyComparison& key : Comparer(topology, pattern, nullptr, nullptr).Run()) {
    text.append(text.empty() ? "" : ", ").append(key.key).append(": ").append(key.expected);
  }
  return text.empty() ? "any contact" : text;
}

std::string RecordText(const topology::Topology& topology, const decision::ContactRecord& record) {
  const state::Contact& contact = record.contact;
  std::string text = LocalTimeText(record.time, topology.zone);
  text.append(" ").append(OfferName(topology, contact)).append(" by ").append(ChannelName(topology, contact.channel));
  text.append(": ").append(decision::StatusName(contact.status));
  if (contact.status == state::ContactStatus::kPlanned || contact.status == state::ContactStatus::kWithheld) {
    text.append(", due ").append(LocalTimeText(contact.due, topology.zone));
  }
  if (!record.reason.empty()) text.append(" (").append(record.reason).append(")");
  return text;
}

}  // namespace antiphon::tools

#include <algorithm>
#include <set>
#include <utility>

#include "engine/topology/loaders.h"
#include "engine/topology/map_reader.h"
#include "engine/topology/words.h"

namespace antiphon::topology {
namespace {

using state::ContactStatus;

std::vector<ResponseCode> BuiltInCodes() {
  const auto moves = [](const char* code, ContactStatus status) {
    ResponseCode response;
    response.code = code;
    response.moves_to = status;
    return response;
  };
  std::vector<ResponseCode> codes = {moves("accepted", ContactStatus::kAccepted),
                                     moves("clicked", ContactStatus::kClicked),
                                     moves("complaint", ContactStatus::kNone),
                                     moves("conversion", ContactStatus::kNone),
                                     moves("declined", ContactStatus::kDeclined),
                                     moves("delivered", ContactStatus::kDelivered),
                                     moves("failed", ContactStatus::kFailed),
                                     moves("opt_out", ContactStatus::kNone),
                                     moves("presented", ContactStatus::kPresented),
                                     moves("released", ContactStatus::kReleased),
                                     moves("seen", ContactStatus::kSeen)};
  codes[2].facts = state::kFactComplaint;
  codes[3].facts = state::kFactConversion;
  codes[7].facts = state::kFactOptOut;
  codes[7].opt_out = true;
  return codes;
}

const Words<ContactStatus>& ResponseStatusWords() {
  static const Words<ContactStatus> kWords = {{"none", ContactStatus::kNone},         {"delivered", ContactStatus::kDelivered},
                                              {"seen", ContactStatus::kSeen},         {"clicked", ContactStatus::kClicked},
                                              {"accepted", ContactStatus::kAccepted}, {"declined", ContactStatus::kDeclined},
                                              {"failed", ContactStatus::kFailed},     {"presented", ContactStatus::kPresented},
                                              {"released", ContactStatus::kReleased}, {"no_response", ContactStatus::kNoResponse}};
  return kWords;
}

class ChannelLoader {
 public:
  ChannelLoader(Loading& loading, const Written& written)
      : loading_(loading), written_(written), reader_(loading, *written.value, "a channel") {}

  Channel Load() {
    channel_.id = written_.key->text;
    channel_.about = reader_.Text("about");
    enum class Sides : std::uint8_t { kOutbound, kInbound, kBoth };
    const Sides sides =
        reader_.Word<Sides>("direction", {{"outbound", Sides::kOutbound}, {"inbound", Sides::kInbound}, {"both", Sides::kBoth}})
            .value_or(Sides::kOutbound);
    channel_.outbound = sides != Sides::kInbound;
    channel_.inbound = sides != Sides::kOutbound;
    channel_.open = ReadHours("open");
    channel_.quiet = ReadHours("quiet");
    if (const YamlNode* holidays = reader_.Find("holidays")) ReadHolidays(*holidays);
    ReadAddress();
    if (const auto cost = reader_.Int("cost", 0, 1'000'000'000'000)) channel_.cost = *cost;
    channel_.when_due = reader_.Word<WhenDue>("when_due", {{"decide_again", WhenDue::kDecideAgain}, {"send", WhenDue::kSend}})
                            .value_or(WhenDue::kDecideAgain);
    channel_.response_window = reader_.Duration("response_window", true).value_or(Milliseconds{0});
    if (const auto valid = reader_.Duration("answer_valid_for")) channel_.answer_valid_for = *valid;
    channel_.responses = BuiltInCodes();
    if (const YamlNode* responses = reader_.Find("responses")) ReadResponses(*responses);
    reader_.Finish();
    return std::move(channel_);
  }

 private:
  std::optional<calendar::WeeklyHours> ReadHours(std::string_view key) {
    const YamlNode* node = reader_.Find(key);
    if (node == nullptr) return std::nullopt;
    if (node->is_scalar() && node->text == "always") return std::nullopt;
    if (!node->is_map()) {
      loading_.Error(*node, "wrong_type", "`" + std::string(key) + "` is written as a map from days to hours",
                     "write {mon-fri: \"09:00-17:00\"} or always");
      return std::nullopt;
    }
    std::vector<calendar::HoursLine> lines;
    for (const YamlEntry& entry : node->entries) {
      if (!entry.value.is_scalar()) {
        loading_.Error(entry.value, "wrong_type", "hours are written as a text like \"09:00-17:00\"");
        return std::nullopt;
      }
      lines.push_back({entry.key.text, entry.value.text});
    }
    auto hours = calendar::WeeklyHours::Parse(lines);
    if (hours) {
      if (hours->never_open() && key == "open") loading_.Warn(*node, "never_open", "the channel '" + channel_.id + "' never opens");
      return std::move(*hours);
    }
    const calendar::HoursError& error = hours.error();
    const YamlEntry& entry = node->entries[std::min(error.line, node->entries.size() - 1)];
    const YamlNode& part = error.part == calendar::HoursError::Part::kDays ? entry.key : entry.value;
    loading_.Report(Severity::kError, part, error.offset, "bad_hours", part.text, error.message, {});
    return std::nullopt;
  }

  std::vector<calendar::LocalDay> ReadDays(MapReader& reader, std::string_view key) {
    std::vector<calendar::LocalDay> days;
    for (const YamlNode* node : reader.Scalars(key)) {
      const auto midnight = node->text.size() == 10 ? ParseTime(node->text + "T00:00:00Z") : std::nullopt;
      if (midnight) {
        days.push_back(std::chrono::floor<std::chrono::days>(calendar::LocalTime{midnight->time_since_epoch()}));
      } else {
        loading_.Error(*node, "bad_time", "a date is expected here", "write it as 2026-12-24");
      }
    }
    return days;
  }

  void ReadHolidays(const YamlNode& node) {
    calendar::HolidaySpec spec;
    const YamlNode* country = &node;
    if (node.is_map()) {
      MapReader reader(loading_, node, "`holidays`");
      country = reader.Find("country");
      spec.added = ReadDays(reader, "add");
      spec.removed = ReadDays(reader, "remove");
      reader.Finish();
    }
    if (country != nullptr) spec.country = ReadText(loading_, *country, "holidays").value_or("");
    auto holidays = calendar::HolidayCalendar::Create(spec);
    if (holidays) {
      channel_.holidays = std::move(*holidays);
    } else {
      loading_.Error(country == nullptr ? node : *country, "unknown_country", holidays.error().message);
    }
    if (!reader_.Has("open")) loading_.Warn(node, "holidays_without_hours", "`holidays` mean nothing without `open`");
  }

  void ReadAddress() {
    const YamlNode* address = reader_.Find("address");
    const YamlNode* point = reader_.Find("point");
    if (point != nullptr)
      if (const auto known = loading_.Resolve(*point, "contact point", loading_.topology.contact_points))
        channel_.address.point = state::ContactPointId{*known};
    if (address == nullptr || (address->is_scalar() && address->text == "by_channel")) {
      channel_.address.by_channel = true;
      return;
    }
    std::vector<std::string> names;
    for (const ProfileFieldDefinition& field : loading_.topology.profile_fields) names.push_back("customer." + field.name);
    for (const YamlNode* field : ReadScalars(loading_, *address, "address"))
      if (const auto known = loading_.Resolve(*field, "field of the customer", names)) channel_.address.fields.emplace_back(*known);
  }

  void ReadResponses(const YamlNode& node) {
    if (!node.is_map()) return loading_.Error(node, "wrong_type", "`responses` is written as a map from codes to what they mean");
    for (const YamlEntry& entry : node.entries) {
      ResponseCode response;
      response.code = entry.key.text;
      ReadResponse(entry.value, response);
      const auto same = std::ranges::find(channel_.responses, response.code, &ResponseCode::code);
      if (same == channel_.responses.end()) {
        channel_.responses.push_back(std::move(response));
      } else {
        loading_.Warn(entry.key, "built_in_code", "'" + response.code + "' has a meaning of its own, which this replaces");
        *same = std::move(response);
      }
    }
    std::ranges::sort(channel_.responses, {}, &ResponseCode::code);
  }

  void ReadResponse(const YamlNode& node, ResponseCode& response) {
    std::vector<std::string> words;
    for (const auto& [word, status] : ResponseStatusWords()) words.emplace_back(word);
    const YamlNode* status = &node;
    if (node.is_map()) {
      MapReader reader(loading_, node, "a response");
      status = reader.Find("status");
      const YamlNode* opt_out = reader.Find("opt_out");
      response.opt_out_everywhere = opt_out != nullptr && opt_out->is_scalar() && opt_out->text == "everywhere";
      response.opt_out = response.opt_out_everywhere || reader.Bool("opt_out", false);
      response.bad_address = reader.Bool("bad_address", false);
      if (response.opt_out) response.facts |= state::kFactOptOut;
      if (reader.Bool("complaint", false)) response.facts |= state::kFactComplaint;
      if (reader.Bool("conversion", false)) response.facts |= state::kFactConversion;
      reader.Finish();
    }
    if (status == nullptr) return;
    if (const auto position = ReadWord(loading_, *status, "status", words)) response.moves_to = ResponseStatusWords()[*position].second;
  }

  Loading& loading_;
  const Written& written_;
  MapReader reader_;
  Channel channel_;
};

}  // namespace

void LoadChannels(Loading& loading) {
  for (const Written& written : SortedDefinitions(loading, "channels", loading.channel_names))
    loading.topology.channels.push_back(ChannelLoader(loading, written).Load());
}

void LoadCampaigns(Loading& loading) {
  for (const Written& written : SortedDefinitions(loading, "campaigns", loading.campaign_names)) {
    Campaign campaign;
    campaign.id = written.key->text;
    MapReader reader(loading, *written.value, "a campaign");
    campaign.about = reader.Text("about");
    campaign.owner = reader.Text("owner");
    campaign.goal = reader.Text("goal");
    if (const YamlNode* from = reader.Find("from")) campaign.from = ReadTime(loading, *from, "from");
    if (const YamlNode* until = reader.Find("until")) campaign.until = ReadTime(loading, *until, "until");
    if (campaign.from && campaign.until && *campaign.until <= *campaign.from)
      loading.Error(*reader.Find("until"), "impossible_dates", "the campaign is over before it begins");
    if (const YamlNode* control = reader.Find("control")) {
      MapReader group(loading, *control, "a control group");
      if (const YamlNode* share = group.Require("share")) campaign.control_share_ppm = ReadShare(loading, *share, "share").value_or(0);
      campaign.control_salt = group.Text("salt", "campaign/" + campaign.id);
      group.Finish();
    }
    reader.Finish();
    loading.topology.campaigns.push_back(std::move(campaign));
  }
}

}  // namespace antiphon::topology

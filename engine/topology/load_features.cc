#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "engine/topology/loaders.h"
#include "engine/topology/map_reader.h"
#include "engine/topology/paths.h"

namespace antiphon::topology {
namespace {

using expression::Type;
using expression::TypeKind;

struct OpWord {
  const char* word;
  FeatureOp op;
  bool takes_value;
};
constexpr std::array kOps = {OpWord{"count", FeatureOp::kCount, false},
                             OpWord{"sum", FeatureOp::kSum, true},
                             OpWord{"min", FeatureOp::kMin, true},
                             OpWord{"max", FeatureOp::kMax, true},
                             OpWord{"avg", FeatureOp::kAvg, true},
                             OpWord{"first", FeatureOp::kFirst, true},
                             OpWord{"last", FeatureOp::kLast, true},
                             OpWord{"distinct", FeatureOp::kDistinct, true},
                             OpWord{"time_since", FeatureOp::kTimeSince, false},
                             OpWord{"sessions", FeatureOp::kSessions, false}};

bool IsNumeric(FeatureOp op) { return op == FeatureOp::kSum || op == FeatureOp::kMin || op == FeatureOp::kMax || op == FeatureOp::kAvg; }

class FeatureLoader {
 public:
  FeatureLoader(Loading& loading, Scopes& scopes, const Written& written)
      : loading_(loading), scopes_(scopes), written_(written), reader_(loading, *written.value, "a feature") {}

  Feature Load() {
    feature_.name = written_.key->text;
    feature_.type = Type::Dyn();
    feature_.about = reader_.Text("about");
    if (!IsName(feature_.name))
      loading_.Error(*written_.key, "bad_id", "'" + feature_.name + "' cannot be the name of a feature",
                     "use letters, digits and '_', not beginning with a digit");
    const YamlNode* value = ReadOp();
    const std::vector<const YamlNode*> on = ReadOn();
    const YamlNode* where = reader_.Find("where");
    if (feature_known_) ReadInputs(on, where, value);
    ReadWindow();
    if (const auto max = reader_.Int("max_values", 1, 1024)) {
      feature_.values_max = static_cast<std::uint32_t>(*max);
      if (feature_.op != FeatureOp::kDistinct)
        loading_.Error(*reader_.Find("max_values"), "misplaced_key", "`max_values` is for `distinct`");
    }
    ReadDefault();
    reader_.Finish();
    if (feature_.type.is_dyn() && feature_known_) SetType(ValueType{});
    return std::move(feature_);
  }

 private:
  // The expression of the value, or nullptr.
  const YamlNode* ReadOp() {
    const YamlNode* value = nullptr;
    const char* first = nullptr;
    for (const OpWord& op : kOps) {
      const YamlNode* node = reader_.Find(op.word);
      if (node == nullptr) continue;
      if (first != nullptr) {
        loading_.Error(*node, "second_operation", std::string("a feature is either `") + first + "` or `" + op.word + "`");
        continue;
      }
      first = op.word;
      feature_.op = op.op;
      feature_known_ = true;
      if (op.takes_value) {
        value = node;
      } else if (!node->is_scalar() || node->text != "true") {
        loading_.Error(*node, "wrong_type", std::string("`") + op.word + "` takes no value", std::string("write `") + op.word + ": true`");
      }
    }
    if (first == nullptr && reader_.good())
      loading_.Error(*written_.key, "missing_key", "the feature '" + feature_.name + "' does not say what it keeps",
                     "write one of count, sum, min, max, avg, first, last, distinct, time_since, sessions");
    return value;
  }

  std::vector<const YamlNode*> ReadOn() {
    const YamlNode* on = reader_.Require("on");
    return on == nullptr ? std::vector<const YamlNode*>{} : ReadScalars(loading_, *on, "on");
  }

  void ReadInputs(const std::vector<const YamlNode*>& on, const YamlNode* where, const YamlNode* value) {
    std::optional<ValueType> of;
    for (const YamlNode* event : on) {
      const auto event_type = loading_.Resolve(*event, "event type", loading_.event_names);
      if (!event_type) continue;
      if (std::ranges::any_of(feature_.inputs, [&](const FeatureInput& input) { return input.event_type == *event_type; })) {
        loading_.Error(*event, "duplicate_name", "'" + event->text + "' is named twice");
        continue;
      }
      const std::string place = on.size() > 1 ? " (for events of type " + event->text + ")" : "";
      const expression::Declarations& scope = scopes_.WithEvent(Stage::kCustomer, *event_type);
      FeatureInput input;
      input.event_type = *event_type;
      if (where != nullptr) input.where = CompileCondition(loading_, *where, scope, place);
      if (value != nullptr) {
        input.value = CompileValue(*value, scope, place);
        if (input.value) {
          const ValueType type{input.value->result_type(), input.value->unit()};
          if (of && *of != type)
            loading_.Error(*value, "mixed_types",
                           "the value is " + Describe(*of) + " for one event type and " + Describe(type) + " for another");
          of = type;
        }
      }
      feature_.inputs.push_back(std::move(input));
    }
    if (value == nullptr || of) SetType(of.value_or(ValueType{}));
  }

  static std::string Describe(const ValueType& value) { return value.type.name() + (value.unit.empty() ? "" : " in " + value.unit); }

  std::optional<expression::Program> CompileValue(const YamlNode& node, const expression::Declarations& scope, const std::string& place) {
    CompileRequest request;
    request.node = &node;
    request.scope = &scope;
    request.place = place;
    request.expected = {Type::Int(), Type::Double()};
    if (!IsNumeric(feature_.op))
      for (Type type : {Type::Bool(), Type::String(), Type::Timestamp(), Type::Duration()}) request.expected.push_back(std::move(type));
    return Compile(loading_, request);
  }

  void SetType(const ValueType& value) {
    feature_.floating = value.type.kind() == TypeKind::kDouble;
    switch (feature_.op) {
      case FeatureOp::kCount:
      case FeatureOp::kDistinct:
      case FeatureOp::kSessions:
        feature_.type = Type::Int();
        break;
      case FeatureOp::kTimeSince:
        feature_.type = Type::Duration();
        break;
      case FeatureOp::kAvg:
        feature_.type = Type::Double();
        feature_.unit = value.unit;
        break;
      default:
        feature_.type = value.type;
        feature_.unit = value.unit;
        break;
    }
  }

  void ReadWindow() {
    const YamlNode* over_node = reader_.Find("over");
    const auto over = reader_.Duration("over");
    const auto grain = reader_.Duration("grain");
    const YamlNode* per = reader_.Find("per");
    const YamlNode* gap = reader_.Find("gap");
    if (const auto length = reader_.Duration("gap")) feature_.gap = *length;
    if (gap != nullptr && feature_.op != FeatureOp::kSessions) loading_.Error(*gap, "misplaced_key", "`gap` is for `sessions`");
    if (gap == nullptr && feature_.op == FeatureOp::kSessions)
      loading_.Error(*written_.key, "missing_key", "`sessions` needs `gap`: how long nothing happens between two sessions");
    if ((over_node != nullptr || per != nullptr) && feature_.op == FeatureOp::kTimeSince)
      loading_.Error(over_node != nullptr ? *over_node : *per, "misplaced_key", "`time_since` has no window");
    if (per != nullptr) ReadPeriod(*per, over_node);
    if (over) {
      SetRolling(*over_node, *over, grain);
    } else if (const YamlNode* node = reader_.Find("grain"); node != nullptr && over_node == nullptr) {
      loading_.Error(*node, "misplaced_key", "`grain` is for features with `over`");
    }
  }

  void ReadPeriod(const YamlNode& per, const YamlNode* over) {
    if (over != nullptr) loading_.Error(per, "misplaced_key", "a window is either `over` or `per`");
    if (const auto period = ReadCalendarPeriod(loading_, per))
      feature_.calendar_period.emplace(loading_.topology.zone, *period, loading_.topology.week_starts);
  }

  void SetRolling(const YamlNode& over_node, Milliseconds over, const std::optional<Milliseconds>& grain) {
    constexpr std::int64_t kBucketsMax = 4096;
    const Milliseconds length = grain.value_or(calendar::DefaultGrain(over));
    auto grid = calendar::BucketGrid::Create(loading_.topology.zone, length, loading_.topology.week_starts);
    if (!grid) return loading_.Error(*reader_.Find("grain"), "bad_grain", grid.error().message);
    feature_.buckets = calendar::BucketCount(over, length);
    if (feature_.buckets > kBucketsMax)
      loading_.Error(over_node, "too_many_buckets", std::to_string(feature_.buckets) + " buckets are too many",
                     "choose a longer grain; at most 4096 buckets");
    if (grain && over.count() % length.count() != 0)
      loading_.Warn(
          over_node, "window_rounded_up",
          "the window is no whole number of grains: it is " + std::to_string(feature_.buckets) + " times " + FormatDuration(length));
    if (!grain)
      loading_.Note(
          over_node, "default_grain",
          "the grain of '" + feature_.name + "' is " + FormatDuration(length) + " (" + std::to_string(feature_.buckets) + " buckets)");
    feature_.rolling = std::move(*grid);
  }

  void ReadDefault() {
    const YamlNode* node = reader_.Find("default");
    if (node == nullptr || feature_.type.is_dyn()) return;
    if (feature_.op == FeatureOp::kCount || feature_.op == FeatureOp::kSum || feature_.op == FeatureOp::kDistinct ||
        feature_.op == FeatureOp::kSessions) {
      if (node->text != "0") loading_.Error(*node, "misplaced_key", "this feature is 0 if there is nothing: it has no other `default`");
      return;
    }
    switch (feature_.type.kind()) {
      case TypeKind::kInt:
        if (const auto value = ReadInt(loading_, *node, "default", INT64_MIN, INT64_MAX)) feature_.default_value = *value;
        break;
      case TypeKind::kBool:
        if (const auto value = ReadBool(loading_, *node, "default")) feature_.default_value = *value;
        break;
      case TypeKind::kDouble:
        feature_.default_value = ReadDouble(*node);
        break;
      case TypeKind::kTimestamp:
        if (const auto value = ReadTime(loading_, *node, "default")) feature_.default_value = *value;
        break;
      case TypeKind::kDuration:
        if (const auto value = ReadDuration(loading_, *node, "default", true)) feature_.default_value = *value;
        break;
      default:
        if (const auto value = ReadText(loading_, *node, "default")) feature_.default_value = *value;
        break;
    }
  }

  state::Scalar ReadDouble(const YamlNode& node) {
    double value = 0;
    const char* const end = node.text.data() + node.text.size();
    const auto [rest, error] = std::from_chars(node.text.data(), end, value);
    if (node.is_scalar() && error == std::errc{} && rest == end) return value;
    loading_.Error(node, "wrong_type", "`default` must be a number");
    return {};
  }

  Loading& loading_;
  Scopes& scopes_;
  const Written& written_;
  MapReader reader_;
  Feature feature_;
  bool feature_known_ = false;  // its operation is
};

}  // namespace

void LoadFeatures(Loading& loading, Scopes& scopes) {
  for (const Written& written : SortedDefinitions(loading, "features", loading.feature_names))
    loading.topology.features.push_back(FeatureLoader(loading, scopes, written).Load());
}

}  // namespace antiphon::topology

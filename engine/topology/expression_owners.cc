#include "engine/topology/expression_owners.h"

#include <optional>
#include <vector>

namespace antiphon::topology {
namespace {

// One kind of definition after the other; each method knows where that kind keeps its expressions.
class Walk {
 public:
  explicit Walk(const ExpressionVisitor& visit) : visit_(visit) {}

  void Customer(const Topology& topology) {
    for (const ProfileFieldDefinition& field : topology.profile_fields)
      for (const auto& input : field.inputs) Visit(input.where, "customer field " + field.name);
    for (const HoldingRule& rule : topology.holding_rules) Visit(rule.where, "customer holdings");
  }

  void Of(const Feature& feature) {
    for (const FeatureInput& input : feature.inputs) {
      Visit(input.where, "feature " + feature.name + ", where");
      Visit(input.value, "feature " + feature.name + ", value");
    }
  }

  void Of(const SegmentScheme& scheme) {
    for (const auto& one : scheme.classes) visit_(one.when, "segment " + scheme.name + ", " + one.name);
  }

  void Of(const Trigger& trigger) {
    const std::string owner = "trigger " + trigger.id;
    for (const EventCondition& condition : trigger.on) Visit(condition.where, owner);
    for (const auto& by_type : trigger.conditions)
      for (const EventCondition& condition : by_type) Visit(condition.where, owner);
  }

  void Of(const Offer& offer) {
    const std::string owner = "offer " + offer.id + ", ";
    for (const auto* const gates : {&offer.eligible, &offer.applicable, &offer.suitable})
      for (const Gate& gate : *gates) visit_(gate.when, owner + gate.rule);
    Visit(offer.propensity, owner + "propensity");
    Visit(offer.value, owner + "value");
    Visit(offer.context, owner + "context");
    Visit(offer.lever, owner + "lever");
  }

  void Of(const Treatment& treatment) {
    const std::string owner = "treatment " + treatment.id + ", ";
    Visit(treatment.where, owner + "where");
    for (const std::optional<Template>& form : treatment.by_language) {
      if (!form) continue;
      for (const Template::Piece& piece : form->pieces) Visit(piece.program, owner + "text");
    }
  }

  void Of(const Suppression& suppression) {
    for (const auto* const sides : {&suppression.open, &suppression.close}) {
      for (const Suppression::Side& side : *sides) {
        Visit(side.where, "suppression " + suppression.id);
        Visit(side.case_id, "suppression " + suppression.id + ", case");
      }
    }
  }

  void Visit(const std::optional<expression::Program>& program, const std::string& owner) {
    if (program) visit_(*program, owner);
  }

 private:
  const ExpressionVisitor& visit_;
};

}  // namespace

void VisitExpressions(const Topology& topology, const ExpressionVisitor& visit) {
  Walk walk(visit);
  walk.Customer(topology);
  for (const Feature& feature : topology.features) walk.Of(feature);
  for (const SegmentScheme& scheme : topology.segments) walk.Of(scheme);
  for (const Trigger& trigger : topology.triggers) walk.Of(trigger);
  for (const Offer& offer : topology.offers) walk.Of(offer);
  for (const Treatment& treatment : topology.treatments) walk.Of(treatment);
  for (const Suppression& suppression : topology.suppressions) walk.Of(suppression);
  walk.Visit(topology.score, "arbitration, score");
}

}  // namespace antiphon::topology

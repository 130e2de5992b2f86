#include <algorithm>

#include "services/simulate/behaviour.h"
#include "services/simulate/emit.h"
#include "state/base/check.h"

namespace antiphon::simulate {
namespace {

// What ends a case happens even to one who has left the bank.
bool EndsCase(AgendaKind kind) { return kind == AgendaKind::kComplaintCloses || kind == AgendaKind::kSuppressionCloses; }

void Run(const Day& day, const AgendaItem& item, Customer& customer, Stream& stream, DayLog& log) {
  switch (item.kind) {
    case AgendaKind::kIssueCard:
      return IssueCard(customer, day, AtHour(7, stream.Between(0, 59)), log);
    case AgendaKind::kSetUpOrders:
      return SetUpOrders(day, AtHour(19, stream.Between(0, 59)), customer, stream, log);
    case AgendaKind::kFirstVisit:
      return BrowseFirst(day, customer, stream, log);
    case AgendaKind::kOpenSavings:
      return OpenSavings(day, customer, stream, log);
    case AgendaKind::kOpenTermDeposit:
      return OpenTermDeposit(day, customer, stream, log);
    case AgendaKind::kOpenFund:
      return OpenFund(day, customer, stream, log);
    case AgendaKind::kOpenCreditCard:
      return OpenCreditCard(day, customer, stream, log);
    case AgendaKind::kReservationFee:
      return PayReservationFee(day, customer, stream, log);
    case AgendaKind::kDeveloperPayment:
      return PayDeveloper(day, customer, stream, log);
    case AgendaKind::kMortgageOutcome:
      return DecideMortgage(day, customer, static_cast<MortgageOutcome>(item.flavour), stream, log);
    case AgendaKind::kConsumerLoan:
      return TakeConsumerLoan(day, customer, stream, log);
    case AgendaKind::kInheritance:
      return ReceiveInheritance(day, customer, stream, log);
    case AgendaKind::kPropertySale:
      return SellProperty(day, customer, stream, log);
    case AgendaKind::kComplaintOpens:
      return OpenComplaint(day, item, customer, stream, log);
    case AgendaKind::kComplaintCloses:
      return CloseComplaint(day, item, customer, stream, log);
    case AgendaKind::kSuppressionOpens:
      return OpenSuppression(day, item, customer, stream, log);
    case AgendaKind::kSuppressionCloses:
      return CloseSuppression(day, item, customer, stream, log);
    case AgendaKind::kConsentChanges:
      return ChangeConsent(day, customer, stream, log);
    case AgendaKind::kContactPointChanges:
      return ChangeContactPoint(day, customer, stream, log);
    case AgendaKind::kRiskProfile:
      return ClassifyRisk(day, customer, stream, log);
    case AgendaKind::kCrmContact:
      return RecordCrmContact(day, customer, stream, log);
    case AgendaKind::kCrmResponse:
      return RecordCrmResponse(day, item, customer, stream, log);
    case AgendaKind::kTermDepositMatures:
      return MatureTermDeposit(day, customer, item.number, log);
    case AgendaKind::kLeaves:
      return LeaveBank(day, customer, log);
  }
  ANTIPHON_CHECK(false);
}

}  // namespace

void RunAgenda(const Day& day, Customer& customer, Stream& stream, DayLog& log) {
  // Items that are added while this runs lie on later days; they stay behind the ones looked at here.
  const std::size_t planned = customer.agenda.size();
  std::size_t leaves = planned;
  for (std::size_t i = 0; i < planned; ++i) {
    const AgendaItem item = customer.agenda[i];
    if (item.day != day.number) continue;
    if (item.kind == AgendaKind::kLeaves) {
      leaves = i;
    } else if (!customer.left || EndsCase(item.kind)) {
      Run(day, item, customer, stream, log);
    }
  }
  if (leaves != planned && !customer.left) LeaveBank(day, customer, log);
  std::erase_if(customer.agenda, [&](const AgendaItem& item) { return item.day <= day.number; });
}

}  // namespace antiphon::simulate

#include "services/simulate/simulate.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "services/simulate/behaviour.h"
#include "services/simulate/truth.h"
#include "state/base/time.h"

namespace antiphon::simulate {
namespace {

using std::chrono::sys_days;

constexpr std::uint32_t kLoadSlices = 24;
constexpr std::size_t kTruthBytes = std::size_t{1} << 20U;

class FileSink final : public ByteSink {
 public:
  [[nodiscard]] static Result<std::unique_ptr<FileSink>> Open(const std::string& path) {
    if (path == "-") return std::unique_ptr<FileSink>(new FileSink(stdout, path));
    std::FILE* file = std::fopen(path.c_str(), "wb");
    if (file == nullptr) return Fail(Recovery::kStopProcess, "cannot open " + path + " for writing");
    return std::unique_ptr<FileSink>(new FileSink(file, path));
  }
  ~FileSink() override {
    if (file_ != nullptr && file_ != stdout) static_cast<void>(std::fclose(file_));
  }

  [[nodiscard]] Result<void> Write(std::string_view bytes) override {
    if (std::fwrite(bytes.data(), 1, bytes.size(), file_) == bytes.size()) return {};
    return Fail(Recovery::kStopProcess, "cannot write to " + path_);
  }

  // A full disk may show only here.
  [[nodiscard]] Result<void> Close() {
    std::FILE* file = std::exchange(file_, nullptr);
    const int failed = file == stdout ? std::fflush(file) : std::fclose(file);
    if (failed == 0) return {};
    return Fail(Recovery::kStopProcess, "cannot write to " + path_);
  }

 private:
  FileSink(std::FILE* file, std::string path) : file_(file), path_(std::move(path)) {}

  std::FILE* file_;
  std::string path_;
};

// Simulation: all customers and the writer of their events; lives one day after the other.
class Simulation {
 public:
  Simulation(const World& world, std::uint32_t customers, ByteSink& events) : world_(world), writer_(events) {
    customers_.reserve(customers);
    for (std::uint32_t index = 0; index < customers; ++index) customers_.push_back(MakeCustomer(world_, index));
  }

  // The eve in slices of an hour, so that no batch holds all customers' opening events.
  [[nodiscard]] Result<void> LoadExisting() {
    const Day eve = MakeDay(world_.start, -1);
    for (std::uint32_t hour = 0; hour < kLoadSlices; ++hour) {
      for (Customer& customer : customers_) {
        if (customer.joins >= 0 || LoadHour(customer.index) != hour) continue;
        log_.Clear();
        Stream stream = For(customer, Purpose::kOnboarding, 0);
        LoadOnEve(eve, customer, stream, log_);
        writer_.Take(customer, log_);
      }
      if (auto written = writer_.WriteBatch(); !written) return written;
    }
    return {};
  }

  [[nodiscard]] Result<void> LiveDay(std::int32_t number) {
    const Day day = MakeDay(world_.start, number);
    for (Customer& customer : customers_) {
      if (number < customer.joins) continue;
      log_.Clear();
      Live(day, customer);
      writer_.Take(customer, log_);
    }
    return writer_.WriteBatch();
  }

  [[nodiscard]] Result<void> WriteTruth(ByteSink& truth) const {
    std::string out;
    for (const Customer& customer : customers_) {
      AppendTruth(out, world_, customer);
      if (out.size() < kTruthBytes) continue;
      if (auto written = truth.Write(out); !written) return written;
      out.clear();
    }
    return truth.Write(out);
  }

  [[nodiscard]] std::uint64_t events() const { return writer_.events(); }

 private:
  [[nodiscard]] Stream For(const Customer& customer, Purpose purpose, std::int32_t day) const {
    return {world_.seed, customer.index, purpose, day};
  }

  // One customer's day. The order matters where one subject reads what another drafted: income before what is paid from it.
  void Live(const Day& day, Customer& customer) {
    if (day.number == customer.joins) {
      Stream stream = For(customer, Purpose::kOnboarding, 0);
      Join(day, customer, stream, log_);
    }
    if (customer.never_uses) return;
    if (!customer.left && (day.number - std::max(customer.joins, 0)) % kQuarterDays == 0) {
      Stream stream = For(customer, Purpose::kLife, day.number);
      PlanQuarter(day, customer, stream);
    }
    if (!customer.agenda.empty()) {
      Stream stream = For(customer, Purpose::kAgenda, day.number);
      RunAgenda(day, customer, stream, log_);
    }
    if (customer.left || day.number == customer.joins) return;
    if (!customer.Dormant(day.number)) {
      if (!customer.authorised_user) MoveMoney(day, customer);
      Stream web = For(customer, Purpose::kWeb, day.number);
      BrowseWeb(world_, day, customer, web, log_);
      Stream contacts = For(customer, Purpose::kContacts, day.number);
      CallOrVisit(day, customer, contacts, log_);
    }
    if (!customer.authorised_user) CloseMonth(day, customer, log_);
  }

  void MoveMoney(const Day& day, Customer& customer) {
    Stream salary = For(customer, Purpose::kSalary, day.number);
    ReceiveIncome(day, customer, salary, log_);
    MoveSalaryOn(day, customer, salary, log_);
    Stream orders = For(customer, Purpose::kOrders, day.number);
    PayStandingOrders(day, customer, orders, log_);
    PayInstalments(day, customer, log_);
    Stream savings = For(customer, Purpose::kSavings, day.number);
    SaveSurplus(day, customer, savings, log_);
    Stream spending = For(customer, Purpose::kSpending, day.number);
    Spend(world_, day, customer, spending, log_);
  }

  World world_;
  std::vector<Customer> customers_;
  DayLog log_;
  EventWriter writer_;
};

Result<void> RunToFiles(const SimulateOptions& options) {
  auto events = FileSink::Open(options.output_path);
  if (!events) return std::unexpected(events.error());
  std::unique_ptr<FileSink> truth;
  if (!options.truth_path.empty()) {
    auto opened = FileSink::Open(options.truth_path);
    if (!opened) return std::unexpected(opened.error());
    truth = std::move(*opened);
  }
  if (auto simulated = Simulate(options, **events, truth.get()); !simulated) return std::unexpected(simulated.error());
  if (auto closed = (*events)->Close(); !closed) return closed;
  return truth == nullptr ? Result<void>{} : truth->Close();
}

}  // namespace

Result<sys_days> ParseStart(std::string_view text) {
  const auto time = text.size() == 10 ? ParseTime(std::string(text) + "T00:00:00Z") : std::nullopt;
  if (!time) return Fail(Recovery::kStopProcess, "--start: '" + std::string(text) + "' is not a date like 2026-01-31");
  return std::chrono::floor<std::chrono::days>(*time);
}

Result<void> CheckOptions(const SimulateOptions& options) {
  const auto refuse = [](std::string message) { return Fail(Recovery::kStopProcess, std::move(message)); };
  if (options.customers > kCustomersMax) return refuse("--customers: at most " + std::to_string(kCustomersMax));
  if (options.days > kDaysMax) return refuse("--days: at most " + std::to_string(kDaysMax));
  if (options.activity_percent > kActivityPercentMax)
    return refuse("--activity: at most " + std::to_string(kActivityPercentMax) + " percent");
  const sys_days first = std::chrono::year{1996} / 4 / 1;  // before, summer time followed other rules
  const sys_days end = std::chrono::year{2100} / 1 / 1;
  if (options.start < first || options.start + std::chrono::days{options.days} > end - std::chrono::days{1}) {
    return refuse("--start: all days must lie between 1996-04-01 and 2099-12-30");
  }
  if (options.output_path == "-" && options.truth_path == "-") return refuse("--truth: events and truth cannot both go to standard output");
  return {};
}

Result<SimulateSummary> Simulate(const SimulateOptions& options, ByteSink& events, ByteSink* truth) {
  if (auto checked = CheckOptions(options); !checked) return std::unexpected(checked.error());
  if (options.days == 0 || options.customers == 0) return SimulateSummary{};
  const World world{options.seed, options.start, static_cast<std::int32_t>(options.days), options.activity_percent};
  Simulation simulation(world, options.customers, events);
  if (auto loaded = simulation.LoadExisting(); !loaded) return std::unexpected(loaded.error());
  for (std::int32_t day = 0; day < world.days; ++day) {
    if (auto lived = simulation.LiveDay(day); !lived) return std::unexpected(lived.error());
  }
  if (truth != nullptr) {
    if (auto told = simulation.WriteTruth(*truth); !told) return std::unexpected(told.error());
  }
  return SimulateSummary{simulation.events()};
}

int RunSimulateCommand(const SimulateOptions& options, std::FILE* messages) {
  auto ran = CheckOptions(options);
  if (ran) ran = RunToFiles(options);
  if (ran) return 0;
  static_cast<void>(std::fprintf(messages, "antiphon simulate: %s\n", ran.error().message.c_str()));
  return 2;
}

}  // namespace antiphon::simulate

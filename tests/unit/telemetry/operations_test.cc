// The reference for operators, the alert rules, the dashboard and the code name the same metrics.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <cctype>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "services/telemetry/metrics.h"
#include "tests/unit/telemetry/telemetry_support.h"

namespace antiphon::telemetry {
namespace {

using testing::Contains;
using testing::IsSupersetOf;

const std::filesystem::path kProject = ANTIPHON_PROJECT_DIR;

std::string Read(const std::filesystem::path& path) {
  const std::ifstream file(kProject / path);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<MetricName> InCode() {
  const SmallEstate estate;
  std::vector<MetricName> names = MetricNames(estate.parts);
  std::ranges::sort(names);
  return names;
}

// Rows "| `name` | type | ..": of the reference's tables.
std::vector<MetricName> InReference() {
  std::vector<MetricName> names;
  std::istringstream page(Read("docs/operations.md"));
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| `antiphon_") && !line.starts_with("| `process_")) continue;
    const std::size_t name_end = line.find('`', 3);
    const std::size_t type = line.find("| ", name_end) + 2;
    names.push_back({.name = line.substr(3, name_end - 3), .type = line.substr(type, line.find(' ', type) - type)});
  }
  std::ranges::sort(names);
  return names;
}

// The metrics that a query of Prometheus names, without the endings of a histogram's series.
std::set<std::string> MetricsOf(const std::string& query) {
  std::set<std::string> names;
  const auto in_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  for (std::size_t at = 0; at < query.size();) {
    if (!in_word(query[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < query.size() && in_word(query[end])) ++end;
    std::string word = query.substr(at, end - at);
    at = end;
    if (!word.starts_with("antiphon_") && !word.starts_with("process_")) continue;
    for (const std::string_view ending : {"_bucket", "_sum", "_count"}) {
      if (word.ends_with(ending)) word.resize(word.size() - ending.size());
    }
    names.insert(std::move(word));
  }
  return names;
}

std::set<std::string> NamesInCode() {
  std::set<std::string> names;
  for (const MetricName& metric : InCode()) names.insert(metric.name);
  return names;
}

TEST(OperationsTest, TheReferenceHasWhatTheCodeHas) { EXPECT_EQ(InReference(), InCode()) << "docs/operations.md"; }

TEST(OperationsTest, AlertsNameWhatThereIsAndTheReferenceNamesTheAlerts) {
  const std::set<std::string> names = NamesInCode();
  const std::string page = Read("docs/operations.md");
  std::set<std::string> alerts;
  for (const YAML::Node& group : YAML::Load(Read("compose/alerts.yml"))["groups"]) {
    for (const YAML::Node& rule : group["rules"]) {
      const auto alert = rule["alert"].as<std::string>();
      const auto query = rule["expr"].as<std::string>();
      EXPECT_TRUE(alerts.insert(alert).second) << alert;
      EXPECT_THAT(names, IsSupersetOf(MetricsOf(query))) << alert;
      EXPECT_TRUE(!MetricsOf(query).empty() || query.starts_with("up{")) << alert;
      const auto section = rule["annotations"]["section"].as<std::string>();
      EXPECT_NE(page.find("| `" + alert + "` |"), std::string::npos) << alert;
      EXPECT_NE(page.find("\n### " + section + "\n"), std::string::npos) << alert;
      EXPECT_TRUE(rule["labels"]["severity"].IsDefined()) << alert;
    }
  }
  EXPECT_GT(alerts.size(), 5U);
  std::size_t documented = 0;
  for (std::size_t at = 0; (at = page.find("\n| `Antiphon", at)) != std::string::npos; ++at) ++documented;
  EXPECT_EQ(documented, alerts.size());
}

TEST(OperationsTest, TheDashboardNamesWhatThereIsAndShowsWhatMatters) {
  const auto board = nlohmann::json::parse(Read("compose/grafana/dashboards/antiphon.json"));
  const std::set<std::string> names = NamesInCode();
  std::set<std::string> shown;
  for (const auto& panel : board.at("panels")) {
    for (const auto& target : panel.at("targets")) {
      const std::set<std::string> metrics = MetricsOf(target.at("expr").get<std::string>());
      EXPECT_FALSE(metrics.empty()) << panel.at("title");
      EXPECT_THAT(names, IsSupersetOf(metrics)) << panel.at("title");
      shown.insert(metrics.begin(), metrics.end());
    }
  }
  for (const std::string metric :
       {"antiphon_records_total", "antiphon_lag_records", "antiphon_record_to_commit_seconds", "antiphon_commits_total",
        "antiphon_candidates_total", "antiphon_cap_bindings_total", "antiphon_dead_letters_total", "antiphon_store_cache_hits_total",
        "antiphon_memory_budget_bytes", "antiphon_restored_records_total"}) {
    EXPECT_THAT(shown, Contains(metric));
  }
}

TEST(OperationsTest, TheEstateScrapesTheProcessesThatItStarts) {
  const YAML::Node compose = YAML::Load(Read("compose/docker-compose.yml"));
  const YAML::Node scrape = YAML::Load(Read("compose/prometheus.yml"));
  std::set<std::string> targets;
  for (const YAML::Node& target : scrape["scrape_configs"][0]["static_configs"][0]["targets"]) targets.insert(target.as<std::string>());
  EXPECT_EQ(targets, (std::set<std::string>{"one:9404", "two:9404"}));
  for (const std::string service : {"kafka", "one", "two", "feed", "prometheus", "grafana"}) {
    EXPECT_TRUE(compose["services"][service].IsDefined()) << service;
  }
  EXPECT_EQ(compose["x-environment"]["ANTIPHON_LISTEN"].as<std::string>(), "0.0.0.0:9404");
  // Whatever is mounted from here is here.
  for (const std::string service : {"prometheus", "grafana"}) {
    for (const YAML::Node& volume : compose["services"][service]["volumes"]) {
      const std::string mount = volume.as<std::string>();
      EXPECT_TRUE(std::filesystem::exists(kProject / "compose" / mount.substr(0, mount.find(':')))) << mount;
    }
  }
  for (const char* file :
       {"compose/grafana/provisioning/datasources/prometheus.yml", "compose/grafana/provisioning/dashboards/antiphon.yml"}) {
    EXPECT_TRUE(YAML::Load(Read(file))["apiVersion"].IsDefined()) << file;
  }
}

}  // namespace
}  // namespace antiphon::telemetry

#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/topology/topology_loader.h"

namespace antiphon::topology {

// The files of a topology as a map.
class FilesInMemory : public SourceFiles {
 public:
  FilesInMemory() = default;
  explicit FilesInMemory(std::string topology) { files["topology.yaml"] = std::move(topology); }

  [[nodiscard]] std::optional<std::string> Read(std::string_view path) const override {
    const auto found = files.find(std::string(path));
    return found == files.end() ? std::nullopt : std::optional(found->second);
  }
  [[nodiscard]] std::vector<std::string> List() const override {
    std::vector<std::string> paths;
    paths.reserve(files.size());
    for (const auto& [path, text] : files) paths.push_back(path);
    return paths;
  }

  std::map<std::string, std::string> files;
};

// No wire messages but those given.
class SomeMessages : public MessageCatalog {
 public:
  [[nodiscard]] const Message* Find(std::string_view name) const override {
    const auto found = messages.find(std::string(name));
    return found == messages.end() ? nullptr : &found->second;
  }
  [[nodiscard]] std::vector<std::string> Names() const override {
    std::vector<std::string> names;
    names.reserve(messages.size());
    for (const auto& [name, message] : messages) names.push_back(name);
    return names;
  }

  std::map<std::string, Message> messages;
};

// A small bank: what tests add to stands in extra.yaml.
inline constexpr const char* kBank = R"(antiphon: 1
name: bank
timezone: Europe/Prague
default_language: cs
languages: [cs, en]
include: [extra.yaml]
envelope: {customer: customer, source: core}
events:
  transaction.posted:
    fields:
      amount: {type: decimal(2), currency: CZK}
      direction: string
      purpose: string
      tags: list(string)
  web.page_viewed: {fields: {path: string}}
  customer.profile: {fields: {birth_date: date, language: string, phone: string}}
  complaint.opened: {fields: {case_id: string}}
  complaint.closed: {fields: {case_id: string}}
  decision.requested: {acts_as: decision_requested, fields: {channel: string, placement: string, intent: string, slots: int}}
customer:
  fields:
    birth_date: {from: {customer.profile: birth_date}}
    language: {from: {customer.profile: language}}
    phone: {from: {customer.profile: phone}}
  birth_date: birth_date
  language: language
  contact_points: [phone, email]
  holdings: {products: [loan, savings], open: [{on: transaction.posted, product: loan, where: 'event.purpose == "loan"'}]}
channels:
  sms: {address: customer.phone, point: phone, cost: 12}
  branch: {direction: inbound}
consent:
  marketing: {sms: opt_in, default: unknown_is_no}
)";

inline LoadOutcome LoadWith(const std::string& extra) {
  FilesInMemory files{kBank};
  files.files["extra.yaml"] = extra;
  return LoadTopology(files, SomeMessages{});
}

inline std::string Lines(const std::vector<Diagnostic>& diagnostics) {
  std::string lines;
  for (const Diagnostic& diagnostic : diagnostics) lines += ToString(diagnostic) + "\n";
  return lines;
}

// What is said of extra.yaml, notes left out.
inline std::string ProblemsOf(const std::string& extra) {
  std::vector<Diagnostic> diagnostics = LoadWith(extra).diagnostics;
  std::erase_if(diagnostics, [](const Diagnostic& diagnostic) { return diagnostic.severity == Severity::kNote; });
  return Lines(diagnostics);
}

}  // namespace antiphon::topology

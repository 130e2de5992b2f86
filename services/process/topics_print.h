#pragma once

#include <string>
#include <vector>

#include "services/process/topic_checks.h"
#include "services/process/topic_table.h"

namespace antiphon::process {

// A report for a person, and for a program. `created`: names of topics that were made after the report; they are not missing any more.
[[nodiscard]] std::string TopicsAsText(const TopicTable& table, const TopicReport& report, const std::vector<std::string>& created);
[[nodiscard]] std::string TopicsAsJson(const TopicTable& table, const TopicReport& report, const std::vector<std::string>& created);

}  // namespace antiphon::process

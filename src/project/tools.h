// Programs that build commands use, and how one gets those that are missing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weft::project {

// One line for a person: "apt install npm, or https://nodejs.org". Empty for a program that is not known here.
std::string_view how_to_install(std::string_view program);

// Known programs that a shell command calls and PATH lacks, each once. Words in quotes and substitutions are not looked
// at: what is named is missing, but not everything missing is named.
std::vector<std::string> missing_tools(std::string_view command);

// The error for one: "`npm` is not installed: ...".
std::string missing_tool_message(std::string_view program);

}  // namespace weft::project

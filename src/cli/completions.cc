#include "cli/completions.h"

#include <algorithm>
#include <cstdio>
#include <memory>

#include "project/templates.h"

namespace weft::cli {
namespace {

// A command and what may follow it. Made from the parser itself, so nothing is left out.
struct Entry {
  std::string path;  // "", "up", "templates list"
  std::string summary;
  std::vector<std::string> subcommands;
  struct Option {
    std::string name;  // with its dashes
    std::string summary;
    bool takes_value;
  };
  std::vector<Option> options;
};

std::string first_sentence(const std::string& text) {
  std::string line = text.substr(0, text.find('\n'));
  if (const std::size_t colon = line.find(": "); colon != std::string::npos) line.erase(colon);
  while (line.ends_with('.') || line.ends_with(':')) line.pop_back();
  // What shells would take for their own.
  std::erase_if(line, [](char c) { return c == '\'' || c == '"' || c == '`' || c == '[' || c == ']' || c == '\\'; });
  return line;
}

void collect(const CLI::App& app, const std::string& path, std::vector<Entry>& entries) {
  Entry entry{.path = path, .summary = first_sentence(app.get_description()), .subcommands = {}, .options = {}};
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    for (const auto& [names, dashes] : {std::pair(option->get_lnames(), "--"), std::pair(option->get_snames(), "-")}) {
      for (const std::string& name : names)
        entry.options.push_back(
            {dashes + name, first_sentence(option->get_description()), option->get_items_expected_max() > 0});
    }
  }
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!sub->get_name().empty() && !sub->get_group().empty()) entry.subcommands.push_back(sub->get_name());
  }
  entries.push_back(std::move(entry));
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!sub->get_name().empty() && !sub->get_group().empty())
      collect(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), entries);
  }
}

std::vector<Entry> entries_of(const CLI::App& program) {
  std::vector<Entry> entries;
  collect(program, "", entries);
  return entries;
}

std::string template_names() {
  std::string names;
  for (const auto& each : project::templates()) (names += names.empty() ? "" : " ") += each.name;
  return names;
}

// The words that follow each command, as branches of a shell's `case`.
std::string word_cases(const std::vector<Entry>& entries) {
  std::string out;
  for (const Entry& entry : entries) {
    out += "    '" + entry.path + "') follows='";
    for (const std::string& sub : entry.subcommands) out += sub + " ";
    for (const Entry::Option& option : entry.options) {
      if (option.name.starts_with("--")) out += option.name + " ";
    }
    out += "' ;;\n";
  }
  return out;
}

std::string command_paths(const std::vector<Entry>& entries) {
  std::string out;
  for (const Entry& entry : entries) {
    if (!entry.path.empty()) (out += out.empty() ? "'" : " | '") += entry.path + "'";
  }
  return out;
}

void print_bash(const std::string& name, const std::vector<Entry>& entries) {
  std::printf(R"(# %s completions bash > /etc/bash_completion.d/%s
_%s() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command= next follows= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    next="${command:+$command }${COMP_WORDS[i]}"
    case $next in
      %s) command=$next ;;
    esac
  done
  case $before in
    -t | --template) COMPREPLY=($(compgen -W '%s' -- "$word")); return ;;
  esac
  case $command in
%s  esac
  COMPREPLY=($(compgen -W "$follows" -- "$word"))
  [[ $word == -* ]] || COMPREPLY+=($(compgen -f -- "$word"))
}
complete -o filenames -F _%s %s
)",
              name.c_str(), name.c_str(), name.c_str(), command_paths(entries).c_str(), template_names().c_str(),
              word_cases(entries).c_str(), name.c_str(), name.c_str());
}

void print_zsh(const std::string& name, const std::vector<Entry>& entries) {
  std::printf(R"(#compdef %s
# %s completions zsh > "${fpath[1]}/_%s"
_%s() {
  local command= next follows= i
  for ((i = 2; i < CURRENT; i++)); do
    next="${command:+$command }${words[i]}"
    case $next in
      %s) command=$next ;;
    esac
  done
  if [[ ${words[CURRENT - 1]} == (-t|--template) ]]; then
    compadd -- %s
    return
  fi
  case $command in
%s  esac
  local -a offered=(${=words})
  words=("${words[@]}")
  compadd -- $offered
  [[ ${words[CURRENT]} == -* ]] || _files
}
compdef _%s %s
)",
              name.c_str(), name.c_str(), name.c_str(), name.c_str(), command_paths(entries).c_str(),
              template_names().c_str(), word_cases(entries).c_str(), name.c_str(), name.c_str());
}

// The condition under which what follows the command of `path` is offered.
std::string fish_condition(const Entry& entry) {
  if (entry.path.empty()) return "__fish_use_subcommand";
  std::string out;
  std::string path = entry.path;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find(' ', at), path.size());
    (out += out.empty() ? "" : "; and ") += "__fish_seen_subcommand_from " + path.substr(at, end - at);
    at = end + 1;
  }
  return out;
}

void print_fish(const std::string& name, const std::vector<Entry>& entries) {
  std::printf("# %s completions fish > ~/.config/fish/completions/%s.fish\n", name.c_str(), name.c_str());
  const char* command = name.c_str();
  for (const Entry& entry : entries) {
    const std::string condition = fish_condition(entry);
    for (const std::string& sub : entry.subcommands) {
      const std::string path = entry.path.empty() ? sub : entry.path + " " + sub;
      const auto found = std::ranges::find(entries, path, &Entry::path);
      std::printf("complete -c %s -n '%s' -a %s -d '%s'\n", command, condition.c_str(), sub.c_str(),
                  found->summary.c_str());
    }
    for (const Entry::Option& option : entry.options) {
      if (!option.name.starts_with("--")) continue;
      std::printf("complete -c %s -n '%s' -l %s%s -d '%s'\n", command, condition.c_str(), option.name.c_str() + 2,
                  option.takes_value ? " -r" : "", option.summary.c_str());
    }
  }
  std::printf("complete -c %s -n '__fish_seen_subcommand_from new' -s t -l template -x -a '%s'\n", command,
              template_names().c_str());
}

}  // namespace

Command completions_command(CLI::App& program) {
  auto shell = std::make_shared<std::string>();
  CLI::App* app = program.add_subcommand("completions", "Print what a shell needs to complete command lines");
  app->add_option("SHELL", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  const std::string name = program.get_name();
  app->footer("Examples:\n  source <(" + name + " completions bash)\n  " + name +
              " completions fish > ~/.config/fish/completions/" + name + ".fish" + exit_codes_help);
  return {app, [shell, &program] {
            const auto entries = entries_of(program);
            if (*shell == "bash") print_bash(program.get_name(), entries);
            if (*shell == "zsh") print_zsh(program.get_name(), entries);
            if (*shell == "fish") print_fish(program.get_name(), entries);
            return exit_done;
          }};
}

}  // namespace weft::cli

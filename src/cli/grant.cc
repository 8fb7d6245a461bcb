#include "cli/grant.h"

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "cli/application.h"
#include "cli/key_value_stores.h"
#include "project/grants.h"

namespace weft::cli {
namespace {

struct Options {
  std::string from = "spin.toml";
  std::string component;
  project::Grants wanted;
  bool list = false;
};

void print_line(const char* key, const std::vector<std::string>& values) {
  for (const std::string& value : values) std::printf("  %s: %s\n", key, value.c_str());
}

int list(const manifest::App& app, const std::string& only) {
  if (!only.empty() && app.find_component(only) == nullptr) {
    complain(app.file.string() + " has no component " + only);
    return exit_failed;
  }
  for (const manifest::Component& component : app.components) {
    if (!only.empty() && component.id != only) continue;
    std::vector<std::string> hosts, stores;
    for (const auto& host : component.allowed_outbound_hosts) hosts.push_back(host.entry.text());
    for (const auto& store : component.key_value_stores) stores.push_back(store.value);
    std::printf("%s\n", component.id.c_str());
    print_line("allowed_outbound_hosts", hosts);
    print_line("key_value_stores", stores);
  }
  return exit_done;
}

int run(const Options& options) {
  auto app = load_application(options.from);
  if (!app) return exit_failed;
  if (app->file.extension() != ".toml") {
    complain(options.from + " is no manifest: grants are written into a spin.toml, which `weft new` makes");
    return exit_failed;
  }
  if (options.list) return list(*app, options.component);
  if (options.component.empty() || options.wanted.empty()) {
    complain("what is to be granted to whom? weft grant COMPONENT HOST..., or --list to see what is granted");
    return exit_usage;
  }
  const auto added = project::add_grants(*app, options.component, options.wanted);
  if (!added) {
    complain(added.error().message());
    return exit_failed;
  }
  if (added->empty()) {
    std::printf("%s is granted all of this already\n", options.component.c_str());
    return exit_done;
  }
  std::printf("Granted to %s in %s\n", options.component.c_str(), app->file.c_str());
  print_line("allowed_outbound_hosts", added->hosts);
  print_line("key_value_stores", added->stores);
  for (const std::string& store : added->stores) {
    if (store == default_label) continue;
    std::printf("The store %s needs a [key_value_store.%s] in the file for --runtime-config-file\n", store.c_str(),
                store.c_str());
  }
  std::puts("`weft watch` heeds it at once; a running `weft up` has to be started again");
  return exit_done;
}

}  // namespace

Command grant_command(CLI::App& program) {
  auto options = std::make_shared<Options>();
  CLI::App* app =
      program.add_subcommand("grant", "Let a component reach a host or a store: writes it into the manifest");
  app->add_option("-f,--from", options->from, "A manifest, or a folder with a spin.toml")->capture_default_str();
  app->add_option("component", options->component, "Its id in the manifest");
  app->add_option("hosts", options->wanted.hosts,
                  "Entries of allowed_outbound_hosts: SCHEME://HOST[:PORT], as in https://api.example.com");
  app->add_option("--key-value", options->wanted.stores, "Label of a key-value store. May be repeated")
      ->allow_extra_args(false);
  app->add_flag("--list", options->list, "Show what the components are granted, or the one that is named");
  const std::string name = program.get_name();
  app->footer(
      "What a component was refused is in the log of `weft up`, with the command that grants it. An entry is a scheme, "
      "a\n"
      "host and, but for the schemes that have one, a port. HOST is a name, *.DOMAIN, an address, a block of "
      "addresses\n"
      "(10.0.0.0/8), * for all, self for the application's own routes, or COMPONENT.spin.internal for another "
      "component.\n"
      "Comments and the layout of the manifest stay; what is granted already is not written again.\n\n"
      "Examples:\n  " +
      name + " grant hello https://api.example.com\n  " + name +
      " grant -f shop/ cart http://self 'tcp://10.0.0.0/8:5432'\n  " + name + " grant hello --key-value default\n  " +
      name + " grant --list" + exit_codes_help);
  return {app, [options] { return run(*options); }};
}

}  // namespace weft::cli

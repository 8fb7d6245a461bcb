// The readers of the manifest's sections, one per file. Each reports into the context and fills the application.
// Not for use outside this folder.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "manifest/app.h"
#include "manifest/load.h"
#include "manifest/reader.h"
#include "manifest/report.h"

namespace weft::manifest {

// A name in the manifest that must be judged against the whole of it.
struct Reference {
  std::string name;
  Location at;
  std::string key;
};

struct TemplateUse {
  Template text;
  Location at;
  std::string key;
};

struct LoadContext {
  Report& report;
  const LoadOptions& options;
  App& app;
  bool profile_found = false;
  std::vector<Reference> components = {};    // triggers and middleware → component
  std::vector<Reference> dependencies = {};  // `component = ` of dependencies
  std::vector<Reference> routes = {};        // of public HTTP triggers
  std::vector<TemplateUse> templates = {};
  std::vector<TemplateUse> hosts = {};  // entries of allowed_outbound_hosts; in `templates` too
};

// load.cc: a whole manifest of version 2, however its tree was made.
void read_manifest(LoadContext& context, const Value& root);
// application.cc: `[application]` and `[application.otel]`.
void read_application(LoadContext& context, const Value& table);
// variables.cc: `[variables]`.
void read_variables(LoadContext& context, const Value& table);
// variables.cc: `variables`, `environment` and `secrets` of a component.
void read_component_variables(LoadContext& context, TableReader& reader, Component& component);
void merge_environment(TableReader& reader, Component& component);
// component.cc: `[component.<id>]`, also inline in a trigger.
Component read_component(LoadContext& context, const Value& table, std::string key, std::string id, Location at);
// component_access.cc: files, allowed hosts, allowed paths, labels, build.
void read_access(LoadContext& context, TableReader& reader, Component& component);
void read_build(TableReader& reader, Component& component);
// source.cc: `source` of a component; nullopt when it was reported.
std::optional<Source> read_component_source(Report& report, const Member& member, const std::string& key);
// source.cc: `dependencies` of a component, and one element of a trigger's `dependencies.middleware`.
std::vector<Dependency> read_dependencies(LoadContext& context, const Member& member, const std::string& key,
                                          bool inherit_all);
std::optional<Dependency> read_trigger_dependency(LoadContext& context, const Value& value, const std::string& key);
// triggers.cc: `[[trigger.<type>]]`; adds inline components to the application.
void read_triggers(LoadContext& context, const Value& table);
// http_trigger.cc: the keys of an HTTP trigger beyond the common ones.
HttpTrigger read_http_trigger(LoadContext& context, TableReader& reader);
// static_files.cc: `static_files` of an HTTP trigger.
StaticFiles read_static_files(LoadContext& context, TableReader& reader, const Member& member);
// http_trigger.cc: the table `headers`, names and values checked; empty when it is absent.
std::vector<std::pair<std::string, std::string>> read_headers(TableReader& reader);
// version1.cc: the same manifest as a version 2 tree; locations stay those of the file.
Value convert_version1(Report& report, const Value& root);
// fragment.cc: the lines a fragment lacks, ready to paste.
std::string missing_lines(const Value& root, bool version, bool application, bool trigger, std::string_view app_name);
// check.cc: what can be judged only when everything is read: references, templates, routes, hosts.
void check_application(LoadContext& context);

// A template of the manifest; a faulty one is reported and yields the text as a literal.
Template read_template(LoadContext& context, const Located<std::string>& text, const std::string& key);

}  // namespace weft::manifest

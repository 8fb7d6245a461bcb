#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "manifest/file_url.h"
#include "manifest/json_document.h"
#include "manifest/locked.h"
#include "manifest/locked_content.h"
#include "manifest/make_value.h"
#include "manifest/sections.h"
#include "manifest/text.h"
#include "util/read_file.h"

namespace weft::manifest {
namespace {

namespace fs = std::filesystem;

// Rewrites the tree of a locked application as that of a manifest. What is wrong with its own shape is reported here;
// the rest by the manifest's readers.
class Conversion {
 public:
  Conversion(Report& report, const fs::path& root) : report_(report), content_(report, root) {}

  Value run(const Value& document) {
    TableReader reader(report_, document, "");
    check_version(reader);
    check_understood(reader);
    check_requirements(reader);
    const Member* triggers = reader.array("triggers");
    const Member* components = reader.array("components");
    if (!reader.has("triggers")) reader.error("triggers", "`triggers` is missing", "add \"triggers\": []");
    if (!reader.has("components")) reader.error("components", "`components` is missing", "add \"components\": []");
    Value::Table result;
    add(result, "application", application(reader.table("metadata"), document.at));
    if (const Member* variables = reader.table("variables")) add(result, "variables", convert_variables(*variables));
    if (components != nullptr) add(result, "component", convert_components(*components));
    if (triggers != nullptr) add(result, "trigger", convert_triggers(*triggers));
    ignore_rest(reader);
    return table_value(std::move(result), document.at);
  }

 private:
  void check_version(TableReader& reader) {
    const auto version = reader.integer("spin_lock_version");
    if (version && (*version == 0 || *version == 1)) return;
    if (version || !reader.has("spin_lock_version")) {
      reader.error("spin_lock_version",
                   version ? "the version of the lock is neither 0 nor 1" : "this is no locked app",
                   version ? "lock the application again" : "add \"spin_lock_version\": 1");
    }
  }

  void check_understood(TableReader& reader) {
    const auto fields = reader.strings("must_understand");
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (fields[i].value == "host_requirements" || fields[i].value == "component_host_requirements") continue;
      report_.error(fields[i].at, join_index(reader.key_of("must_understand"), i),
                    compose("`{}` must be understood, and is not", fields[i].value), "lock the application for weft");
    }
  }

  // What is required must be known; what is optional need not.
  void check_requirements(TableReader& reader) {
    constexpr std::string_view name = "host_requirements";
    const Member* requirements = reader.table(name);
    if (requirements == nullptr) return;
    for (const Member& feature : *requirements->value.get<Value::Table>()) {
      const auto* how = feature.value.get<std::string>();
      if (how != nullptr && *how == "optional") continue;
      if (feature.name == "local_service_chaining" || feature.name == "middleware") continue;
      report_.error(feature.at, join_key(reader.key_of(name), feature.name),
                    compose("the application requires `{}`, which weft does not have", feature.name),
                    "lock it without what requires that");
    }
  }

  // What may be left out does no harm: a host that must heed it is told so by `must_understand`.
  void ignore_rest(TableReader& reader) {
    for (const Member& member : reader.members()) {
      if (!known(member.name)) {
        report_.warning(member.at, reader.key_of(member.name), compose("`{}` is not heeded", member.name),
                        "leave it out, or see whether a newer weft knows it");
      }
    }
  }
  static bool known(std::string_view name) {
    constexpr std::array<std::string_view, 7> names = {
        "spin_lock_version", "must_understand", "metadata", "host_requirements", "variables", "triggers", "components"};
    return contains(names, name);
  }

  // ---- application and variables ----

  Value application(const Member* metadata, Location at) {
    Value::Table table;
    if (metadata == nullptr) return table_value(std::move(table), at);
    const Value& from = metadata->value;
    take(from, {"name", "version", "description", "authors", "targets", "otel"}, table);
    if (const Member* triggers = from.find("triggers")) {
      table.push_back({"trigger", triggers->at, triggers->value});
    } else if (const Member* single = from.find("trigger"); single != nullptr) {
      // Before an application could have triggers of several types.
      const Member* type = single->value.find("type");
      const auto* name = type == nullptr ? nullptr : type->value.get<std::string>();
      const auto* fields = single->value.get<Value::Table>();
      if (name != nullptr && fields->size() > 1) {
        Value::Table config, types;
        std::ranges::copy_if(*fields, std::back_inserter(config), [](const Member& one) { return one.name != "type"; });
        add(types, *name, table_value(std::move(config), single->at));
        table.push_back({"trigger", single->at, table_value(std::move(types), single->at)});
      }
    }
    return table_value(std::move(table), metadata->at);
  }

  // A variable without a default is required.
  static Value convert_variables(const Member& variables) {
    Value::Table table;
    for (const Member& variable : *variables.value.get<Value::Table>()) {
      Member converted = variable;
      if (auto* fields = std::get_if<Value::Table>(&converted.value.data)) {
        if (converted.value.find("default") == nullptr)
          fields->push_back({"required", variable.at, Value{.data = true, .at = variable.at}});
      }
      table.push_back(std::move(converted));
    }
    return table_value(std::move(table), variables.at);
  }

  // ---- components ----

  Value convert_components(const Member& components) {
    Value::Table table;
    const auto& list = *components.value.get<Value::Array>();
    if (list.size() > max_components) {
      report_.error(components.at, "components", compose("more than {} components", max_components),
                    "split the application");
      return table_value({}, components.at);
    }
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::string key = join_index("components", i);
      if (list[i].get<Value::Table>() == nullptr) {
        report_type(report_, list[i], key, "an object");
        continue;
      }
      TableReader reader(report_, list[i], key);
      auto id = reader.required_string("id", "add \"id\": \"...\"");
      if (id.value.empty()) continue;
      if (contains(table, id.value, &Member::name)) {
        reader.error("id", compose("two components have the id `{}`", id.value), "give each its own");
        continue;
      }
      table.push_back({id.value, list[i].at, convert_component(reader, id.value)});
    }
    return table_value(std::move(table), components.at);
  }

  Value convert_component(TableReader& reader, const std::string& id) {
    check_requirements(reader);
    Value::Table table;
    if (const Member* source = reader.table("source")) {
      if (auto read = content_.source(*source, reader.key_of("source")))
        table.push_back({"source", source->at, *std::move(read)});
    } else {
      reader.error("source", "the component has no `source`", std::string(LockedContent::remedy));
    }
    if (const Member* metadata = reader.table("metadata")) {
      take(metadata->value,
           {"description", "allowed_outbound_hosts", "key_value_stores", "ai_models", "build", "targets", "secrets"},
           table);
      if (const Member* labels = metadata->value.find("databases"))
        table.push_back({"sqlite_databases", labels->at, labels->value});
    }
    if (const Member* env = reader.table("env")) table.push_back({"environment", env->at, env->value});
    if (const Member* config = reader.table("config")) table.push_back({"variables", config->at, config->value});
    convert_files(reader, table);
    if (const Member* dependencies = reader.table("dependencies")) {
      add(table, "dependencies", content_.dependencies(*dependencies, reader.key_of("dependencies")));
    }
    if (const Member* roles = reader.table("trigger_dependencies"))
      middleware_.insert_or_assign(id, content_.roles(*roles, reader.key_of("trigger_dependencies")));
    return table_value(std::move(table), reader.at());
  }

  // A place outside of the application's folder is used in place and only read, as Spin mounts it.
  void convert_files(TableReader& reader, Value::Table& component) {
    Value::Array files, folders;
    if (const Member* metadata = reader.table("metadata")) {
      const Member* paths = metadata->value.find("allowed_paths");
      const auto* list = paths == nullptr ? nullptr : paths->value.get<Value::Array>();
      if (list != nullptr) folders = *list;
    }
    const Member* mounts = reader.array("files");
    if (mounts != nullptr) {
      const auto& list = *mounts->value.get<Value::Array>();
      for (std::size_t i = 0; i < list.size(); ++i) {
        const std::string key = join_index(reader.key_of("files"), i);
        if (list[i].get<Value::Table>() == nullptr) {
          report_type(report_, list[i], key, "an object");
          continue;
        }
        TableReader file(report_, list[i], key);
        const auto path = file.required_string("path", "add \"path\": \"/...\", where the guest finds it");
        const auto source = content_.local(list[i], key);
        if (!source || path.value.empty()) continue;
        Value::Table mount;
        add(mount, "source", text_value(source->string(), list[i].at));
        add(mount, "destination", text_value(path.value, path.at));
        (source->is_absolute() ? folders : files).push_back(table_value(std::move(mount), list[i].at));
      }
    }
    if (!files.empty()) add(component, "files", list_value(std::move(files), mounts->at));
    if (!folders.empty()) add(component, "allowed_paths", list_value(std::move(folders), reader.at()));
  }

  // ---- triggers: by type, each in the order of the file ----

  Value convert_triggers(const Member& triggers) {
    Value::Table types;
    const auto& list = *triggers.value.get<Value::Array>();
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::string key = join_index("triggers", i);
      if (list[i].get<Value::Table>() == nullptr) {
        report_type(report_, list[i], key, "an object");
        continue;
      }
      TableReader reader(report_, list[i], key);
      const auto type = reader.required_string("trigger_type", "add \"trigger_type\": \"http\"");
      if (type.value.empty()) continue;
      auto found = std::ranges::find(types, type.value, &Member::name);
      if (found == types.end()) {
        types.push_back({type.value, type.at, list_value({}, type.at)});
        found = std::prev(types.end());
      }
      std::get<Value::Array>(found->value.data).push_back(convert_trigger(reader, list[i]));
    }
    return table_value(std::move(types), triggers.at);
  }

  Value convert_trigger(TableReader& reader, const Value& trigger) {
    Value::Table table;
    if (const Member* config = reader.table("trigger_config")) table = *config->value.get<Value::Table>();
    std::erase_if(table, [](const Member& member) { return member.name == "id" || member.name == "dependencies"; });
    take(trigger, {"id"}, table);
    std::optional<Value> middleware;
    if (const Member* roles = reader.table("trigger_dependencies"))
      middleware = content_.roles(*roles, reader.key_of("trigger_dependencies"));
    const auto component = std::ranges::find(table, std::string_view("component"), &Member::name);
    const auto* id = component == table.end() ? nullptr : component->value.get<std::string>();
    if (!middleware && id != nullptr) {
      // Spin keeps it with the component.
      if (const auto found = middleware_.find(*id); found != middleware_.end()) middleware = found->second;
    }
    if (middleware) add(table, "dependencies", *std::move(middleware));
    return table_value(std::move(table), trigger.at);
  }

  Report& report_;
  LockedContent content_;
  std::map<std::string, Value> middleware_;  // by component: its `trigger_dependencies`
};

const std::string* text_in_metadata(const Value& document, std::string_view name) {
  const Member* metadata = document.find("metadata");
  const Member* member = metadata == nullptr ? nullptr : metadata->value.find(name);
  return member == nullptr ? nullptr : member->value.get<std::string>();
}

// Finds `root` and `origin` of a lock whose `file` is known.
void place(App& app, const Value& document) {
  std::error_code ignored;
  app.root = app.file.parent_path().lexically_normal();
  const std::string* origin = text_in_metadata(document, "origin");
  const auto manifest = origin == nullptr ? std::nullopt : path_of_file_url(*origin);
  if (!manifest) return;
  const fs::path folder = manifest->parent_path().lexically_normal();
  if (fs::is_directory(folder, ignored)) app.root = folder;
  if (folder == app.root) app.origin = *manifest;
}

LoadResult failure(const fs::path& file, std::string message, std::string remedy) {
  Report report(file.string(), {});
  report.error({}, "", std::move(message), std::move(remedy));
  return {std::nullopt, report.take()};
}

}  // namespace

LoadResult load_locked_text(std::string_view text, const fs::path& file_name, const LoadOptions& options) {
  if (text.size() > max_locked_bytes)
    return failure(file_name, compose("the lock is larger than {} bytes", max_locked_bytes), "lock less files");
  if (options.profile) {
    return failure(file_name, "a lock has no profiles: it is of one",
                   compose("lock the application with --profile {}", *options.profile));
  }
  Report report(file_name.string(), text);
  const auto document = parse_json(text);
  if (!document) {
    report.error(document.error().at, "", document.error().message, "repair the JSON, or lock the application again");
    return {std::nullopt, report.take()};
  }
  if (document->get<Value::Table>() == nullptr) {
    report_type(report, *document, "", "an object");
    return {std::nullopt, report.take()};
  }
  App app;
  std::error_code error;
  app.file = fs::absolute(file_name, error);
  if (error) app.file = file_name;
  place(app, *document);
  if (const std::string* profile = text_in_metadata(*document, "profile")) app.profile = *profile;
  const Value manifest = Conversion(report, app.root).run(*document);
  LoadContext context{report, options, app};
  if (!report.failed()) read_manifest(context, manifest);
  const bool failed = report.failed();
  std::vector<Diagnostic> diagnostics = report.take();
  // The readers know where a value would stand in a manifest.
  for (Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.line == 0) continue;
    if (std::string path = path_at(*document, {diagnostic.line, diagnostic.column}); !path.empty())
      diagnostic.key = std::move(path);
  }
  if (failed) return {std::nullopt, std::move(diagnostics)};
  return {std::move(app), std::move(diagnostics)};
}

LoadResult load_locked_file(const fs::path& path, const LoadOptions& options) {
  auto text = read_file(path, max_locked_bytes);
  if (!text) return failure(path, text.error().message(), "name a lock: weft lock writes one");
  return load_locked_text(*text, path, options);
}

}  // namespace weft::manifest

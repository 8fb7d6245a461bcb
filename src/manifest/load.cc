#include "manifest/load.h"

#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>
#include <utility>

#include "manifest/document.h"
#include "manifest/identifier.h"
#include "manifest/sections.h"
#include "manifest/text.h"
#include "util/error.h"

namespace weft::manifest {
namespace {

enum class Version { none, one, two, unknown };

Version read_version(Report& report, const Value& root) {
  const Member* version = root.find("spin_manifest_version");
  const Member* alias = root.find("spin_version");
  if (version != nullptr && alias != nullptr) {
    report.error(alias->at, "spin_version", "the version is given twice", "keep `spin_manifest_version`");
  }
  if (version == nullptr) version = alias;
  if (version == nullptr) return Version::none;
  const auto* number = version->value.get<std::int64_t>();
  const auto* text = version->value.get<std::string>();
  if (number != nullptr && *number == 2) return Version::two;
  if (text != nullptr && *text == "1") return Version::one;
  std::string remedy = compose("write {} = 2", version->name);
  if (number != nullptr && *number == 1) remedy = compose("write {} = \"1\", in quotes", version->name);
  if (text != nullptr && *text == "2") remedy += ", without quotes";
  report.error(version->value.at, version->name, "the manifest version is neither 2 nor \"1\"", std::move(remedy));
  return Version::unknown;
}

// True when the parts a version 2 manifest must have are there.
bool check_parts(Report& report, const LoadOptions& options, const Value& root, bool has_version,
                 const std::filesystem::path& file) {
  const bool has_application = root.find("application") != nullptr;
  const bool has_trigger = root.find("trigger") != nullptr;
  if (has_application && has_trigger) {
    if (!has_version && options.strict) {
      report.error({}, "spin_manifest_version", "the manifest version is missing",
                   "add as the first line:\nspin_manifest_version = 2");
    } else if (!has_version) {
      report.warning({}, "spin_manifest_version", "the manifest version is missing; read as version 2",
                     "add as the first line:\nspin_manifest_version = 2");
    }
    return true;
  }
  std::string missing;
  if (!has_version) missing = "spin_manifest_version";
  if (!has_application) missing += missing.empty() ? "[application]" : ", [application]";
  if (!has_trigger) missing += missing.empty() ? "a trigger" : " and a trigger";
  std::error_code error;
  const std::string folder = std::filesystem::absolute(file, error).parent_path().filename().string();
  report.error({}, has_application ? "trigger" : "application",
               compose("this is a fragment of a manifest: {} missing", missing),
               compose("add at the {} of the file:\n{}", has_version ? "end" : "top",
                       missing_lines(root, !has_version, !has_application, !has_trigger, folder)));
  return false;
}

void read_components(LoadContext& context, const Value& table) {
  for (const Member& member : *table.get<Value::Table>()) {
    const std::string key = join_key("component", member.name);
    if (context.app.components.size() >= max_components) {
      context.report.error(member.at, key, compose("more than {} components", max_components), "split the application");
      return;
    }
    if (!is_kebab(member.name)) {
      context.report.error(member.at, key, compose("`{}` is not a component id", member.name),
                           kebab_remedy(member.name));
    }
    if (member.value.get<Value::Table>() == nullptr) {
      context.report.error(member.value.at, key, compose("expected a table, found {}", member.value.kind_name()),
                           compose("write [component.{}]", member.name));
      continue;
    }
    context.app.components.push_back(read_component(context, member.value, key, member.name, member.at));
  }
}

LoadResult failure(const std::filesystem::path& file, std::string message, std::string remedy) {
  Report report(file.string(), {});
  report.error({}, "", std::move(message), std::move(remedy));
  return {std::nullopt, report.take()};
}

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

void read_manifest(LoadContext& context, const Value& root) {
  TableReader reader(context.report, root, "");
  reader.allow("spin_manifest_version");
  reader.allow("spin_version");
  if (const Member* application = reader.table("application")) read_application(context, application->value);
  if (const Member* variables = reader.table("variables")) {
    if (variables->value.get<Value::Table>()->size() > max_variables) {
      context.report.error(variables->at, "variables", compose("more than {} variables", max_variables),
                           "split the application");
    } else {
      read_variables(context, variables->value);
    }
  }
  const Member* component = root.find("component");
  if (component != nullptr && component->value.get<Value::Array>() != nullptr) {
    reader.allow("component");
    context.report.error(component->at, "component", "[[component]] belongs to version 1 of the manifest",
                         "write [component.<id>] and [[trigger.http]], or spin_manifest_version = \"1\"");
  } else if (reader.table("component") != nullptr) {
    read_components(context, component->value);
  }
  if (const Member* triggers = reader.table("trigger")) read_triggers(context, triggers->value);
  reader.finish();
  check_application(context);
}

LoadResult load_text(std::string_view text, const std::filesystem::path& file_name, const LoadOptions& options) {
  if (text.size() > max_manifest_bytes) {
    return failure(file_name, compose("the manifest is larger than {} bytes", max_manifest_bytes),
                   "move data out of the manifest");
  }
  Report report(file_name.string(), text);
  auto document = parse_document(text);
  if (!document) {
    report.error(document.error().at, "", document.error().message, "repair the TOML syntax: see https://toml.io");
    return {std::nullopt, report.take()};
  }
  Value root = *std::move(document);
  const Version version = read_version(report, root);
  if (version == Version::unknown) return {std::nullopt, report.take()};
  if (version == Version::one) {
    root = convert_version1(report, root);
  } else if (!check_parts(report, options, root, version == Version::two, file_name)) {
    return {std::nullopt, report.take()};
  }

  App app;
  std::error_code error;
  app.file = std::filesystem::absolute(file_name, error);
  if (error) app.file = file_name;
  app.root = app.file.parent_path();
  app.profile = options.profile.value_or("");
  LoadContext context{report, options, app};
  read_manifest(context, root);
  if (report.failed()) return {std::nullopt, report.take()};
  return {std::move(app), report.take()};
}

LoadResult load_file(const std::filesystem::path& path, const LoadOptions& options) {
  std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rbe"));
  if (!file) {
    const int error_number = errno;
    return failure(path, Error::from_errno("the manifest cannot be opened", error_number).message(),
                   error_number == ENOENT ? "name the file with --from, or run in the folder of spin.toml"
                                          : "make the file readable");
  }
  std::string text(max_manifest_bytes + 1, '\0');  // one byte more shows that there is more
  const std::size_t size = std::fread(text.data(), 1, text.size(), file.get());
  if (std::ferror(file.get()) != 0) {
    return failure(path, Error::from_errno("the manifest cannot be read", errno).message(), "name a regular file");
  }
  text.resize(size);
  return load_text(text, path, options);
}

}  // namespace weft::manifest

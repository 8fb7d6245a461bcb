// `static_files` of an HTTP trigger: what Spin's applications have the component spin-fileserver for.
#include <algorithm>
#include <array>
#include <utility>

#include "manifest/identifier.h"
#include "manifest/paths.h"
#include "manifest/sections.h"
#include "manifest/text.h"

namespace weft::manifest {
namespace {

// Fields that follow from the file and the request.
constexpr std::array<std::string_view, 13> own_headers = {
    "accept-ranges", "content-encoding", "content-length", "content-range",     "content-type", "date", "etag",
    "last-modified", "location",         "vary",           "transfer-encoding", "connection",   "allow"};

// A path that app_path_problem() accepts, without `.` and doubled slashes; empty when it was reported.
std::string read_path(TableReader& reader, std::string_view name, const Located<std::string>& path) {
  if (const auto problem = app_path_problem(path.value)) {
    reader.error(name, compose("`{}` {}", path.value, problem->message), std::string(problem->remedy));
    return {};
  }
  return guest_path(path.value).value_or("/").substr(1);
}

void read_page(TableReader& reader, std::string_view name, std::string& page) {
  if (const auto path = reader.string(name)) page = read_path(reader, name, *path);
}

void read_cache_control(TableReader& reader, StaticFiles& files) {
  const auto value = reader.string("cache_control");
  if (!value) return;
  const bool is_line = std::ranges::none_of(value->value, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (!is_line) reader.error("cache_control", "a header value cannot hold control characters", "write it on one line");
  files.cache_control = value->value;
}

void read_own_headers(TableReader& reader, StaticFiles& files) {
  files.headers = read_headers(reader);
  for (const auto& [name, value] : files.headers) {
    const std::string lower = to_lower(name);
    if (lower == "cache-control") {
      reader.error("headers", "`cache-control` has a key of its own", compose("write cache_control = \"{}\"", value));
    } else if (contains(own_headers, std::string_view(lower))) {
      reader.error("headers", compose("`{}` follows from the file", name), "remove it");
    }
  }
}

}  // namespace

StaticFiles read_static_files(LoadContext& context, TableReader& parent, const Member& member) {
  const std::string key = parent.key_of("static_files");
  StaticFiles files;
  files.at = member.at;
  if (context.options.strict) {
    context.report.error(member.at, key, "Spin has no `static_files`",
                         "serve the files with the component spin-fileserver, or leave out --strict");
  }
  if (const auto* text = member.value.get<std::string>()) {
    files.source = read_path(parent, "static_files", {*text, member.value.at});
    return files;
  }
  if (member.value.get<Value::Table>() == nullptr) {
    report_type(context.report, member.value, key, "a folder or a table");
    return files;
  }
  TableReader reader(context.report, member.value, key);
  const auto source = reader.required_string("source", "add source = \"assets\", a folder beside the manifest");
  if (!source.value.empty()) files.source = read_path(reader, "source", source);
  read_page(reader, "index", files.index);
  read_page(reader, "fallback", files.fallback);
  read_page(reader, "not_found", files.not_found);
  if (!files.fallback.empty() && !files.not_found.empty()) {
    reader.error("not_found", "`fallback` answers for everything that is missing, so this page is never seen",
                 "remove `fallback` or `not_found`");
  }
  read_cache_control(reader, files);
  read_own_headers(reader, files);
  files.dot_files = reader.boolean("dot_files").value_or(false);
  files.precompressed = reader.boolean("precompressed").value_or(false);
  reader.finish();
  return files;
}

}  // namespace weft::manifest

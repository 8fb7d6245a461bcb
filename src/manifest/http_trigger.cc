#include <algorithm>
#include <utility>

#include "manifest/sections.h"
#include "manifest/text.h"

namespace weft::manifest {
namespace {

bool is_header_name(std::string_view name) {
  constexpr std::string_view other = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::ranges::all_of(name, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           other.find(c) != std::string_view::npos;
  });
}

bool is_header_value(std::string_view value) {
  constexpr std::string_view blank = " \t";
  if (!value.empty() && (blank.contains(value.front()) || blank.contains(value.back()))) return false;
  return std::ranges::none_of(value,
                              [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; });
}

std::optional<Located<std::string>> read_route(LoadContext& context, TableReader& reader) {
  constexpr std::string_view remedy = "add route = \"/...\", or route = { private = true }";
  const Member* member = reader.member("route");
  if (member == nullptr) {
    reader.error("route", "`route` is missing", std::string(remedy));
    return std::nullopt;
  }
  if (const auto* text = member->value.get<std::string>()) {
    context.routes.push_back({*text, member->value.at, reader.key_of("route")});
    return Located<std::string>{*text, member->value.at};
  }
  if (member->value.get<Value::Table>() == nullptr) {
    report_type(context.report, member->value, reader.key_of("route"), "a string or { private = true }");
    return std::nullopt;
  }
  TableReader table(context.report, member->value, reader.key_of("route"));
  const bool has_private = table.has("private");
  const auto is_private = table.boolean("private");
  table.finish();
  if (!has_private || is_private == false) {
    context.report.error(member->value.at, table.key(), "a route that is a table must be { private = true }",
                         "write the path as a string: route = \"/...\"");
  }
  return std::nullopt;
}

StaticResponse read_static_response(TableReader& parent, const Member& member) {
  TableReader reader(parent.report(), member.value, parent.key_of("static_response"));
  StaticResponse response;
  if (auto status = reader.integer("status_code")) {
    if (*status < 200 || *status > 599) {
      reader.error("status_code", compose("{} is not the status of a final response", *status),
                   "write a number from 200 to 599");
    } else {
      response.status_code = static_cast<std::uint16_t>(*status);
    }
  }
  response.headers = read_headers(reader);
  if (auto body = reader.string("body")) response.body = std::move(body->value);
  reader.finish();
  return response;
}

std::optional<WagiExecutor> read_executor(TableReader& parent, const Member& member) {
  TableReader reader(parent.report(), member.value, parent.key_of("executor"));
  const auto type = reader.required_string("type", "add type = \"http\"");
  std::optional<WagiExecutor> wagi;
  if (type.value == "wagi") {
    wagi.emplace();
    if (auto argv = reader.string("argv")) wagi->argv = std::move(argv->value);
    const auto entrypoint = reader.string("entrypoint");
    if (entrypoint && entrypoint->value != "_start") {
      reader.error("entrypoint", "only the entry point `_start` is supported", "remove `entrypoint`");
    }
    reader.report().warning(type.at, reader.key_of("type"), "the wagi executor is deprecated",
                            "build the component for wasi:http");
  } else if (type.value == "wasip3-unstable") {
    reader.error("type", "the executor `wasip3-unstable` no longer exists",
                 "remove `executor` and rebuild with a current SDK");
  } else if (!type.value.empty() && type.value != "http" && type.value != "spin") {
    reader.error("type", compose("unknown executor `{}`", type.value), "write type = \"http\"");
  }
  reader.finish();
  return wagi;
}

// What answers: exactly one of these.
void check_answer(TableReader& reader) {
  const bool has_component = reader.has("component") || reader.has("components");
  const bool has_response = reader.has("static_response");
  const bool has_files = reader.has("static_files");
  if (!has_component && !has_response && !has_files) {
    reader.report().error(reader.at(), reader.key(),
                          "the trigger names neither `component` nor `static_response` nor `static_files`",
                          "add component = \"...\" with the name of a [component.<name>] table");
  }
  if (has_response && has_component) {
    reader.error("static_response", "an HTTP trigger has either `component` or `static_response`, not both",
                 "remove one of them");
  }
  if (has_files && (has_component || has_response)) {
    reader.error("static_files",
                 compose("an HTTP trigger has either `static_files` or `{}`, not both",
                         has_component ? "component" : "static_response"),
                 "remove one of them");
  }
}

}  // namespace

std::vector<std::pair<std::string, std::string>> read_headers(TableReader& reader) {
  std::vector<std::pair<std::string, std::string>> read;
  const Member* headers = reader.table("headers");
  if (headers == nullptr) return read;
  const std::string key = reader.key_of("headers");
  for (const Member& header : *headers->value.get<Value::Table>()) {
    const std::string header_key = join_key(key, header.name);
    const auto* value = header.value.get<std::string>();
    if (value == nullptr) {
      report_type(reader.report(), header.value, header_key, "a string");
    } else if (!is_header_name(header.name)) {
      reader.report().error(header.at, header_key, "not a header name", "use letters, digits and `-`");
    } else if (!is_header_value(*value)) {
      reader.report().error(header.value.at, header_key,
                            "a header value cannot hold control characters, nor begin or end with a space",
                            "write it on one line");
    } else {
      read.emplace_back(header.name, *value);
    }
  }
  return read;
}

HttpTrigger read_http_trigger(LoadContext& context, TableReader& reader) {
  HttpTrigger trigger;
  trigger.route = read_route(context, reader);
  if (const Member* response = reader.table("static_response")) {
    trigger.static_response = read_static_response(reader, *response);
  }
  if (const Member* files = reader.member("static_files")) {
    trigger.static_files = read_static_files(context, reader, *files);
  }
  if (const Member* executor = reader.table("executor")) trigger.wagi = read_executor(reader, *executor);
  check_answer(reader);
  return trigger;
}

}  // namespace weft::manifest

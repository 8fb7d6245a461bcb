#include <utility>

#include "manifest/identifier.h"
#include "manifest/sections.h"
#include "manifest/target.h"
#include "manifest/text.h"

namespace weft::manifest {
namespace {

// `type` in `[application.trigger.<type>]` may repeat the table's name.
void check_repeated_type(TableReader& reader, std::string_view type) {
  const auto text = reader.string("type");
  if (text && text->value != type) {
    reader.error("type", compose("`type` is \"{}\" in the table of trigger type \"{}\"", text->value, type),
                 compose("remove `type`, or write type = \"{}\"", type));
  }
}

void read_http_defaults(TableReader& reader) {
  const auto base = reader.string("base");
  // "/" is what every application has: nothing to say about it.
  if (base && base->value != "/") {
    reader.error("base", compose("`base` may only be \"/\", found \"{}\"", base->value),
                 "remove it and write the prefix into every route");
  }
}

void read_application_trigger(LoadContext& context, const Member& triggers, const std::string& key) {
  for (const Member& type : *triggers.value.get<Value::Table>()) {
    const std::string type_key = join_key(key, type.name);
    if (type.value.get<Value::Table>() == nullptr) {
      report_type(context.report, type.value, type_key, "a table");
      continue;
    }
    TableReader reader(context.report, type.value, type_key);
    check_repeated_type(reader, type.name);
    if (type.name == "http") {
      read_http_defaults(reader);
      reader.finish();
    } else if (type.name == "redis") {
      if (auto address = reader.string("address")) read_template(context, *address, reader.key_of("address"));
      reader.finish();
    }
    context.app.application_trigger.emplace(type.name, type.value);
  }
}

void read_otel(LoadContext& context, const Member& member, const std::string& key) {
  TableReader reader(context.report, member.value, key);
  Otel otel;
  otel.at = member.at;
  otel.enabled = reader.boolean("enabled").value_or(true);
  if (auto endpoint = reader.string("endpoint")) {
    if (!is_http_url(endpoint->value)) {
      reader.error("endpoint", "`endpoint` is not a URL", "write the collector's URL: \"http://localhost:4317\"");
    }
    otel.endpoint = std::move(endpoint->value);
  }
  if (auto protocol = reader.string("protocol")) {
    if (protocol->value == "grpc") {
      otel.protocol = OtelProtocol::grpc;
    } else if (protocol->value != "http/protobuf") {
      reader.error("protocol", compose("unknown protocol \"{}\"", protocol->value),
                   "write \"grpc\" or \"http/protobuf\"");
    }
  }
  if (auto name = reader.string("service_name")) otel.service_name = std::move(name->value);
  reader.finish();
  context.app.otel = std::move(otel);
}

}  // namespace

void read_application(LoadContext& context, const Value& table) {
  TableReader reader(context.report, table, "application");
  App& app = context.app;
  app.name = reader.required_string("name", "add name = \"my-app\"").value;
  if (auto text = reader.string("version")) app.version = std::move(text->value);
  if (auto text = reader.string("description")) app.description = std::move(text->value);
  for (auto& author : reader.strings("authors")) app.authors.push_back(std::move(author.value));
  app.targets = read_targets(reader);
  if (const Member* trigger = reader.table("trigger")) {
    read_application_trigger(context, *trigger, reader.key_of("trigger"));
  }
  if (const Member* otel = reader.table("otel")) read_otel(context, *otel, reader.key_of("otel"));
  reader.table("tool");
  reader.finish();
}

}  // namespace weft::manifest

#include <utility>

#include "manifest/http_hosts.h"
#include "manifest/identifier.h"
#include "manifest/make_value.h"
#include "manifest/sections.h"
#include "manifest/text.h"

namespace weft::manifest {
namespace {

// Takes `type` out of the application's trigger table; empty when it was reported.
std::string convert_app_trigger(Report& report, const Value& root, Value::Table& application) {
  const Member* trigger = root.find("trigger");
  const Member* type = trigger == nullptr ? nullptr : trigger->value.find("type");
  if (type == nullptr || type->value.get<std::string>() == nullptr) {
    report.error(trigger == nullptr ? Location{} : trigger->at, "trigger", "the type of the triggers is missing",
                 "add trigger = { type = \"http\" }");
    return {};
  }
  const std::string name = *type->value.get<std::string>();
  if (!is_kebab(name)) {
    report.error(type->value.at, "trigger.type", compose("`{}` is not a trigger type", name),
                 "write trigger = { type = \"http\" }");
    return {};
  }
  Value::Table config;
  for (const Member& member : *trigger->value.get<Value::Table>()) {
    if (member.name != "type") config.push_back(member);
  }
  if (!config.empty()) {
    Value::Table types;
    add(types, name, table_value(std::move(config), trigger->at));
    add(application, "trigger", table_value(std::move(types), trigger->at));
  }
  return name;
}

// Version 1 did not guard these services; its applications rely on them.
void grant_unguarded_services(Value::Array& hosts, Location at) {
  for (std::string_view entry : {"redis://*:*", "mysql://*:*", "postgres://*:*"}) {
    hosts.push_back(text_value(std::string(entry), at));
  }
}

Value::Table convert_component(const Value& table) {
  Value::Table component;
  Value::Array hosts;
  Location hosts_at = table.at;
  for (const Member& member : *table.get<Value::Table>()) {
    if (member.name == "id" || member.name == "trigger") continue;
    const auto* list = member.value.get<Value::Array>();
    if (member.name == "config") {
      component.push_back({"variables", member.at, member.value});
    } else if (member.name == "allowed_http_hosts" && list != nullptr) {
      for (const Value& host : *list) {
        const auto* text = host.get<std::string>();
        if (text == nullptr) {
          hosts.push_back(host);
          continue;
        }
        for (std::string& entry : hosts_for_http_host(*text)) hosts.push_back(text_value(std::move(entry), host.at));
      }
    } else if (member.name == "allowed_outbound_hosts" && list != nullptr) {
      hosts_at = member.at;
      hosts.insert(hosts.end(), list->begin(), list->end());
    } else {
      component.push_back(member);
    }
  }
  if (table.find("allowed_outbound_hosts") == nullptr) grant_unguarded_services(hosts, hosts_at);
  if (const Member* present = table.find("allowed_outbound_hosts");
      present == nullptr || present->value.get<Value::Array>() != nullptr) {
    add(component, "allowed_outbound_hosts", Value{.data = std::move(hosts), .at = hosts_at});
  }
  return component;
}

}  // namespace

Value convert_version1(Report& report, const Value& root) {
  Value::Table result;
  Value::Table application;
  Value::Table components;
  Value::Array triggers;
  const std::string type = convert_app_trigger(report, root, application);
  for (const Member& member : *root.get<Value::Table>()) {
    if (member.name == "name" || member.name == "version" || member.name == "description" || member.name == "authors") {
      application.push_back(member);
    } else if (member.name == "component") {
      const auto* array = member.value.get<Value::Array>();
      if (array == nullptr) {
        report.error(member.at, "component", "expected a list of components", "write [[component]] with two brackets");
        continue;
      }
      if (array->size() > max_components) {
        report.error(member.at, "component", compose("more than {} components", max_components),
                     "split the application");
        continue;
      }
      for (std::size_t i = 0; i < array->size(); ++i) {
        const Value& table = (*array)[i];
        const std::string key = join_index("component", i);
        if (table.get<Value::Table>() == nullptr) {
          report_type(report, table, key, "a table");
          continue;
        }
        const Member* id_member = table.find("id");
        const auto* written = id_member == nullptr ? nullptr : id_member->value.get<std::string>();
        const std::string id = written == nullptr ? std::string() : suggest_kebab(*written);
        if (id.empty()) {
          report.error(id_member == nullptr ? table.at : id_member->value.at, join_key(key, "id"),
                       "the component has no id", "add id = \"my-component\"");
          continue;
        }
        bool twice = false;
        for (const Member& other : components) twice = twice || other.name == id;
        if (twice) {
          report.error(id_member->value.at, join_key(key, "id"), compose("two components have the id `{}`", id),
                       "give each its own");
          continue;
        }
        components.push_back({id, table.at, table_value(convert_component(table), table.at)});
        const Member* trigger = table.find("trigger");
        if (trigger == nullptr || trigger->value.get<Value::Table>() == nullptr) {
          report.error(table.at, join_key(key, "trigger"), "the component has no trigger",
                       "add [component.trigger] with route = \"/...\"");
          continue;
        }
        Value::Table config = *trigger->value.get<Value::Table>();
        add(config, "id", text_value("trigger-" + id, table.at));
        add(config, "component", text_value(id, table.at));
        triggers.push_back(table_value(std::move(config), trigger->at));
      }
    } else if (member.name != "trigger") {
      result.push_back(member);
    }
  }
  add(result, "application", table_value(std::move(application), {}));
  add(result, "component", table_value(std::move(components), {}));
  Value::Table types;
  if (!type.empty()) add(types, type, Value{.data = std::move(triggers), .at = {}});
  add(result, "trigger", table_value(std::move(types), {}));
  return table_value(std::move(result), root.at);
}

}  // namespace weft::manifest

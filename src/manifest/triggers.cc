#include <algorithm>
#include <utility>

#include "manifest/identifier.h"
#include "manifest/sections.h"
#include "manifest/text.h"

namespace weft::manifest {
namespace {

constexpr std::string_view common_keys[] = {"id", "component", "components", "dependencies"};

class TriggerReader {
 public:
  TriggerReader(LoadContext& context, const Value& table) : context_(context) { count_ids(table); }

  void read(const std::string& type, const Value& table, const std::string& key) {
    TableReader reader(context_.report, table, key);
    Trigger trigger{
        .id = {}, .type = type, .at = table.at, .component = {}, .components = {}, .middleware = {}, .config = {}};
    trigger.id = read_id(reader, type);
    inline_in_trigger_ = 0;
    if (const Member* component = reader.member("component")) {
      trigger.component = read_reference(component->value, reader.key_of("component"), trigger.id);
    }
    if (const Member* roles = reader.table("components")) read_roles(*roles, reader.key_of("components"), trigger);
    if (const Member* roles = reader.table("dependencies")) {
      read_middleware(*roles, reader.key_of("dependencies"), trigger);
    }
    if (type == "http") {
      trigger.config = read_http_trigger(context_, reader);
      reader.finish();
    } else if (type == "redis") {
      require_component(reader);
      trigger.config = read_redis(reader);
      reader.finish();
    } else {
      trigger.config = OtherTrigger{without_common_keys(table)};
    }
    context_.app.triggers.push_back(std::move(trigger));
  }

 private:
  // Explicit ids and the names that generated ids must avoid are known before the first is generated.
  void count_ids(const Value& table) {
    for (const Component& component : context_.app.components) component_ids_.insert(component.id);
    for (const Member& type : *table.get<Value::Table>()) {
      const auto* array = type.value.get<Value::Array>();
      if (array == nullptr) continue;
      for (const Value& trigger : *array) {
        const Member* id = trigger.find("id");
        if (id == nullptr) continue;
        if (const auto* text = id->value.get<std::string>()) explicit_ids_.insert(*text);
      }
    }
  }

  std::string read_id(TableReader& reader, const std::string& type) {
    if (auto id = reader.string("id")) {
      if (!is_kebab(id->value)) {
        reader.error("id", compose("`{}` is not a trigger id", id->value), kebab_remedy(id->value));
      } else if (!ids_.insert(id->value).second) {
        reader.error("id", compose("two triggers have the id `{}`", id->value), "give each its own, or none");
      }
      return std::move(id->value);
    }
    std::string id;
    const Member* component = reader.member("component");
    if (component != nullptr && component->value.get<std::string>() != nullptr) {
      id = compose("{}-{}-trigger", *component->value.get<std::string>(), type);
    }
    for (std::size_t& n = generated_[type]; id.empty() || is_used(id);) id = compose("{}-trigger{}", type, ++n);
    ids_.insert(id);
    return id;
  }

  bool is_used(const std::string& id) const { return ids_.contains(id) || explicit_ids_.contains(id); }

  // A reference by id, or an inline component; the id of either.
  std::string read_reference(const Value& value, const std::string& key, const std::string& trigger_id) {
    if (const auto* id = value.get<std::string>()) {
      if (!is_kebab(*id)) {
        context_.report.error(value.at, key, compose("`{}` is not a component id", *id), kebab_remedy(*id));
      } else {
        context_.components.push_back({*id, value.at, key});
      }
      return *id;
    }
    if (value.get<Value::Table>() == nullptr) {
      report_type(context_.report, value, key, "the id of a component or a component table");
      return {};
    }
    std::string id = trigger_id + "-component";
    while (inline_in_trigger_ > 0 || component_ids_.contains(id)) {
      id = compose("inline-component{}", inline_count_++);
      if (!component_ids_.contains(id)) break;
    }
    ++inline_in_trigger_;
    component_ids_.insert(id);
    Component component = read_component(context_, value, key, id, value.at);
    component.used = true;
    context_.app.components.push_back(std::move(component));
    return id;
  }

  void read_roles(const Member& roles, const std::string& key, Trigger& trigger) {
    for (const Member& role : *roles.value.get<Value::Table>()) {
      const std::string role_key = join_key(key, role.name);
      auto& ids = trigger.components[role.name];
      if (const auto* array = role.value.get<Value::Array>()) {
        for (std::size_t i = 0; i < array->size(); ++i) {
          ids.push_back(read_reference((*array)[i], join_index(role_key, i), trigger.id));
        }
      } else {
        ids.push_back(read_reference(role.value, role_key, trigger.id));
      }
    }
    if (trigger.type == "http" || trigger.type == "redis") {
      context_.report.error(roles.at, key, compose("a trigger of type `{}` has one component", trigger.type),
                            "write component = \"...\"");
    }
  }

  void read_middleware(const Member& roles, const std::string& key, Trigger& trigger) {
    if (trigger.type != "http") {
      context_.report.error(roles.at, key, compose("a trigger of type `{}` has no dependencies", trigger.type),
                            "move them to the component's `dependencies`");
      return;
    }
    TableReader reader(context_.report, roles.value, key);
    if (const Member* middleware = reader.array("middleware")) {
      const auto& array = *middleware->value.get<Value::Array>();
      for (std::size_t i = 0; i < array.size(); ++i) {
        auto dependency = read_trigger_dependency(context_, array[i], join_index(reader.key_of("middleware"), i));
        if (dependency) trigger.middleware.push_back(*std::move(dependency));
      }
    }
    reader.finish();
  }

  RedisTrigger read_redis(TableReader& reader) {
    RedisTrigger trigger;
    const auto channel = reader.required_string("channel", "add channel = \"...\"");
    trigger.channel = read_template(context_, channel, reader.key_of("channel"));
    if (auto address = reader.string("address")) {
      trigger.address = read_template(context_, *address, reader.key_of("address"));
      return trigger;
    }
    const auto found = context_.app.application_trigger.find("redis");
    const Member* address = found == context_.app.application_trigger.end() ? nullptr : found->second.find("address");
    if (address != nullptr && address->value.get<std::string>() != nullptr) {
      trigger.address = read_template(context_, {*address->value.get<std::string>(), address->value.at},
                                      "application.trigger.redis.address");
    } else if (!reader.has("address")) {
      reader.error("address", "no redis address is given",
                   "add address = \"redis://localhost:6379\" here or under [application.trigger.redis]");
    }
    return trigger;
  }

  void require_component(TableReader& reader) {
    if (reader.has("component") || reader.has("components")) return;
    reader.report().error(reader.at(), reader.key(), "the trigger names no `component`",
                          "add component = \"...\" with the name of a [component.<name>] table");
  }

  static Value without_common_keys(const Value& table) {
    Value::Table config;
    for (const Member& member : *table.get<Value::Table>()) {
      if (!contains(common_keys, std::string_view(member.name))) config.push_back(member);
    }
    return Value{.data = std::move(config), .at = table.at};
  }

  LoadContext& context_;
  std::set<std::string> explicit_ids_;
  std::set<std::string> ids_;
  std::set<std::string> component_ids_;
  std::map<std::string, std::size_t> generated_;
  std::size_t inline_count_ = 0;
  std::size_t inline_in_trigger_ = 0;
};

}  // namespace

void read_triggers(LoadContext& context, const Value& table) {
  TriggerReader triggers(context, table);
  for (const Member& type : *table.get<Value::Table>()) {
    const std::string key = join_key("trigger", type.name);
    if (!is_kebab(type.name)) {
      context.report.error(type.at, key, compose("`{}` is not a trigger type", type.name),
                           "write [[trigger.http]] or [[trigger.redis]]");
      continue;
    }
    const auto* array = type.value.get<Value::Array>();
    if (array == nullptr) {
      context.report.error(type.at, key, compose("expected a list of triggers, found {}", type.value.kind_name()),
                           compose("write [[{}]] with two brackets", key));
      continue;
    }
    for (std::size_t i = 0; i < array->size(); ++i) {
      if (context.app.triggers.size() >= max_triggers) {
        context.report.error((*array)[i].at, key, compose("more than {} triggers", max_triggers),
                             "split the application");
        return;
      }
      if ((*array)[i].get<Value::Table>() == nullptr) {
        report_type(context.report, (*array)[i], join_index(key, i), "a table");
      } else {
        triggers.read(type.name, (*array)[i], join_index(key, i));
      }
    }
  }
}

}  // namespace weft::manifest

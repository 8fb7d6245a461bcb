#include "trigger/unserved.h"

#include "gaps/gaps.h"

namespace weft::trigger {
namespace {

using gaps::Gap;

class Unserved {
 public:
  explicit Unserved(const manifest::App& app) : app_(app) {}

  std::vector<Error> list() && {
    for (const manifest::Trigger& trigger : app_.triggers) trigger_of(trigger);
    for (const manifest::Component& component : app_.components) {
      if (component.used) component_of(component);
    }
    return std::move(refusals_);
  }

 private:
  void refuse(Gap gap, const manifest::Location& at, const std::string& what) {
    std::string place = app_.file.filename().string();
    if (at.line != 0) place += ":" + std::to_string(at.line);
    refusals_.push_back(gaps::refuse(gap, place + ": " + what));
  }

  void trigger_of(const manifest::Trigger& trigger) {
    if (trigger.type == "redis")
      refuse(Gap::redis_triggers, trigger.at, "trigger " + trigger.id + " is of type redis");
    else if (trigger.type != "http")
      refuse(Gap::other_triggers, trigger.at, "trigger " + trigger.id + " is of type " + trigger.type);
    for (const manifest::Dependency& middleware : trigger.middleware) {
      dependency_of(middleware, "middleware of trigger " + trigger.id);
    }
  }

  void component_of(const manifest::Component& component) {
    if (std::holds_alternative<manifest::RegistrySource>(component.source)) {
      refuse(Gap::registry_sources, component.source_at, "component " + component.id + " comes from a registry");
    }
    for (const manifest::Dependency& dependency : component.dependencies) {
      dependency_of(dependency, "dependency " + dependency.import + " of component " + component.id);
    }
  }

  void dependency_of(const manifest::Dependency& dependency, const std::string& what) {
    if (std::holds_alternative<manifest::RegistrySource>(dependency.source)) {
      refuse(Gap::registry_sources, dependency.at, what + " comes from a registry");
    }
  }

  const manifest::App& app_;
  std::vector<Error> refusals_;
};

}  // namespace

std::vector<Error> unserved(const manifest::App& app) {
  return Unserved(app).list();
}

}  // namespace weft::trigger

#include "trigger/middleware.h"

#include <algorithm>

namespace weft::trigger {
namespace {

std::size_t users_of(const manifest::App& app, const std::string& id) {
  return static_cast<std::size_t>(std::ranges::count(app.triggers, id, &manifest::Trigger::component));
}

// A copy of the component for one trigger; its id.
std::string copy_for(manifest::App& app, const manifest::Trigger& trigger) {
  const manifest::Component* original = app.find_component(trigger.component);
  if (original == nullptr) return trigger.component;
  manifest::Component copy = *original;
  copy.id = original->id + "-for-" + trigger.id;
  while (app.find_component(copy.id) != nullptr) copy.id += "-x";
  std::string id = copy.id;
  app.components.push_back(std::move(copy));
  return id;
}

}  // namespace

MiddlewareByComponent separate_middleware(manifest::App& app) {
  MiddlewareByComponent middleware;
  std::vector<std::string> shared;
  for (const manifest::Trigger& trigger : app.triggers) {
    if (!trigger.middleware.empty() && users_of(app, trigger.component) > 1) shared.push_back(trigger.component);
  }
  for (manifest::Trigger& trigger : app.triggers) {
    if (trigger.middleware.empty() || trigger.component.empty()) continue;
    if (std::ranges::find(shared, trigger.component) != shared.end()) trigger.component = copy_for(app, trigger);
    middleware.emplace(trigger.component, trigger.middleware);
  }
  for (manifest::Component& component : app.components) {
    const bool was_shared = std::ranges::find(shared, component.id) != shared.end();
    if (was_shared && users_of(app, component.id) == 0) component.used = false;
  }
  return middleware;
}

std::span<const manifest::Dependency> middleware_of(const MiddlewareByComponent& middleware,
                                                    const manifest::Component& component) {
  const auto found = middleware.find(component.id);
  return found == middleware.end() ? std::span<const manifest::Dependency>() : found->second;
}

}  // namespace weft::trigger

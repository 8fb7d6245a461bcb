#include "cli/announce.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/key_value_stores.h"

namespace weft::cli {
namespace {

void announce_plain(const trigger::HttpService& service, const trigger::HttpApp& served) {
  const std::string base = service.url();
  if (const std::string metrics = service.metrics_url(); !metrics.empty()) std::printf("Metrics %s\n", metrics.c_str());
  std::printf("\nServing %s\nAvailable Routes:\n", base.c_str());
  for (const auto& entry : served.routes.entries()) {
    const manifest::Trigger& trigger = served.app.triggers[entry.trigger];
    const std::string name = trigger.component.empty() ? trigger.id : trigger.component;
    std::printf("  %s: %s%s%s\n", name.c_str(), base.c_str(), std::string(entry.route.base()).c_str(),
                entry.route.wildcard() ? " (wildcard)" : "");
    const manifest::Component* component = served.app.find_component(trigger.component);
    if (component != nullptr && !component->description.empty())
      std::printf("    %s\n", component->description.c_str());
  }
}

void announce_json(const trigger::HttpService& service, const trigger::HttpApp& served) {
  nlohmann::ordered_json said{{"base_url", service.url()}, {"routes", nlohmann::ordered_json::array()}};
  if (const std::string metrics = service.metrics_url(); !metrics.empty()) said["metrics_url"] = metrics;
  for (const auto& entry : served.routes.entries()) {
    const manifest::Trigger& trigger = served.app.triggers[entry.trigger];
    nlohmann::ordered_json route{{"id", trigger.component.empty() ? trigger.id : trigger.component},
                                 {"route", std::string(entry.route.base())},
                                 {"wildcard", entry.route.wildcard()}};
    const manifest::Component* component = served.app.find_component(trigger.component);
    if (component != nullptr && !component->description.empty()) route["description"] = component->description;
    said["routes"].push_back(std::move(route));
  }
  const std::string text = said.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  std::printf("%s\n", text.c_str());
}

}  // namespace

void announce(const trigger::HttpService& service, const trigger::HttpApp& served, AnnounceFormat format) {
  if (format == AnnounceFormat::json)
    announce_json(service, served);
  else
    announce_plain(service, served);
  std::fflush(stdout);
}

void announce_stores(const trigger::HttpApp& served) {
  for (const auto& [id, component] : served.components) {
    const manifest::Component* entry = served.app.find_component(id);
    if (component.key_value == nullptr || entry == nullptr) continue;
    for (const auto& label : entry->key_value_stores) {
      if (label.value != default_label) continue;
      const auto& store = component.key_value->find(default_label)->second;
      std::fprintf(stderr, "Storing default key-value data to %s.\n", store->summary().c_str());
      return;
    }
  }
}

}  // namespace weft::cli

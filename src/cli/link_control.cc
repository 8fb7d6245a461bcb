#include "cli/link_control.h"

#include "cli/state_folder.h"

namespace weft::cli {
namespace {

bool uses_stores(const trigger::HttpApp& served) {
  for (const auto& [id, component] : served.components) {
    if (component.key_value != nullptr) return true;
  }
  return false;
}

awaitable<Result<nlohmann::json>> link_put(KeyValueStores& stores, nlohmann::json request) {
  const std::string existing = request.value("existing", "refuse");
  const auto kind = existing == "replace" ? provider::Existing::replace
                    : existing == "merge" ? provider::Existing::merge
                                          : provider::Existing::refuse;
  CO_TRY(const auto put, co_await stores.put(request.value("label", ""), request.value("target", ""), kind));
  co_return nlohmann::json{{"copied", put.copied}, {"summary", put.summary}, {"generation", put.generation}};
}

nlohmann::json link_list(const KeyValueStores& stores) {
  nlohmann::json links = nlohmann::json::array();
  for (const auto& [label, link] : stores.linked()) {
    links.push_back({{"label", label}, {"summary", link->summary()}, {"generation", link->generation()}});
  }
  return {{"links", std::move(links)}};
}

}  // namespace

std::unique_ptr<ControlServer> open_link_control(const std::optional<std::string>& state_dir,
                                                 const trigger::HttpApp& served, Loop& loop, KeyValueStores& stores,
                                                 const std::function<void(std::string_view line)>& warn) {
  const auto folder = state_folder(served.app, state_dir);
  if (!folder || !uses_stores(served)) return nullptr;
  auto server =
      ControlServer::create(loop, *folder, [&stores](nlohmann::json request) -> awaitable<Result<nlohmann::json>> {
        const std::string what = request.value("do", "");
        if (what == "link put") co_return co_await link_put(stores, std::move(request));
        if (what == "link list") co_return link_list(stores);
        co_return fail(Errc::invalid, "this weft does not know the request: " + what.substr(0, 100));
      });
  if (server) return *std::move(server);
  warn("links cannot be changed while it serves: " + server.error().message());
  return nullptr;
}

}  // namespace weft::cli

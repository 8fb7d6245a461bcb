#include "trigger/component_source.h"

#include "gaps/gaps.h"
#include "runtime/loader.h"

namespace weft::trigger {

Result<ComponentBinary> read_component(const manifest::App& app, const manifest::Component& component,
                                       const content::Store& folder, const content::Store* downloads) {
  if (const auto* local = std::get_if<manifest::LocalSource>(&component.source)) {
    TRY(auto bytes, content::read(folder, {local->path.string()}, runtime::max_component_bytes));
    return ComponentBinary{std::move(bytes), (app.root / local->path).string()};
  }
  if (const auto* remote = std::get_if<manifest::UrlSource>(&component.source)) {
    if (downloads == nullptr) {
      return fail(Errc::unavailable, "component " + component.id + " comes from a URL, and nothing is downloaded here");
    }
    constexpr std::string_view scheme = "sha256:";
    const content::Ref ref{remote->url, parse_sha256(std::string_view(remote->digest).substr(scheme.size()))};
    TRY(auto bytes, content::read(*downloads, ref, runtime::max_component_bytes));
    return ComponentBinary{std::move(bytes), remote->url};
  }
  return std::unexpected(
      gaps::refuse(gaps::Gap::registry_sources, "component " + component.id + " comes from a registry"));
}

}  // namespace weft::trigger

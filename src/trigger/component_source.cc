#include "trigger/component_source.h"

#include "gaps/gaps.h"
#include "runtime/loader.h"

namespace weft::trigger {
namespace {

Result<compose::Binary> read_source(const manifest::App& app, const manifest::Source& source,
                                    const std::string& subject, const content::Store& folder,
                                    const content::Store* downloads, content::Buffers* buffers) {
  if (const auto* local = std::get_if<manifest::LocalSource>(&source)) {
    TRY(auto bytes, content::read(folder, {local->path.string()}, runtime::max_component_bytes, buffers));
    return compose::Binary{std::move(bytes), (app.root / local->path).lexically_normal().string()};
  }
  if (const auto* remote = std::get_if<manifest::UrlSource>(&source)) {
    if (downloads == nullptr) {
      return fail(Errc::unavailable, subject + " comes from a URL, and nothing is downloaded here");
    }
    constexpr std::string_view scheme = "sha256:";
    const content::Ref ref{remote->url, parse_sha256(std::string_view(remote->digest).substr(scheme.size()))};
    TRY(auto bytes, content::read(*downloads, ref, runtime::max_component_bytes, buffers));
    return compose::Binary{std::move(bytes), remote->url};
  }
  return std::unexpected(gaps::refuse(gaps::Gap::registry_sources, subject + " comes from a registry"));
}

}  // namespace

Result<compose::Composed> read_component(const manifest::App& app, const manifest::Component& component,
                                         std::span<const manifest::Dependency> middleware, const content::Store& folder,
                                         const content::Store* downloads, content::Buffers* buffers) {
  return compose::compose(app, component, middleware, [&](const manifest::Source& source, const std::string& subject) {
    return read_source(app, source, subject, folder, downloads, buffers);
  });
}

}  // namespace weft::trigger

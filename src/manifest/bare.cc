#include "manifest/bare.h"

#include <system_error>
#include <utility>

#include "manifest/identifier.h"

namespace weft::manifest {

App bare_app(const std::filesystem::path& wasm_file) {
  std::error_code error;
  std::filesystem::path absolute = std::filesystem::absolute(wasm_file, error);
  if (error) absolute = wasm_file;

  App app;
  app.file = absolute;
  app.root = absolute.parent_path();
  app.name = wasm_file.stem().string();
  std::string id = suggest_kebab(app.name);
  if (id.empty()) id = "component";
  if (app.name.empty()) app.name = id;

  Component component;
  component.id = id;
  component.source = LocalSource{absolute.filename()};
  component.used = true;
  app.components.push_back(std::move(component));

  HttpTrigger http;
  http.route = Located<std::string>{"/...", {}};
  app.triggers.push_back(Trigger{.id = id + "-http-trigger",
                                 .type = "http",
                                 .at = {},
                                 .component = id,
                                 .components = {},
                                 .middleware = {},
                                 .config = std::move(http)});
  return app;
}

}  // namespace weft::manifest


#include "manifest/identifier.h"
#include "manifest/sections.h"
#include "manifest/text.h"

namespace weft::manifest {

std::string missing_lines(const Value& root, bool version, bool application, bool trigger, std::string_view app_name) {
  std::string lines;
  if (version) lines += "spin_manifest_version = 2\n";
  if (application) {
    const std::string name = suggest_kebab(app_name);
    lines += compose("\n[application]\nname = \"{}\"\nversion = \"0.1.0\"\n", name.empty() ? "my-app" : name);
  }
  if (trigger) {
    const Member* components = root.find("component");
    const auto* declared = components == nullptr ? nullptr : components->value.get<Value::Table>();
    if (declared == nullptr || declared->empty()) {
      lines += "\n[[trigger.http]]\nroute = \"/...\"\ncomponent = \"hello\"\n";
      if (components == nullptr) lines += "\n[component.hello]\nsource = \"hello.wasm\"\n";
    } else {
      for (const Member& component : *declared) {
        const std::string route = declared->size() == 1 ? "/..." : compose("/{}/...", component.name);
        lines += compose("\n[[trigger.http]]\nroute = \"{}\"\ncomponent = \"{}\"\n", route, component.name);
      }
    }
  }
  if (lines.starts_with('\n')) lines.erase(0, 1);
  while (lines.ends_with('\n')) lines.pop_back();
  return lines;
}

}  // namespace weft::manifest

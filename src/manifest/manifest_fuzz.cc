// Any bytes as a manifest, as a route table with a path, and as the small grammars.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "manifest/allowed_host.h"
#include "manifest/glob.h"
#include "manifest/load.h"
#include "manifest/routes.h"
#include "manifest/template.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weft;
  using namespace weft::manifest;
  const std::string_view text(reinterpret_cast<const char*>(data), size);  // bytes as characters: always valid
  const LoadResult result = load_text(text, "spin.toml", {.strict = size % 2 == 0, .profile = std::nullopt});
  static_cast<void>(format_all(result.diagnostics));
  if (!result.app && !has_errors(result.diagnostics)) __builtin_trap();
  if (result.app && has_errors(result.diagnostics)) __builtin_trap();
  if (result.app) {
    // What loads must be usable: routes build, and their own text matches.
    const auto table = RouteTable::build(*result.app);
    if (!table) __builtin_trap();
    for (const RouteTable::Entry& entry : table->entries()) {
      if (!table->match(entry.route.text())) __builtin_trap();
    }
  }

  const std::string_view head = text.substr(0, 300);
  if (const auto host = AllowedHost::parse(head)) {
    host->matches("https", "example.com", 443);
    host->matches("tcp", "[::1]", 80);
  }
  if (const auto parsed = Template::parse(head)) {
    static_cast<void>(parsed->expand([](std::string_view name) { return Result<std::string>(std::string(name)); }));
  }
  if (const auto glob = Glob::parse(head)) glob->matches("a/b/c.txt");
  return 0;
}

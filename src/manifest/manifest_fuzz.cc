// Any bytes as a manifest, as a lock, as a route table with a path, and as the small grammars.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "manifest/allowed_host.h"
#include "manifest/glob.h"
#include "manifest/load.h"
#include "manifest/locked.h"
#include "manifest/routes.h"
#include "manifest/template.h"

namespace {

using namespace weft;
using namespace weft::manifest;

void check(const LoadResult& result) {
  static_cast<void>(format_all(result.diagnostics));
  if (!result.app && !has_errors(result.diagnostics)) __builtin_trap();
  if (result.app && has_errors(result.diagnostics)) __builtin_trap();
  if (!result.app) return;
  // What loads must be usable: routes build, and their own text matches.
  const auto table = RouteTable::build(*result.app);
  if (!table) __builtin_trap();
  for (const RouteTable::Entry& entry : table->entries()) {
    if (!table->match(entry.route.text())) __builtin_trap();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);  // bytes as characters: always valid
  const LoadOptions options{.strict = size % 2 == 0, .profile = std::nullopt};
  check(load_text(text, "spin.toml", options));
  check(load_locked_text(text, "spin.lock", options));

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

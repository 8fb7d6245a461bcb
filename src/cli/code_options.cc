#include "cli/code_options.h"

namespace weft::cli {

std::unique_ptr<runtime::CodeStore> open_code_store(const wasm::Engine& engine, const CodeOptions& options,
                                                    std::function<void(std::string_view line)> log,
                                                    runtime::CodeStore::First first, const wasm::Engine* winch) {
  std::unique_ptr<runtime::CodeCache> cache;
  if (!options.no_cache) {
    auto opened = runtime::CodeCache::open({.folder = options.cache_folder, .log = log});
    if (opened)
      cache = *std::move(opened);
    else
      log("compiled code is not kept: " + opened.error().message());
  }
  return std::make_unique<runtime::CodeStore>(engine, std::move(cache), runtime::CompileOptions{},
                                              runtime::CodeStore::usual_delay, first, winch);
}

}  // namespace weft::cli

#include "cli/lone_component.h"

#include <cstdio>
#include <filesystem>
#include <span>
#include <utility>

#include "cli/services.h"
#include "runtime/loader.h"
#include "util/read_file.h"

namespace weft::cli {

Result<std::shared_ptr<const std::vector<std::byte>>> read_component_file(const std::string& file) {
  TRY(const auto text, read_file(file, runtime::max_component_bytes));
  const auto bytes = std::as_bytes(std::span(text));
  return std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end());
}

bool is_application(const std::string& file) {
  std::error_code none;
  return std::filesystem::is_directory(file, none) || file.ends_with(".toml");
}

void tell(std::string_view line) {
  std::fprintf(stderr, "weft: %.*s\n", static_cast<int>(line.size()), line.data());
}

Result<std::unique_ptr<LoneComponent>> LoneComponent::load(const std::string& file, const CodeOptions& options,
                                                           std::function<void(std::string_view line)> log) {
  auto made = std::make_unique<LoneComponent>();
  TRY(made->bytes, read_component_file(file));
  TRY(made->engine, wasm::Engine::create({}));
  add_services(made->registry);
  made->code = open_code_store(*made->engine, options, std::move(log), runtime::CodeStore::First::full);
  TRY(made->live, runtime::load_component(*made->engine, *made->code, made->registry, made->bytes, file));
  return made;
}

}  // namespace weft::cli

#include "compose/isolation.h"

#include <algorithm>

#include "manifest/grant.h"

namespace weft::compose {
namespace {

using manifest::Grant;

struct Rule {
  std::string_view prefix;
  std::optional<Grant> grant;  // none: everybody may have it
};

// The first that matches counts. What a handle is needed for is free where nobody can come by one.
constexpr Rule rules[] = {
    {"wasi:cli/environment", Grant::environment},
    {"wasi:cli/", std::nullopt},
    {"wasi:clocks/", std::nullopt},
    {"wasi:io/", std::nullopt},
    {"wasi:logging/", std::nullopt},
    {"wasi:random/", std::nullopt},
    {"wasi:filesystem/preopens", Grant::files},
    {"wasi:filesystem/", std::nullopt},
    {"wasi:http/types", std::nullopt},
    {"wasi:http/", Grant::allowed_outbound_hosts},
    {"wasi:sockets/network", std::nullopt},
    {"wasi:sockets/instance-network", std::nullopt},
    {"wasi:sockets/", Grant::allowed_outbound_hosts},
    {"fermyon:spin/http", Grant::allowed_outbound_hosts},
    {"fermyon:spin/redis", Grant::allowed_outbound_hosts},
    {"fermyon:spin/mqtt", Grant::allowed_outbound_hosts},
    {"fermyon:spin/mysql", Grant::allowed_outbound_hosts},
    {"fermyon:spin/postgres", Grant::allowed_outbound_hosts},
    {"spin:redis/", Grant::allowed_outbound_hosts},
    {"spin:mqtt/", Grant::allowed_outbound_hosts},
    {"spin:mysql/", Grant::allowed_outbound_hosts},
    {"spin:postgres/", Grant::allowed_outbound_hosts},
    {"fermyon:spin/key-value", Grant::key_value_stores},
    {"spin:key-value/", Grant::key_value_stores},
    {"wasi:keyvalue/", Grant::key_value_stores},
    {"fermyon:spin/sqlite", Grant::sqlite_databases},
    {"spin:sqlite/", Grant::sqlite_databases},
    {"fermyon:spin/llm", Grant::ai_models},
    {"fermyon:spin/config", Grant::variables},
    {"fermyon:spin/variables", Grant::variables},
    {"spin:variables/", Grant::variables},
    {"wasi:config/", Grant::variables},
};

// Whose interfaces hosts have. Others' are somebody's components.
constexpr std::string_view host_namespaces[] = {"wasi:", "spin:", "fermyon:", "wasmcloud:"};

}  // namespace

std::optional<std::string> denial_of(std::string_view import, std::span<const Grant> grants) {
  const auto* rule = std::ranges::find_if(rules, [&](const Rule& each) { return import.starts_with(each.prefix); });
  const auto inherited = [&](Grant grant) { return std::ranges::find(grants, grant) != grants.end(); };
  if (rule != std::end(rules)) {
    if (!rule->grant || inherited(*rule->grant)) return std::nullopt;
    return "inherit_configuration = [\"" + std::string(manifest::to_string(*rule->grant)) + "\"]";
  }
  const bool is_hosts =
      std::ranges::any_of(host_namespaces, [&](std::string_view ns) { return import.starts_with(ns); });
  if (!is_hosts || std::ranges::all_of(manifest::all_grants(), inherited)) return std::nullopt;
  return "inherit_configuration = true";
}

}  // namespace weft::compose

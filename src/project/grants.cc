#include "project/grants.h"

#include <algorithm>

#include "manifest/allowed_host.h"
#include "manifest/edit.h"
#include "manifest/identifier.h"
#include "project/manifest_file.h"

namespace weft::project {
namespace {

using manifest::Component;

std::vector<std::string> hosts_of(const Component& component) {
  std::vector<std::string> hosts;
  for (const auto& host : component.allowed_outbound_hosts) hosts.push_back(host.entry.text());
  return hosts;
}

std::vector<std::string> stores_of(const Component& component) {
  std::vector<std::string> stores;
  for (const auto& store : component.key_value_stores) stores.push_back(store.value);
  return stores;
}

bool has(const std::vector<std::string>& list, const std::string& entry) {
  return std::ranges::find(list, entry) != list.end();
}

bool has_all(const std::vector<std::string>& list, const std::vector<std::string>& entries) {
  return std::ranges::all_of(entries, [&](const std::string& entry) { return has(list, entry); });
}

// Each once.
std::vector<std::string> missing(const std::vector<std::string>& granted, const std::vector<std::string>& wanted) {
  std::vector<std::string> rest;
  for (const std::string& entry : wanted) {
    if (!has(granted, entry) && !has(rest, entry)) rest.push_back(entry);
  }
  return rest;
}

Result<void> check(const Grants& wanted) {
  for (const std::string& host : wanted.hosts) {
    auto entry = manifest::Template::parse(host);
    if (!entry) return std::unexpected(std::move(entry).error().context(host));
    if (!entry->is_literal()) continue;  // what it says with variables is seen when the result is loaded
    if (auto parsed = manifest::AllowedHost::parse(host); !parsed)
      return std::unexpected(std::move(parsed).error().context(host));
  }
  for (const std::string& store : wanted.stores) {
    if (!manifest::is_label(store))
      return fail(Errc::invalid, store + ": not the label of a store; use kebab-case or snake_case");
  }
  return {};
}

// What the component is granted in `text` with `added`.
Result<std::string> edited(std::string_view text, const std::string& id, const Grants& added) {
  std::string changed(text);
  if (!added.hosts.empty()) {
    TRY(changed, manifest::add_to_component_list(changed, id, "allowed_outbound_hosts", added.hosts));
  }
  if (!added.stores.empty()) {
    TRY(changed, manifest::add_to_component_list(changed, id, "key_value_stores", added.stores));
  }
  return changed;
}

}  // namespace

Result<Grants> add_grants(const manifest::App& app, const std::string& id, const Grants& wanted) {
  const Component* component = app.find_component(id);
  if (component == nullptr) {
    std::string known;
    for (const Component& other : app.components) known += (known.empty() ? "" : ", ") + other.id;
    return fail(Errc::not_found, app.file.string() + " has no component " + id + "; its components are: " + known);
  }
  CHECK_OK(check(wanted));
  const auto hosts = hosts_of(*component), stores = stores_of(*component);
  const Grants added{.hosts = missing(hosts, wanted.hosts), .stores = missing(stores, wanted.stores)};
  if (added.empty()) return added;
  const auto fits = [&](const manifest::App& changed) {
    const Component* now = changed.find_component(id);
    return now != nullptr && changed.components.size() == app.components.size() && has_all(hosts_of(*now), hosts) &&
           has_all(hosts_of(*now), added.hosts) && has_all(stores_of(*now), stores) &&
           has_all(stores_of(*now), added.stores);
  };
  auto done = edit_manifest(app.file, [&](std::string_view text) { return edited(text, id, added); }, fits);
  if (!done && done.error().code() == Errc::internal && !added.hosts.empty()) {
    // A component of version 1 without the list is granted what goes away once there is one: it is written too.
    Grants all = added;
    for (const std::string_view entry : {"redis://*:*", "mysql://*:*", "postgres://*:*"}) {
      if (has(hosts, std::string(entry))) all.hosts.emplace_back(entry);
    }
    if (all.hosts.size() > added.hosts.size())
      done = edit_manifest(app.file, [&](std::string_view text) { return edited(text, id, all); }, fits);
  }
  if (!done) return std::unexpected(std::move(done).error());
  return added;
}

}  // namespace weft::project

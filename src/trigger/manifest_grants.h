// What a component's manifest entry lets it open and dial.
#pragma once

#include <string>
#include <vector>

#include "host/authorize.h"
#include "manifest/allowed_host.h"

namespace weft::trigger {

// Immutable; thread-safe. A denial comes with the lines that would grant it.
class ManifestGrants final : public host::Grants {
 public:
  // `entries` are those of allowed_outbound_hosts as the manifest has them, `hosts` the same with variables expanded.
  ManifestGrants(manifest::AllowedHosts hosts, std::vector<manifest::Template> entries, std::string component)
      : hosts_(std::move(hosts)), entries_(std::move(entries)), component_(std::move(component)) {}

  host::Decision decide(host::Capability capability, const host::Target& target) const override;

 private:
  manifest::AllowedHosts hosts_;
  std::vector<manifest::Template> entries_;
  std::string component_;
};

}  // namespace weft::trigger

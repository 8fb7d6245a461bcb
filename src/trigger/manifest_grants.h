// What a component's manifest entry lets it open and dial.
#pragma once

#include <string>
#include <vector>

#include "host/authorize.h"
#include "manifest/allowed_host.h"

namespace weft::trigger {

// Immutable; thread-safe. A denial comes with the lines that would grant it.
//
// Outbound HTTP and sockets go by allowed_outbound_hosts. Nobody may listen for connections. A UDP socket may have any
// address that an entry grants, and any free port of the machine, which it needs to send from, if there is an entry
// for udp at all. A name that a socket may reach may be looked up.
class ManifestGrants final : public host::Grants {
 public:
  // `entries` are those of allowed_outbound_hosts as the manifest has them, `hosts` the same with variables expanded.
  // `stores` are the labels of key_value_stores; `file` is the manifest, as the user can name it. Empty: there is none.
  ManifestGrants(manifest::AllowedHosts hosts, std::vector<manifest::Template> entries, std::vector<std::string> stores,
                 std::string component, std::string file)
      : hosts_(std::move(hosts)),
        entries_(std::move(entries)),
        stores_(std::move(stores)),
        component_(std::move(component)),
        file_(std::move(file)) {}

  host::Decision decide(host::Capability capability, const host::Target& target) const override;

 private:
  host::Decision decide_bind(const host::Target& target) const;
  // Allowed, or denied with the lines that have `entry` too.
  host::Decision by_entry(bool allowed, const std::string& entry) const;
  host::Decision decide_store(std::string_view label) const;
  // The command that grants `arguments`, or the line to write.
  std::string remedy(const std::string& arguments, std::string_view line) const;

  manifest::AllowedHosts hosts_;
  std::vector<manifest::Template> entries_;
  std::vector<std::string> stores_;
  std::string component_;
  std::string file_;
};

}  // namespace weft::trigger

#include "wasi/preopens.h"

#include "wasi/wasi.h"

namespace weft::wasi {

std::vector<std::tuple<bind::Own<Descriptor>, std::string>> get_directories(bind::Host host) {
  WasiState& state = host.state<WasiState>();
  std::vector<std::tuple<bind::Own<Descriptor>, std::string>> out;
  for (const Mount& mount : state.setup().mounts.list()) {
    out.emplace_back(std::make_unique<Descriptor>(mount, state.open_files(), state.disk_quota(host.context())),
                     mount.place);
  }
  return out;
}

}  // namespace weft::wasi

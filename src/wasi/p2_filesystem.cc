// wasi:filesystem 0.2: types, preopens.
#include "wasi/p2.h"
#include "wasi/streams.h"

namespace weft::wasi {
namespace {

using bind::Host;
using bind::Own;

class Descriptor : public host::Resource {
 public:
  static constexpr const char* resource_name = "descriptor";
};
class DirectoryEntryStream : public host::Resource {
 public:
  static constexpr const char* resource_name = "directory-entry-stream";
};

std::vector<std::tuple<Own<Descriptor>, std::string>> get_directories(Host) { return {}; }

}  // namespace

void p2::add_filesystem(bind::Registry& registry) {
  registry.interface("wasi:filesystem/types@0.2.0").resource<Descriptor>().resource<DirectoryEntryStream>();
  registry.interface("wasi:filesystem/preopens@0.2.0").func<&get_directories>("get-directories");
}

}  // namespace weft::wasi

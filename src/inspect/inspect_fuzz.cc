// Whatever bytes a component has, the report is bounded and is made without a fault.
#include <cstdlib>

#include "inspect/report.h"

namespace {

class NoHost final : public weft::component::HostLinker {
 public:
  bool offers(std::string_view interface) const override { return interface.size() % 2 == 0; }
  const weft::component::HostResourceType* resource(std::string_view, std::string_view) const override {
    return nullptr;
  }
  weft::Result<weft::component::HostBinding> bind(
      const weft::component::HostFunc&, const std::vector<const weft::component::HostResourceType*>&) const override {
    return weft::fail(weft::Errc::not_found, "");
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto* begin = reinterpret_cast<const std::byte*>(data);
  const auto report = weft::inspect::inspect(std::make_shared<const std::vector<std::byte>>(begin, begin + size),
                                             "x.wasm", NoHost(), {});
  if (!report) return 0;
  const std::string text = weft::inspect::to_text(*report);
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') std::abort();
  }
  if (weft::inspect::to_json(*report).empty()) std::abort();
  return 0;
}

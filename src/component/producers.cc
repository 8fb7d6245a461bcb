#include "component/producers.h"

#include <algorithm>

#include "component/reader.h"

namespace weft::component {
namespace {

// Real components have some dozen.
constexpr std::size_t max_entries = 200;
constexpr std::uint32_t max_items = 10'000;

class Collector {
 public:
  explicit Collector(std::span<const std::byte> bytes) : bytes_(bytes) {}

  void visit(const ast::Component& component) {
    for (const auto& definition : component.definitions) {
      if (const auto* custom = std::get_if<ast::CustomSection>(&definition.def)) {
        if (custom->name == "producers") section(custom->data.offset, custom->data.size);
      } else if (const auto* module = std::get_if<ast::CoreModule>(&definition.def)) {
        core_module(module->range);
      } else if (const auto* nested = std::get_if<ast::NestedComponent>(&definition.def)) {
        visit(**nested);
      }
    }
  }
  Producers take() { return std::move(producers_); }

 private:
  void core_module(ast::ByteRange range) {
    constexpr std::size_t preamble = 8;
    if (range.size < preamble) return;
    Reader::State state{.error = {}, .items_left = max_items};
    Reader module(bytes_, range.offset + preamble, range.offset + range.size, state);
    while (module.ok() && !module.at_end()) {
      const std::uint8_t id = module.byte();
      Reader content = module.take(module.u32());
      if (!content.ok() || id != 0) continue;
      if (content.name() == "producers") section(content.offset(), content.remaining());
    }
  }

  void section(std::size_t offset, std::size_t size) {
    Reader::State state{.error = {}, .items_left = max_items};
    Reader r(bytes_, offset, offset + size, state);
    for (std::uint32_t fields = r.u32(); fields > 0 && r.count(); --fields) {
      const std::string field = r.name();
      for (std::uint32_t values = r.u32(); values > 0 && r.count(); --values) {
        std::string name = r.name();
        std::string version = r.name();
        if (r.ok()) add(field, {std::move(name), std::move(version)});
      }
    }
  }

  void add(const std::string& field, std::pair<std::string, std::string> value) {
    auto& list = producers_[field];
    if (entries_ >= max_entries || std::ranges::find(list, value) != list.end()) return;
    list.push_back(std::move(value));
    ++entries_;
  }

  std::span<const std::byte> bytes_;
  Producers producers_;
  std::size_t entries_ = 0;
};

}  // namespace

Producers producers_of(const ast::Component& component) {
  Collector collector(*component.bytes);
  collector.visit(component);
  return collector.take();
}

}  // namespace weft::component

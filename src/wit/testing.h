// Components from text, for tests of this folder and of those above it.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "component/decode.h"
#include "component/validate.h"
#include "wasm/testing/wat.h"

namespace weft::wit {

inline std::shared_ptr<const std::vector<std::byte>> component_bytes(std::string_view text) {
  return std::make_shared<const std::vector<std::byte>>(wasm::testing::wat(text));
}

// Decoded and validated; aborts the test program when the text is no valid component.
struct ValidComponent {
  explicit ValidComponent(std::string_view text)
      : ast(component::decode(component_bytes(text)).value()), valid(component::validate(*ast).value()) {}
  std::shared_ptr<const component::ast::Component> ast;
  component::Validated valid;
};

}  // namespace weft::wit

// Parses what interfaces consist of, and worlds too: types, functions and `use`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "wit_source/token_reader.h"

namespace weft::wit_source {

class BodyParser : protected TokenReader {
 protected:
  // Of an item's attributes, what matters.
  struct Gate {
    bool is_unstable = false;
  };
  BodyParser(std::string_view text, std::uint32_t file) : TokenReader(text, file) {}

  // @since(version = 1.2.3), @unstable(feature = name), @deprecated(version = 1.2.3), @external-id("…"): any of them
  Result<Gate> attributes();
  // `poll`, or `wasi:io/poll@0.2.0`
  Result<Path> path();
  // What follows the first name, which is in `made`, from its `:` on.
  Result<void> path_behind(Path& made);
  // The items of an interface, in braces.
  Result<void> body(Body& made);
  // A type or `use`, if one stands here.
  Result<bool> type_item(Body& body, const Gate& gate);
  // `async func(a: u32) -> string`
  Result<void> function(Func& func);

 private:
  Result<void> use(Body& body);
  Result<void> fields(TypeDef& made);
  // `;`, or functions in braces, which go to the interface.
  Result<void> resource(Body& body, const std::string& resource, const Gate& outer);
  Result<void> parameters(Func& func);
  Result<TypeRef> type(int depth);
  // Of a list of fixed length.
  Result<void> length(Type& made);
};

}  // namespace weft::wit_source

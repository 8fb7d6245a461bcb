// What is wrong with a manifest, said so that it can be repaired: file, line, key, message and remedy.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "manifest/value.h"

namespace weft::manifest {

enum class Severity { error, warning };

struct Diagnostic {
  Severity severity = Severity::error;
  std::string file;
  std::uint32_t line = 0;  // from 1; 0 when the problem has no place in the file
  std::uint32_t column = 0;
  std::string key;          // dotted path such as component.hello.files[2]; arrays count from 0
  std::string message;      // what is wrong, in one sentence
  std::string remedy;       // what to write instead; may have several lines
  std::string source_line;  // the text of that line, for the printer
};

enum class Colour { never, always };

// One diagnostic as a compiler prints it, ending in a newline:
//   spin.toml:12:3: error: component.hello.files[2]: ...
//    12 | files = [...]
//       |   ^
//      = help: ...
// Control characters of the manifest are replaced, so a hostile file cannot drive the terminal.
std::string format(const Diagnostic& diagnostic, Colour colour = Colour::never);
// All of them and a last line that counts: "2 errors, 1 warning". Empty for none.
std::string format_all(std::span<const Diagnostic> diagnostics, Colour colour = Colour::never);

bool has_errors(std::span<const Diagnostic> diagnostics);

}  // namespace weft::manifest

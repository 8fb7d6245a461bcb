// Template expressions of the manifest: literal text mixed with `{{ name }}`, where name is a variable of the
// application. No filters, no escapes. They are parsed once at load and expanded at every use.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "util/error.h"

namespace weft::manifest {

// Longest result of one expansion: a value is meant for a header, a host name or a small document.
inline constexpr std::size_t max_expanded_bytes = 1 << 20;

// The value of a variable by name, or why there is none.
using Lookup = std::function<Result<std::string>(std::string_view name)>;

// A parsed template. Value type; const functions may be called from any thread.
class Template {
 public:
  Template() = default;

  // Fails with Errc::invalid for an unmatched `{{` or a name outside [a-z][a-z0-9_]*.
  static Result<Template> parse(std::string_view text);
  // Text that is never expanded, whatever it contains.
  static Template literal(std::string text);

  // As written in the manifest.
  const std::string& text() const { return text_; }
  bool is_literal() const { return parts_.empty() || (parts_.size() == 1 && !parts_[0].is_variable); }
  // Names in the order they occur, repeated when used twice. Views live as long as this object.
  std::vector<std::string_view> variables() const;

  // The text with every name replaced. The first failed lookup is the error; Errc::limit above max_expanded_bytes.
  Result<std::string> expand(const Lookup& lookup) const;

 private:
  struct Part {
    std::string text;
    bool is_variable = false;
  };

  std::string text_;
  std::vector<Part> parts_;
};

}  // namespace weft::manifest

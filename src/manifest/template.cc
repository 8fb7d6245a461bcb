#include "manifest/template.h"

#include <utility>

#include "manifest/identifier.h"
#include "manifest/text.h"

namespace weft::manifest {
namespace {

std::string_view trim(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  const std::size_t first = text.find_first_not_of(space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

}  // namespace

Result<Template> Template::parse(std::string_view text) {
  Template result;
  result.text_ = text;
  while (!text.empty()) {
    const std::size_t open = text.find("{{");
    if (open == std::string_view::npos) {
      result.parts_.push_back({std::string(text), false});
      break;
    }
    const std::size_t close = text.find("}}", open + 2);
    if (close == std::string_view::npos) return fail(Errc::invalid, "a `{{` has no matching `}}`");
    if (open > 0) result.parts_.push_back({std::string(text.substr(0, open)), false});
    const std::string_view name = trim(text.substr(open + 2, close - open - 2));
    if (name.empty()) return fail(Errc::invalid, "`{{ }}` names no variable");
    if (!is_lower_snake(name)) {
      return fail(Errc::invalid, compose("`{}` is not a variable name: lower-case words joined by `_`", name));
    }
    result.parts_.push_back({std::string(name), true});
    text.remove_prefix(close + 2);
  }
  return result;
}

Template Template::literal(std::string text) {
  Template result;
  result.text_ = text;
  if (!text.empty()) result.parts_.push_back({std::move(text), false});
  return result;
}

std::vector<std::string_view> Template::variables() const {
  std::vector<std::string_view> names;
  for (const Part& part : parts_) {
    if (part.is_variable) names.push_back(part.text);
  }
  return names;
}

Result<std::string> Template::expand(const Lookup& lookup) const {
  std::string out;
  for (const Part& part : parts_) {
    if (part.is_variable) {
      TRY(std::string value, lookup(part.text));
      out += value;
    } else {
      out += part.text;
    }
    if (out.size() > max_expanded_bytes) {
      return fail(Errc::limit, compose("a template expands to more than {} bytes", max_expanded_bytes));
    }
  }
  return out;
}

}  // namespace weft::manifest

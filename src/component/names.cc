#include "component/names.h"

#include <algorithm>

#include "component/text.h"

namespace weft::component {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

// Words joined by '-'; `allow_acronyms` tells <label> from <words>.
bool is_kebab(std::string_view text, bool allow_acronyms) {
  if (text.empty() || is_digit(text.front())) return false;
  bool lower = false, upper = false, empty = true;
  for (const char c : text) {
    if (c == '-') {
      if (empty) return false;
      lower = upper = false;
      empty = true;
      continue;
    }
    if (is_lower(c)) {
      lower = true;
    } else if (is_upper(c) && allow_acronyms) {
      upper = true;
    } else if (!is_digit(c)) {
      return false;
    }
    if (lower && upper) return false;
    empty = false;
  }
  return !empty;
}

Result<void> require_kebab(std::string_view text, bool allow_acronyms = true) {
  if (is_kebab(text, allow_acronyms)) return {};
  if (!allow_acronyms && is_kebab(text, true)) {
    const auto upper = std::find_if(text.begin(), text.end(), is_upper);
    return fail(Errc::invalid,
                cat("character `", std::string(1, *upper), "` is not lowercase in package name/namespace"));
  }
  return fail(Errc::invalid, cat("`", text, "` is not in kebab case"));
}

// The part before any of `stops`; `text` keeps the rest.
std::string_view take_until(std::string_view& text, std::string_view stops) {
  const size_t end = std::min(text.find_first_of(stops), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end);
  return part;
}

Result<ParsedName> parse_interface(std::string_view text) {
  ParsedName name;
  name.kind = ParsedName::Kind::interface;
  name.package_namespace = take_until(text, ":");
  text.remove_prefix(1);
  name.package = take_until(text, ":/@");
  CHECK_OK(require_kebab(name.package_namespace, false));
  CHECK_OK(require_kebab(name.package, false));
  if (!text.starts_with('/')) {
    const bool nested = text.starts_with(':');
    return fail(Errc::invalid,
                cat("expected `/` after package name", nested ? " (nested namespaces are a gated feature)" : ""));
  }
  text.remove_prefix(1);
  name.interface = take_until(text, ":/@");
  CHECK_OK(require_kebab(name.interface));
  if (text.starts_with('@')) {
    text.remove_prefix(1);
    CHECK_OK(check_semver(text));
    name.version = text;
  } else if (!text.empty()) {
    return fail(Errc::invalid, cat("trailing characters found: `", text, "`"));
  }
  return name;
}

Result<ParsedName> parse_member(ParsedName::Kind kind, std::string_view text) {
  const size_t dot = text.find('.');
  if (dot == std::string_view::npos) return fail(Errc::invalid, "failed to find `.` character");
  ParsedName name;
  name.kind = kind;
  name.resource = text.substr(0, dot);
  name.label = text.substr(dot + 1);
  CHECK_OK(require_kebab(name.resource));
  CHECK_OK(require_kebab(name.label));
  return name;
}

Result<void> check_number(std::string_view& text, std::string_view what) {
  size_t n = 0;
  while (n < text.size() && is_digit(text[n])) ++n;
  if (n == 0) {
    if (text.empty()) return fail(Errc::invalid, cat("unexpected end of input while parsing ", what));
    return fail(Errc::invalid, cat("unexpected character '", text.substr(0, 1), "' while parsing ", what));
  }
  if (n > 1 && text.front() == '0') return fail(Errc::invalid, cat("invalid leading zero in ", what));
  // Numbers of a version fit in 64 bits; 19 digits always do.
  if (n > 19) return fail(Errc::invalid, cat("value of ", what, " is too large"));
  text.remove_prefix(n);
  return {};
}

Result<void> check_dot(std::string_view& text, std::string_view what) {
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    return {};
  }
  if (text.empty()) return fail(Errc::invalid, cat("unexpected end of input while parsing ", what));
  return fail(Errc::invalid, cat("unexpected character '", text.substr(0, 1), "' after ", what));
}

// Dot-separated identifiers; those of a pre-release have no leading zeros if numeric.
Result<void> check_identifiers(std::string_view text, std::string_view what, bool prerelease) {
  for (;;) {
    const std::string_view part = take_until(text, ".");
    if (part.empty()) return fail(Errc::invalid, cat("empty identifier segment in ", what));
    bool numeric = true;
    for (const char c : part) {
      if (!is_digit(c) && !is_lower(c) && !is_upper(c) && c != '-') {
        return fail(Errc::invalid, cat("unexpected character '", std::string(1, c), "' in ", what));
      }
      numeric = numeric && is_digit(c);
    }
    if (prerelease && numeric && part.size() > 1 && part.front() == '0') {
      return fail(Errc::invalid, cat("invalid leading zero in ", what));
    }
    if (text.empty()) return {};
    text.remove_prefix(1);
  }
}

}  // namespace

bool is_label(std::string_view text) {
  return is_kebab(text, true);
}

Result<ParsedName> parse_extern_name(std::string_view text) {
  constexpr std::string_view kConstructor = "[constructor]", kMethod = "[method]", kStatic = "[static]";
  if (text.starts_with(kMethod)) return parse_member(ParsedName::Kind::method, text.substr(kMethod.size()));
  if (text.starts_with(kStatic)) return parse_member(ParsedName::Kind::static_, text.substr(kStatic.size()));
  ParsedName name;
  if (text.starts_with(kConstructor)) {
    name.kind = ParsedName::Kind::constructor;
    name.resource = text.substr(kConstructor.size());
    CHECK_OK(require_kebab(name.resource));
    return name;
  }
  if (text.find(':') != std::string_view::npos) return parse_interface(text);
  name.label = text;
  CHECK_OK(require_kebab(text));
  return name;
}

Result<void> check_semver(std::string_view text) {
  if (text.empty()) return fail(Errc::invalid, "empty string, expected a semver version");
  CHECK_OK(check_number(text, "major version number"));
  CHECK_OK(check_dot(text, "major version number"));
  CHECK_OK(check_number(text, "minor version number"));
  CHECK_OK(check_dot(text, "minor version number"));
  CHECK_OK(check_number(text, "patch version number"));
  if (text.starts_with('-')) {
    text.remove_prefix(1);
    CHECK_OK(check_identifiers(take_until(text, "+"), "pre-release identifier", true));
  }
  if (text.starts_with('+')) {
    CHECK_OK(check_identifiers(text.substr(1), "build metadata", false));
    return {};
  }
  if (text.empty()) return {};
  return fail(Errc::invalid, cat("unexpected character '", text.substr(0, 1), "' after patch version number"));
}

std::string strongly_unique_form(std::string_view name) {
  std::string form;
  const bool method = name.starts_with("[method]"), is_static = name.starts_with("[static]");
  if (method || is_static) name.remove_prefix(8);
  // A version is no label: its letters keep their case.
  const size_t version = std::min(name.find('@'), name.size());
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    form += i < version && is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
  }
  if (method || is_static) {
    const size_t dot = form.find('.');
    if (dot != std::string::npos && form.compare(0, dot, form, dot + 1) == 0) form.resize(dot);
  }
  return form;
}

bool NameSet::insert(const std::string& name, std::string& previous) {
  const auto [it, inserted] = names_.emplace(strongly_unique_form(name), name);
  if (!inserted) previous = it->second;
  return inserted;
}

}  // namespace weft::component

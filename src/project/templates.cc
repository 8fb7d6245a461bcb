#include "project/templates.h"

#include <algorithm>
#include <cstdio>

#include "manifest/identifier.h"
#include "manifest/routes.h"
#include "project/embedded.h"

namespace weft::project {
namespace {

constexpr std::string_view rust = "Rust with the target wasm32-wasip2";
constexpr std::string_view node = "Node.js 20 or newer with npm";
constexpr std::string_view python = "Python 3.10 or newer with venv";
constexpr std::string_view go = "Go 1.24 or newer, and wasm-component-ld (part of Rust)";
constexpr std::string_view clang = "clang with wasi-libc, and wasm-component-ld (part of Rust and of wasi-sdk)";
constexpr std::string_view clang_with_libcpp =
    "clang with wasi-libc and libc++, and wasm-component-ld (part of Rust and of wasi-sdk)";

// Where nothing is said of WASI it is 0.2, which every host runs.
constexpr Template table[] = {
    {"http-rust", "HTTP component in Rust, with Fermyon's spin-sdk 5: WASI 0.2", rust},
    {"http-rust-p3", "HTTP component in Rust, with spin-sdk 7: WASI 0.3", rust},
    {"http-rust-p3-rc", "HTTP component in Rust, with spin-sdk 6: WASI 0.3 as of March 2026, for Spin 4", rust},
    {"http-rust-wasi", "HTTP component in Rust without an SDK: WASI 0.2", rust},
    {"http-rust-wasi-p3", "HTTP component in Rust without an SDK: WASI 0.3", rust},
    {"http-js", "HTTP component in JavaScript", node},
    {"http-js-p3", "HTTP component in JavaScript, small, by QuickJS: WASI 0.3", node},
    {"http-ts", "HTTP component in TypeScript", node},
    {"http-py", "HTTP component in Python", python},
    {"http-py-p3", "HTTP component in Python: WASI 0.3", python},
    {"http-go", "HTTP component in Go", go},
    {"http-go-p3", "HTTP component in Go: WASI 0.3", go},
    {"http-c", "HTTP component in C", clang},
    {"http-c-p3", "HTTP component in C: WASI 0.3", clang},
    {"http-cpp", "HTTP component in C++23", clang_with_libcpp},
    {"http-cpp-p3", "HTTP component in C++23: WASI 0.3", clang_with_libcpp},
};

// Cargo refuses these as names of packages.
constexpr std::string_view rust_words[] = {
    "abstract", "alloc", "as",     "async",  "await",   "become", "box",     "break", "const", "continue", "core",
    "crate",    "do",    "dyn",    "else",   "enum",    "extern", "false",   "final", "fn",    "for",      "if",
    "impl",     "in",    "let",    "loop",   "macro",   "match",  "mod",     "move",  "mut",   "override", "priv",
    "pub",      "ref",   "return", "self",   "static",  "std",    "struct",  "super", "test",  "trait",    "true",
    "try",      "type",  "typeof", "unsafe", "unsized", "use",    "virtual", "where", "while", "yield"};

std::string with_underscores(std::string text) {
  std::ranges::replace(text, '-', '_');
  return text;
}

// As part of a TOML string in quotes.
std::string toml_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      (out += '\\') += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04X", byte);
      out += escape;
    } else {
      out += c;
    }
  }
  return out;
}

struct Replacement {
  std::string_view name;
  std::string value;
};

std::string replaced(std::string_view text, std::span<const Replacement> replacements) {
  std::string out;
  while (!text.empty()) {
    const std::size_t at = text.find('@');
    out.append(text.substr(0, at));
    if (at == std::string_view::npos) break;
    text.remove_prefix(at);
    const auto found = std::ranges::find_if(replacements, [&](const auto& r) { return text.starts_with(r.name); });
    if (found == replacements.end()) {
      out += '@';
      text.remove_prefix(1);
    } else {
      out += found->value;
      text.remove_prefix(found->name.size());
    }
  }
  return out;
}

// A path that curl can be given for this route.
std::string curl_path(const manifest::Route& route) {
  std::string out;
  for (const auto& segment : route.segments()) out += "/" + segment.text;
  return out.empty() ? "/" : out;
}

}  // namespace

std::span<const Template> templates() {
  return table;
}

const Template* find_template(std::string_view name) {
  const auto* found = std::ranges::find(table, name, &Template::name);
  return found == std::end(table) ? nullptr : found;
}

Result<void> check_project_name(const Template& from, std::string_view name) {
  const std::string quoted = "`" + std::string(name.substr(0, max_project_name_bytes)) + "`";
  if (name.size() > max_project_name_bytes) {
    return fail(Errc::invalid, "project name " + quoted + "... has " + std::to_string(name.size()) +
                                   " characters; it may have " + std::to_string(max_project_name_bytes));
  }
  if (!manifest::is_kebab(name) || manifest::to_lower(name) != name) {
    return fail(Errc::invalid, "project name " + quoted + ": " + manifest::kebab_remedy(manifest::to_lower(name)));
  }
  if (from.name.starts_with("http-rust") && std::ranges::find(rust_words, name) != std::end(rust_words)) {
    return fail(Errc::invalid,
                "project name " + quoted + " is a word of Rust's own; use for example `my-" + std::string(name) + "`");
  }
  return {};
}

Result<std::string> route_of(std::string_view scope, std::string_view path) {
  std::string route;
  if (!scope.empty()) {
    auto parsed = manifest::Route::parse(scope);
    if (!parsed) return std::unexpected(std::move(parsed).error().context("HTTP scope `" + std::string(scope) + "`"));
    if (parsed->wildcard()) {
      return fail(Errc::invalid, "HTTP scope `" + std::string(scope) + "`: leave out `/...`; the path has it");
    }
    if (parsed->text() != "/") route = parsed->text();
  }
  auto parsed = manifest::Route::parse(path);
  if (!parsed) return std::unexpected(std::move(parsed).error().context("HTTP path `" + std::string(path) + "`"));
  route += parsed->text();
  if (route.size() > 1 && route.ends_with('/')) route.pop_back();
  CHECK_OK(manifest::Route::parse(route));
  return route;
}

Result<std::vector<ProjectFile>> render(const Template& from, const ProjectValues& values) {
  CHECK_OK(check_project_name(from, values.name));
  TRY(const std::string route, route_of(values.http_scope, values.http_path));
  TRY(const auto parsed_route, manifest::Route::parse(route));
  std::string authors;
  for (const std::string& author : values.authors)
    authors += (authors.empty() ? "\"" : ", \"") + toml_escaped(author) + "\"";
  const std::string paragraph = values.description.empty() ? "" : "\n" + values.description + "\n";
  std::vector<Replacement> replacements = {{"@project-name@", values.name},
                                           {"@project_name@", with_underscores(values.name)},
                                           {"@project-description@", values.description},
                                           {"@description-paragraph@", paragraph},
                                           {"@http-route@", route},
                                           {"@http-path@", values.http_path},
                                           {"@curl-path@", curl_path(parsed_route)},
                                           {"@template@", std::string(from.name)},
                                           {"@needs@", std::string(from.needs)}};
  std::vector<Replacement> in_toml = replacements;
  for (Replacement& replacement : in_toml) replacement.value = toml_escaped(replacement.value);
  in_toml.push_back({"@authors@", authors});

  std::vector<ProjectFile> files;
  const std::string folder = std::string(from.name) + "/";
  for (const EmbeddedFile& file : embedded_files()) {
    if (!file.name.starts_with(folder)) continue;
    const std::string_view name = file.name.substr(folder.size());
    files.push_back({.path = replaced(name, replacements),
                     .content = replaced(file.content, name.ends_with(".toml") ? in_toml : replacements),
                     .executable = file.content.starts_with("#!")});
  }
  return files;
}

}  // namespace weft::project

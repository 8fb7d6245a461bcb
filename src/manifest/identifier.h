// The identifier rules of the manifest, and small grammars shared by several keys.
//
// An identifier is words joined by one delimiter; a word is an ASCII letter followed by letters and digits, all lower
// or all upper case.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace weft::manifest {

bool is_kebab(std::string_view text);         // component and trigger ids: hello-world
bool is_snake(std::string_view text);         // names in snake case: API_VERSION
bool is_lower_snake(std::string_view text);   // variables: api_version
bool is_label(std::string_view text);         // stores and databases: kebab or snake
bool is_package_name(std::string_view text);  // namespace:name, both kebab

bool is_exact_version(std::string_view text);        // 1.2.3[-pre][+build]
bool is_version_requirement(std::string_view text);  // ^1.2, >=1.0, <2 and the like; "*"
bool is_sha256_digest(std::string_view text);        // sha256: and 64 hexadecimal digits
bool is_http_url(std::string_view text);             // http:// or https:// and a host
// A plain dependency name (kebab) or ns:pkg[/interface][@version].
bool is_import_name(std::string_view text);

std::string to_lower(std::string_view text);
// The nearest valid kebab or snake identifier, for remedies: "My App" → "my-app". Empty when nothing is left.
std::string suggest_kebab(std::string_view text);
std::string suggest_snake(std::string_view text);
// A remedy for an id that is not kebab-case, with the nearest one that is.
std::string kebab_remedy(std::string_view text);

// "did you mean `files`?" when a candidate is near enough, else "one of: a, b, c" (at most 12), else empty.
std::string suggest(std::string_view word, std::span<const std::string> candidates);
// The same with another list for "one of".
std::string suggest(std::string_view word, std::span<const std::string> candidates,
                    std::span<const std::string> listed);

}  // namespace weft::manifest

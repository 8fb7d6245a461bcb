#include "trigger/spin_headers.h"

#include "util/utf8.h"

namespace weft::trigger {
namespace {

bool is_spin_field(std::string_view name) {
  return name.size() > 5 && http::equal_names(name.substr(0, 5), "spin-");
}

std::string param_field_name(std::string_view param) {
  std::string name = "spin-path-match-";
  for (char c : param) {
    if (c == '_') c = '-';
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    name.push_back(c);
  }
  return name;
}

}  // namespace

void set_spin_headers(http::RequestHead& head, const manifest::Match& match) {
  http::Fields& fields = head.fields;
  fields.remove_if([](std::string_view name) { return is_spin_field(name) || http::equal_names(name, "connection"); });
  const std::string_view host = head.authority.empty() ? std::string_view("localhost") : head.authority;
  fields.append("spin-path-info", match.path_info);
  fields.append("spin-full-url", {head.scheme, "://", host, head.path_with_query});
  fields.append("spin-matched-route", match.route->text());
  fields.append("spin-base-path", "/");
  fields.append("spin-raw-component-route", match.route->raw());
  fields.append("spin-component-route", match.route->base());
  fields.append("spin-client-addr", head.client_address);
  for (const manifest::RouteParam& param : match.params()) fields.append(param_field_name(param.name), param.value);
}

bool values_are_utf8(const http::Fields& fields) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::string_view value = fields[i].value;
    bool ascii = true;
    for (char c : value) ascii = ascii && static_cast<unsigned char>(c) < 0x80;
    if (!ascii && !is_utf8(value)) return false;
  }
  return true;
}

}  // namespace weft::trigger

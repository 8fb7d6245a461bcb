#include "wasi_http/fields.h"

namespace weft::wasi_http {
namespace {

using bind::Borrow;
using bind::Host;
using bind::Own;
using HeaderResult = std::expected<void, HeaderError>;

std::string_view text(const FieldValue& value) {
  return {reinterpret_cast<const char*>(value.data()), value.size()};
}

FieldValue bytes(std::string_view value) {
  const auto* begin = reinterpret_cast<const std::byte*>(value.data());
  return {begin, begin + value.size()};
}

HeaderResult check_name(std::string_view name) {
  if (!http::is_token(name)) return std::unexpected(header_error::InvalidSyntax{});
  if (is_forbidden_field(name)) return std::unexpected(header_error::Forbidden{});
  return {};
}

HeaderResult add(http::Fields& fields, std::string_view name, const FieldValue& value) {
  if (auto ok = check_name(name); !ok) return ok;
  if (!http::is_field_value(text(value))) return std::unexpected(header_error::InvalidSyntax{});
  if (fields.bytes() + name.size() + value.size() > max_fields_bytes || fields.size() >= max_fields_count) {
    throw abi::Trap("fields are larger than their limit of 128 KiB or 1024 entries");
  }
  fields.append(name, text(value));
  return {};
}

Own<FieldsResource> constructor(Host) { return std::make_unique<FieldsResource>(); }

std::expected<Own<FieldsResource>, HeaderError> from_list(Host, std::vector<FieldEntry> entries) {
  auto made = std::make_unique<FieldsResource>();
  for (const auto& [name, value] : entries) {
    if (auto ok = add(made->fields(), name, value); !ok) return std::unexpected(ok.error());
  }
  return made;
}

std::vector<FieldValue> get(Host, Borrow<FieldsResource> self, std::string name) {
  std::vector<FieldValue> values;
  for (std::string_view value : self->fields().get_all(name)) values.push_back(bytes(value));
  return values;
}

bool has(Host, Borrow<FieldsResource> self, std::string name) { return self->fields().has(name); }

HeaderResult set(Host, Borrow<FieldsResource> self, std::string name, std::vector<FieldValue> values) {
  if (self->is_immutable()) return std::unexpected(header_error::Immutable{});
  if (auto ok = check_name(name); !ok) return ok;
  for (const FieldValue& value : values) {
    if (!http::is_field_value(text(value))) return std::unexpected(header_error::InvalidSyntax{});
  }
  self->fields().remove(name);
  for (const FieldValue& value : values) {
    if (auto ok = add(self->fields(), name, value); !ok) return ok;
  }
  return {};
}

HeaderResult remove(Host, Borrow<FieldsResource> self, std::string name) {
  if (self->is_immutable()) return std::unexpected(header_error::Immutable{});
  if (auto ok = check_name(name); !ok) return ok;
  self->fields().remove(name);
  return {};
}

HeaderResult append(Host, Borrow<FieldsResource> self, std::string name, FieldValue value) {
  if (self->is_immutable()) return std::unexpected(header_error::Immutable{});
  return add(self->fields(), name, value);
}

std::vector<FieldEntry> entries(Host, Borrow<FieldsResource> self) {
  std::vector<FieldEntry> out;
  const http::Fields& fields = self->fields();
  out.reserve(fields.size());
  for (std::size_t i = 0; i < fields.size(); ++i) out.emplace_back(fields[i].name, bytes(fields[i].value));
  return out;
}

Own<FieldsResource> clone(Host, Borrow<FieldsResource> self) {
  auto made = std::make_unique<FieldsResource>();
  made->fields() = self->fields();
  return made;
}

}  // namespace

bool is_forbidden_field(std::string_view name) {
  switch (name.size()) {
    case 4: return http::equal_names(name, "host");
    case 7: return http::equal_names(name, "upgrade");
    case 10: return http::equal_names(name, "connection") || http::equal_names(name, "keep-alive");
    case 14: return http::equal_names(name, "http2-settings");
    case 16: return http::equal_names(name, "proxy-connection");
    case 17: return http::equal_names(name, "transfer-encoding");
    case 18: return http::equal_names(name, "proxy-authenticate");
    case 19: return http::equal_names(name, "proxy-authorization");
    default: return false;
  }
}

void add_fields(bind::Registry& registry) {
  registry.interface("wasi:http/types@0.2.0")
      .resource<FieldsResource>()
      .func<&constructor>("[constructor]fields")
      .func<&from_list>("[static]fields.from-list")
      .func<&get>("[method]fields.get")
      .func<&has>("[method]fields.has")
      .func<&set>("[method]fields.set")
      .func<&remove>("[method]fields.delete")
      .func<&append>("[method]fields.append")
      .func<&entries>("[method]fields.entries")
      .func<&clone>("[method]fields.clone");
}

}  // namespace weft::wasi_http

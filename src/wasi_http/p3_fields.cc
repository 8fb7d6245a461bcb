// resource fields of wasi:http 0.3.
#include "wasi_http/fields.h"
#include "wasi_http/p3_messages.h"

namespace weft::wasi_http::p3 {
namespace {

using bind::Borrow;
using bind::Host;
using bind::Own;
using Change = std::expected<void, HeaderError>;

HeaderError widened(const wasi_http::HeaderError& error) {
  return std::visit([](const auto& same) -> HeaderError { return same; }, error);
}

Change changed(const HeaderResult& result) {
  if (!result) return std::unexpected(widened(result.error()));
  return {};
}

Change append_to(FieldsResource& fields, std::string_view name, FieldValue value) {
  if (!fields.has_room(1, name.size() + value.size())) return std::unexpected(header_error::SizeExceeded{});
  return changed(fields.append(name, value));
}

std::expected<Own<FieldsResource>, HeaderError> from_list(Host host, std::vector<FieldEntry> entries) {
  auto made = std::make_unique<FieldsResource>(budget_of(host));
  for (const auto& [name, value] : entries) {
    if (auto ok = append_to(*made, name, value); !ok) return std::unexpected(ok.error());
  }
  return made;
}

Change set(Host, Borrow<FieldsResource> self, std::string name, std::vector<FieldValue> values) {
  std::size_t bytes = 0;
  for (const FieldValue value : values) bytes += name.size() + value.size();
  if (!self->has_room(values.size(), bytes)) return std::unexpected(header_error::SizeExceeded{});
  return changed(self->set(name, values));
}

Change remove(Host, Borrow<FieldsResource> self, std::string name) {
  return changed(self->remove(name));
}

std::expected<std::vector<std::vector<std::byte>>, HeaderError> get_and_delete(Host, Borrow<FieldsResource> self,
                                                                               std::string name) {
  std::vector<std::vector<std::byte>> values;
  for (const FieldValue value : self->get(name)) values.emplace_back(value.begin(), value.end());
  if (auto ok = changed(self->remove(name)); !ok) return std::unexpected(ok.error());
  return values;
}

Change append(Host, Borrow<FieldsResource> self, std::string name, FieldValue value) {
  return append_to(*self, name, value);
}

}  // namespace

void add_fields(bind::Registry& registry, std::string_view version) {
  registry.interface("wasi:http/types@" + std::string(version))
      .resource<FieldsResource>()
      .func<&fields::constructor>("[constructor]fields")
      .func<&from_list>("[static]fields.from-list")
      .func<&fields::get>("[method]fields.get")
      .func<&fields::has>("[method]fields.has")
      .func<&set>("[method]fields.set")
      .func<&remove>("[method]fields.delete")
      .func<&get_and_delete>("[method]fields.get-and-delete")
      .func<&append>("[method]fields.append")
      .func<&fields::entries>("[method]fields.copy-all")
      .func<&fields::clone>("[method]fields.clone");
}

}  // namespace weft::wasi_http::p3

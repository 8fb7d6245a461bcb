#include "wasi_http/fields.h"

#include <algorithm>
#include <charconv>

#include "wasi/p2.h"

namespace weft::wasi_http {
namespace {

using bind::Borrow;
using bind::Host;
using bind::Own;

// Of most messages, with what the host adds to a response: they do not grow step by step.
constexpr std::size_t usual_fields = 4;
constexpr std::size_t usual_bytes = 160;

std::string_view text(FieldValue value) {
  return {reinterpret_cast<const char*>(value.data()), value.size()};
}

FieldValue bytes(std::string_view value) {
  return std::as_bytes(std::span(value));
}

std::optional<std::uint64_t> parse_length(std::string_view value) {
  std::uint64_t length = 0;
  const char* end = value.data() + value.size();
  const auto [at, error] = std::from_chars(value.data(), end, length);
  if (error != std::errc() || at != end) return std::nullopt;
  return length;
}

bool is_valid_value(std::string_view name, std::string_view value) {
  if (http::equal_names(name, "content-length")) return parse_length(value).has_value();
  return http::is_field_value(http::trim_value(value));
}

// The name as the fields of that name already have it: a name has one spelling, that in which it came first.
std::string_view known_name(const http::Fields& fields, std::string_view name) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (http::equal_names(fields[i].name, name)) return fields[i].name;
  }
  return name;
}

std::expected<Own<FieldsResource>, HeaderError> from_list(Host host, std::vector<FieldEntry> entries) {
  auto made = std::make_unique<FieldsResource>(budget_of(host));
  for (const auto& [name, value] : entries) {
    if (auto ok = made->append(name, value); !ok) return std::unexpected(ok.error());
  }
  return made;
}

HeaderResult set(Host, Borrow<FieldsResource> self, std::string name, std::vector<FieldValue> values) {
  return self->set(name, values);
}

HeaderResult remove(Host, Borrow<FieldsResource> self, std::string name) {
  return self->remove(name);
}

HeaderResult append(Host, Borrow<FieldsResource> self, std::string name, FieldValue value) {
  return self->append(name, value);
}

}  // namespace

// Fields that a guest made, with what they cost.
struct FieldsResource::Guests {
  explicit Guests(const std::shared_ptr<Budget>& budget) : charge(budget) {}
  http::Fields fields;
  Charge charge;
};

FieldsResource::FieldsResource(const std::shared_ptr<Budget>& budget)
    : own_(std::allocate_shared<Guests>(RecyclingAllocator<Guests>(), budget)) {
  fields_ = std::shared_ptr<const http::Fields>(own_, &own_->fields);
}

Own<FieldsResource> FieldsResource::immutable(std::shared_ptr<const http::Fields> fields) {
  Own<FieldsResource> made(new FieldsResource());
  made->fields_ = std::move(fields);
  return made;
}

std::shared_ptr<const http::Fields> FieldsResource::take() {
  if (own_ != nullptr) trim_values(own_->fields);
  return std::move(fields_);
}

std::vector<FieldValue> FieldsResource::get(std::string_view name) const {
  std::vector<FieldValue> values;
  for (std::string_view value : fields_->get_all(name)) values.push_back(bytes(value));
  return values;
}

HeaderResult FieldsResource::check_change(std::string_view name) const {
  if (!http::is_token(name)) return std::unexpected(header_error::InvalidSyntax{});
  if (is_forbidden_field(name)) return std::unexpected(header_error::Forbidden{});
  if (is_immutable()) return std::unexpected(header_error::Immutable{});
  return {};
}

void FieldsResource::charge() {
  constexpr std::size_t bytes_of_entry = 16;
  own_->charge.set(own_->fields.kept_bytes() + own_->fields.size() * bytes_of_entry);
}

void FieldsResource::add(std::string_view name, FieldValue value) {
  if (!has_room(1, name.size() + value.size()))
    throw abi::Trap("fields are larger than their limit of 128 KiB or 1024 entries");
  if (own_->fields.empty()) own_->fields.reserve(usual_fields, usual_bytes);
  const std::string_view known = known_name(*fields_, name);
  if (known == name) return own_->fields.append(name, text(value));
  // A copy: it is a view into the buffer that grows.
  own_->fields.append(std::string(known), text(value));
}

bool FieldsResource::has_room(std::size_t count, std::size_t bytes) const {
  return count <= max_fields_count - fields_->size() && fields_->bytes() + bytes <= max_fields_bytes;
}

HeaderResult FieldsResource::set(std::string_view name, const std::vector<FieldValue>& values) {
  if (auto ok = check_change(name); !ok) return ok;
  for (FieldValue value : values) {
    if (!is_valid_value(name, text(value))) return std::unexpected(header_error::InvalidSyntax{});
  }
  own_->fields.remove(name);
  for (FieldValue value : values) add(name, value);
  charge();
  return {};
}

HeaderResult FieldsResource::remove(std::string_view name) {
  if (auto ok = check_change(name); !ok) return ok;
  own_->fields.remove(name);
  charge();
  return {};
}

HeaderResult FieldsResource::append(std::string_view name, FieldValue value) {
  if (auto ok = check_change(name); !ok) return ok;
  if (!is_valid_value(name, text(value))) return std::unexpected(header_error::InvalidSyntax{});
  add(name, value);
  charge();
  return {};
}

std::vector<FieldView> FieldsResource::entries() const {
  std::vector<FieldView> out;
  out.reserve(fields_->size());
  for (std::size_t i = 0; i < fields_->size(); ++i) {
    const auto [name, value] = (*fields_)[i];
    out.emplace_back(name, bytes(value));
  }
  return out;
}

Own<FieldsResource> FieldsResource::clone(const std::shared_ptr<Budget>& budget) const {
  auto made = std::make_unique<FieldsResource>(budget);
  made->own_->fields = *fields_;
  made->charge();
  return made;
}

bool is_forbidden_field(std::string_view name) {
  switch (name.size()) {
    case 4:
      return http::equal_names(name, "host");
    case 7:
      return http::equal_names(name, "upgrade");
    case 10:
      return http::equal_names(name, "connection") || http::equal_names(name, "keep-alive");
    case 14:
      return http::equal_names(name, "http2-settings");
    case 16:
      return http::equal_names(name, "proxy-connection");
    case 17:
      return http::equal_names(name, "transfer-encoding");
    case 18:
      return http::equal_names(name, "proxy-authenticate");
    case 19:
      return http::equal_names(name, "proxy-authorization");
    default:
      return false;
  }
}

void remove_forbidden(http::Fields& fields) {
  for (std::size_t i = fields.size(); i-- > 0;) {
    // One removal may take several fields.
    if (i < fields.size() && is_forbidden_field(fields[i].name)) fields.remove(std::string(fields[i].name));
  }
}

void trim_values(http::Fields& fields) {
  const auto has_blanks = [&](std::size_t i) { return http::trim_value(fields[i].value) != fields[i].value; };
  std::size_t i = 0;
  while (i < fields.size() && !has_blanks(i)) ++i;
  if (i == fields.size()) return;
  http::Fields trimmed;
  trimmed.reserve(fields.size(), fields.bytes());
  for (i = 0; i < fields.size(); ++i) trimmed.append(fields[i].name, http::trim_value(fields[i].value));
  fields = std::move(trimmed);
}

std::expected<std::optional<std::uint64_t>, std::monostate> content_length(const http::Fields& fields) {
  std::optional<std::uint64_t> length;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto [name, value] = fields[i];
    if (!http::equal_names(name, "content-length")) continue;
    if (length) return std::unexpected(std::monostate());
    length = parse_length(value);
    if (!length) return std::unexpected(std::monostate());
  }
  return length;
}

Own<FieldsResource> fields::constructor(Host host) {
  return std::make_unique<FieldsResource>(budget_of(host));
}

std::vector<FieldValue> fields::get(Host, Borrow<FieldsResource> self, std::string name) {
  return self->get(name);
}

bool fields::has(Host, Borrow<FieldsResource> self, std::string name) {
  return self->fields().has(name);
}

std::vector<FieldView> fields::entries(Host, Borrow<FieldsResource> self) {
  return self->entries();
}

Own<FieldsResource> fields::clone(Host host, Borrow<FieldsResource> self) {
  return self->clone(budget_of(host));
}

void add_fields(bind::Registry& registry, std::string_view version) {
  auto& types = registry.interface(wasi::p2::versioned("wasi:http/types", version));
  types.resource<FieldsResource>()
      .func<&fields::get>("[method]fields.get")
      .func<&fields::entries>("[method]fields.entries")
      .func<&fields::clone>("[method]fields.clone");
  if (version == wasi::p2_october) return;
  types.func<&fields::constructor>("[constructor]fields")
      .func<&from_list>("[static]fields.from-list")
      .func<&fields::has>("[method]fields.has")
      .func<&set>("[method]fields.set")
      .func<&remove>("[method]fields.delete")
      .func<&append>("[method]fields.append");
}

}  // namespace weft::wasi_http

// resource fields of wasi:http/types.
#pragma once

#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "bind/registry.h"
#include "http/fields.h"
#include "util/recycled.h"
#include "wasi_http/budget.h"
#include "wasi_http/variants.h"

namespace weft::wasi_http {

// Names and values of one fields resource together; a guest that goes beyond traps.
inline constexpr std::size_t max_fields_bytes = 128 << 10;
// Fields in one resource: each costs the host more than its bytes.
inline constexpr std::size_t max_fields_count = 1024;

// A value is copied once: from the guest's memory into fields, or from fields into the guest's memory.
using FieldValue = std::span<const std::byte>;
using FieldEntry = std::tuple<std::string, FieldValue>;
using FieldView = std::tuple<std::string_view, FieldValue>;
using HeaderResult = std::expected<void, HeaderError>;

inline const std::shared_ptr<Budget>& budget_of(bind::Host host) {
  return host.state<InstanceBudget>().budget;
}

// The fields may be shared with the message they belong to; then they are immutable. What a guest made itself is
// charged to its budget for as long as anybody has it.
class FieldsResource final : public host::Resource, public Recycled<FieldsResource> {
 public:
  static constexpr const char* resource_name = "fields";
  // Empty, mutable.
  explicit FieldsResource(const std::shared_ptr<Budget>& budget);
  static bind::Own<FieldsResource> immutable(std::shared_ptr<const http::Fields> fields);

  const http::Fields& fields() const { return *fields_; }
  bool is_immutable() const { return own_ == nullptr; }
  // For the message that takes this resource over: values lose the blanks around them, which are none of theirs there.
  std::shared_ptr<const http::Fields> take();

  // Whether so much more fits; adding what does not traps.
  bool has_room(std::size_t count, std::size_t bytes) const;

  // Views; valid until the fields change.
  std::vector<FieldValue> get(std::string_view name) const;
  std::vector<FieldView> entries() const;

  HeaderResult set(std::string_view name, const std::vector<FieldValue>& values);
  HeaderResult remove(std::string_view name);
  HeaderResult append(std::string_view name, FieldValue value);
  // A mutable copy.
  bind::Own<FieldsResource> clone(const std::shared_ptr<Budget>& budget) const;

 private:
  struct Guests;
  FieldsResource() = default;
  HeaderResult check_change(std::string_view name) const;
  void add(std::string_view name, FieldValue value);
  void charge();

  std::shared_ptr<const http::Fields> fields_;
  std::shared_ptr<Guests> own_;  // null: immutable
};

// Fields that belong to the connection, or that the host writes itself: a guest may not set them, and does not see
// those that others set.
bool is_forbidden_field(std::string_view name);
void remove_forbidden(http::Fields& fields);

// Takes the spaces and tabs around values away: a guest may set them, a message's values have none (RFC 9110, 5.5).
void trim_values(http::Fields& fields);

// The Content-Length that fields promise, none being an answer. An error: several, or no number.
std::expected<std::optional<std::uint64_t>, std::monostate> content_length(const http::Fields& fields);

// Functions of the resource that every version of wasi:http has alike.
namespace fields {
bind::Own<FieldsResource> constructor(bind::Host host);
std::vector<FieldValue> get(bind::Host host, bind::Borrow<FieldsResource> self, std::string name);
bool has(bind::Host host, bind::Borrow<FieldsResource> self, std::string name);
std::vector<FieldView> entries(bind::Host host, bind::Borrow<FieldsResource> self);
bind::Own<FieldsResource> clone(bind::Host host, bind::Borrow<FieldsResource> self);
}  // namespace fields

void add_fields(bind::Registry& registry, std::string_view version);

}  // namespace weft::wasi_http

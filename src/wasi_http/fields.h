// resource fields of wasi:http/types.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "bind/registry.h"
#include "http/fields.h"
#include "wasi_http/variants.h"

namespace weft::wasi_http {

// Names and values of one fields resource together; a guest that goes beyond traps.
inline constexpr std::size_t max_fields_bytes = 128 << 10;
// Fields in one resource: each costs the host more than its bytes.
inline constexpr std::size_t max_fields_count = 1024;

using FieldValue = std::vector<std::byte>;
using FieldEntry = std::tuple<std::string, FieldValue>;

// The fields may be shared with the message they belong to; then they are immutable.
class FieldsResource : public host::Resource {
 public:
  static constexpr const char* resource_name = "fields";
  FieldsResource() : fields_(std::make_shared<http::Fields>()) {}
  static bind::Own<FieldsResource> immutable(std::shared_ptr<http::Fields> fields) {
    auto made = std::make_unique<FieldsResource>();
    made->fields_ = std::move(fields);
    made->immutable_ = true;
    return made;
  }

  http::Fields& fields() { return *fields_; }
  // For the message that takes this resource over.
  std::shared_ptr<http::Fields> take() { return std::move(fields_); }
  bool is_immutable() const { return immutable_; }

 private:
  std::shared_ptr<http::Fields> fields_;
  bool immutable_ = false;
};

// Fields that belong to the connection, or that the host writes itself: a guest may not set them.
bool is_forbidden_field(std::string_view name);

void add_fields(bind::Registry& registry);

}  // namespace weft::wasi_http

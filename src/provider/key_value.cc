#include "provider/key_value.h"

namespace weft::provider {

Result<void> check_key(std::string_view key) {
  if (key.size() <= max_key_bytes) return {};
  return fail(Errc::limit, "a key of " + std::to_string(key.size()) + " bytes exceeds the limit of " +
                               std::to_string(max_key_bytes) + " bytes");
}

Result<void> check_value(std::size_t bytes) {
  if (bytes <= max_result_bytes) return {};
  return fail(Errc::limit, "a value of " + std::to_string(bytes) + " bytes exceeds the limit of " +
                               std::to_string(max_result_bytes) + " bytes");
}

Result<void> check_keys(const std::vector<std::string>& keys) {
  std::size_t bytes = 0;
  for (const std::string& key : keys) {
    CHECK_OK(check_key(key));
    bytes += key.size() + key_overhead_bytes;
  }
  if (bytes <= max_result_bytes) return {};
  return fail(Errc::limit, "a batch of " + std::to_string(keys.size()) + " keys exceeds the limit of " +
                               std::to_string(max_result_bytes) + " bytes");
}

Result<void> check_pairs(const KeyValues& values) {
  std::size_t bytes = 0;
  for (const auto& [key, value] : values) {
    CHECK_OK(check_key(key));
    bytes += key.size() + value.size() + key_overhead_bytes;
  }
  if (bytes <= max_result_bytes) return {};
  return fail(Errc::limit, "a batch of " + std::to_string(values.size()) + " values exceeds the limit of " +
                               std::to_string(max_result_bytes) + " bytes");
}

Result<void> ResultBudget::add(std::size_t bytes) {
  used_ += bytes;
  if (used_ <= max_result_bytes) return {};
  return fail(Errc::limit, "query result exceeds limit of " + std::to_string(max_result_bytes) + " bytes");
}

}  // namespace weft::provider

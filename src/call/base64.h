// Bytes and single characters as JSON has them: as text.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weft::call {

// RFC 4648, section 4, with padding. Absent: the text is something else.
std::optional<std::vector<std::byte>> from_base64(std::string_view text);
void append_base64(std::string& out, std::span<const std::byte> bytes);

// The one Unicode scalar value that a well-formed text consists of; absent: it has more or fewer.
std::optional<char32_t> one_char(std::string_view text);

}  // namespace weft::call

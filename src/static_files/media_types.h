// The media type of a file, by its name.
#pragma once

#include <string_view>

namespace weft::static_files {

// Whether its bytes get smaller: what is compressed already does not.
enum class Compressible : bool { no, yes };

struct MediaType {
  std::string_view content_type;  // as Content-Type has it; text is UTF-8
  Compressible compressible = Compressible::no;
};

// By what follows the last dot of the last segment, ASCII case-insensitive; "application/octet-stream" for what is not
// known. The registered types (IANA) of what the web is made of; the machine's own tables are not asked, so that an
// application is served alike everywhere.
const MediaType& media_type_of(std::string_view path);

}  // namespace weft::static_files

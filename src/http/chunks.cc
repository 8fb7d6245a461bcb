#include "http/chunks.h"

#include <algorithm>
#include <charconv>

namespace weft::http {
namespace {

bool is_trailer_name(std::string_view name) {
  return is_token(name) && !equal_names(name, "content-length") && !equal_names(name, "transfer-encoding") &&
         !equal_names(name, "host") && !equal_names(name, "connection") && !equal_names(name, "trailer");
}

// Where the first line of `bytes` ends, before its CR LF; npos: not yet. A LF alone ends nothing here, but it does for
// readers that are less strict.
std::expected<std::size_t, const char*> line_end(std::string_view bytes) {
  const std::size_t end = bytes.find('\n');
  if (end == std::string_view::npos) return end;
  if (end == 0 || bytes[end - 1] != '\r') return std::unexpected("a line of the chunked body does not end in CR LF");
  return end - 1;
}

}  // namespace

std::expected<ChunkDecoder::Step, const char*> ChunkDecoder::read_size(std::string_view bytes) {
  const auto found = line_end(bytes.substr(0, max_chunk_line_bytes));
  if (!found) return std::unexpected(found.error());
  const std::size_t end = *found;
  if (end == std::string_view::npos) {
    if (bytes.size() >= max_chunk_line_bytes) return std::unexpected("chunk size line too long");
    return Step{};
  }
  std::string_view line = bytes.substr(0, end);
  const std::size_t extension = line.find(';');
  if (extension != std::string_view::npos && !is_field_value(line.substr(extension))) {
    return std::unexpected("invalid chunk extension");
  }
  line = line.substr(0, extension);
  const auto [at, error] = std::from_chars(line.data(), line.data() + line.size(), left_, 16);
  if (error != std::errc() || at != line.data() + line.size() || line.empty()) {
    return std::unexpected("invalid chunk size");
  }
  state_ = left_ == 0 ? State::trailers : State::data;
  return Step{end + 2, {}};
}

std::expected<ChunkDecoder::Step, const char*> ChunkDecoder::read_trailer(std::string_view bytes) {
  const auto found = line_end(bytes);
  if (!found) return std::unexpected(found.error());
  const std::size_t end = *found;
  if (end == std::string_view::npos) {
    if (bytes.size() + trailer_bytes_ >= max_trailer_bytes) return std::unexpected(trailers_too_large);
    return Step{};
  }
  trailer_bytes_ += end + 2;
  if (trailer_bytes_ > max_trailer_bytes) return std::unexpected(trailers_too_large);
  if (end == 0) {
    state_ = State::done;
    return Step{2, {}};
  }
  const auto field = parse_field_line(bytes.substr(0, end));
  if (!field) return std::unexpected("invalid trailer");
  trailers_.append(field->name, field->value);
  return Step{end + 2, {}};
}

std::expected<ChunkDecoder::Step, const char*> ChunkDecoder::next(std::string_view bytes, std::size_t max) {
  switch (state_) {
    case State::size:
      return read_size(bytes);
    case State::data: {
      const auto take = static_cast<std::size_t>(std::min<std::uint64_t>({left_, bytes.size(), max}));
      left_ -= take;
      if (left_ == 0) state_ = State::data_end;
      return Step{take, bytes.substr(0, take)};
    }
    case State::data_end:
      if (bytes.size() < 2) {
        if (bytes.size() == 1 && bytes[0] != '\r') return std::unexpected("a chunk without its end");
        return Step{};
      }
      if (!bytes.starts_with("\r\n")) return std::unexpected("a chunk without its end");
      state_ = State::size;
      return Step{2, {}};
    case State::trailers:
      return read_trailer(bytes);
    case State::done:
      break;
  }
  return Step{};
}

std::string chunk_header(std::size_t size) {
  std::string out;
  append_chunk_header(out, size);
  return out;
}

void append_chunk_header(std::string& out, std::size_t size) {
  char digits[16];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, size, 16);
  out.append(digits, end).append("\r\n");
}

std::string last_chunk(const std::optional<Fields>& trailers) {
  std::string out = "0\r\n";
  if (trailers) {
    for (std::size_t i = 0; i < trailers->size(); ++i) {
      const auto [name, value] = (*trailers)[i];
      if (is_trailer_name(name) && is_field_value(value)) out.append(name).append(": ").append(value).append("\r\n");
    }
  }
  return out + "\r\n";
}

}  // namespace weft::http

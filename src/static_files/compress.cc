#include "static_files/compress.h"

#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

namespace weft::static_files {
namespace {

// Made once and kept, so better than the fastest; not the best, which takes ten times as long for a hundredth.
constexpr int gzip_level = 6;
constexpr int brotli_quality = 6;
constexpr int zstd_level = 9;

// A window of 32 KiB, the largest there is, and gzip's frame around it.
constexpr int gzip_window = 15 + 16;
constexpr int gzip_memory = 8;

std::optional<std::string> gzip(std::string_view bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, gzip_level, Z_DEFLATED, gzip_window, gzip_memory, Z_DEFAULT_STRATEGY) != Z_OK)
    return std::nullopt;
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  // zlib does not write to its input; its C interface does not say so.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const bool whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (!whole) return std::nullopt;
  return out;
}

std::optional<std::string> brotli(std::string_view bytes) {
  std::size_t size = BrotliEncoderMaxCompressedSize(bytes.size());
  std::string out(size, '\0');
  if (BrotliEncoderCompress(brotli_quality, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_GENERIC, bytes.size(),
                            reinterpret_cast<const std::uint8_t*>(bytes.data()), &size,
                            reinterpret_cast<std::uint8_t*>(out.data())) != BROTLI_TRUE)
    return std::nullopt;
  out.resize(size);
  return out;
}

std::optional<std::string> zstd(std::string_view bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  const std::size_t size = ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), zstd_level);
  if (ZSTD_isError(size) != 0) return std::nullopt;
  out.resize(size);
  return out;
}

}  // namespace

std::optional<std::string> compress(std::string_view bytes, Coding coding) {
  std::optional<std::string> out;
  switch (coding) {
    case Coding::gzip:
      out = gzip(bytes);
      break;
    case Coding::brotli:
      out = brotli(bytes);
      break;
    case Coding::zstd:
      out = zstd(bytes);
      break;
    case Coding::identity:
      break;
  }
  // The bound is far above what it became.
  if (out) out->shrink_to_fit();
  return out;
}

}  // namespace weft::static_files

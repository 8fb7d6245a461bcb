#include "static_files/compress.h"

#include <brotli/decode.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

namespace weft::static_files {
namespace {

std::string gunzip(const std::string& bytes, std::size_t size) {
  std::string out(size, '\0');
  z_stream stream{};
  inflateInit2(&stream, 15 + 16);
  std::string in = bytes;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  inflateEnd(&stream);
  return out;
}

TEST(Compress, EveryCodingGivesTheBytesBack) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "line " + std::to_string(i * i) + "\n";
  const auto gzip = compress(text, Coding::gzip);
  ASSERT_TRUE(gzip);
  EXPECT_EQ(gunzip(*gzip, text.size()), text);

  const auto brotli = compress(text, Coding::brotli);
  ASSERT_TRUE(brotli);
  std::string out(text.size(), '\0');
  std::size_t size = out.size();
  EXPECT_EQ(BrotliDecoderDecompress(brotli->size(), reinterpret_cast<const std::uint8_t*>(brotli->data()), &size,
                                    reinterpret_cast<std::uint8_t*>(out.data())),
            BROTLI_DECODER_RESULT_SUCCESS);
  EXPECT_EQ(out, text);

  const auto zstd = compress(text, Coding::zstd);
  ASSERT_TRUE(zstd);
  out.assign(text.size(), '\0');
  EXPECT_EQ(ZSTD_decompress(out.data(), out.size(), zstd->data(), zstd->size()), text.size());
  EXPECT_EQ(out, text);
  for (const auto* each : {&*gzip, &*brotli, &*zstd}) EXPECT_LT(each->size(), text.size() / 3);
}

}  // namespace
}  // namespace weft::static_files

#include "static_files/media_types.h"

#include <gtest/gtest.h>

namespace weft::static_files {
namespace {

TEST(MediaTypes, AreFoundByTheLastExtensionWhateverItsCase) {
  EXPECT_EQ(media_type_of("a/index.html").content_type, "text/html; charset=utf-8");
  EXPECT_EQ(media_type_of("A.JPEG").content_type, "image/jpeg");
  EXPECT_EQ(media_type_of("app.min.js").content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(media_type_of("x.wasm").content_type, "application/wasm");
  for (const char* path : {"html", "a.html/b", "a.", "a.unknown", "", "a.averyveryverylongextension", "a.htmlx"}) {
    EXPECT_EQ(media_type_of(path).content_type, "application/octet-stream") << path;
  }
  EXPECT_EQ(media_type_of("a.png").compressible, Compressible::no);
  EXPECT_EQ(media_type_of("a.svg").compressible, Compressible::yes);
}

}  // namespace
}  // namespace weft::static_files

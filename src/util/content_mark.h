// A name of content within this process, for finding out whether it is what was there before. It is an AES-GMAC under a
// key that is drawn at the first use, made at some GB a second where SHA-256 is made at 0.3 to 2.
//
// Without the key nobody can make two contents of one mark. So a mark is shown to nobody, and is worth nothing in
// another process. From any thread.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>

namespace weft {

using ContentMark = std::array<std::byte, 16>;

// Of the pieces one after the other; where one ends makes no difference.
ContentMark content_mark(std::span<const std::span<const std::byte>> pieces);
ContentMark content_mark(std::span<const std::byte> bytes);
// Of several contents, each with its end: what was marked as one is not the same as two.
ContentMark joint_mark(std::initializer_list<ContentMark> marks);

}  // namespace weft

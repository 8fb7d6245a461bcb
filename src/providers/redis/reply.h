// What a Redis server answers, read with bounds (RESP 2).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "provider/key_value.h"
#include "util/error.h"
#include "util/pinned.h"

struct redisReader;

namespace weft::provider::redis {

struct Reply {
  enum class Kind { nil, status, error, integer, string, array };
  Kind kind = Kind::nil;
  std::int64_t integer = 0;
  std::string text;                              // of a status, an error or a string
  std::vector<std::unique_ptr<Reply>> elements;  // of an array
  // Of the outermost: it was more than max_reply_bytes, and what was beyond is left out.
  bool too_big = false;
};

// What one reply may have; a batch of values may have as much.
inline constexpr std::size_t max_reply_bytes = max_result_bytes + (std::size_t{1} << 20);
// Elements of one array: a batch has no more keys.
inline constexpr std::size_t max_reply_elements = max_result_bytes / key_overhead_bytes;

// Turns a server's bytes into replies.
class ReplyReader : Pinned {
 public:
  ReplyReader();
  ~ReplyReader();
  // An error ends the connection: the bytes are no replies, or one string is beyond what is kept.
  Result<void> feed(std::span<const char> bytes);
  // The next whole reply, if it is there.
  Result<std::unique_ptr<Reply>> next();

 private:
  friend struct ReplyBuilder;
  struct Free {
    void operator()(redisReader* reader) const;
  };
  std::unique_ptr<redisReader, Free> reader_;
  std::size_t kept_ = 0;  // bytes of the reply that is being read
  bool too_big_ = false;
};

}  // namespace weft::provider::redis

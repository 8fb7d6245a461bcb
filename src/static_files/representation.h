// What is sent of a file, and the head of the answer: everything that follows from the request's fields.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "static_files/coding.h"
#include "static_files/conditions.h"
#include "static_files/ranges.h"

namespace weft::static_files {

// The representation that the client would get whole.
struct Representation {
  std::uint64_t length = 0;
  Validators validators = {};
  std::string_view content_type = {};
  Coding coding = Coding::identity;
  bool varies = false;  // another coding might be sent to others
  std::string_view cache_control = {};
};

// Bytes of an answer: text of its own, then a range of the representation.
struct Piece {
  std::string text;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

struct Answer {
  http::ResponseHead head;
  std::vector<Piece> body;  // empty also for an answer that never has one
  std::uint64_t length = 0;
};

// The answer to a GET or HEAD (whose body is to be left out). `fields` come first. Preconditions (304, 412), ranges
// (206, 416) and the rest are judged as RFC 9110 orders them; `now` as for judge().
Answer answer_to(const http::RequestHead& request, const Representation& what, const http::Fields& fields,
                 std::int64_t now);
// The same for what stands in for a missing file: with that status, and whole, whatever the request says.
Answer whole_answer(unsigned status, const Representation& what, const http::Fields& fields);

}  // namespace weft::static_files

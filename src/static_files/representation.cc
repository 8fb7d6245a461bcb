#include "static_files/representation.h"

#include <utility>

#include "http/response_writer.h"

namespace weft::static_files {
namespace {

constexpr std::string_view plain_text = "text/plain; charset=utf-8";

std::string content_range(const ByteRange& range, std::uint64_t length) {
  return "bytes " + std::to_string(range.first) + '-' + std::to_string(range.last) + '/' + std::to_string(length);
}

// What caches and clients need, whether the bytes follow or not (RFC 9110, 15.4.5).
void add_metadata(const Representation& what, http::Fields& fields) {
  if (!what.validators.tag.empty()) fields.append("etag", what.validators.tag);
  if (what.validators.modified) fields.append("last-modified", http::http_date(*what.validators.modified));
  if (!what.cache_control.empty()) fields.append("cache-control", what.cache_control);
  if (what.varies) fields.append("vary", "accept-encoding");
}

Answer begin(unsigned status, const Representation& what, const http::Fields& fields) {
  Answer answer{.head = {.status = status, .fields = fields}, .body = {}, .length = 0};
  add_metadata(what, answer.head.fields);
  return answer;
}

void add_content_fields(const Representation& what, std::string_view type, http::Fields& fields) {
  fields.append("content-type", type);
  if (what.coding != Coding::identity) fields.append("content-encoding", name_of(what.coding));
}

void add_whole(const Representation& what, Answer& answer) {
  add_content_fields(what, what.content_type, answer.head.fields);
  answer.length = what.length;
  if (what.length > 0) answer.body.push_back({.text = {}, .offset = 0, .size = what.length});
}

void add_text(std::string text, Answer& answer) {
  answer.head.fields.append("content-type", plain_text);
  answer.length = text.size();
  answer.body.push_back({.text = std::move(text), .offset = 0, .size = 0});
}

// multipart/byteranges (RFC 9110, 14.6). The boundary is the entity tag, a digest that no content holds of itself.
// REQUIRES: there is one.
void add_parts(const Representation& what, std::span<const ByteRange> ranges, Answer& answer) {
  const std::string_view tag = what.validators.tag;
  const std::string boundary = "weft-" + std::string(tag.substr(1, tag.size() - 2));
  for (const ByteRange& range : ranges) {
    std::string head = answer.body.empty() ? "--" : "\r\n--";
    head += boundary;
    head.append("\r\ncontent-type: ").append(what.content_type);
    head += "\r\ncontent-range: " + content_range(range, what.length) + "\r\n\r\n";
    answer.length += head.size() + range.size();
    answer.body.push_back({.text = std::move(head), .offset = range.first, .size = range.size()});
  }
  std::string end = "\r\n--" + boundary + "--\r\n";
  answer.length += end.size();
  answer.body.push_back({.text = std::move(end), .offset = 0, .size = 0});
  add_content_fields(what, "multipart/byteranges; boundary=" + boundary, answer.head.fields);
}

}  // namespace

Answer whole_answer(unsigned status, const Representation& what, const http::Fields& fields) {
  Answer answer = begin(status, what, fields);
  add_whole(what, answer);
  return answer;
}

Answer answer_to(const http::RequestHead& request, const Representation& what, const http::Fields& fields,
                 std::int64_t now) {
  switch (judge(request.fields, what.validators, now)) {
    case Verdict::not_modified:
      return begin(304, what, fields);
    case Verdict::failed: {
      Answer answer{.head = {.status = 412, .fields = fields}, .body = {}, .length = 0};
      add_text("The file is not the one that the request is about.\n", answer);
      return answer;
    }
    case Verdict::proceed:
      break;
  }
  // Ranges are of GET alone (14.2).
  if (request.method != "GET" || !range_applies(request.fields, what.validators, now))
    return whole_answer(200, what, fields);
  const Ranges ranges = parse_ranges(request.fields, what.length);
  const bool has_boundary = ranges.ranges().size() <= 1 || !what.validators.tag.empty();
  if (ranges.kind() == Ranges::Kind::all || !has_boundary) return whole_answer(200, what, fields);
  if (ranges.kind() == Ranges::Kind::unsatisfiable) {
    Answer answer = begin(416, what, fields);
    answer.head.fields.append("content-range", "bytes */" + std::to_string(what.length));
    add_text("The file has " + std::to_string(what.length) + " bytes; none of the ranges is among them.\n", answer);
    return answer;
  }
  Answer answer = begin(206, what, fields);
  if (ranges.ranges().size() > 1) {
    add_parts(what, ranges.ranges(), answer);
    return answer;
  }
  const ByteRange& range = ranges.ranges().front();
  answer.head.fields.append("content-range", content_range(range, what.length));
  add_content_fields(what, what.content_type, answer.head.fields);
  answer.length = range.size();
  answer.body.push_back({.text = {}, .offset = range.first, .size = range.size()});
  return answer;
}

}  // namespace weft::static_files

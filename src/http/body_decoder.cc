#include "http/body_decoder.h"

#include <algorithm>

namespace weft::http {

std::expected<std::size_t, BodyDecoder::Fault> BodyDecoder::feed(std::string_view bytes, BodyPipe& pipe) {
  std::size_t used = 0;
  while (!done_) {
    const std::string_view rest = bytes.substr(used);
    const std::size_t room = pipe.cancelled() ? SIZE_MAX : pipe.writable();
    if (rest.empty() || room == 0) break;
    if (kind_ != BodyKind::chunked) {
      const auto take = static_cast<std::size_t>(std::min<std::uint64_t>({left(), rest.size(), room}));
      pipe.write(rest.substr(0, take));
      used += take;
      received_ += take;
      if (kind_ == BodyKind::until_close) continue;
      left_ -= take;
      done_ = left_ == 0;
      if (done_) pipe.finish();
      continue;
    }
    auto step = chunks_.next(rest, room);
    if (!step) {
      const bool trailers = step.error() == std::string_view(trailers_too_large);
      return std::unexpected(Fault{trailers ? BodyFault::trailers_too_large : BodyFault::malformed, step.error()});
    }
    if (step->used == 0) break;
    pipe.write(step->data);
    used += step->used;
    received_ += step->data.size();
    if (chunks_.done()) {
      done_ = true;
      Fields trailers = chunks_.take_trailers();
      pipe.finish(trailers.empty() ? std::nullopt : std::optional(std::move(trailers)));
    }
  }
  return used;
}

bool BodyDecoder::close(BodyPipe& pipe) {
  if (done_) return true;
  if (kind_ != BodyKind::until_close) return false;
  done_ = true;
  pipe.finish();
  return true;
}

}  // namespace weft::http

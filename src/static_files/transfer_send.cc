// Answering, and sending the bytes.
#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <utility>

#include "static_files/transfer.h"
#include "util/error.h"

namespace weft::static_files {
namespace {

// What a worker reads at once: a disk's seek is worth it, and many slow clients can be afforded.
constexpr std::size_t large_read = 256 << 10;
// Pieces that are sent without a pause, before others get their turn on the loop: about a megabyte.
constexpr unsigned max_burst = 16;
// A path of a client's choice, as far as a line of the log is readable.
constexpr std::size_t max_told_path = 200;

}  // namespace

// ---- answering ----

void Transfer::respond() {
  const Version& version = found_.file.version;
  const std::int64_t now = server_.clock_();
  const bool is_settled = version.is_settled(now);
  if (prepared_ == nullptr && is_settled) tag_ = tag_of_version(version);
  const bool is_coded = prepared_ != nullptr && !prepared_->bytes.empty();
  what_.length = is_coded ? prepared_->bytes.size() : version.size;
  what_.validators.tag = prepared_ != nullptr ? std::string_view(prepared_->tag) : std::string_view(tag_);
  // A date tells two versions apart once its second is over.
  if (is_settled && version.modified_seconds() < now / Version::second_ns)
    what_.validators.modified = version.modified_seconds();
  what_.content_type = found_.type->content_type;
  what_.coding = found_.coding;
  // What stands in for other paths must not stay when there is a file of that name.
  what_.cache_control =
      found_.kind == Found::Kind::file ? std::string_view(site_->settings().cache_control) : "no-cache";
  const http::RequestHead& request = exchange_->request();
  Answer answer = found_.kind == Found::Kind::missing
                      ? whole_answer(404, what_, site_->fields())
                      : answer_to(request, what_, site_->fields(), now / Version::second_ns);
  if (request.method == "HEAD" || answer.length == 0) {
    answer.head.fields.append("content-length", std::to_string(answer.length));
    exchange_->respond(std::move(answer.head), {});
    return answered();
  }
  if (answer.length <= held_answer) return respond_held(std::move(answer));
  std::ranges::reverse(answer.body);
  pieces_ = std::move(answer.body);
  answer.head.fields.append("content-length", std::to_string(answer.length));
  http::BodyPipe& pipe = exchange_->respond_streaming(std::move(answer.head));
  pipe.on_writable = [self = shared_from_this()] { self->pump(); };
  pump();
}

Source Transfer::source() const {
  if (content_) return Source(*content_);
  if (prepared_ != nullptr && !prepared_->bytes.empty()) return Source(prepared_->bytes);
  return Source(found_.file);
}

void Transfer::respond_held(Answer answer) {
  auto body = source().assemble(answer.body, Wait::no);
  const auto finish = [](Transfer& self, http::ResponseHead& head, std::expected<std::string, int>& made) {
    if (!made) return self.not_read(made.error());
    self.exchange_->respond(std::move(head), *std::move(made));
    self.answered();
  };
  if (body || body.error() != EAGAIN) return finish(*this, answer.head, body);
  struct Held {
    Answer answer;
    std::expected<std::string, int> body = std::unexpected(ENOMEM);
  };
  const auto held = std::make_shared<Held>(Held{.answer = std::move(answer)});
  elsewhere(
      server_.disk_.reading, [held, from = source()] { held->body = from.assemble(held->answer.body, Wait::yes); },
      [held, finish](Transfer& self) { finish(self, held->answer.head, held->body); });
}

void Transfer::respond_plain(unsigned status, std::string_view text, std::string_view field, std::string_view value) {
  http::ResponseHead head{.status = status, .fields = {}};
  if (!text.empty()) head.fields.append("content-type", "text/plain; charset=utf-8");
  if (!field.empty()) head.fields.append(field, value);
  exchange_->respond(std::move(head), std::string(text));
  answered();
}

void Transfer::fail(int error, std::string_view doing) {
  const bool for_now = error == EAGAIN || error == EMFILE || error == ENFILE || error == ENOMEM || error == ESTALE;
  const std::string_view target = exchange_->request().path_with_query;
  server_.observer_.on_fault(
      Error::from_errno(
          std::string(doing) + " for " + std::string(target.substr(0, std::min(target.find('?'), max_told_path))),
          error)
          .message());
  if (for_now)
    respond_plain(503, "The file cannot be read now.\n", "retry-after", "1");
  else
    respond_plain(500, "The file cannot be read.\n");
}

void Transfer::overloaded() {
  if (exchange_->responded()) return give_up(EAGAIN);
  fail(EAGAIN, "waiting for the disk");
}

void Transfer::answered() {
  if (std::exchange(answered_, true)) return;
  // It holds this, which holds the exchange; whoever calls this function holds it, too.
  exchange_->response_body().on_writable = nullptr;
  server_.observer_.on_answered(*exchange_, series_, begun_);
}

// ---- sending ----

void Transfer::pump() {
  if (answered_ || reading_ahead_ || resting_) return;
  // The pipe lets go of this when the exchange ends, which may be in one of its calls.
  const auto self = shared_from_this();
  http::BodyPipe& pipe = exchange_->response_body();
  while (send_some(pipe)) continue;
  if (pipe.cancelled()) answered();
}

bool Transfer::send_some(http::BodyPipe& pipe) {
  const std::size_t room = pipe.writable();
  if (room == 0) return false;
  if (++burst_ > max_burst) {
    burst_ = 0;
    resting_ = true;
    boost::asio::post(server_.loop_, [self = shared_from_this()] {
      self->resting_ = false;
      self->pump();
    });
    return false;
  }
  Piece& piece = pieces_.back();
  if (!piece.text.empty()) {
    // A part's head is shorter than any pipe, but not than the room that is left.
    const std::size_t size = std::min(room, piece.text.size());
    pipe.write(std::string_view(piece.text).substr(0, size));
    piece.text.erase(0, size);
  } else if (ahead_at_ < ahead_.size()) {
    const std::size_t size = std::min(room, ahead_.size() - ahead_at_);
    pipe.write(std::string_view(ahead_).substr(ahead_at_, size));
    ahead_at_ += size;
    piece.offset += size;
    piece.size -= size;
  } else if (piece.size > 0) {
    thread_local std::array<char, http::body_pipe_capacity> buffer;
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>({room, buffer.size(), piece.size}));
    const auto count = source().read(buffer.data(), size, piece.offset, Wait::no);
    if (!count && count.error() == EAGAIN) {
      read_ahead();
      return false;
    }
    if (!count) {
      give_up(count.error());
      return false;
    }
    pipe.write(std::string_view(buffer.data(), *count));
    piece.offset += *count;
    piece.size -= *count;
  }
  if (piece.text.empty() && piece.size == 0) pieces_.pop_back();
  if (!pieces_.empty()) return true;
  pipe.finish();
  answered();
  return false;
}

void Transfer::read_ahead() {
  reading_ahead_ = true;
  ahead_.clear();
  ahead_at_ = 0;
  struct Read {
    std::string bytes;
    int error = ENOMEM;
  };
  const auto read = std::make_shared<Read>();
  const Piece& piece = pieces_.back();
  elsewhere(
      server_.disk_.reading,
      [read, from = source(), offset = piece.offset,
       size = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size, large_read))] {
        read->bytes.resize(size);
        const auto count = from.read(read->bytes.data(), size, offset, Wait::yes);
        read->bytes.resize(count.value_or(0));
        read->error = count ? 0 : count.error();
      },
      [read](Transfer& self) {
        self.reading_ahead_ = false;
        if (read->error != 0) return self.give_up(read->error);
        self.ahead_ = std::move(read->bytes);
        self.pump();
      });
}

// The client must not take what it got for all there is.
void Transfer::give_up(int error) {
  server_.observer_.on_fault(error == ESTALE ? std::string("a file changed while it was sent; its answer was cut short")
                                             : Error::from_errno("reading a file", error).message());
  exchange_->response_body().abort("the file cannot be read any more");
  answered();
}

}  // namespace weft::static_files

#include "download/get.h"

#include <cerrno>
#include <optional>
#include <span>

#include "http/client.h"
#include "util/write_all.h"

namespace weft::download {
namespace {

bool is_redirection(unsigned status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::uint64_t length_of(const http::ResponseHead& head) {
  const auto field = head.fields.get("content-length");
  return field ? http::parse_length(*field).value_or(0) : 0;
}

// One request and its answer. The loop runs until there is nothing more to do for it.
class Transfer {
 public:
  Transfer(const Url& url, int file, const GetOptions& options) : url_(url), file_(file), options_(options) {}

  // Where it is redirected to; nothing: it is done.
  Result<std::optional<Url>> run() {
    Loop loop;
    http::ClientOptions client_options;
    client_options.dial.ca_file = options_.ca_file;
    http::Client client(loop, resolver_, std::move(client_options));
    exchange_ = std::make_shared<http::ClientExchange>(http::ClientRequest{
        .origin = url_.origin,
        .authority = {},
        .method = "GET",
        .path_with_query = url_.path_with_query,
        .fields = {},
        .owner = {},
        .timeouts = {.connect = options_.patience, .first_byte = options_.patience, .between_bytes = options_.patience},
        .content_length = std::nullopt,
    });
    exchange_->request_body().fill({});
    exchange_->on_response = [this] { begin(); };
    client.start(exchange_);
    while (!done_ && loop.run_one() != 0) {
    }
    exchange_->response_body().on_readable = nullptr;
    if (failure_) return std::unexpected(*std::move(failure_));
    return std::move(next_);
  }

 private:
  void end() { done_ = true; }
  void fail_with(Errc code, const std::string& message) {
    failure_.emplace(code, url_.text() + ": " + message);
    exchange_->cancel();
    end();
  }

  void begin() {
    if (!exchange_->has_response()) return fail_with(Errc::unavailable, exchange_->error()->message());
    const http::ResponseHead& head = exchange_->response();
    if (is_redirection(head.status)) return redirect(head);
    if (head.status != 200) {
      return fail_with(Errc::unavailable, "the server answers " + std::to_string(head.status) + " " +
                                              std::string(http::reason_phrase(head.status)));
    }
    total_ = length_of(head);
    if (total_ > options_.max_bytes) return too_large();
    exchange_->response_body().on_readable = [this] { take(); };
    take();
  }

  void redirect(const http::ResponseHead& head) {
    const auto location = head.fields.get("location");
    if (location) next_ = url_.redirected(*location);
    if (!next_) return fail_with(Errc::unavailable, "the server redirects, but not to a URL");
    if (url_.origin.tls && !next_->origin.tls) {
      return fail_with(Errc::denied, "the server redirects to " + next_->text() + ", which is not secure");
    }
    exchange_->cancel();
    end();
  }

  void take() {
    http::BodyPipe& body = exchange_->response_body();
    while (body.size() != 0) {
      const std::string_view bytes = body.front();
      got_ += bytes.size();
      if (got_ > options_.max_bytes) return too_large();
      if (!write_all(file_, std::as_bytes(std::span(bytes)))) {
        return fail_with(Errc::io, Error::from_errno("writing it", errno).message());
      }
      body.consume(bytes.size());
      if (options_.progress) options_.progress(url_, got_, total_);
    }
    if (body.failed()) return fail_with(Errc::unavailable, "the answer ends early: " + body.abort_reason());
    if (body.at_end()) end();
  }

  void too_large() {
    fail_with(Errc::limit, "it has more than " + std::to_string(options_.max_bytes) + " bytes, which is the limit");
  }

  const Url& url_;
  const int file_;
  const GetOptions& options_;
  Resolver resolver_;
  std::shared_ptr<http::ClientExchange> exchange_;
  std::optional<Url> next_;
  std::optional<Error> failure_;
  std::uint64_t total_ = 0;
  std::uint64_t got_ = 0;
  bool done_ = false;
};

}  // namespace

Result<void> get(const Url& url, int file, const GetOptions& options) {
  Url at = url;
  for (unsigned i = 0; i <= max_redirections; ++i) {
    TRY(auto next, Transfer(at, file, options).run());
    if (!next) return {};
    at = *std::move(next);
  }
  return fail(Errc::unavailable, url.text() + ": more than " + std::to_string(max_redirections) + " redirections");
}

}  // namespace weft::download

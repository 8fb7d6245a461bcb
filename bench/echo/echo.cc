// weft-echo-bench PORT: weft's server of one loop, with a handler that streams each request's body back. What a guest
// that does the same is compared with: run by `./dev bench echo`.
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <memory>
#include <string_view>

#include "http/server.h"

namespace weft {
namespace {

class Echo final : public http::Handler {
 public:
  void handle(std::shared_ptr<http::Exchange> exchange) override {
    http::ResponseHead head;
    head.status = 200;
    http::BodyPipe& in = exchange->request_body();
    http::BodyPipe& out = exchange->respond_streaming(std::move(head));
    // The connection keeps the exchange, and both pipes with it, until the response has ended.
    in.on_readable = out.on_writable = [&in, &out] { move(in, out); };
    move(in, out);
  }

 private:
  static void move(http::BodyPipe& in, http::BodyPipe& out) {
    if (out.cancelled()) return in.cancel();
    while (const std::size_t bytes = std::min(in.size(), out.writable())) {
      out.write(in.front().substr(0, bytes));
      in.consume(bytes);
    }
    if (in.at_end() && !out.ended()) out.finish();
    if (in.failed() && !out.ended()) out.abort(in.abort_reason(), in.fault());
  }
};

int serve(std::string_view port) {
  http::ListenOptions listen;
  if (std::from_chars(port.data(), port.data() + port.size(), listen.port).ec != std::errc()) {
    std::fputs("usage: weft-echo-bench PORT\n", stderr);
    return 2;
  }
  Loop loop{1};
  Echo echo;
  http::Server server(loop, {}, echo);
  if (const auto listening = server.listen(listen); !listening) {
    std::fprintf(stderr, "%s\n", listening.error().message().c_str());
    return 1;
  }
  loop.run();
  return 0;
}

}  // namespace
}  // namespace weft

int main(int argc, char** argv) {
  return weft::serve(argc == 2 ? argv[1] : "");
}

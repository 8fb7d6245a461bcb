#include "http/transport.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <boost/asio/buffer.hpp>
#include <utility>

namespace weft::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

std::array<asio::const_buffer, 3> buffers_of(const Transport::Parts& parts) {
  return {asio::buffer(parts[0]), asio::buffer(parts[1]), asio::buffer(parts[2])};
}

template <class Stream>
class StreamTransport : public Transport {
 public:
  void read(std::span<char> into, User user) final {
    stream_.async_read_some(
        asio::buffer(into.data(), into.size()),
        [user = std::move(user)](error_code error, std::size_t count) { user->on_read(error ? 0 : count); });
  }
  void write(const Parts& parts, User user) final {
    stream_.async_write_some(buffers_of(parts), [user = std::move(user)](error_code error, std::size_t count) {
      user->on_written(error ? 0 : count);
    });
  }
  void cancel_read() final {
    error_code ignored;
    socket().cancel(ignored);
  }
  void close() final {
    error_code ignored;
    socket().close(ignored);
  }
  void close_abruptly() final {
    error_code ignored;
    socket().set_option(Socket::linger(true, 0), ignored);
    close();
  }
  bool has_input() final {
    char byte;
    return ::recv(socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0;
  }
  std::size_t unsent() final {
    int count = 0;
    ::ioctl(socket().native_handle(), SIOCOUTQ, &count);
    return static_cast<std::size_t>(count);
  }

 protected:
  virtual Socket& socket() = 0;
  template <class... Args>
  explicit StreamTransport(Args&&... args) : stream_(std::forward<Args>(args)...) {}
  Stream stream_;
};

class PlainTransport final : public StreamTransport<Socket> {
 public:
  explicit PlainTransport(Socket socket) : StreamTransport(std::move(socket)) {}
  std::string_view scheme() const override { return "http"; }
  bool handshake(User) override { return false; }
  std::optional<std::size_t> write_now(const Parts& parts) override {
    error_code error;
    std::size_t count = 0;
    if (parts[1].empty() && parts[2].empty())
      count = stream_.write_some(asio::buffer(parts[0]), error);
    else
      count = stream_.write_some(buffers_of(parts), error);
    if (!error) return count;
    if (error == asio::error::would_block || error == asio::error::try_again) return 0;
    return std::nullopt;
  }
  void half_close() override {
    error_code ignored;
    stream_.shutdown(Socket::shutdown_send, ignored);
  }
  bool end(User) override { return false; }

 private:
  Socket& socket() override { return stream_; }
};

class TlsTransport final : public StreamTransport<asio::ssl::stream<Socket>> {
 public:
  TlsTransport(Socket socket, std::shared_ptr<asio::ssl::context> context)
      : StreamTransport(std::move(socket), *context), context_(std::move(context)) {}
  std::string_view scheme() const override { return "https"; }
  explicit TlsTransport(asio::ssl::stream<Socket> stream) : StreamTransport(std::move(stream)) {}
  bool chose_http2() override { return http::chose_http2(stream_.native_handle()); }
  bool handshake(User user) override {
    stream_.async_handshake(asio::ssl::stream_base::server,
                            [user = std::move(user)](error_code error) { user->on_handshake(!error); });
    return true;
  }
  // A record that goes only in part must go on with the same bytes: left to write().
  std::optional<std::size_t> write_now(const Parts&) override { return 0; }
  // There is no way to end one direction of TLS and go on in the other that all clients know.
  void half_close() override {}
  bool end(User user) override {
    stream_.async_shutdown([user = std::move(user)](error_code) { user->on_ended(); });
    return true;
  }

 private:
  Socket& socket() override { return stream_.next_layer(); }
  std::shared_ptr<asio::ssl::context> context_;  // null: somebody else's
};

}  // namespace

bool chose_http2(SSL* ssl) {
  const unsigned char* protocol = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl, &protocol, &size);
  return size == 2 && protocol[0] == 'h' && protocol[1] == '2';
}

std::unique_ptr<Transport> make_transport(Socket socket) {
  return std::make_unique<PlainTransport>(std::move(socket));
}

std::unique_ptr<Transport> make_tls_transport(Socket socket, std::shared_ptr<asio::ssl::context> context) {
  return std::make_unique<TlsTransport>(std::move(socket), std::move(context));
}

std::unique_ptr<Transport> make_tls_transport(asio::ssl::stream<Socket> stream) {
  return std::make_unique<TlsTransport>(std::move(stream));
}

}  // namespace weft::http

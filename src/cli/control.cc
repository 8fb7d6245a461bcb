#include "cli/control.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <cstring>

#include "util/file_descriptor.h"

namespace weft::cli {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using Local = asio::local::stream_protocol;
using Socket = asio::basic_stream_socket<Local, Executor>;
using Acceptor = asio::basic_socket_acceptor<Local, Executor>;
using json = nlohmann::json;
constexpr auto with_error = asio::as_tuple(use_awaitable);

constexpr const char* socket_name = "control.sock";
// Connections at once: commands of one user.
constexpr std::size_t max_connections = 16;

// An address has room for 107 bytes, a folder's path may have more: it is named by its descriptor.
struct Address {
  explicit Address(const fs::path& folder) : directory(open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
    path = "/proc/self/fd/" + std::to_string(directory.get()) + "/" + socket_name;
  }
  FileDescriptor directory;
  std::string path;
};

Result<FileDescriptor> connect_to(const Address& address) {
  FileDescriptor file(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, address.path.c_str(), address.path.size() + 1);
  const auto* at = reinterpret_cast<const sockaddr*>(&name);
  if (connect(file.get(), at, sizeof name) != 0) return std::unexpected(Error::from_errno("connecting", errno));
  return file;
}

json failure(const Error& error) {
  return {{"ok", false}, {"error", error.message()}};
}

// Whoever may not read the user's files may not command the user's processes.
bool is_owner(Socket& socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == geteuid() || peer.uid == 0;
}

}  // namespace

class ControlServer::Impl : public std::enable_shared_from_this<Impl>, Pinned {
 public:
  Impl(Loop& loop, fs::path file, Handler handler)
      : loop_(loop), acceptor_(loop), file_(std::move(file)), handler_(std::move(handler)) {}

  Result<void> listen(const std::string& path) {
    boost::system::error_code error;
    acceptor_.open(Local(), error);
    // Nobody else may connect, from the first moment on.
    const mode_t before = umask(0177);
    if (!error) acceptor_.bind(Local::endpoint(path), error);
    umask(before);
    if (!error) acceptor_.listen(max_connections, error);
    if (error) return fail(Errc::io, "listening on " + file_.string() + ": " + error.message());
    asio::co_spawn(loop_, [self = shared_from_this()] { return self->accept(); }, [](std::exception_ptr) {});
    return {};
  }

  void stop() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    std::error_code gone;
    fs::remove(file_, gone);
  }

 private:
  awaitable<void> accept() {
    while (acceptor_.is_open()) {
      auto [error, socket] = co_await acceptor_.async_accept(with_error);
      if (error || connections_ >= max_connections || !is_owner(socket)) continue;
      ++connections_;
      asio::co_spawn(
          loop_,
          [self = shared_from_this(), made = std::move(socket)]() mutable { return self->serve(std::move(made)); },
          [self = shared_from_this()](std::exception_ptr) { --self->connections_; });
    }
  }

  awaitable<void> serve(Socket socket) {
    std::string text;
    const auto [error, size] =
        co_await asio::async_read_until(socket, asio::dynamic_buffer(text, max_control_bytes), '\n', with_error);
    if (error) co_return;
    const json request = json::parse(text, nullptr, false);
    json answer;
    if (request.is_object()) {
      auto done = co_await handler_(request);
      answer = done ? *std::move(done) : failure(done.error());
    } else {
      answer = failure(Error(Errc::invalid, "the request is not JSON"));
    }
    if (!answer.contains("ok")) answer["ok"] = true;
    const std::string line = answer.dump(-1, ' ', true, json::error_handler_t::replace) + "\n";
    co_await asio::async_write(socket, asio::buffer(line), with_error);
  }

  Loop& loop_;
  Acceptor acceptor_;
  const fs::path file_;
  const Handler handler_;
  std::size_t connections_ = 0;
};

Result<std::unique_ptr<ControlServer>> ControlServer::create(Loop& loop, const fs::path& folder, Handler handler) {
  std::error_code error;
  fs::create_directories(folder, error);
  const Address address(folder);
  if (!address.directory) return std::unexpected(Error::from_errno("opening the folder " + folder.string(), errno));
  const fs::path file = folder / socket_name;
  if (connect_to(address)) return fail(Errc::unavailable, "another weft serves this application: " + file.string());
  // Left by one that was killed.
  unlink(address.path.c_str());
  auto impl = std::make_shared<Impl>(loop, file, std::move(handler));
  CHECK_OK(impl->listen(address.path));
  return std::unique_ptr<ControlServer>(new ControlServer(std::move(impl)));
}

ControlServer::~ControlServer() {
  impl_->stop();
}

Result<json> ask_control(const fs::path& folder, const json& request) {
  const Address address(folder);
  auto connected = address.directory ? connect_to(address) : fail(Errc::not_found, "");
  if (!connected) {
    return fail(Errc::unavailable, "no weft serves this application with its state in " + folder.string() +
                                       ": start it with weft up, or name it with --from and --state-dir");
  }
  const std::string line = request.dump(-1, ' ', true) + "\n";
  if (send(connected->get(), line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size()))
    return std::unexpected(Error::from_errno("asking", errno));
  std::string text;
  char piece[4096];
  for (ssize_t got; (got = read(connected->get(), piece, sizeof piece)) > 0 && text.size() <= max_control_bytes;)
    text.append(piece, static_cast<std::size_t>(got));
  json answer = json::parse(text, nullptr, false);
  if (!answer.is_object()) return fail(Errc::unavailable, "the process that serves the application did not answer");
  if (!answer.value("ok", false)) return fail(Errc::invalid, answer.value("error", "it says nothing about why"));
  return answer;
}

}  // namespace weft::cli

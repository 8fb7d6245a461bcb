#include "trigger/http_service.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <thread>

#include "bind/registry.h"
#include "manifest/load.h"
#include "trigger/http_app_loader.h"

namespace weft::trigger {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

class HttpServiceTest : public testing::Test {
 protected:
  // An application whose only route answers `text`.
  std::shared_ptr<const HttpApp> app(const std::string& text) {
    auto loaded = manifest::load_text(
        "spin_manifest_version = 2\n[application]\nname = \"it\"\n[[trigger.http]]\n"
        "route = \"/\"\nstatic_response = { status_code = 200, body = \"" +
            text + "\" }\n",
        "spin.toml");
    EXPECT_TRUE(loaded.app.has_value()) << manifest::format_all(loaded.diagnostics);
    auto made = load_http_app({*engine_, compiler_, registry_}, *std::move(loaded.app), {});
    EXPECT_TRUE(made) << made.error().message();
    return *made;
  }

  // Serves on `threads` loops, in the background.
  void serve(const std::string& text, unsigned threads) {
    auto made = HttpService::create({.listen = {}, .limits = {}, .threads = threads, .log = {}}, app(text), {});
    ASSERT_TRUE(made) << made.error().message();
    service_ = *std::move(made);
    runner_ = std::jthread([this] { service_->run(); });
  }
  void TearDown() override {
    if (runner_.joinable()) service_->drain(std::chrono::seconds(5));
  }

  tcp::socket connect() {
    tcp::socket socket(client_);
    socket.connect({asio::ip::make_address("127.0.0.1"), service_->port()});
    return socket;
  }
  std::string get(tcp::socket& socket) {
    asio::write(socket, asio::buffer(std::string_view("GET / HTTP/1.1\r\nhost: a\r\n\r\n")));
    std::string answer;
    const std::size_t head = asio::read_until(socket, asio::dynamic_buffer(answer), "\r\n\r\n");
    const std::size_t length = std::stoul(answer.substr(answer.find("content-length: ") + 16));
    if (answer.size() < head + length) {
      asio::read(socket, asio::dynamic_buffer(answer), asio::transfer_exactly(head + length - answer.size()));
    }
    return answer.substr(head);
  }

  std::unique_ptr<wasm::Engine> engine_ = *wasm::Engine::create({});
  runtime::Compiler compiler_{*engine_};
  bind::Registry registry_;
  asio::io_context client_;
  std::unique_ptr<HttpService> service_;
  std::jthread runner_;
};

TEST_F(HttpServiceTest, AnotherApplicationIsServedOnConnectionsThatAreOpen) {
  serve("one", 1);
  tcp::socket socket = connect();
  EXPECT_EQ(get(socket), "one");
  service_->set_app(app("two"));
  EXPECT_EQ(get(socket), "two");
}

TEST_F(HttpServiceTest, EveryLoopServesTheOtherApplication) {
  serve("one", 4);
  // Connections are spread over the loops by the kernel.
  std::vector<tcp::socket> sockets;
  for (int i = 0; i < 32; ++i) sockets.push_back(connect());
  for (auto& socket : sockets) EXPECT_EQ(get(socket), "one");
  service_->set_app(app("two"));
  for (auto& socket : sockets) EXPECT_EQ(get(socket), "two");
}

TEST_F(HttpServiceTest, ServingEndsWhenAllLoopsAreDrained) {
  serve("one", 3);
  tcp::socket socket = connect();
  EXPECT_EQ(get(socket), "one");
  service_->drain(std::chrono::seconds(60));
  runner_.join();
  char byte = 0;
  boost::system::error_code error;
  EXPECT_EQ(socket.read_some(asio::buffer(&byte, 1), error), 0u);
  EXPECT_EQ(error, asio::error::eof);
}

TEST_F(HttpServiceTest, ItsUrlIsWhereItIsReached) {
  serve("one", 1);
  EXPECT_EQ(service_->url(), "http://127.0.0.1:" + std::to_string(service_->port()));
}

TEST_F(HttpServiceTest, APortThatIsTakenIsAnError) {
  serve("one", 1);
  const auto second = HttpService::create(
      {.listen = {.host = "127.0.0.1", .port = service_->port(), .tls = {}}, .limits = {}, .threads = 1, .log = {}},
      app("two"), {});
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message().find(std::to_string(service_->port())), std::string::npos);
}

}  // namespace
}  // namespace weft::trigger

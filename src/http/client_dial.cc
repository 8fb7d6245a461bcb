#include "http/client_dial.h"

#include <netdb.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>

#include "http/client_tls.h"

namespace weft::http {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using Time = ClientExchange::Time;

namespace {

// How long one address may take to answer before the next is tried: two SYNs are lost by then.
constexpr std::chrono::seconds address_timeout{4};

constexpr auto with_error = asio::as_tuple(use_awaitable);

ClientError connect_error(const boost::system::error_code& error, const Tcp::endpoint& endpoint) {
  ClientFault fault = ClientFault::connection_refused;
  if (error == asio::error::network_unreachable || error == asio::error::host_unreachable ||
      error == asio::error::network_down || error == boost::system::errc::address_not_available) {
    fault = ClientFault::address_unroutable;
  } else if (error == asio::error::timed_out) {
    fault = ClientFault::connect_timeout;
  } else if (error == asio::error::no_descriptors || error == boost::system::errc::too_many_files_open_in_system) {
    fault = ClientFault::connection_limit;
  }
  return {fault, Origin{false, endpoint.address().to_string(), endpoint.port()}.authority() + ": " + error.message()};
}

}  // namespace

ClientError tls_error(const boost::system::error_code& error, SSL* ssl) {
  if (error.category() != asio::error::get_ssl_category()) return {ClientFault::tls_protocol, error.message()};
  const int reason = ERR_GET_REASON(static_cast<unsigned long>(error.value()));
  if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED) {
    return {ClientFault::tls_certificate, X509_verify_cert_error_string(SSL_get_verify_result(ssl))};
  }
  if (reason > SSL_AD_REASON_OFFSET) {
    const int alert = reason - SSL_AD_REASON_OFFSET;
    return {ClientFault::tls_alert, SSL_alert_desc_string_long(alert), static_cast<std::uint32_t>(alert)};
  }
  return {ClientFault::tls_protocol, error.message()};
}

// What is under way for one exchange, and how it is interrupted.
struct Dialer::Attempt {
  Attempt(Loop& loop, ClientExchange& of, Time until) : exchange(of), deadline(until), event(loop) {
    exchange.set_interrupt([this] {
      if (close_socket) close_socket();
      event.notify();
    });
    exchange.set_deadline(deadline);
  }
  ~Attempt() {
    exchange.set_interrupt(nullptr);
    exchange.set_deadline(ClientExchange::never);
    exchange.take_expired();
  }
  // What ends the attempt now, if anything does.
  std::optional<ClientError> stopped(ClientFault late) const {
    if (exchange.cancelled()) return ClientError{ClientFault::cancelled, {}};
    if (deadline <= std::chrono::steady_clock::now()) return ClientError{late, {}};
    return std::nullopt;
  }

  ClientExchange& exchange;
  Time deadline;
  Event event;
  std::function<void()> close_socket;
};

awaitable<std::expected<std::vector<Dialer::Address>, ClientError>> Dialer::addresses_of(const Origin& origin,
                                                                                         Attempt& attempt) {
  boost::system::error_code not_literal;
  const Address literal = asio::ip::make_address(origin.host, not_literal);
  if (!not_literal) co_return std::vector{literal};
  std::shared_ptr<Lookup>& shared = lookups_[origin.host];
  if (shared == nullptr) {
    auto made = std::make_shared<Lookup>();
    const bool queued = resolver_.resolve(loop_, origin.host, [made](Resolver::Answer answer) {
      made->answer = std::move(answer);
      for (Event* waiter : made->waiters) waiter->notify();
    });
    if (!queued) {
      lookups_.erase(origin.host);
      co_return std::unexpected(ClientError{ClientFault::connection_limit, "too many name look-ups"});
    }
    shared = std::move(made);
  }
  const std::shared_ptr<Lookup> lookup = shared;
  lookup->waiters.push_back(&attempt.event);
  std::optional<ClientError> stopped;
  while (!lookup->answer && !(stopped = attempt.stopped(ClientFault::dns_timeout))) co_await attempt.event.wait();
  std::erase(lookup->waiters, &attempt.event);
  // An answer is for those who waited for it; who comes later asks anew.
  if (lookup->answer || lookup->waiters.empty()) {
    if (const auto at = lookups_.find(origin.host); at != lookups_.end() && at->second == lookup) lookups_.erase(at);
  }
  if (!lookup->answer) co_return std::unexpected(*std::move(stopped));
  if (lookup->answer->error != 0) {
    co_return std::unexpected(ClientError{ClientFault::dns_failed,
                                          origin.host + ": " + gai_strerror(lookup->answer->error),
                                          static_cast<std::uint32_t>(lookup->answer->error)});
  }
  co_return lookup->answer->addresses;
}

awaitable<std::expected<Socket, ClientError>> Dialer::connect(const std::vector<Address>& addresses, std::uint16_t port,
                                                              Attempt& attempt) {
  ClientError last{ClientFault::address_unroutable, "no address"};
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const Tcp::endpoint endpoint(addresses[i], port);
    Socket socket(loop_);
    boost::system::error_code error;
    socket.open(endpoint.protocol(), error);
    if (!error) {
      // The last address gets all the time that is left.
      const Time until =
          i + 1 < addresses.size() ? std::min(attempt.deadline, from_now(address_timeout)) : attempt.deadline;
      attempt.exchange.set_deadline(until);
      attempt.close_socket = [&socket] {
        boost::system::error_code ignored;
        socket.close(ignored);
      };
      std::tie(error) = co_await socket.async_connect(endpoint, with_error);
      attempt.close_socket = nullptr;
      attempt.exchange.set_deadline(attempt.deadline);
    }
    if (auto stopped = attempt.stopped(ClientFault::connect_timeout)) co_return std::unexpected(*std::move(stopped));
    if (!error) {
      socket.set_option(Tcp::no_delay(true), error);
      socket.non_blocking(true, error);
      if (!error) co_return std::move(socket);
    }
    // Closed by the interrupt: this address is too slow.
    if (error == asio::error::operation_aborted) error = asio::error::timed_out;
    last = connect_error(error, endpoint);
  }
  co_return std::unexpected(std::move(last));
}

Result<asio::ssl::context*> Dialer::tls_context() {
  if (tls_ != nullptr) return tls_.get();
  auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
  boost::system::error_code error;
  context->set_options(
      asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1, error);
  if (options_.ca_file.empty())
    context->set_default_verify_paths(error);
  else
    context->load_verify_file(options_.ca_file, error);
  if (error) {
    return fail(Errc::invalid, "trusted certificates " + options_.ca_file + ": " + error.message());
  }
  // What is offered here decides which class serves the connection.
  static constexpr unsigned char both[] = "\x02h2\x08http/1.1";
  static constexpr unsigned char http1[] = "\x08http/1.1";
  if (options_.http2)
    SSL_CTX_set_alpn_protos(context->native_handle(), both, sizeof both - 1);
  else
    SSL_CTX_set_alpn_protos(context->native_handle(), http1, sizeof http1 - 1);
  tls_ = std::move(context);
  return tls_.get();
}

awaitable<Dialer::Dialled> Dialer::handshake(Route route, Socket socket, Attempt& attempt) {
  asio::ssl::context* context = nullptr;
  if (const auto& own = attempt.exchange.request().tls; own != nullptr && !attempt.exchange.request().to_self) {
    context = &own->context();
  } else {
    auto shared = tls_context();
    if (!shared) co_return std::unexpected(ClientError{ClientFault::internal, shared.error().message()});
    context = *shared;
  }
  TlsSocket stream(std::move(socket), *context);
  SSL* ssl = stream.native_handle();
  const std::string& host = route.origin.host;
  boost::system::error_code not_literal;
  asio::ip::make_address(host, not_literal);
  if (attempt.exchange.request().to_self) {
    SSL_set_verify(ssl, SSL_VERIFY_NONE, nullptr);
  } else {
    SSL_set_verify(ssl, SSL_VERIFY_PEER, nullptr);
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    const bool set = not_literal ? SSL_set1_host(ssl, host.c_str()) == 1
                                 : X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
    if (!set) co_return std::unexpected(ClientError{ClientFault::internal, "cannot check the certificate's name"});
  }
  // Server name indication is for names only (RFC 6066, 3).
  if (not_literal) SSL_set_tlsext_host_name(ssl, host.c_str());
  attempt.close_socket = [&stream] {
    boost::system::error_code ignored;
    stream.next_layer().close(ignored);
  };
  auto [error] = co_await stream.async_handshake(asio::ssl::stream_base::client, with_error);
  attempt.close_socket = nullptr;
  if (auto stopped = attempt.stopped(ClientFault::connect_timeout)) co_return std::unexpected(*std::move(stopped));
  if (error == asio::error::eof || error == asio::ssl::error::stream_truncated ||
      error == asio::error::connection_reset || error == asio::error::broken_pipe) {
    co_return std::unexpected(ClientError{ClientFault::connection_terminated, "within the TLS handshake"});
  }
  if (error) {
    ClientError failure = tls_error(error, ssl);
    failure.detail = host + ": " + failure.detail;
    co_return std::unexpected(std::move(failure));
  }
  if (options_.http2 && chose_http2(ssl)) {
    co_return options_.http2(loop_, std::move(route), make_tls_transport(std::move(stream)), limits_);
  }
  co_return make_connection(loop_, std::move(route), std::move(stream), limits_);
}

awaitable<Dialer::Dialled> Dialer::dial(Route route, ClientExchange& exchange, Time deadline) {
  Attempt attempt(loop_, exchange, deadline);
  auto addresses = co_await addresses_of(route.origin, attempt);
  if (!addresses) co_return std::unexpected(std::move(addresses).error());
  if (options_.allow_address && !exchange.request().to_self) {
    // An error of a name without addresses is the dial's.
    const Address first = addresses->empty() ? Address() : addresses->front();
    const std::size_t prohibited =
        std::erase_if(*addresses, [this](const Address& address) { return !options_.allow_address(address); });
    if (addresses->empty() && prohibited > 0) {
      co_return std::unexpected(ClientError{ClientFault::address_prohibited, first.to_string()});
    }
  }
  auto socket = co_await connect(*addresses, route.origin.port, attempt);
  if (!socket) co_return std::unexpected(std::move(socket).error());
  if (route.origin.tls) co_return co_await handshake(std::move(route), *std::move(socket), attempt);
  if (options_.http2 && is_known_http2(route.origin)) {
    co_return options_.http2(loop_, std::move(route), make_transport(*std::move(socket)), limits_);
  }
  co_return make_connection(loop_, std::move(route), *std::move(socket), limits_);
}

bool Dialer::is_known_http2(const Origin& origin) const {
  if (origin.tls || options_.http2_prior_knowledge.empty()) return false;
  const bool is_ipv6 = origin.host.contains(':');
  const std::string name = (is_ipv6 ? "[" + origin.host + "]" : origin.host) + ":" + std::to_string(origin.port);
  return std::ranges::any_of(options_.http2_prior_knowledge, [&](const std::string& known) {
    return equal_names(known, name) || equal_names(known, origin.authority());
  });
}

}  // namespace weft::http

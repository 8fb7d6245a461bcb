#include "util/resolver.h"

#include <netdb.h>
#include <netinet/in.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <cstring>

namespace weft {
namespace {

namespace ip = boost::asio::ip;

// Addresses of one name that are worth trying.
constexpr std::size_t max_addresses = 16;

Resolver::Answer system_lookup(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  Resolver::Answer answer;
  answer.error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (answer.error != 0) return answer;
  for (const addrinfo* at = found; at != nullptr && answer.addresses.size() < max_addresses; at = at->ai_next) {
    if (at->ai_family == AF_INET) {
      sockaddr_in address;
      std::memcpy(&address, at->ai_addr, sizeof address);
      answer.addresses.emplace_back(ip::address_v4(ntohl(address.sin_addr.s_addr)));
    } else if (at->ai_family == AF_INET6) {
      sockaddr_in6 address;
      std::memcpy(&address, at->ai_addr, sizeof address);
      ip::address_v6::bytes_type bytes;
      std::memcpy(bytes.data(), &address.sin6_addr, bytes.size());
      answer.addresses.emplace_back(ip::address_v6(bytes, address.sin6_scope_id));
    }
  }
  freeaddrinfo(found);
  if (answer.addresses.empty()) answer.error = EAI_NONAME;
  return answer;
}

}  // namespace

Resolver::Resolver() : Resolver(&system_lookup) {}

Resolver::~Resolver() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    queue_.clear();
  }
  wake_.notify_all();
}

bool Resolver::resolve(Loop& loop, std::string host, std::function<void(Answer)> done) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= max_queued) return false;
    queue_.push_back({boost::asio::make_work_guard(loop), std::move(host), std::move(done)});
    if (idle_ < queue_.size() && threads_.size() < max_threads) threads_.emplace_back([this] { run(); });
  }
  wake_.notify_one();
  return true;
}

void Resolver::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    --idle_;
    if (stopping_) return;
    Job job = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    Answer answer = lookup_(job.host);
    boost::asio::post(job.work.get_executor(),
                      [done = std::move(job.done), answer = std::move(answer)]() mutable { done(std::move(answer)); });
    job.work.reset();
    lock.lock();
  }
}

}  // namespace weft

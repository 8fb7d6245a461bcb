#include "wasi_sockets/socket_quota.h"

#include "util/connection_quota.h"

namespace weft::wasi_sockets {
namespace {

class SocketQuota final : public wasi::OpenFileLimit {
 public:
  SocketQuota(ConnectionQuota& quota, std::shared_ptr<wasi::OpenFileLimit> above)
      : OpenFileLimit(max, std::move(above)), quota_(quota) {}

  bool take() noexcept override {
    if (!quota_.take(ConnectionKind::socket)) return false;
    if (OpenFileLimit::take()) return true;
    quota_.give_back(ConnectionKind::socket);
    return false;
  }
  void give_back() noexcept override {
    OpenFileLimit::give_back();
    quota_.give_back(ConnectionKind::socket);
  }

 private:
  static constexpr std::uint32_t max = UINT32_MAX;  // it has none of its own
  ConnectionQuota& quota_;
};

}  // namespace

std::shared_ptr<wasi::OpenFileLimit> with_quota(const host::RequestContext& context,
                                                std::shared_ptr<wasi::OpenFileLimit> above) {
  if (context.connections == nullptr) return above;
  return std::make_shared<SocketQuota>(*context.connections, std::move(above));
}

}  // namespace weft::wasi_sockets

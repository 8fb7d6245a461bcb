// The sockets of guests among the connections of all loops (ConnectionQuota).
#pragma once

#include <memory>

#include "host/request_context.h"
#include "wasi/open_file.h"

namespace weft::wasi_sockets {

// `above`, and what the site lets guests have of sockets, if it limits them.
std::shared_ptr<wasi::OpenFileLimit> with_quota(const host::RequestContext& context,
                                                std::shared_ptr<wasi::OpenFileLimit> above);

}  // namespace weft::wasi_sockets

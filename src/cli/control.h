// How a command reaches a `weft up` that serves: a Unix socket in the application's state folder, for its owner only.
//
// One request a connection: a line of JSON each way. The answer has `ok` and, when it is false, `error`.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>

#include "util/async.h"
#include "util/error.h"
#include "util/pinned.h"

namespace weft::cli {

// A request or an answer.
inline constexpr std::size_t max_control_bytes = 64 << 10;

class ControlServer : Pinned {
 public:
  // What a request is answered with; the error becomes the answer.
  using Handler = std::function<awaitable<Result<nlohmann::json>>(nlohmann::json request)>;

  // Listens in `folder`, which is made if it is missing. Fails if another process listens there.
  static Result<std::unique_ptr<ControlServer>> create(Loop& loop, const std::filesystem::path& folder,
                                                       Handler handler);
  ~ControlServer();

 private:
  class Impl;
  explicit ControlServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

// The answer of the process that serves the application whose state is in `folder`. Waits for it.
Result<nlohmann::json> ask_control(const std::filesystem::path& folder, const nlohmann::json& request);

}  // namespace weft::cli

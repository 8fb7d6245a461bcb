// WASI as components import it, wasi:http and wasi:sockets excepted.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "abi/trap.h"
#include "bind/registry.h"
#include "wasi/disk_quota.h"
#include "wasi/mounts.h"
#include "wasi/standard_files.h"
#include "wasi/standard_output.h"

namespace weft::wasi {

// What every instance of a component is given. Immutable once it is used; shared by all its instances.
struct WasiSetup {
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> environment;
  Mounts mounts;
  std::uint64_t disk_bytes = default_disk_bytes;  // that one instance may write to its mounts
};

// WASI's state of one instance: instance.state<WasiState>(). An instance that is not set up has an empty environment,
// no files, and what it writes is discarded.
class WasiState : Pinned {
 public:
  const WasiSetup& setup() const { return *setup_; }
  LineBuffer& standard_output() { return output_; }
  LineBuffer& standard_error() { return error_; }
  // One of them for as long as the instance is there.
  std::weak_ptr<LineBuffer> share_output(StandardStream stream);
  // The process's own files, for a command. Null: the streams are the two above, and the input is at its end.
  const StandardFiles* files() const { return files_; }
  // Counts what the instance has open; made when the first file is.
  const std::shared_ptr<OpenFileLimit>& open_files();
  // Counts what it writes; likewise.
  const std::shared_ptr<DiskQuota>& disk_quota(host::RequestContext& context);
  // None until the guest asks.
  using Seed = std::tuple<std::uint64_t, std::uint64_t>;
  std::optional<Seed>& insecure_seed() { return insecure_seed_; }

 private:
  friend void set_up(component::Instance& instance, const WasiSetup& setup, OutputSink* sink);
  friend void lend_files(component::Instance& instance, const StandardFiles& files);
  static const WasiSetup nothing_;

  const WasiSetup* setup_ = &nothing_;
  const StandardFiles* files_ = nullptr;
  std::shared_ptr<OpenFileLimit> open_files_;
  std::shared_ptr<DiskQuota> disk_quota_;
  std::optional<Seed> insecure_seed_;
  LineBuffer output_;
  LineBuffer error_;
  std::shared_ptr<WasiState> self_;  // made when an output is shared; owns nothing
};

// Gives a new instance what it runs with; call it before anything of the instance runs. `setup` and `sink`, which may
// be null, outlive the instance.
void set_up(component::Instance& instance, const WasiSetup& setup, OutputSink* sink);

// Besides, for a command: its standard streams are `files`, which outlive the instance.
void lend_files(component::Instance& instance, const StandardFiles& files);

// The guest called exit: not a fault, but nothing of the instance runs on.
class GuestExit : public abi::Trap {
 public:
  explicit GuestExit(int status)
      : abi::Trap("the component exited with status " + std::to_string(status)), status_(status) {}
  int status() const { return status_; }

 private:
  int status_;
};

// Adds every interface of WASI that the host offers, in each version.
void add_to_registry(bind::Registry& registry);

}  // namespace weft::wasi

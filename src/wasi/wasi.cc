#include "wasi/wasi.h"

#include "component/instance.h"
#include "wasi/p2.h"
#include "wasi/p3.h"

namespace weft::wasi {

const WasiSetup WasiState::nothing_;

const std::shared_ptr<OpenFileLimit>& WasiState::open_files() {
  if (open_files_ == nullptr) open_files_ = std::make_shared<OpenFileLimit>(max_open_files, setup_->mounts.limit());
  return open_files_;
}

std::weak_ptr<LineBuffer> WasiState::share_output(StandardStream stream) {
  if (self_ == nullptr) self_ = std::shared_ptr<WasiState>(this, [](WasiState*) {});
  return std::shared_ptr<LineBuffer>(self_, stream == StandardStream::output ? &output_ : &error_);
}

const std::shared_ptr<DiskQuota>& WasiState::disk_quota(host::RequestContext& context) {
  if (disk_quota_ == nullptr) {
    disk_quota_ = std::make_shared<DiskQuota>(setup_->disk_bytes, [&context, most = setup_->disk_bytes] {
      if (context.log) {
        context.log("the disk limit is used up: this instance has written the " + std::to_string(most) +
                    " bytes to its files that --max-disk lets it");
      }
    });
  }
  return disk_quota_;
}

void set_up(component::Instance& instance, const WasiSetup& setup, OutputSink* sink) {
  auto& state = instance.state<WasiState>();
  state.setup_ = &setup;
  state.output_.attach(sink, instance.context(), StandardStream::output);
  state.error_.attach(sink, instance.context(), StandardStream::error);
}

void lend_files(component::Instance& instance, const StandardFiles& files) {
  instance.state<WasiState>().files_ = &files;
}

void add_to_registry(bind::Registry& registry) {
  for (const std::string_view version : p2_versions) {
    p2::add_io(registry, version);
    p2::add_clocks(registry, version);
    p2::add_random(registry, version);
    p2::add_cli(registry, version);
    p2::add_filesystem(registry, version);
  }
  for (const std::string_view version : p3_versions) {
    p3::add_clocks(registry, version);
    p3::add_random(registry, version);
    p3::add_cli(registry, version);
    p3::add_filesystem(registry, version);
  }
}

}  // namespace weft::wasi

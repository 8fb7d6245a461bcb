#include "cli/downloads.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <string>

#include "download/downloads.h"
#include "runtime/loader.h"

namespace weft::cli {
namespace {

constexpr std::chrono::milliseconds shown_every{200};
constexpr double megabyte = 1e6;

// One download after the other.
class Progress {
 public:
  void show(const download::Url& url, std::uint64_t done, std::uint64_t total) {
    const auto now = std::chrono::steady_clock::now();
    const bool is_new = url.text() != current_;
    const bool is_whole = total != 0 && done == total;
    if (is_new) current_ = url.text();
    if (!is_terminal_) {
      if (is_new) std::fprintf(stderr, "Downloading %s\n", current_.c_str());
      return;
    }
    if (!is_new && !is_whole && now < shown_ + shown_every) return;
    shown_ = now;
    std::fprintf(stderr, "\rDownloading %s: %.1f", current_.c_str(), static_cast<double>(done) / megabyte);
    if (total != 0) std::fprintf(stderr, " of %.1f", static_cast<double>(total) / megabyte);
    std::fputs(is_whole ? " MB\n" : " MB ", stderr);
  }

 private:
  const bool is_terminal_ = isatty(STDERR_FILENO) != 0;
  std::string current_;
  std::chrono::steady_clock::time_point shown_;
};

}  // namespace

std::unique_ptr<const content::Store> open_downloads() {
  const auto progress = std::make_shared<Progress>();
  download::GetOptions options;
  options.max_bytes = runtime::max_component_bytes;
  options.progress = [progress](const download::Url& url, std::uint64_t done, std::uint64_t total) {
    progress->show(url, done, total);
  };
  return std::make_unique<download::Downloads>(download::default_folder(), std::move(options));
}

}  // namespace weft::cli

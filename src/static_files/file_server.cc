#include "static_files/file_server.h"

#include "static_files/transfer.h"
#include "util/recycled.h"

namespace weft::static_files {

void FileServer::serve(std::shared_ptr<http::Exchange> exchange, std::shared_ptr<const Site> site,
                       std::string_view path, telemetry::HttpSeries& series) {
  std::allocate_shared<Transfer>(RecyclingAllocator<Transfer>(), *this, std::move(exchange), std::move(site), path,
                                 series)
      ->start();
}

}  // namespace weft::static_files

// Serves files to the requests of one loop.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

#include "http/exchange.h"
#include "static_files/prepared.h"
#include "static_files/site.h"
#include "static_files/workers.h"
#include "telemetry/http_metrics.h"
#include "util/async.h"
#include "util/pinned.h"

namespace weft::static_files {

// Told of what becomes of requests, on the loop's thread. Outlives the file server.
class Observer {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  // The answer is complete, or its client has left. Once for each request.
  virtual void on_answered(http::Exchange& exchange, telemetry::HttpSeries& series, TimePoint begun) = 0;
  // Of a fault that the client is not told of: a line, without newline.
  virtual void on_fault(std::string_view line) = 0;

 protected:
  ~Observer() = default;
};

// Files are read from the kernel's memory on the loop; what would wait for the disk is done by the workers.
class FileServer : Pinned {
 public:
  // Nanoseconds since 1970, by the clock that files are stamped with.
  using FileClock = std::int64_t (*)();

  // All outlive it; `disk` ends before the loop does.
  FileServer(Loop& loop, Disk& disk, Observer& observer, FileClock clock = &file_clock_now)
      : loop_(loop), disk_(disk), observer_(observer), clock_(clock) {}

  // `path` is what the route left of the request's path: a view into the exchange's request. `series` stays for good.
  void serve(std::shared_ptr<http::Exchange> exchange, std::shared_ptr<const Site> site, std::string_view path,
             telemetry::HttpSeries& series);

 private:
  friend class Transfer;
  Loop& loop_;
  Disk& disk_;
  Observer& observer_;
  const FileClock clock_;
  PreparedHere prepared_;
};

}  // namespace weft::static_files

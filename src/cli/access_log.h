// A line for each request.
#pragma once

#include <string>

#include "trigger/http_observer.h"

namespace weft::cli {

// "GET /users/7 200 1240us cpu 310us memory 1088KiB warm from 127.0.0.1:53412 HTTP/1.1". Without the query, which may
// hold what is not for logs; "-" for the status when the client left before there was a response; only status, time and
// client where no component ran.
std::string access_line(const trigger::Access& access);

}  // namespace weft::cli

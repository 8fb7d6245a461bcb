// Fetches what a URL answers.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "download/url.h"
#include "util/error.h"

namespace weft::download {

// Redirections followed for one download.
inline constexpr unsigned max_redirections = 5;

struct GetOptions {
  std::uint64_t max_bytes = 0;
  // Until it is connected, until it begins to answer, and between two arrivals of what it answers.
  std::chrono::seconds patience{30};
  // PEM file with the certificates to trust; empty: the system's.
  std::string ca_file;
  // Told as bytes arrive; `total` is 0 when the server does not say.
  std::function<void(const Url& url, std::uint64_t done, std::uint64_t total)> progress;
};

// Appends the body of the answer to `file`, after redirections. Blocks; runs a loop of its own. Errc::unavailable: no
// answer, or a status other than 200; Errc::limit above max_bytes; Errc::io: `file` cannot be written. Errors name the
// URL.
Result<void> get(const Url& url, int file, const GetOptions& options);

}  // namespace weft::download

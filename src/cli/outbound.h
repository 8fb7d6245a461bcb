// What the runtime configuration says about what components reach.
#pragma once

#include <vector>

#include "manifest/runtime_config.h"
#include "trigger/http_app_loader.h"
#include "trigger/http_service.h"
#include "util/error.h"

namespace weft::cli {

struct Outbound {
  trigger::OutboundOptions service;
  std::vector<trigger::ClientTlsChoice> client_tls;
};

// Reads the files of certificates. The error has a line for each mistake, with its place.
Result<Outbound> outbound_of(const manifest::RuntimeConfig& config);

}  // namespace weft::cli

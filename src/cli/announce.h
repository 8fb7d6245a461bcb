// What is said when an application is served.
#pragma once

#include <string_view>

#include "trigger/http_service.h"

namespace weft::cli {

enum class AnnounceFormat { plain, json };

// On standard output: where it is served, and its routes. JSON is one object as the reference prints it.
void announce(const trigger::HttpService& service, const trigger::HttpApp& served, AnnounceFormat format);
// On standard error: which store the label that every application has stands for, if it is used.
void announce_stores(const trigger::HttpApp& served);

}  // namespace weft::cli

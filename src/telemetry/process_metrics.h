// The metrics every Prometheus client has of its process.
#pragma once

#include "telemetry/text.h"

namespace weft::telemetry {

void add_process_metrics(Text& text);

}  // namespace weft::telemetry

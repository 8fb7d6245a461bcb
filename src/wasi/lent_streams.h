// Standard input and output of one instance, in place of those of the process.
#pragma once

#include <memory>

#include "component/instance.h"
#include "wasi/streams.h"

namespace weft::wasi {

// Asked whenever a guest of 0.2 or preview 1 opens them.
class LentStreams {
 public:
  virtual std::unique_ptr<InputStream> input() = 0;
  virtual std::unique_ptr<OutputStream> output() = 0;

 protected:
  ~LentStreams() = default;
};

// Those of an instance: instance.state<StreamsState>().
struct StreamsState {
  LentStreams* streams = nullptr;  // null: it has the process's, or none
};

// Gives a new instance these; `streams` outlive it.
inline void lend_streams(component::Instance& instance, LentStreams& streams) {
  instance.state<StreamsState>().streams = &streams;
}

}  // namespace weft::wasi

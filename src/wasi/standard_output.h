// What guests write to their standard output and error, cut into lines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "host/request_context.h"
#include "util/pinned.h"

namespace weft::wasi {

// Bytes of one line; a longer one is broken.
inline constexpr std::size_t max_output_line = 64 << 10;

enum class StandardStream : std::uint8_t { output, error };

// Where the lines go.
class OutputSink {
 public:
  // A line without its newline, not necessarily UTF-8. Called on the instance's thread, and not to be waited for: a
  // sink that cannot keep up drops lines.
  virtual void write_line(const host::RequestContext& context, StandardStream stream,
                          std::string_view line) noexcept = 0;

 protected:
  ~OutputSink() = default;
};

// One standard stream of one instance. Guests may open the stream for every piece they write, so the line that is being
// written is kept here; what has no newline is passed on when the instance ends.
class LineBuffer : Pinned {
 public:
  LineBuffer() = default;
  ~LineBuffer();
  // `sink` may be null: what is written is discarded.
  void attach(OutputSink* sink, const host::RequestContext& context, StandardStream stream);
  void write(std::string_view text);

 private:
  void pass_on();

  OutputSink* sink_ = nullptr;
  const host::RequestContext* context_ = nullptr;
  StandardStream stream_ = StandardStream::output;
  std::string line_;
};

}  // namespace weft::wasi

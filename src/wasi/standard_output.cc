#include "wasi/standard_output.h"

#include <algorithm>

namespace weft::wasi {

LineBuffer::~LineBuffer() {
  if (!line_.empty()) pass_on();
}

void LineBuffer::attach(OutputSink* sink, const host::RequestContext& context, StandardStream stream) {
  sink_ = sink;
  context_ = &context;
  stream_ = stream;
}

void LineBuffer::write(std::string_view text) {
  if (sink_ == nullptr) return;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::size_t room = max_output_line - line_.size();
    const std::string_view part = text.substr(0, std::min(end, room));
    line_.append(part);
    text.remove_prefix(part.size());
    if (text.starts_with('\n')) {
      text.remove_prefix(1);
      pass_on();
    } else if (line_.size() == max_output_line) {
      pass_on();
    }
  }
}

void LineBuffer::pass_on() {
  sink_->write_line(*context_, stream_, line_);
  line_.clear();
}

}  // namespace weft::wasi

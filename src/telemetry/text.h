// Metrics as text, in the format that Prometheus reads (text format 0.0.4).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace weft::telemetry {

inline constexpr std::string_view text_content_type = "text/plain; version=0.0.4; charset=utf-8";

using Label = std::pair<std::string_view, std::string_view>;
using Labels = std::initializer_list<Label>;

class Text {
 public:
  // Begins a metric; its samples follow. `type`: counter, gauge, histogram.
  void metric(std::string_view name, std::string_view type, std::string_view help);
  // `suffix` is appended to the metric's name: "_bucket".
  void sample(Labels labels, std::uint64_t value, std::string_view suffix = {});
  void sample(Labels labels, std::int64_t value, std::string_view suffix = {});
  void sample(Labels labels, double value, std::string_view suffix = {});

  std::string take() && { return std::move(text_); }

 private:
  void begin(Labels labels, std::string_view suffix);

  std::string text_;
  std::string name_;
};

// As briefly as it can be read back: "0.0025".
std::string number(double value);

}  // namespace weft::telemetry

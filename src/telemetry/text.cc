#include "telemetry/text.h"

#include <charconv>

namespace weft::telemetry {
namespace {

// Backslash, quote and line end, as the format has it.
void append_escaped(std::string& to, std::string_view text) {
  for (const char c : text) {
    if (c == '\\' || c == '"') to += '\\';
    if (c == '\n') {
      to += "\\n";
    } else {
      to += c;
    }
  }
}

}  // namespace

std::string number(double value) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, value);
  return {digits, end.ptr};
}

void Text::metric(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  text_.append("# HELP ").append(name).append(" ").append(help).append("\n");
  text_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

void Text::begin(Labels labels, std::string_view suffix) {
  text_.append(name_).append(suffix);
  char before = '{';
  for (const auto& [name, value] : labels) {
    text_ += std::exchange(before, ',');
    text_.append(name).append("=\"");
    append_escaped(text_, value);
    text_ += '"';
  }
  text_.append(labels.size() > 0 ? "} " : " ");
}

void Text::sample(Labels labels, std::uint64_t value, std::string_view suffix) {
  begin(labels, suffix);
  text_.append(std::to_string(value)).append("\n");
}

void Text::sample(Labels labels, std::int64_t value, std::string_view suffix) {
  begin(labels, suffix);
  text_.append(std::to_string(value)).append("\n");
}

void Text::sample(Labels labels, double value, std::string_view suffix) {
  begin(labels, suffix);
  text_.append(number(value)).append("\n");
}

}  // namespace weft::telemetry

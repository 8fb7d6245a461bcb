#include "manifest/diagnostic.h"

#include <algorithm>
#include <string_view>

#include "manifest/text.h"

namespace weft::manifest {
namespace {

// A source line is printed up to here: a manifest on one line must not fill the screen.
constexpr std::size_t max_shown_bytes = 160;
// Nor may a key or a value quoted in a message.
constexpr std::size_t max_message_bytes = 4096;

// Control characters would reach the terminal as commands; tabs would move the caret.
std::string printable(std::string_view text, std::size_t limit, bool keep_newlines = false) {
  std::string out;
  for (char c : text.substr(0, limit)) {
    const auto byte = static_cast<unsigned char>(c);
    const bool control = byte < 0x20 || byte == 0x7f;
    out += control && !(keep_newlines && c == '\n') ? ' ' : c;
  }
  if (text.size() > limit) {
    while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xc0) == 0x80) out.pop_back();
    if (!out.empty() && static_cast<unsigned char>(out.back()) >= 0xc0) out.pop_back();
    out += "...";
  }
  return out;
}

struct Paint {
  Colour colour;
  std::string operator()(std::string_view code, std::string_view text) const {
    if (colour == Colour::never) return std::string(text);
    return compose("\x1b[{}m{}\x1b[0m", code, text);
  }
};

std::string indented(std::string_view text, std::size_t columns) {
  std::string out;
  for (char c : text) {
    out += c;
    if (c == '\n') out.append(columns, ' ');
  }
  return out;
}

std::string count(std::size_t n, std::string_view noun) {
  return compose("{} {}{}", n, noun, n == 1 ? "" : "s");
}

}  // namespace

std::string format(const Diagnostic& d, Colour colour) {
  const Paint paint{colour};
  const bool is_error = d.severity == Severity::error;
  std::string out = printable(d.file, max_message_bytes);
  if (d.line > 0) out += compose(":{}:{}", d.line, d.column);
  out += compose(": {}", paint(is_error ? "1;31" : "1;33", is_error ? "error:" : "warning:"));
  if (!d.key.empty()) out += compose(" {}:", paint("1", printable(d.key, max_shown_bytes)));
  out += compose(" {}\n", printable(d.message, max_message_bytes));

  const std::string number = d.line > 0 ? std::to_string(d.line) : "";
  const std::string margin(number.size() + 2, ' ');
  if (!d.source_line.empty()) {
    out += compose(" {} {} {}\n", paint("1;34", number), paint("1;34", "|"), printable(d.source_line, max_shown_bytes));
    if (d.column > 0 && d.column <= max_shown_bytes) {
      out += compose("{}{} {}{}\n", margin, paint("1;34", "|"), std::string(d.column - 1, ' '),
                     paint(is_error ? "1;31" : "1;33", "^"));
    }
  }
  if (!d.remedy.empty()) {
    const std::string remedy = printable(d.remedy, max_message_bytes, true);
    out += compose("{}{} {}\n", margin, paint("1;36", "= help:"), indented(remedy, margin.size() + 8));
  }
  return out;
}

std::string format_all(std::span<const Diagnostic> diagnostics, Colour colour) {
  if (diagnostics.empty()) return {};
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) out += format(diagnostic, colour);
  const auto errors = static_cast<std::size_t>(std::ranges::count(diagnostics, Severity::error, &Diagnostic::severity));
  const std::size_t warnings = diagnostics.size() - errors;
  if (errors > 0) out += count(errors, "error");
  if (errors > 0 && warnings > 0) out += ", ";
  if (warnings > 0) out += count(warnings, "warning");
  return out + "\n";
}

bool has_errors(std::span<const Diagnostic> diagnostics) {
  return std::ranges::any_of(diagnostics, [](const Diagnostic& d) { return d.severity == Severity::error; });
}

}  // namespace weft::manifest

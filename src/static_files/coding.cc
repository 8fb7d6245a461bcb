#include "static_files/coding.h"

#include <algorithm>
#include <optional>

#include "static_files/field_values.h"

namespace weft::static_files {
namespace {

// Thousandths: qvalue has at most three decimals.
using Weight = int;
constexpr Weight full_weight = 1000;

// qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )
std::optional<Weight> parse_weight(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  Weight weight = text[0] == '1' ? full_weight : 0;
  Weight unit = 100;
  for (const char c : text.substr(std::min<std::size_t>(2, text.size()))) {
    if (c < '0' || c > '9') return std::nullopt;
    weight += (c - '0') * unit;
    unit /= 10;
  }
  if (weight > full_weight) return std::nullopt;
  return weight;
}

// codings [ OWS ";" OWS "q=" qvalue ]
struct Element {
  std::string_view name;
  Weight weight = full_weight;
};
std::optional<Element> parse_element(std::string_view text) {
  const std::size_t semicolon = text.find(';');
  Element element{.name = http::trim_value(text.substr(0, semicolon))};
  if (!http::is_token(element.name)) return std::nullopt;
  if (semicolon == std::string_view::npos) return element;
  const std::string_view parameter = http::trim_value(text.substr(semicolon + 1));
  if (parameter.size() < 2 || (parameter[0] != 'q' && parameter[0] != 'Q') || parameter[1] != '=') return std::nullopt;
  const auto weight = parse_weight(parameter.substr(2));
  if (!weight) return std::nullopt;
  element.weight = *weight;
  return element;
}

std::optional<Coding> coding_named(std::string_view name) {
  if (http::equal_names(name, "gzip") || http::equal_names(name, "x-gzip")) return Coding::gzip;
  if (http::equal_names(name, "br")) return Coding::brotli;
  if (http::equal_names(name, "zstd")) return Coding::zstd;
  if (http::equal_names(name, "identity")) return Coding::identity;
  return std::nullopt;
}

}  // namespace

std::string_view name_of(Coding coding) {
  constexpr std::array<std::string_view, coding_count> names = {"identity", "gzip", "br", "zstd"};
  return names[static_cast<std::size_t>(coding)];
}

std::string_view suffix_of(Coding coding) {
  constexpr std::array<std::string_view, coding_count> suffixes = {"", ".gz", ".br", ".zst"};
  return suffixes[static_cast<std::size_t>(coding)];
}

bool Preferences::accepts(Coding coding) const {
  return std::ranges::find(codings(), coding) != codings().end();
}

Preferences negotiate(const http::Fields& request) {
  std::array<std::optional<Weight>, coding_count> given;
  std::optional<Weight> any;
  bool asked = false;
  for_each_value(request, "accept-encoding", [&](std::string_view value) {
    asked = true;
    for_each_element(value, [&](std::string_view text) {
      const auto element = parse_element(text);
      if (!element) return;
      if (element->name == "*") {
        any = element->weight;
      } else if (const auto coding = coding_named(element->name)) {
        // Said twice: the kinder one, as `gzip` and its alias may stand beside each other.
        auto& weight = given[static_cast<std::size_t>(*coding)];
        weight = std::max(weight.value_or(0), element->weight);
      }
    });
  });
  Preferences preferences;
  std::array<Weight, coding_count> weights{};
  const auto add = [&](Coding coding, Weight otherwise) {
    const auto at = static_cast<std::size_t>(coding);
    weights[at] = given[at].value_or(any.value_or(otherwise));
    if (weights[at] == 0) return;
    // Behind its equals.
    std::size_t place = preferences.count_++;
    for (; place > 0; --place) {
      const Coding before = preferences.codings_[place - 1];
      if (weights[static_cast<std::size_t>(before)] >= weights[at]) break;
      preferences.codings_[place] = before;
    }
    preferences.codings_[place] = coding;
  };
  if (asked) {
    for (const Coding coding : {Coding::brotli, Coding::zstd, Coding::gzip}) add(coding, 0);
  }
  // Acceptable unless it is excluded; without a weight of its own the least of all.
  add(Coding::identity, 1);
  return preferences;
}

}  // namespace weft::static_files

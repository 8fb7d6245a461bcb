#include "manifest/edit.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "manifest/identifier.h"
#include "manifest/text.h"

namespace weft::manifest {
namespace {

constexpr std::size_t npos = std::string_view::npos;

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// `key = value`, by offsets.
struct Entry {
  std::string key;  // of one part; others are kept as written
  std::size_t at;
  std::size_t value, value_end;
};

// What is between two headers.
struct Section {
  std::vector<std::string> path;  // empty: before the first header
  bool in_array = false;          // [[path]]
  std::size_t header = 0, header_end = 0;
  std::vector<Entry> entries;
};

// Reads valid TOML as far as its layout goes.
class Outline {
 public:
  explicit Outline(std::string_view text) : text_(text) {}

  std::vector<Section> sections() {
    std::vector<Section> all(1);
    while (skip_to_something()) {
      if (text_[at_] == '[')
        all.push_back(header());
      else
        all.back().entries.push_back(entry());
    }
    return all;
  }

  // The elements of the array at `begin`, and the comma after the last one.
  struct Elements {
    std::size_t last = npos, last_end = npos;  // npos: there is none
    std::size_t comma = npos;                  // after the last one; npos: none
    std::size_t close = npos;                  // the bracket
  };
  Elements elements(std::size_t begin) {
    Elements found;
    at_ = begin + 1;
    while (skip_to_something()) {
      if (text_[at_] == ']') {
        found.close = at_;
        break;
      }
      if (text_[at_] == ',') {
        found.comma = at_++;
        continue;
      }
      found.last = at_;
      found.comma = npos;
      skip_value();
      found.last_end = at_;
    }
    return found;
  }

 private:
  // Past blanks and comments; false at the end.
  bool skip_to_something() {
    while (at_ < text_.size() && (is_blank(text_[at_]) || text_[at_] == '#')) {
      if (text_[at_] == '#') {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else {
        ++at_;
      }
    }
    return at_ < text_.size();
  }

  void skip_string() {
    const char quote = text_[at_];
    const bool many_lines = text_.substr(at_, 3) == std::string(3, quote);
    const std::string close(many_lines ? 3 : 1, quote);
    at_ += close.size();
    while (at_ < text_.size() && text_.substr(at_, close.size()) != close) {
      at_ += quote == '"' && text_[at_] == '\\' ? 2 : 1;
    }
    at_ = std::min(at_ + close.size(), text_.size());
    // Up to two more quotes may belong to the string.
    while (many_lines && at_ < text_.size() && text_[at_] == quote) ++at_;
  }

  void skip_value() {
    const char first = text_[at_];
    if (first == '"' || first == '\'') {
      skip_string();
    } else if (first == '[' || first == '{') {
      for (std::size_t depth = 0; at_ < text_.size();) {
        const char c = text_[at_];
        if (c == '"' || c == '\'') {
          skip_string();
          continue;
        }
        if (c == '#') {
          skip_to_something();
          continue;
        }
        if (c == '[' || c == '{') ++depth;
        ++at_;
        if ((c == ']' || c == '}') && --depth == 0) break;
      }
    } else {
      while (at_ < text_.size() && std::string_view(",]}#\r\n").find(text_[at_]) == npos) ++at_;
    }
  }

  // A key up to `end`, part by part.
  std::vector<std::string> key_parts(char end) {
    std::vector<std::string> parts(1);
    for (; at_ < text_.size() && text_[at_] != end;) {
      const char c = text_[at_];
      if (c == '"' || c == '\'') {
        const std::size_t begin = at_ + 1;
        skip_string();
        parts.back() += text_.substr(begin, at_ - begin - 1);
        continue;
      }
      ++at_;
      if (c == '.')
        parts.emplace_back();
      else if (!is_blank(c))
        parts.back() += c;
    }
    return parts;
  }

  Section header() {
    Section section{.path = {}, .in_array = false, .header = at_, .header_end = at_, .entries = {}};
    section.in_array = text_.substr(at_, 2) == "[[";
    at_ += section.in_array ? 2 : 1;
    section.path = key_parts(']');
    at_ = std::min(at_ + (section.in_array ? 2 : 1), text_.size());
    section.header_end = at_;
    return section;
  }

  Entry entry() {
    Entry entry{.key = {}, .at = at_, .value = 0, .value_end = 0};
    const auto parts = key_parts('=');
    entry.key = parts.size() == 1 ? parts.front() : std::string(text_.substr(entry.at, at_ - entry.at));
    at_ = std::min(at_ + 1, text_.size());
    skip_to_something();
    entry.value = at_;
    if (at_ < text_.size()) skip_value();
    entry.value_end = at_;
    return entry;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

const Entry* find_entry(const Section& section, std::string_view key) {
  for (const Entry& entry : section.entries) {
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

class Editor {
 public:
  explicit Editor(std::string_view text) : text_(text), line_end_(text.find("\r\n") != npos ? "\r\n" : "\n") {}

  Result<std::string> add(std::string_view id, std::string_view key, std::span<const std::string> entries) {
    const auto by_hand = [&](std::string_view why) {
      return fail(Errc::invalid, compose("{}: write into it by hand: {} = [{}]", why, key, join(entries, ", ")));
    };
    const auto sections = Outline(text_).sections();
    const Section* component = nullptr;
    for (const Section& section : sections) {
      if (is_component(section, id)) component = &section;
    }
    if (component == nullptr) return by_hand(compose("there is no line [component.{}] in the manifest", id));
    const Entry* list = find_entry(*component, key);
    if (list == nullptr) return add_key(*component, key, entries);
    if (text_[list->value] != '[') return by_hand(compose("{} of component {} is not a list", key, id));
    return add_elements(list->value, entries);
  }

 private:
  bool is_component(const Section& section, std::string_view id) const {
    if (!section.in_array) return section.path.size() == 2 && section.path[0] == "component" && section.path[1] == id;
    if (section.path.size() != 1 || section.path[0] != "component") return false;
    const Entry* named = find_entry(section, "id");
    if (named == nullptr || named->value_end - named->value < 2) return false;
    return suggest_kebab(text_.substr(named->value + 1, named->value_end - named->value - 2)) == id;
  }

  static std::string join(std::span<const std::string> entries, std::string_view between) {
    std::string out;
    for (const std::string& entry : entries) {
      if (!out.empty()) out += between;
      out += toml_string(entry);
    }
    return out;
  }

  std::string with(std::size_t at, std::string_view inserted) const {
    return std::string(text_.substr(0, at)).append(inserted).append(text_.substr(at));
  }

  std::size_t end_of_line(std::size_t at) const {
    const std::size_t end = std::min(text_.find('\n', at), text_.size());
    return end > at && end < text_.size() && text_[end - 1] == '\r' ? end - 1 : end;
  }

  // Nothing but a comment follows on the line.
  bool ends_line(std::size_t at) const {
    while (at < text_.size() && (text_[at] == ' ' || text_[at] == '\t' || text_[at] == '\r')) ++at;
    return at == text_.size() || text_[at] == '\n' || text_[at] == '#';
  }

  // The blanks before `at`, if there is nothing else on its line.
  std::optional<std::string> indentation(std::size_t at) const {
    const std::size_t line = at == 0 ? 0 : text_.rfind('\n', at - 1) + 1;  // npos + 1 is 0
    const std::string_view before = text_.substr(line, at - line);
    if (before.find_first_not_of(" \t") != npos) return std::nullopt;
    return std::string(before);
  }

  std::string add_key(const Section& section, std::string_view key, std::span<const std::string> entries) const {
    const bool empty = section.entries.empty();
    const std::size_t after = empty ? section.header_end : section.entries.back().value_end;
    const std::size_t before = empty ? section.header : section.entries.back().at;
    return with(end_of_line(after),
                line_end_ + indentation(before).value_or("") + compose("{} = [{}]", key, join(entries, ", ")));
  }

  std::string add_elements(std::size_t begin, std::span<const std::string> entries) const {
    const auto found = Outline(text_).elements(begin);
    if (found.last == npos) return with(begin + 1, join(entries, ", "));
    const bool comma = found.comma != npos;
    const std::size_t after = comma ? found.comma + 1 : found.last_end;
    const auto indent = indentation(found.last);
    if (!indent || !ends_line(after)) return with(after, (comma ? " " : ", ") + join(entries, ", "));
    // One to a line: so are the new ones, and the comments stay where they are.
    const std::string line = line_end_ + *indent;
    std::string lines = line + join(entries, "," + line);
    if (comma) lines += ",";
    std::string out = with(end_of_line(after), lines);
    return comma ? out : out.insert(found.last_end, ",");
  }

  std::string_view text_;
  std::string line_end_;
};

}  // namespace

Result<std::string> add_to_component_list(std::string_view text, std::string_view id, std::string_view key,
                                          std::span<const std::string> entries) {
  return Editor(text).add(id, key, entries);
}

}  // namespace weft::manifest

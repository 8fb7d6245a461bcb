#include "manifest/reader.h"

#include <algorithm>
#include <utility>

#include "manifest/identifier.h"
#include "manifest/text.h"

namespace weft::manifest {
namespace {

bool is_bare_key(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

// What to write instead, when the value itself says it.
std::string type_remedy(const Value& value, std::string_view expected) {
  if (expected == "a string") {
    if (const auto* integer = value.get<std::int64_t>()) return compose("write it in quotes: \"{}\"", *integer);
    if (const auto* boolean = value.get<bool>())
      return compose("write it in quotes: \"{}\"", *boolean ? "true" : "false");
  }
  if (const auto* text = value.get<std::string>()) {
    if (expected == "a boolean" && (*text == "true" || *text == "false")) {
      return compose("write {} without quotes", *text);
    }
    if (expected == "an array of strings" && text->size() < 80) return compose("write [\"{}\"]", *text);
  }
  return compose("write {} here", expected);
}

}  // namespace

std::string join_key(std::string_view path, std::string_view name) {
  std::string key(path);
  if (!key.empty()) key += '.';
  if (is_bare_key(name)) return key.append(name);
  return key + '"' + std::string(name) + '"';
}

std::string join_index(std::string_view path, std::size_t index) {
  return compose("{}[{}]", path, index);
}

void report_type(Report& report, const Value& value, std::string_view key, std::string_view expected) {
  report.error(value.at, std::string(key), compose("expected {}, found {}", expected, value.kind_name()),
               type_remedy(value, expected));
}

TableReader::TableReader(Report& report, const Value& table, std::string key)
    : report_(report), table_(table), key_(std::move(key)) {}

const Member* TableReader::member(std::string_view name) {
  known_.emplace_back(name);
  return table_.find(name);
}

std::optional<Located<std::string>> TableReader::string(std::string_view name) {
  const Member* found = member(name);
  if (found == nullptr) return std::nullopt;
  if (const auto* text = found->value.get<std::string>()) return Located<std::string>{*text, found->value.at};
  report_type(report_, found->value, key_of(name), "a string");
  return std::nullopt;
}

std::optional<bool> TableReader::boolean(std::string_view name) {
  const Member* found = member(name);
  if (found == nullptr) return std::nullopt;
  if (const auto* boolean = found->value.get<bool>()) return *boolean;
  report_type(report_, found->value, key_of(name), "a boolean");
  return std::nullopt;
}

std::optional<std::int64_t> TableReader::integer(std::string_view name) {
  const Member* found = member(name);
  if (found == nullptr) return std::nullopt;
  if (const auto* integer = found->value.get<std::int64_t>()) return *integer;
  report_type(report_, found->value, key_of(name), "an integer");
  return std::nullopt;
}

const Member* TableReader::table(std::string_view name) {
  const Member* found = member(name);
  if (found == nullptr || found->value.get<Value::Table>() != nullptr) return found;
  report_type(report_, found->value, key_of(name), "a table");
  return nullptr;
}

const Member* TableReader::array(std::string_view name) {
  const Member* found = member(name);
  if (found == nullptr || found->value.get<Value::Array>() != nullptr) return found;
  report_type(report_, found->value, key_of(name), "an array");
  return nullptr;
}

std::vector<Located<std::string>> TableReader::strings(std::string_view name) {
  std::vector<Located<std::string>> result;
  const Member* found = member(name);
  if (found == nullptr) return result;
  const auto* array = found->value.get<Value::Array>();
  if (array == nullptr) {
    report_type(report_, found->value, key_of(name), "an array of strings");
    return result;
  }
  for (std::size_t i = 0; i < array->size(); ++i) {
    const Value& element = (*array)[i];
    if (const auto* text = element.get<std::string>()) {
      result.push_back({*text, element.at});
    } else {
      report_type(report_, element, join_index(key_of(name), i), "a string");
    }
  }
  return result;
}

Located<std::string> TableReader::required_string(std::string_view name, std::string_view remedy) {
  if (!has(name)) {
    member(name);
    error(name, compose("`{}` is missing", name), std::string(remedy));
    return {{}, at()};
  }
  auto text = string(name);
  if (!text) return {{}, at(name)};
  if (text->value.empty()) error(name, compose("`{}` is empty", name), std::string(remedy));
  return *std::move(text);
}

void TableReader::finish() {
  std::vector<std::string> unused;
  std::ranges::sort(known_);
  for (const std::string& name : known_) {
    if (!has(name)) unused.push_back(name);
  }
  for (const Member& found : members()) {
    if (std::ranges::binary_search(known_, found.name)) continue;
    const std::string where = key_.empty() ? "the top level of a manifest" : "[" + key_ + "]";
    std::string remedy = suggest(found.name, known_, unused);
    report_.error(found.at, key_of(found.name), compose("unknown key `{}` in {}", found.name, where),
                  remedy.empty() ? "remove it" : std::move(remedy));
  }
}

Location TableReader::at(std::string_view name) const {
  const Member* found = table_.find(name);
  return found == nullptr ? table_.at : found->value.at;
}

void TableReader::error(std::string_view name, std::string message, std::string remedy) {
  report_.error(at(name), key_of(name), std::move(message), std::move(remedy));
}

}  // namespace weft::manifest

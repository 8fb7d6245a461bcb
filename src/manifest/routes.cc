#include "manifest/routes.h"

#include <algorithm>
#include <map>
#include <utility>

#include "manifest/identifier.h"
#include "manifest/text.h"

namespace weft::manifest {
namespace {

// A parameter's name becomes part of a header's name.
bool is_param_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

// The header form of a parameter: two parameters that share it could not be told apart.
std::string header_form(std::string_view name) {
  std::string form = to_lower(name);
  std::ranges::replace(form, '_', '-');
  return form;
}

}  // namespace

Result<Route> Route::parse(std::string_view text) {
  Route route;
  route.raw_ = text;
  if (text.size() > max_route_bytes) {
    return fail(Errc::limit, compose("a route is longer than {} bytes", max_route_bytes));
  }
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte >= 0x7f || c == '?' || c == '#') {
      return fail(Errc::invalid,
                  "a route is a path: no query, fragment, space or character outside ASCII (percent-encode it)");
    }
  }
  if (text.find("//") != std::string_view::npos) return fail(Errc::invalid, "a route has an empty segment (`//`)");
  if (text.starts_with('/')) text.remove_prefix(1);
  if (text.ends_with('/')) text.remove_suffix(1);
  std::vector<std::string> params;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('/'), text.size());
    const std::string_view segment = text.substr(0, end);
    const bool last = end == text.size();
    text.remove_prefix(std::min(end + 1, text.size()));
    if (segment == "..." || segment == "*") {
      if (!last) return fail(Errc::invalid, compose("`/{}` is allowed only at the end of a route", segment));
      route.wildcard_ = true;
      break;
    }
    const bool is_param = segment.starts_with(':');
    if (is_param && !is_param_name(segment.substr(1))) {
      return fail(Errc::invalid, compose("`{}` is not a parameter: `:` and letters, digits, `-` or `_`", segment));
    }
    if (is_param) params.push_back(header_form(segment.substr(1)));
    route.segments_.push_back({std::string(segment.substr(is_param ? 1 : 0)), is_param});
  }
  if (route.segments_.size() > max_route_segments) {
    return fail(Errc::limit, compose("a route has more than {} segments", max_route_segments));
  }
  if (params.size() > max_route_params) {
    return fail(Errc::limit, compose("a route has more than {} parameters", max_route_params));
  }
  std::ranges::sort(params);
  if (auto twice = std::ranges::adjacent_find(params); twice != params.end()) {
    return fail(Errc::invalid, compose("the parameter `:{}` occurs twice in one route", *twice));
  }
  for (const Segment& segment : route.segments_) {
    route.text_ += segment.is_param ? "/:" : "/";
    route.text_ += segment.text;
  }
  if (route.wildcard_) route.text_ += "/...";
  if (route.text_.empty()) route.text_ = "/";
  return route;
}

std::string_view Route::base() const {
  std::string_view text = text_;
  if (wildcard_) text.remove_suffix(4);
  return text;
}

std::string Route::shape() const {
  std::string shape;
  for (const Segment& segment : segments_) shape += segment.is_param ? "/:" : "/" + segment.text;
  return wildcard_ ? shape + "/..." : shape + "/";
}

// The path still to match and the parameters found on the way to the current node.
struct RouteTable::Cursor {
  std::array<std::string_view, max_route_params> values;
  std::size_t count = 0;
  std::uint32_t entry = none;
  std::string_view path_info;
};

std::uint32_t RouteTable::add_node() {
  nodes_.emplace_back();
  return static_cast<std::uint32_t>(nodes_.size() - 1);
}

Result<RouteTable> RouteTable::build(std::vector<Entry> entries) {
  RouteTable table;
  table.entries_ = std::move(entries);
  table.add_node();
  std::map<std::pair<std::uint32_t, std::string_view>, std::uint32_t> literals;
  for (std::uint32_t i = 0; i < table.entries_.size(); ++i) {
    const Route& route = table.entries_[i].route;
    std::uint32_t node = 0;
    for (const Route::Segment& segment : route.segments()) {
      if (segment.is_param) {
        if (table.nodes_[node].param == none) {
          const std::uint32_t added = table.add_node();
          table.nodes_[node].param = added;
        }
        node = table.nodes_[node].param;
        continue;
      }
      auto [found, is_new] = literals.try_emplace({node, segment.text}, none);
      if (is_new) {
        found->second = table.add_node();
        table.nodes_[node].literals.push_back({segment.text, found->second});
      }
      node = found->second;
    }
    std::uint32_t& end = route.wildcard() ? table.nodes_[node].wildcard : table.nodes_[node].exact;
    if (end != none) {
      return fail(Errc::invalid,
                  compose("the routes {} and {} match the same paths", table.entries_[end].route.raw(), route.raw()));
    }
    end = i;
  }
  for (Node& node : table.nodes_) std::ranges::sort(node.literals, {}, &Edge::text);
  return table;
}

Result<RouteTable> RouteTable::build(const App& app) {
  std::vector<Entry> entries;
  for (std::size_t i = 0; i < app.triggers.size(); ++i) {
    const auto* http = std::get_if<HttpTrigger>(&app.triggers[i].config);
    if (http == nullptr || !http->route) continue;
    TRY(Route route, Route::parse(http->route->value));
    entries.push_back({std::move(route), i});
  }
  return build(std::move(entries));
}

// `rest` is empty or begins with the `/` before the next segment. The number of nodes bounds the work: a node is
// entered at most once, because every node has one parent.
bool RouteTable::search(std::uint32_t index, std::string_view rest, Cursor& cursor) const {
  const Node& node = nodes_[index];
  if (rest.empty() || rest == "/") {
    if (node.exact != none) {
      cursor.entry = node.exact;
      return true;
    }
  } else {
    const std::size_t begin = rest.front() == '/' ? 1 : 0;
    const std::size_t end = std::min(rest.find('/', begin), rest.size());
    const std::string_view segment = rest.substr(begin, end - begin);
    const auto edge =
        std::ranges::lower_bound(node.literals, segment, {}, [](const Edge& e) { return std::string_view(e.text); });
    if (edge != node.literals.end() && edge->text == segment && search(edge->node, rest.substr(end), cursor)) {
      return true;
    }
    if (node.param != none && !segment.empty()) {
      cursor.values[cursor.count++] = segment;
      if (search(node.param, rest.substr(end), cursor)) return true;
      --cursor.count;
    }
  }
  if (node.wildcard == none) return false;
  cursor.entry = node.wildcard;
  cursor.path_info = rest;
  return true;
}

std::optional<Match> RouteTable::match(std::string_view path) const {
  Cursor cursor;
  if (!search(0, path, cursor)) return std::nullopt;
  const Entry& entry = entries_[cursor.entry];
  Match match;
  match.route = &entry.route;
  match.trigger = entry.trigger;
  match.path_info = cursor.path_info;
  for (const Route::Segment& segment : entry.route.segments()) {
    if (!segment.is_param) continue;
    match.param_storage[match.param_count] = {segment.text, cursor.values[match.param_count]};
    ++match.param_count;
  }
  return match;
}

}  // namespace weft::manifest

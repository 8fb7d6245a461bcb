// Route patterns of HTTP triggers, and the table that finds the trigger of a path.
//
// A route is a path of literal segments and `:name` parameters, with an optional tail `/...` (or `/*`) that matches
// anything below it and the path itself. A leading `/` is added and one trailing `/` is ignored, in routes and in
// paths. Of all routes that match, the winner is decided segment by segment: exact before parameter before wildcard.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/app.h"
#include "util/error.h"

namespace weft::manifest {

// Bounds of one route: the matcher recurses once per segment and keeps parameters in a fixed array.
inline constexpr std::size_t max_route_bytes = 2048;
inline constexpr std::size_t max_route_segments = 64;
inline constexpr std::size_t max_route_params = 16;

class Route {
 public:
  struct Segment {
    std::string text;  // without the ':' of a parameter
    bool is_param = false;
  };

  // Fails with Errc::invalid or Errc::limit.
  static Result<Route> parse(std::string_view text);

  // Normalised: one leading `/`, no trailing one, tail written `/...`. The header spin-matched-route.
  const std::string& text() const { return text_; }
  // As written in the manifest. The header spin-raw-component-route.
  const std::string& raw() const { return raw_; }
  // text() without `/...`. The header spin-component-route; empty for the route `/...`.
  std::string_view base() const;
  bool wildcard() const { return wildcard_; }
  std::span<const Segment> segments() const { return segments_; }
  // Equal for two routes that match the same paths, such as /:a and /:b/.
  std::string shape() const;

 private:
  std::string raw_;
  std::string text_;
  std::vector<Segment> segments_;
  bool wildcard_ = false;
};

struct RouteParam {
  std::string_view name;   // as written after the ':'
  std::string_view value;  // as it stands in the path, not decoded
};

// Views point into the table and into the matched path.
struct Match {
  const Route* route = nullptr;
  std::size_t trigger = 0;     // index into App::triggers
  std::string_view path_info;  // what the wildcard matched, with its leading `/` (the header spin-path-info)
  std::array<RouteParam, max_route_params> param_storage{};
  std::size_t param_count = 0;

  std::span<const RouteParam> params() const { return std::span(param_storage).first(param_count); }
};

// Built once, immutable, readable from any thread; match() allocates nothing.
class RouteTable {
 public:
  struct Entry {
    Route route;
    std::size_t trigger;  // index into App::triggers
  };

  // Fails with Errc::invalid naming both routes when two match the same paths.
  static Result<RouteTable> build(std::vector<Entry> entries);
  // The public HTTP triggers of a loaded application.
  static Result<RouteTable> build(const App& app);

  // `path` is the path of the request target, without query.
  std::optional<Match> match(std::string_view path) const;
  // In the order of the manifest, for "Available Routes:" and the 404 page.
  std::span<const Entry> entries() const { return entries_; }

 private:
  static constexpr std::uint32_t none = 0xffff'ffff;
  struct Edge {
    std::string text;
    std::uint32_t node;
  };
  struct Node {
    std::vector<Edge> literals;  // sorted by text
    std::uint32_t param = none;
    std::uint32_t exact = none;     // index into entries_ of the route that ends here
    std::uint32_t wildcard = none;  // index into entries_ of the route whose tail begins here
  };
  struct Cursor;

  std::uint32_t add_node();
  bool search(std::uint32_t node, std::string_view rest, Cursor& cursor) const;

  std::vector<Entry> entries_;
  std::vector<Node> nodes_;
};

}  // namespace weft::manifest

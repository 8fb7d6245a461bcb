#include "manifest/routes.h"

#include <gtest/gtest.h>

namespace weft::manifest {
namespace {

RouteTable table(std::initializer_list<const char*> routes) {
  std::vector<RouteTable::Entry> entries;
  for (const char* route : routes) entries.push_back({Route::parse(route).value(), entries.size()});
  return RouteTable::build(std::move(entries)).value();
}

// The route that wins, as written, or "-".
std::string winner(const RouteTable& routes, std::string_view path) {
  const auto match = routes.match(path);
  return match ? match->route->raw() : "-";
}

TEST(Route, IsNormalised) {
  struct Case {
    const char* raw;
    const char* text;
    const char* base;
  };
  for (const Case& c : {Case{"/", "/", "/"},
                        {"", "/", "/"},
                        {"foo", "/foo", "/foo"},
                        {"/foo/", "/foo", "/foo"},
                        {"/foo/...", "/foo/...", "/foo"},
                        {"/foo/*", "/foo/...", "/foo"},
                        {"/...", "/...", ""},
                        {"/u/:id/x", "/u/:id/x", "/u/:id/x"}}) {
    const Route route = Route::parse(c.raw).value();
    EXPECT_EQ(route.text(), c.text);
    EXPECT_EQ(route.base(), c.base);
    EXPECT_EQ(route.raw(), c.raw);
  }
}

TEST(Route, RefusesWhatIsNotAPattern) {
  for (const char* text : {"/a/.../b", "/*/a", "//", "/a//b", "/:", "/:a b", "/:a/:a", "/:a_b/:A-b", "/a?x", "/a#b",
                           "/caf\xc3\xa9", "/a\tb"}) {
    EXPECT_FALSE(Route::parse(text)) << text;
  }
  EXPECT_EQ(Route::parse("/" + std::string(max_route_bytes, 'a')).error().code(), Errc::limit);
  std::string deep, params;
  for (std::size_t i = 0; i <= max_route_segments; ++i) deep += "/a";
  for (std::size_t i = 0; i <= max_route_params; ++i) params += "/:p" + std::to_string(i);
  EXPECT_EQ(Route::parse(deep).error().code(), Errc::limit);
  EXPECT_EQ(Route::parse(params).error().code(), Errc::limit);
}

TEST(RouteTable, ThePathInfoIsWhatTheWildcardMatched) {
  const RouteTable routes = table({"/foo/..."});
  for (const auto& [path, info] : {std::pair("/foo", ""),
                                   {"/foo/", "/"},
                                   {"/foo/a", "/a"},
                                   {"/foo/a/", "/a/"},
                                   {"/foo/a/b", "/a/b"},
                                   {"/foo//a", "//a"}}) {
    const auto match = routes.match(path);
    ASSERT_TRUE(match) << path;
    EXPECT_EQ(match->path_info, info) << path;
  }
  EXPECT_FALSE(routes.match("/fool"));
  EXPECT_FALSE(routes.match("/"));
}

TEST(RouteTable, AnExactRouteHasNoPathInfo) {
  const RouteTable routes = table({"/foo", "/"});
  EXPECT_EQ(routes.match("/foo/")->path_info, "");
  EXPECT_EQ(routes.match("/")->path_info, "");
  EXPECT_EQ(winner(routes, "/foo"), "/foo");
  EXPECT_EQ(winner(routes, ""), "/");
  EXPECT_EQ(winner(routes, "/foo/bar"), "-");
  EXPECT_EQ(winner(routes, "/foo//"), "-");
  EXPECT_EQ(winner(routes, "/FOO"), "-");
}

TEST(RouteTable, ExactWinsOverParameterWinsOverWildcardSegmentBySegment) {
  const RouteTable routes = table({"/...", "/:a", "/users", "/users/...", "/users/:id", "/users/me", "/users/:id/posts",
                                   "/users/me/...", "/:any/me/exact"});
  EXPECT_EQ(winner(routes, "/"), "/...");
  EXPECT_EQ(winner(routes, "/x"), "/:a");
  EXPECT_EQ(winner(routes, "/users"), "/users");
  EXPECT_EQ(winner(routes, "/users/"), "/users");
  EXPECT_EQ(winner(routes, "/users/7"), "/users/:id");
  EXPECT_EQ(winner(routes, "/users/me"), "/users/me");
  EXPECT_EQ(winner(routes, "/users/7/posts"), "/users/:id/posts");
  EXPECT_EQ(winner(routes, "/users/me/posts"), "/users/me/...");
  EXPECT_EQ(winner(routes, "/users/7/other"), "/users/...");
  EXPECT_EQ(winner(routes, "/users/me/exact"), "/users/me/...");
  EXPECT_EQ(winner(routes, "/x/me/exact"), "/:any/me/exact");
  EXPECT_EQ(winner(routes, "/x/y"), "/...");
}

TEST(RouteTable, GoesBackWhenTheBetterBranchEnds) {
  const RouteTable routes = table({"/a/b/c", "/:x/b/d", "/a/..."});
  EXPECT_EQ(winner(routes, "/a/b/d"), "/a/...");
  const RouteTable without = table({"/a/b/c", "/:x/b/d"});
  EXPECT_EQ(winner(without, "/a/b/d"), "/:x/b/d");
  EXPECT_EQ(without.match("/a/b/d")->params()[0].value, "a");
  EXPECT_EQ(without.match("/a/b/d")->params().size(), 1u);
}

TEST(RouteTable, ReportsParametersByTheNamesOfTheWinningRoute) {
  const RouteTable routes = table({"/:user/posts/:post", "/:tenant/files/..."});
  const auto match = routes.match("/ann/posts/42");
  ASSERT_EQ(match->params().size(), 2u);
  EXPECT_EQ(match->params()[0].name, "user");
  EXPECT_EQ(match->params()[0].value, "ann");
  EXPECT_EQ(match->params()[1].name, "post");
  EXPECT_EQ(match->params()[1].value, "42");
  EXPECT_EQ(routes.match("/ann/files/a")->params()[0].name, "tenant");
  EXPECT_EQ(routes.match("/ann/files/a")->trigger, 1u);
}

TEST(RouteTable, AParameterNeedsASegment) {
  EXPECT_EQ(winner(table({"/a/:id"}), "/a/"), "-");
  EXPECT_EQ(winner(table({"/:a/:b"}), "//x"), "-");
}

TEST(RouteTable, RefusesRoutesThatMatchTheSamePaths) {
  for (const auto& [a, b] : {std::pair("/a", "/a"), {"/a", "a/"}, {"/a/...", "/a/*"}, {"/:x/b", "/:y/b"}}) {
    const auto built = RouteTable::build({{Route::parse(a).value(), 0}, {Route::parse(b).value(), 1}});
    ASSERT_FALSE(built) << a << " " << b;
    EXPECT_EQ(Route::parse(a)->shape(), Route::parse(b)->shape());
  }
  EXPECT_NE(Route::parse("/a").value().shape(), Route::parse("/a/...").value().shape());
  EXPECT_NE(Route::parse("/:a").value().shape(), Route::parse("/a").value().shape());
}

TEST(RouteTable, AnEmptyTableMatchesNothing) {
  EXPECT_FALSE(table({}).match("/"));
}

TEST(RouteTable, KeepsTheOrderOfTheManifest) {
  const RouteTable routes = table({"/b", "/a", "/..."});
  ASSERT_EQ(routes.entries().size(), 3u);
  EXPECT_EQ(routes.entries()[0].route.text(), "/b");
  EXPECT_EQ(routes.entries()[2].route.text(), "/...");
}

TEST(RouteTable, FindsEachOfManyRoutes) {
  std::vector<RouteTable::Entry> entries;
  for (std::size_t i = 0; i < 2000; ++i) {
    entries.push_back({Route::parse("/api/v" + std::to_string(i) + "/:id").value(), i});
  }
  const RouteTable routes = RouteTable::build(std::move(entries)).value();
  for (std::size_t i = 0; i < 2000; ++i) {
    const std::string path = "/api/v" + std::to_string(i) + "/x";
    EXPECT_EQ(routes.match(path)->trigger, i);
  }
}

}  // namespace
}  // namespace weft::manifest

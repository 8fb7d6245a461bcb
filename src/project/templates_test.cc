#include "project/templates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "manifest/load.h"

namespace weft::project {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const ProjectFile* find(const std::vector<ProjectFile>& files, std::string_view path) {
  const auto found = std::ranges::find(files, path, &ProjectFile::path);
  return found == files.end() ? nullptr : &*found;
}

TEST(Templates, EachMakesAManifestThatLoads) {
  for (const Template& from : templates()) {
    SCOPED_TRACE(from.name);
    auto files = render(from, {.name = "my-app",
                               .description = "says \"hi\" \\ and\nmore @project-name@",
                               .authors = {"A \"B\" <a@b>", "C"},
                               .http_path = "/hello/:who/...",
                               .http_scope = "api/"});
    ASSERT_TRUE(files) << files.error().message();
    const ProjectFile* file = find(*files, "spin.toml");
    ASSERT_NE(file, nullptr);
    auto loaded = manifest::load_text(file->content, "spin.toml");
    ASSERT_TRUE(loaded.app) << manifest::format_all(loaded.diagnostics);
    EXPECT_TRUE(loaded.diagnostics.empty()) << manifest::format_all(loaded.diagnostics);
    EXPECT_EQ(loaded.app->name, "my-app");
    EXPECT_EQ(loaded.app->description, "says \"hi\" \\ and\nmore @project-name@");
    EXPECT_EQ(loaded.app->authors, (std::vector<std::string>{"A \"B\" <a@b>", "C"}));
    ASSERT_EQ(loaded.app->triggers.size(), 1u);
    EXPECT_EQ(std::get<manifest::HttpTrigger>(loaded.app->triggers[0].config).route->value, "/api/hello/:who/...");
    ASSERT_EQ(loaded.app->components.size(), 1u);
    EXPECT_TRUE(loaded.app->components[0].build);
    EXPECT_NE(find(*files, ".gitignore"), nullptr);
    const ProjectFile* readme = find(*files, "README.md");
    ASSERT_NE(readme, nullptr);
    EXPECT_THAT(readme->content, HasSubstr("curl http://127.0.0.1:3000/api/hello/who\n"));
  }
}

TEST(Templates, NoPlaceholderIsLeft) {
  for (const Template& from : templates()) {
    auto files = render(from, {.name = "my-app", .description = "", .authors = {}});
    ASSERT_TRUE(files);
    for (const ProjectFile& file : *files) {
      SCOPED_TRACE(std::string(from.name) + "/" + file.path);
      for (const char* left : {"@project", "@description", "@http-", "@authors", "@curl", "@template", "@needs"})
        EXPECT_EQ((file.path + file.content).find(left), std::string::npos) << left;
    }
  }
}

TEST(Templates, TheReadmeHasADescriptionIfThereIsOne) {
  for (const auto& [description, text] :
       {std::pair{"", "# my-app\n\n```\n"}, std::pair{"Says hi.", "# my-app\n\nSays hi.\n\n```\n"}}) {
    auto files = render(*find_template("http-c"), {.name = "my-app", .description = description, .authors = {}});
    ASSERT_TRUE(files);
    const ProjectFile* readme = find(*files, "README.md");
    ASSERT_NE(readme, nullptr);
    EXPECT_THAT(readme->content, StartsWith(text));
  }
}

TEST(Templates, ScriptsAreExecutable) {
  auto files = render(*find_template("http-c"), {.name = "my-app", .description = "", .authors = {}});
  ASSERT_TRUE(files);
  for (const auto& [path, executable] :
       {std::pair{"build.sh", true}, std::pair{"weft/component-ld.sh", true}, std::pair{"src/main.c", false}}) {
    const ProjectFile* file = find(*files, path);
    ASSERT_NE(file, nullptr) << path;
    EXPECT_EQ(file->executable, executable) << path;
  }
}

TEST(Templates, ABadNameIsRefusedWithABetterOne) {
  const Template& rust = *find_template("http-rust");
  for (const char* name : {"", "-", "My App", "my_app", "../up", "1st", "a/b", "UPPER", "test", "fn"}) {
    EXPECT_FALSE(check_project_name(rust, name)) << name;
  }
  EXPECT_FALSE(check_project_name(rust, std::string(65, 'a')));
  EXPECT_TRUE(check_project_name(rust, std::string(64, 'a')));
  EXPECT_TRUE(check_project_name(*find_template("http-c"), "test"));
  EXPECT_THAT(check_project_name(rust, "My App").error().message(), HasSubstr("`my-app`"));
}

TEST(Templates, AScopeGoesBeforeThePath) {
  EXPECT_EQ(*route_of("", "/..."), "/...");
  EXPECT_EQ(*route_of("/api", "/..."), "/api/...");
  EXPECT_EQ(*route_of("api/", "hello"), "/api/hello");
  EXPECT_EQ(*route_of("/", "/"), "/");
  EXPECT_EQ(*route_of("/api", "/"), "/api");
  EXPECT_FALSE(route_of("/api/...", "/x"));
  EXPECT_FALSE(route_of("", "/a/.../b"));
}

}  // namespace
}  // namespace weft::project

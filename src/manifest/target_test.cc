#include "manifest/target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manifest/load.h"

namespace weft::manifest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TargetEnvironment loaded(std::string_view text) {
  auto result = load_target_environment_text(text, "envs/here.toml");
  EXPECT_TRUE(result.environment) << format_all(result.diagnostics);
  return result.environment ? *std::move(result.environment) : TargetEnvironment{};
}
std::string faults(std::string_view text) {
  const auto result = load_target_environment_text(text, "envs/here.toml");
  EXPECT_FALSE(result.environment);
  return format_all(result.diagnostics);
}

TEST(TargetEnvironment, WorldsAreInFoldersBesideTheFileOrInRegistries) {
  const auto environment = loaded(R"([triggers]
http = { worlds = ["spin:up/http-trigger@3.2.0", { path = "../wit", world = "acme:host/http" }], capabilities = ["local_service_chaining"] }
[triggers.redis]
worlds = [{ registry = "example.com", world = "a:b/c@1.0.0" }, { reference = "example.com/x:1", world = "a:b/c@1.0.0" }]
[default]
worlds = []
[metadata]
plugins = ["trigger-x"]
)");
  const TriggerSupport* http = environment.find("http");
  ASSERT_NE(http, nullptr);
  ASSERT_EQ(http->worlds.size(), 2u);
  EXPECT_EQ(http->worlds[0].name, "spin:up/http-trigger@3.2.0");
  EXPECT_EQ(http->worlds[0].wit, "");
  EXPECT_EQ(http->worlds[1].name, "acme:host/http");
  EXPECT_EQ(http->worlds[1].wit, "wit");
  EXPECT_THAT(http->capabilities, ElementsAre("local_service_chaining"));
  EXPECT_EQ(environment.find("redis")->worlds.size(), 2u);
  EXPECT_EQ(environment.find("redis")->worlds[1].wit, "");
  ASSERT_NE(environment.find("cron"), nullptr) << "of [default]";
  EXPECT_TRUE(environment.find("cron")->worlds.empty());
}

TEST(TargetEnvironment, TriggersThatAreNotNamedAreNotThere) {
  const auto environment = loaded("[triggers.http]\nworlds = [\"a:b/c\"]\n");
  EXPECT_NE(environment.find("http"), nullptr);
  EXPECT_EQ(environment.find("redis"), nullptr);
}

TEST(TargetEnvironment, MistakesAreToldWithFileLineAndKey) {
  EXPECT_THAT(faults("x = "), HasSubstr("envs/here.toml:1:"));
  EXPECT_THAT(faults("[default]\nworlds = []"), HasSubstr("the environment has no triggers"));
  EXPECT_THAT(faults("[triggers]\nhttp = {}"), HasSubstr("triggers.http.worlds: no worlds are named"));
  EXPECT_THAT(faults("[triggers]\nhttp = 1"), HasSubstr("triggers.http"));
  EXPECT_THAT(faults("[triggers.http]\nworld = []\nworlds = []"), HasSubstr("did you mean `worlds`?"));
  EXPECT_THAT(faults("[triggers.http]\nworlds = [3]"), HasSubstr("triggers.http.worlds[0]"));
  EXPECT_THAT(faults("[triggers.http]\nworlds = [{ path = \"wit\" }]"), HasSubstr("add world ="));
  EXPECT_THAT(faults("[triggers.http]\nworlds = [{ world = \"a:b/c\" }]"),
              HasSubstr("it is not said where the world is"));
  EXPECT_THAT(faults("[triggers.http]\nworlds = [{ world = \"a:b/c\", path = \"w\", registry = \"r\" }]"),
              HasSubstr("a world in a folder is in no registry"));
  for (const char* wrong : {"a", "a:b", "a/b", ":b/c", "a:/c", "a:b/", "a:b/@1.0.0", "a:b/c@", "a:b/c d"})
    EXPECT_THAT(faults("[triggers.http]\nworlds = [\"" + std::string(wrong) + "\"]"),
                HasSubstr("not the name of a world"))
        << wrong;
}

TEST(TargetEnvironment, TooManyWorldsAreRefused) {
  std::string text = "[triggers.http]\nworlds = [";
  for (std::size_t i = 0; i <= max_target_worlds; ++i) text += "\"a:b/c\",";
  EXPECT_THAT(faults(text + "]"), HasSubstr("more than 256 worlds"));
}

TEST(TargetEnvironment, WitIsTheOnlyWorldOfAllTriggers) {
  const auto result = load_target_environment("some/host.wit");
  ASSERT_TRUE(result.environment);
  ASSERT_NE(result.environment->find("anything"), nullptr);
  EXPECT_EQ(result.environment->find("anything")->worlds.front().wit, "some/host.wit");
  EXPECT_EQ(result.environment->find("anything")->worlds.front().name, "");
}

TEST(TargetEnvironment, AFileThatIsNotThereIsAnError) {
  const auto result = load_target_environment("no/such.toml");
  EXPECT_FALSE(result.environment);
  EXPECT_THAT(format_all(result.diagnostics), HasSubstr("no/such.toml"));
}

std::string application(const std::string& targets) {
  return "spin_manifest_version = 2\n[application]\nname = \"it\"\ntargets = " + targets +
         "\n[[trigger.http]]\nroute = \"/...\"\ncomponent = \"it\"\n[component.it]\nsource = \"it.wasm\"\n";
}

TEST(Targets, AreNamesURLsAndFiles) {
  const auto result = load_text(
      application(R"(["spin-up:3.2", { url = "https://example.com/e.toml" }, { path = "e.toml" }])"), "spin.toml");
  ASSERT_TRUE(result.app) << format_all(result.diagnostics);
  ASSERT_EQ(result.app->targets.size(), 3u);
  EXPECT_EQ(target_of(result.app->targets[0]).elsewhere, "spin-up:3.2");
  EXPECT_EQ(target_of(result.app->targets[1]).elsewhere, "https://example.com/e.toml");
  EXPECT_EQ(target_of(result.app->targets[2]).path, "e.toml");
  EXPECT_EQ(target_of(result.app->targets[2]).elsewhere, "");
  EXPECT_EQ(target_of(result.app->targets[2]).at.line, 4u);
}

TEST(Targets, WhatIsNoneIsAnErrorOfTheManifest) {
  const auto said = [](const std::string& targets) {
    return format_all(load_text(application(targets), "spin.toml").diagnostics);
  };
  EXPECT_THAT(said("[3]"), HasSubstr("spin.toml:4:"));
  EXPECT_THAT(said("[3]"), HasSubstr("application.targets[0]"));
  EXPECT_THAT(said("[\"\"]"), HasSubstr("the target has no name"));
  EXPECT_THAT(said("[{}]"), HasSubstr("a target is a file, a URL or a name"));
  EXPECT_THAT(said("[{ path = \"a\", url = \"b\" }]"), HasSubstr("a target is a file, a URL or a name"));
  EXPECT_THAT(said("[{ path = \"a\", world = \"b\" }]"), HasSubstr("unknown key"));
}

}  // namespace
}  // namespace weft::manifest

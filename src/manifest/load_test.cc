#include "manifest/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "manifest/routes.h"
#include "manifest/samples_test.h"
#include "manifest/wasi_target.h"

namespace weft::manifest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

App load(std::string_view text, const LoadOptions& options = {}) {
  LoadResult result = load_text(text, "/apps/demo/spin.toml", options);
  EXPECT_TRUE(result.app) << format_all(result.diagnostics);
  return result.app ? *std::move(result.app) : App{};
}

const HttpTrigger& http(const App& app, std::size_t index) {
  return std::get<HttpTrigger>(app.triggers.at(index).config);
}

TEST(Load, TheGreetingSampleLoadsVerbatim) {
  const LoadResult result = load_text(greeting_sample, "/apps/greeting/spin.toml");
  ASSERT_TRUE(result.app) << format_all(result.diagnostics);
  EXPECT_TRUE(result.diagnostics.empty());
  const App& app = *result.app;
  EXPECT_EQ(app.name, "greeting-service");
  EXPECT_EQ(app.version, "0.1.0");
  EXPECT_EQ(app.description, "A simple greeting service");
  EXPECT_THAT(app.authors, ElementsAre("wg/all "));
  EXPECT_EQ(app.root, "/apps/greeting");
  ASSERT_EQ(app.triggers.size(), 1u);
  EXPECT_EQ(app.triggers[0].id, "greeting-http-trigger");
  EXPECT_EQ(app.triggers[0].component, "greeting");
  EXPECT_EQ(http(app, 0).route->value, "/api/greet");
  const Component& component = app.components.at(0);
  EXPECT_TRUE(component.used);
  EXPECT_EQ(std::get<LocalSource>(component.source).path, "target/wasm32-wasi/release/greeting.wasm");
  EXPECT_EQ(component.source_at.line, 14u);
  EXPECT_EQ(component.key_value_stores.at(0).value, "default");
  EXPECT_THAT(component.build->commands, ElementsAre("cargo build --release --target wasm32-wasi"));
  EXPECT_THAT(component.build->watch, ElementsAre("src/**/*.rs", "Cargo.toml"));
  EXPECT_TRUE(uses_wasm32_wasi(component));
}

TEST(Load, TheObservabilitySampleLoadsAsVersionTwoWithOneWarning) {
  const LoadResult result = load_text(observability_sample, "spin.toml");
  ASSERT_TRUE(result.app) << format_all(result.diagnostics);
  ASSERT_EQ(result.diagnostics.size(), 1u);
  EXPECT_EQ(result.diagnostics[0].severity, Severity::warning);
  EXPECT_EQ(result.diagnostics[0].key, "spin_manifest_version");
  const App& app = *result.app;
  EXPECT_TRUE(app.otel->enabled);
  EXPECT_EQ(app.otel->endpoint, "http://otel-collector.monitoring.svc:4317");
  EXPECT_EQ(app.otel->protocol, OtelProtocol::grpc);
  EXPECT_EQ(app.otel->service_name, "hello-wasm");
  const Component& api = *app.find_component("api");
  ASSERT_EQ(api.variables.size(), 2u);
  EXPECT_EQ(api.variables[1].name, "metrics_path");
  EXPECT_EQ(api.variables[1].value.text(), "/metrics");
  EXPECT_EQ(api.environment[1].name, "METRICS_PATH");
}

TEST(Load, TheSecuritySampleIsAFragmentThatLoadsWithThePrintedLinesAdded) {
  const LoadResult fragment = load_text(security_sample, "/apps/my shop/spin.toml");
  EXPECT_FALSE(fragment.app);
  ASSERT_EQ(fragment.diagnostics.size(), 1u);
  const std::string& remedy = fragment.diagnostics[0].remedy;
  EXPECT_THAT(remedy, HasSubstr("name = \"my-shop\""));
  const std::string lines = remedy.substr(remedy.find('\n') + 1);
  const App app = load(lines + "\n" + std::string(security_sample));
  EXPECT_EQ(app.triggers.at(0).component, "api");
  const Component& api = app.components.at(0);
  ASSERT_EQ(api.secrets.size(), 2u);
  EXPECT_EQ(api.secrets[0].name, "database_url");
  EXPECT_EQ(api.secrets[0].key, "database-url");
  EXPECT_EQ(api.secrets[0].source, SecretSource::spin_application);
  EXPECT_TRUE(api.allowed_paths.empty());
  // Secrets are not part of the environment.
  ASSERT_EQ(api.environment.size(), 2u);
  EXPECT_EQ(api.environment[0].name, "API_VERSION");
}

TEST(Load, ThePartsAFragmentLacksArePrintedReadyToPaste) {
  constexpr std::string_view application = "[application]\nname = \"x\"\n";
  constexpr std::string_view version = "spin_manifest_version = 2\n";
  constexpr std::string_view component = "[component.a]\nsource = \"a.wasm\"\n[component.b]\nsource = \"b.wasm\"\n";
  constexpr std::string_view trigger = "[[trigger.http]]\nroute = \"/\"\ncomponent = \"a\"\n";
  const std::string fragments[] = {"",
                                   std::string(application),
                                   std::string(version),
                                   std::string(component),
                                   std::string(version) + std::string(component),
                                   std::string(version) + std::string(application),
                                   std::string(version) + std::string(trigger) + std::string(component),
                                   std::string(trigger) + std::string(component),
                                   std::string(application) + std::string(component)};
  for (const std::string& fragment : fragments) {
    SCOPED_TRACE(fragment);
    const LoadResult result = load_text(fragment, "/apps/demo/spin.toml");
    EXPECT_FALSE(result.app);
    ASSERT_EQ(result.diagnostics.size(), 1u);
    const std::string& remedy = result.diagnostics[0].remedy;
    const std::string lines = remedy.substr(remedy.find('\n') + 1) + "\n";
    load(remedy.starts_with("add at the top") ? lines + fragment : fragment + lines);
  }
}

TEST(Load, StrictRestoresTheErrorsOfUpperCaseVariablesAndOfAMissingVersion) {
  const LoadResult result = load_text(observability_sample, "spin.toml", {.strict = true, .profile = std::nullopt});
  EXPECT_FALSE(result.app);
  const std::string all = format_all(result.diagnostics);
  EXPECT_THAT(all, HasSubstr("the manifest version is missing"));
  EXPECT_THAT(all, HasSubstr("component.api.variables.METRICS_PATH: the variable name `METRICS_PATH` is not lower"));
}

TEST(Load, AFolderIsServedWithoutAComponent) {
  const std::string text =
      "spin_manifest_version = 2\n[application]\nname = \"site\"\n[[trigger.http]]\nroute = \"/...\"\n"
      "static_files = \"./dist//site/\"\n[[trigger.http]]\nroute = \"/app/...\"\n[trigger.http.static_files]\n"
      "source = \"app\"\nindex = \"start.html\"\nfallback = \"start.html\"\ncache_control = \"max-age=60\"\n"
      "headers = { x-a = \"b\" }\ndot_files = true\nprecompressed = true\n";
  const App app = load(text);
  ASSERT_EQ(app.triggers.size(), 2u);
  EXPECT_EQ(app.triggers[0].component, "");
  const StaticFiles& brief = *http(app, 0).static_files;
  EXPECT_EQ(brief.source, "dist/site");
  EXPECT_EQ(brief.index, "index.html");
  EXPECT_EQ(brief.cache_control, std::nullopt);
  EXPECT_FALSE(brief.dot_files || brief.precompressed);
  const StaticFiles& full = *http(app, 1).static_files;
  EXPECT_EQ(full.index, "start.html");
  EXPECT_EQ(full.fallback, "start.html");
  EXPECT_EQ(full.cache_control, "max-age=60");
  EXPECT_EQ(full.headers.at(0).second, "b");
  EXPECT_TRUE(full.dot_files && full.precompressed);

  const LoadResult strict = load_text(text, "spin.toml", {.strict = true, .profile = std::nullopt});
  EXPECT_FALSE(strict.app);
  EXPECT_THAT(format_all(strict.diagnostics), HasSubstr("Spin has no `static_files`"));
}

TEST(Load, KeepsEveryKeyOfAFullManifest) {
  const App app = load(full_sample);
  EXPECT_EQ(app.variables.size(), 3u);
  EXPECT_EQ(app.find_variable("db_password")->secret, true);
  EXPECT_FALSE(app.find_variable("db_password")->default_value);
  EXPECT_EQ(app.find_variable("greeting")->default_value, "hello");

  ASSERT_EQ(app.triggers.size(), 7u);
  EXPECT_FALSE(http(app, 1).route) << "private";
  EXPECT_EQ(http(app, 2).static_response->status_code, 308);
  EXPECT_EQ(http(app, 2).static_response->headers.at(0).second, "/new");
  EXPECT_EQ(http(app, 2).static_response->body, "moved");
  EXPECT_EQ(app.triggers[2].component, "");
  EXPECT_EQ(app.triggers[2].id, "http-trigger1");
  EXPECT_EQ(app.triggers[3].component, "inline-one-component");
  EXPECT_EQ(app.find_component("inline-one-component")->description, "written in place");
  EXPECT_EQ(app.triggers[0].middleware.size(), 2u);
  EXPECT_EQ(std::get<LocalSource>(app.triggers[0].middleware[0].source).path, "auth.wasm");
  const auto& redis = std::get<RedisTrigger>(app.triggers[4].config);
  EXPECT_EQ(redis.address.text(), "redis://{{ redis_host }}:6379");
  EXPECT_EQ(redis.channel.text(), "orders");
  EXPECT_EQ(std::get<RedisTrigger>(app.triggers[5].config).address.text(), "redis://other");
  EXPECT_EQ(app.triggers[6].type, "cron");
  const Value& cron = std::get<OtherTrigger>(app.triggers[6].config).config;
  EXPECT_EQ(*cron.find("cron_expression")->value.get<std::string>(), "1/2 * * * * *");
  EXPECT_EQ(cron.find("component"), nullptr);

  const Component& web = *app.find_component("web");
  const auto& url = std::get<UrlSource>(web.source);
  EXPECT_EQ(url.url, "https://example.com/web.wasm");
  EXPECT_EQ(url.digest, "sha256:" + std::string(64, 'a'));
  EXPECT_EQ(web.files.size(), 2u);
  EXPECT_FALSE(web.files[0].destination);
  EXPECT_EQ(web.files[1].destination, "/static/img");
  EXPECT_EQ(web.exclude_files.at(0).value, "**/*.md");
  EXPECT_EQ(web.allowed_outbound_hosts.at(1).entry.text(), "https://{{ greeting }}.example.com");
  EXPECT_EQ(web.environment.at(0).value.text(), "{{ not expanded }}");
  EXPECT_TRUE(web.environment.at(0).value.is_literal());
  EXPECT_EQ(web.allowed_paths.at(0).destination, "/data");
  EXPECT_FALSE(web.allowed_paths.at(0).write);
  EXPECT_EQ(web.allowed_paths.at(1).source, "/var/lib/web");
  EXPECT_TRUE(web.allowed_paths.at(1).write);
  EXPECT_THAT(web.build->commands, ElementsAre("npm install", "npm run build"));
  EXPECT_EQ(web.build->workdir, "web");
  ASSERT_EQ(web.dependencies.size(), 4u);
  EXPECT_EQ(std::get<RegistrySource>(web.dependencies[0].source).package, "acme:log");
  EXPECT_EQ(std::get<RegistrySource>(web.dependencies[1].source).registry, "ghcr.io");
  EXPECT_THAT(web.dependencies[2].grants, ElementsAre(Grant::files, Grant::variables));
  EXPECT_EQ(web.dependencies[2].export_name, "acme:store/api");
  EXPECT_EQ(web.dependencies[3].grants.size(), 7u);
  EXPECT_EQ(std::get<ComponentSource>(web.dependencies[3].source).component, "helper");
  EXPECT_EQ(std::get<RegistrySource>(app.find_component("worker")->source).version, "1.2.3");
  EXPECT_FALSE(app.find_component("helper")->used);
  EXPECT_EQ(app.components[0].id, "web") << "the order of the file";
}

TEST(Load, AProfileReplacesSourceAndCommandAndAddsTheRest) {
  const App base = load(full_sample);
  const App debug = load(full_sample, {.strict = false, .profile = "debug"});
  EXPECT_EQ(debug.profile, "debug");
  const Component& web = *debug.find_component("web");
  EXPECT_EQ(std::get<LocalSource>(web.source).path, "debug/web.wasm");
  EXPECT_THAT(web.build->commands, ElementsAre("npm run debug"));
  EXPECT_EQ(web.build->workdir, "web");
  EXPECT_EQ(web.environment.size(), base.find_component("web")->environment.size() + 1);
  EXPECT_EQ(std::get<RegistrySource>(debug.find_component("worker")->source).version, "1.2.3") << "lacks the profile";
}

TEST(Load, GeneratedTriggerIdsAvoidThoseInUse) {
  const App app = load(R"(spin_manifest_version = 2
[application]
name = "ids"
[[trigger.http]]
route = "/1"
component = "a"
[[trigger.http]]
route = "/2"
component = "a"
[[trigger.http]]
route = "/3"
id = "http-trigger1"
component = "a"
[component.a]
source = "a.wasm"
)");
  EXPECT_EQ(app.triggers[0].id, "a-http-trigger");
  EXPECT_EQ(app.triggers[1].id, "http-trigger2");
  EXPECT_EQ(app.triggers[2].id, "http-trigger1");
}

TEST(Load, TheRoutesOfALoadedApplicationBuildATable) {
  const App app = load(full_sample);
  const RouteTable routes = RouteTable::build(app).value();
  EXPECT_EQ(routes.entries().size(), 3u) << "private routes are not in it";
  EXPECT_EQ(app.triggers[routes.match("/web/x")->trigger].component, "web");
}

TEST(Load, ReadsAFileAndTakesItsFolderAsRoot) {
  char folder[] = "/tmp/weft-manifest-XXXXXX";
  ASSERT_NE(mkdtemp(folder), nullptr);
  const std::filesystem::path file = std::filesystem::path(folder) / "spin.toml";
  std::ofstream(file) << greeting_sample;
  const LoadResult result = load_file(file);
  std::filesystem::remove_all(folder);
  ASSERT_TRUE(result.app) << format_all(result.diagnostics);
  EXPECT_EQ(result.app->root, folder);
  EXPECT_EQ(result.app->file, file);
}

TEST(Load, AFileThatCannotBeReadIsADiagnostic) {
  for (const char* path : {"/no/such/spin.toml", "/"}) {
    const LoadResult result = load_file(path);
    EXPECT_FALSE(result.app);
    ASSERT_EQ(result.diagnostics.size(), 1u);
    EXPECT_EQ(result.diagnostics[0].file, path);
    EXPECT_FALSE(result.diagnostics[0].remedy.empty());
  }
}

TEST(Load, AManifestAboveTheLimitIsRefused) {
  const std::string text(max_manifest_bytes + 1, '#');
  EXPECT_THAT(load_text(text, "spin.toml").diagnostics.at(0).message, HasSubstr("larger than 1048576 bytes"));
  const std::string largest =
      std::string(greeting_sample) + std::string(max_manifest_bytes - greeting_sample.size(), '#');
  EXPECT_TRUE(load_text(largest, "spin.toml").app);
}

TEST(WasiTarget, OnlyTheOldNameAsAWholeWordCounts) {
  Component component;
  component.source = LocalSource{"target/wasm32-wasip1/release/a.wasm"};
  EXPECT_FALSE(uses_wasm32_wasi(component));
  component.build.emplace().commands = {"cargo build --target wasm32-wasip2", "echo wasm32-wasi-threads"};
  EXPECT_FALSE(uses_wasm32_wasi(component));
  component.build->commands.push_back("cargo build --target=wasm32-wasi");
  EXPECT_TRUE(uses_wasm32_wasi(component));
  EXPECT_EQ(replace_wasm32_wasi("a wasm32-wasi wasm32-wasip1 target/wasm32-wasi/x"),
            "a wasm32-wasip1 wasm32-wasip1 target/wasm32-wasip1/x");
}

}  // namespace
}  // namespace weft::manifest

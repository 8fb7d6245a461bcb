#include "manifest/locked.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <variant>

#include "manifest/files.h"
#include "manifest/json_document.h"

namespace weft::manifest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

App loaded(const LoadResult& result) {
  EXPECT_TRUE(result.app) << format_all(result.diagnostics);
  return result.app.value_or(App());
}
App from_manifest(std::string_view text, const std::filesystem::path& file = "/apps/shop/spin.toml") {
  return loaded(load_text(text, file));
}
App from_lock(std::string_view text, const std::filesystem::path& file = "/apps/shop/spin.lock") {
  return loaded(load_locked_text(text, file));
}
std::string locked(const App& app) {
  auto text = write_locked(app);
  EXPECT_TRUE(text) << text.error().message();
  return text.value_or("");
}
// What is wrong with a lock, as it is printed.
std::string faults(std::string_view text) {
  const LoadResult result = load_locked_text(text, "/apps/shop/spin.lock");
  EXPECT_FALSE(result.app);
  return format_all(result.diagnostics);
}

// As `spin up` of Spin 4 writes it for a component with all that it may have.
constexpr std::string_view spin_lock = R"json({
  "spin_lock_version": 1,
  "must_understand": ["component_host_requirements"],
  "metadata": {
    "authors": ["A <a@example.com>", "B"],
    "description": "sells things",
    "name": "shop",
    "origin": "file:///nowhere/at%20all/spin.toml",
    "trigger": { "type": "http" },
    "triggers": { "http": {} },
    "version": "1.2.3"
  },
  "variables": {
    "greeting": { "default": "hello", "description": "what is said" },
    "token": { "secret": true }
  },
  "triggers": [
    {
      "id": "cart-http-trigger",
      "trigger_type": "http",
      "trigger_config": { "component": "cart", "executor": { "type": "http" }, "route": "/cart/..." }
    },
    {
      "id": "inner",
      "trigger_type": "http",
      "trigger_config": { "component": "stock", "route": { "private": true } }
    },
    {
      "id": "gone",
      "trigger_type": "http",
      "trigger_config": { "route": "/old", "static_response": { "status_code": 410, "body": "gone" } }
    }
  ],
  "components": [
    {
      "id": "cart",
      "metadata": {
        "ai_models": ["llama2-chat"],
        "allowed_outbound_hosts": ["https://{{ greeting }}.example.com", "http://stock.spin.internal"],
        "build": { "command": "make", "watch": ["*.c"], "workdir": "cart" },
        "databases": ["default"],
        "description": "the cart",
        "key_value_stores": ["default", "more"],
        "resolve-trigger-dependencies-using": "http"
      },
      "source": { "content_type": "application/wasm", "source": "file:///apps/shop/cart/cart.wasm" },
      "env": { "LEVEL": "debug {{ not a template }}" },
      "files": [{ "source": "file:///tmp/work/assets/cart", "path": "/" }],
      "config": { "hello": "{{ greeting }}!", "key": "{{ token }}" },
      "dependencies": {
        "acme:tax/rates@1.0.0": {
          "source": { "content_type": "application/wasm", "source": "file:///cache/wasm/tax%2Bvat.wasm" },
          "export": null
        },
        "plain-name": {
          "source": { "content_type": "application/wasm", "source": "file:///apps/shop/lib.wasm" },
          "export": "acme:other/thing",
          "inherit": { "Some": ["variables"] }
        }
      },
      "trigger_dependencies": {
        "middleware": [
          {
            "source": { "content_type": "application/wasm", "source": "file:///apps/shop/log.wasm" },
            "export": null,
            "inherit": "All"
          }
        ]
      },
      "host_requirements": { "local_service_chaining": "required", "middleware": "required", "fur": "optional" }
    },
    {
      "id": "stock",
      "source": { "content_type": "application/wasm", "source": "file:///apps/shop/stock.wasm" }
    }
  ]
})json";

TEST(Locked, WhatSpinWritesIsRead) {
  const App app = from_lock(spin_lock);
  EXPECT_EQ(app.name, "shop");
  EXPECT_EQ(app.version, "1.2.3");
  EXPECT_THAT(app.authors, ElementsAre("A <a@example.com>", "B"));
  // The folder of `origin` is not there.
  EXPECT_EQ(app.root, "/apps/shop");
  ASSERT_EQ(app.variables.size(), 2u);
  EXPECT_EQ(app.variables[0].default_value, "hello");
  EXPECT_EQ(app.variables[1].default_value, std::nullopt);
  EXPECT_TRUE(app.variables[1].secret);

  ASSERT_EQ(app.triggers.size(), 3u);
  EXPECT_EQ(app.triggers[0].id, "cart-http-trigger");
  EXPECT_EQ(std::get<HttpTrigger>(app.triggers[0].config).route->value, "/cart/...");
  EXPECT_EQ(std::get<HttpTrigger>(app.triggers[1].config).route, std::nullopt);
  EXPECT_EQ(std::get<HttpTrigger>(app.triggers[2].config).static_response->status_code, 410);
  ASSERT_EQ(app.triggers[0].middleware.size(), 1u);
  EXPECT_EQ(std::get<LocalSource>(app.triggers[0].middleware[0].source).path, "log.wasm");
  EXPECT_EQ(app.triggers[0].middleware[0].grants.size(), 7u);
  EXPECT_TRUE(app.triggers[1].middleware.empty());

  const Component& cart = *app.find_component("cart");
  EXPECT_TRUE(cart.used);
  EXPECT_EQ(cart.description, "the cart");
  EXPECT_EQ(std::get<LocalSource>(cart.source).path, "cart/cart.wasm");
  EXPECT_EQ(cart.allowed_outbound_hosts.size(), 2u);
  EXPECT_EQ(cart.key_value_stores[1].value, "more");
  EXPECT_EQ(cart.sqlite_databases[0].value, "default");
  EXPECT_EQ(cart.ai_models[0].value, "llama2-chat");
  ASSERT_TRUE(cart.build);
  EXPECT_EQ(cart.build->workdir, "cart");
  ASSERT_EQ(cart.environment.size(), 1u);
  EXPECT_EQ(cart.environment[0].value.text(), "debug {{ not a template }}");
  EXPECT_TRUE(cart.environment[0].value.is_literal());
  ASSERT_EQ(cart.variables.size(), 2u);
  EXPECT_EQ(cart.variables[0].value.text(), "{{ greeting }}!");
  // A folder that is elsewhere is read in place.
  ASSERT_EQ(cart.allowed_paths.size(), 1u);
  EXPECT_EQ(cart.allowed_paths[0].source, "/tmp/work/assets/cart");
  EXPECT_EQ(cart.allowed_paths[0].destination, "/");
  EXPECT_FALSE(cart.allowed_paths[0].write);
  ASSERT_EQ(cart.dependencies.size(), 2u);
  EXPECT_EQ(std::get<LocalSource>(cart.dependencies[0].source).path, "/cache/wasm/tax+vat.wasm");
  EXPECT_EQ(cart.dependencies[0].export_name, "");
  EXPECT_EQ(cart.dependencies[1].export_name, "acme:other/thing");
  EXPECT_THAT(cart.dependencies[1].grants, ElementsAre(Grant::variables));
}

TEST(Locked, AnOldLockSaysItsOneTypeOfTrigger) {
  const App app = from_lock(R"({"spin_lock_version": 0,
    "metadata": {"name": "old", "trigger": {"type": "redis", "address": "redis://localhost:6379"}},
    "triggers": [{"id": "t", "trigger_type": "redis", "trigger_config": {"component": "c", "channel": "news"}}],
    "components": [{"id": "c", "source": {"content_type": "application/wasm", "source": "file:///apps/shop/c.wasm"}}]})");
  EXPECT_EQ(std::get<RedisTrigger>(app.triggers.at(0).config).address.text(), "redis://localhost:6379");
}

TEST(Locked, AUrlNeedsItsDigest) {
  constexpr std::string_view lock = R"({"spin_lock_version": 1, "metadata": {"name": "a"},
 "triggers": [{"id": "t", "trigger_type": "http", "trigger_config": {"component": "c", "route": "/"}}],
 "components": [{"id": "c", "source": {"content_type": "application/wasm", "source": "https://example.com/c.wasm"%}}]})";
  std::string with(lock), without(lock);
  with.replace(with.find('%'), 1, ", \"digest\": \"sha256:" + std::string(64, 'a') + "\"");
  without.erase(without.find('%'), 1);
  EXPECT_EQ(std::get<UrlSource>(from_lock(with).components.at(0).source).url, "https://example.com/c.wasm");
  EXPECT_THAT(faults(without), HasSubstr("/apps/shop/spin.lock:3:"));
  EXPECT_THAT(faults(without), HasSubstr("components[0].source"));
}

std::string lock_with(std::string_view find, std::string_view replacement) {
  std::string text(spin_lock);
  const std::size_t at = text.find(find);
  EXPECT_NE(at, std::string::npos) << find;
  return text.replace(at, find.size(), replacement);
}

TEST(Locked, ErrorsNameTheLineAndThePathInTheJson) {
  // In the lock's own shape.
  EXPECT_THAT(faults(lock_with("\"spin_lock_version\": 1", "\"spin_lock_version\": 2")),
              HasSubstr("spin.lock:2:24: error: spin_lock_version: the version of the lock is neither 0 nor 1"));
  EXPECT_THAT(faults(lock_with("\"component_host_requirements\"", "\"moon\"")),
              HasSubstr("must_understand[0]: `moon` must be understood, and is not"));
  EXPECT_THAT(faults(lock_with("\"fur\": \"optional\"", "\"fur\": \"required\"")),
              HasSubstr("components[0].host_requirements.fur: the application requires `fur`"));
  EXPECT_THAT(faults(lock_with("\"file:///apps/shop/stock.wasm\"", "\"ipfs:stock\"")),
              HasSubstr("components[1].source.source: `ipfs:stock` is no URL of a file"));
  EXPECT_THAT(faults(lock_with("\"source\": \"file:///apps/shop/stock.wasm\"", "\"digest\": \"sha256:00\"")),
              HasSubstr("components[1].source.digest: the content is named by its digest alone"));
  EXPECT_THAT(faults(lock_with("\"source\": \"file:///apps/shop/stock.wasm\"", "\"inline\": \"AGFzbQ==\"")),
              HasSubstr("components[1].source.inline: the content is in the lock itself"));
  EXPECT_THAT(faults(lock_with("\"inherit\": \"All\"", "\"inherit\": \"Most\"")),
              HasSubstr("components[0].trigger_dependencies.middleware[0].inherit: neither \"All\" nor"));
  EXPECT_THAT(faults(lock_with("\"id\": \"stock\"", "\"id\": \"cart\"")),
              HasSubstr("components[1].id: two components have the id `cart`"));
  // In what a manifest says as well.
  EXPECT_THAT(faults(lock_with("\"/cart/...\"", "7")),
              HasSubstr("triggers[0].trigger_config.route: expected a string"));
  EXPECT_THAT(faults(lock_with("\"more\"", "\"no label\"")), HasSubstr("components[0].metadata.key_value_stores[1]: "));
  EXPECT_THAT(faults(lock_with("\"{{ token }}\"", "\"{{ tokens }}\"")), HasSubstr("components[0].config.key: "));
  EXPECT_THAT(faults(lock_with("\"default\": \"hello\"", "\"default\": 1")), HasSubstr("variables.greeting.default: "));
  EXPECT_THAT(faults(lock_with("\"component\": \"stock\"", "\"component\": \"stick\"")),
              HasSubstr("triggers[1].trigger_config.component: "));
}

TEST(Locked, WhatIsNotJsonIsASyntaxError) {
  EXPECT_THAT(faults("{"), HasSubstr("spin.lock:1:"));
  EXPECT_THAT(faults("{\n  \"a\": 1,\n  \"a\": 2\n}"), HasSubstr("spin.lock:3:3: error: the name `a` stands twice"));
  EXPECT_THAT(faults("[]"), HasSubstr("expected an object"));
  EXPECT_THAT(faults("{}"), HasSubstr("this is no locked app"));
  EXPECT_THAT(faults(std::string(100'000, '[')), HasSubstr("more than 40 objects and arrays in each other"));
  EXPECT_THAT(faults("{\"x\": [null]}"), HasSubstr("null stands where a value must be"));
  EXPECT_THAT(faults(std::string(max_locked_bytes + 1, ' ')), HasSubstr("the lock is larger than"));
}

TEST(Locked, AnUnknownFieldIsToldAndDoesNoHarm) {
  const LoadResult result = load_locked_text(lock_with("\"triggers\": [", "\"later\": 1, \"triggers\": ["), "a.lock");
  EXPECT_TRUE(result.app);
  EXPECT_THAT(format_all(result.diagnostics), HasSubstr("later: `later` is not heeded"));
}

TEST(Locked, ALockHasNoProfiles) {
  const LoadResult result = load_locked_text(spin_lock, "a.lock", {.strict = false, .profile = "debug"});
  EXPECT_FALSE(result.app);
  EXPECT_THAT(format_all(result.diagnostics), HasSubstr("lock the application with --profile debug"));
}

// Everything but `files`, dependencies by component, registries and profiles: those a lock resolves.
constexpr std::string_view everything = R"toml(spin_manifest_version = 2
[application]
name = "all"
version = "1.0.0"
description = "a \"quoted\" text"
authors = ["A", "B"]
targets = [{ path = "wit" }]
[application.trigger.redis]
address = "redis://localhost:6379"
[application.otel]
endpoint = "http://localhost:4317"
protocol = "grpc"
[variables]
host = { default = "example.com", description = "whom to ask" }
token = { required = true, secret = true }
[[trigger.http]]
route = "/a/..."
component = "a"
dependencies.middleware = [{ path = "log.wasm" }, { path = "auth.wasm", inherit_configuration = ["variables"] }]
[[trigger.http]]
route = { private = true }
component = "b"
executor = { type = "wagi", argv = "x ${ARGS}" }
[[trigger.http]]
route = "/gone"
static_response = { status_code = 410, headers = { "x-a" = "b" }, body = "gone" }
[[trigger.http]]
route = "/site/..."
static_files = { source = "site", fallback = "index.html", headers = { "x-a" = "b" }, dot_files = true }
[[trigger.redis]]
channel = "news-{{ host }}"
component = "b"
[[trigger.cron]]
cron_expression = "0 * * * * *"
deep = { numbers = [1, 2.5], on = true }
component = "b"
[component.a]
source = "a.wasm"
description = "first"
allowed_outbound_hosts = ["https://{{ host }}", "http://b.spin.internal"]
key_value_stores = ["default", "more"]
sqlite_databases = ["default"]
ai_models = ["m"]
environment = { LEVEL = "{{ kept }}" }
variables = { whom = "{{ host }}", PLAIN = "p", TEMPLATE = "t {{ host }}" }
secrets = { KEY = { source = "spin-application", key = "the-key" } }
allowed_paths = [{ source = "data", destination = "/data", write = true }]
targets = [{ path = "other" }]
[component.a.build]
command = ["make one", "make two"]
workdir = "a"
watch = ["*.c"]
[component.a.dependencies]
"acme:tax/rates" = { path = "tax.wasm", inherit_configuration = true }
plain = { url = "https://example.com/p.wasm", digest = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", export = "acme:x/y" }
[component.b]
source = { url = "https://example.com/b.wasm", digest = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" }
)toml";

TEST(Locked, AManifestThatWasLockedIsTheSameApplication) {
  const App app = from_manifest(everything);
  const std::string lock = locked(app);
  const App again = from_lock(lock);
  // All that a lock says of an application is what is compared: its text.
  EXPECT_EQ(locked(again), lock);
  EXPECT_EQ(again.name, app.name);
  EXPECT_EQ(again.root, app.root);
  EXPECT_EQ(again.targets.size(), 1u);
  EXPECT_EQ(again.otel->endpoint, app.otel->endpoint);
  EXPECT_EQ(again.otel->protocol, OtelProtocol::grpc);
  ASSERT_EQ(again.triggers.size(), app.triggers.size());
  for (std::size_t i = 0; i < app.triggers.size(); ++i) {
    SCOPED_TRACE(app.triggers[i].id);
    EXPECT_EQ(again.triggers[i].id, app.triggers[i].id);
    EXPECT_EQ(again.triggers[i].type, app.triggers[i].type);
    EXPECT_EQ(again.triggers[i].component, app.triggers[i].component);
    EXPECT_EQ(again.triggers[i].middleware.size(), app.triggers[i].middleware.size());
    EXPECT_EQ(again.triggers[i].config.index(), app.triggers[i].config.index());
  }
  const auto& wagi = std::get<HttpTrigger>(again.triggers[1].config);
  EXPECT_EQ(wagi.wagi->argv, "x ${ARGS}");
  EXPECT_FALSE(wagi.route);
  const auto& site = *std::get<HttpTrigger>(again.triggers[3].config).static_files;
  EXPECT_EQ(site.source, "site");
  EXPECT_EQ(site.fallback, "index.html");
  EXPECT_TRUE(site.dot_files);
  EXPECT_EQ(std::get<RedisTrigger>(again.triggers[4].config).address.text(), "redis://localhost:6379");
  const Value& cron = std::get<OtherTrigger>(again.triggers[5].config).config;
  EXPECT_EQ(*cron.find("cron_expression")->value.get<std::string>(), "0 * * * * *");
  EXPECT_EQ(*(*cron.find("deep")->value.find("numbers")->value.get<Value::Array>())[1].get<double>(), 2.5);

  const Component& a = *again.find_component("a");
  EXPECT_EQ(std::get<LocalSource>(a.source).path, "a.wasm");
  EXPECT_THAT(a.build->commands, ElementsAre("make one", "make two"));
  EXPECT_EQ(a.secrets.at(0).key, "the-key");
  EXPECT_EQ(a.allowed_paths.at(0).source, "data");
  EXPECT_TRUE(a.allowed_paths.at(0).write);
  std::map<std::string, std::string> environment;
  for (const EnvironmentVariable& one : a.environment) environment[one.name] = one.value.text();
  EXPECT_EQ(environment, (std::map<std::string, std::string>{
                             {"LEVEL", "{{ kept }}"}, {"PLAIN", "p"}, {"TEMPLATE", "t {{ host }}"}}));
  std::map<std::string, std::string> variables;
  for (const ComponentVariable& one : a.variables) variables[one.name] = one.value.text();
  EXPECT_EQ(variables,
            (std::map<std::string, std::string>{{"whom", "{{ host }}"}, {"plain", "p"}, {"template", "t {{ host }}"}}));
  EXPECT_EQ(a.dependencies.size(), 2u);
  EXPECT_EQ(std::get<UrlSource>(again.find_component("b")->source).url, "https://example.com/b.wasm");
}

TEST(Locked, IsWrittenAsSpinReadsIt) {
  const auto document = parse_json(locked(from_manifest(everything)));
  ASSERT_TRUE(document);
  const auto text = [&](const Value* value, std::string_view name) {
    const Member* member = value == nullptr ? nullptr : value->find(name);
    const auto* found = member == nullptr ? nullptr : member->value.get<std::string>();
    return found == nullptr ? std::string("none") : *found;
  };
  EXPECT_EQ(*document->find("spin_lock_version")->value.get<std::int64_t>(), 1);
  EXPECT_EQ(text(&document->find("metadata")->value, "origin"), "file:///apps/shop/spin.toml");
  const Value& a = (*document->find("components")->value.get<Value::Array>())[0];
  EXPECT_EQ(text(&a.find("source")->value, "source"), "file:///apps/shop/a.wasm");
  EXPECT_EQ(text(&a.find("source")->value, "content_type"), "application/wasm");
  EXPECT_EQ(text(&a.find("host_requirements")->value, "local_service_chaining"), "required");
  EXPECT_EQ(text(&a.find("host_requirements")->value, "middleware"), "required");
  EXPECT_NE(a.find("trigger_dependencies")->value.find("middleware"), nullptr);
  EXPECT_NE(a.find("metadata")->value.find("databases"), nullptr);
  EXPECT_EQ(text(&a.find("dependencies")->value.find("acme:tax/rates")->value, "inherit"), "All");
}

TEST(Locked, AComponentBehindMiddlewareForOneOfItsRoutesIsTwo) {
  const App app = from_lock(locked(from_manifest(R"(spin_manifest_version = 2
[application]
name = "two"
[[trigger.http]]
id = "open"
route = "/open"
component = "a"
[[trigger.http]]
id = "shut"
route = "/shut"
component = "a"
dependencies.middleware = [{ path = "auth.wasm" }]
[component.a]
source = "a.wasm"
)")));
  EXPECT_EQ(app.triggers.at(0).component, "a");
  EXPECT_TRUE(app.triggers[0].middleware.empty());
  EXPECT_EQ(app.triggers.at(1).component, "a-for-shut");
  EXPECT_EQ(app.triggers[1].middleware.size(), 1u);
}

TEST(Locked, ADependencyOnAnotherComponentNamesItsFileAndWhatNobodyTriggersIsLeftOut) {
  const App app = from_lock(locked(from_manifest(R"(spin_manifest_version = 2
[application]
name = "one"
[[trigger.http]]
route = "/"
component = "a"
[component.a]
source = "a.wasm"
dependencies = { "acme:x/y" = { component = "b" } }
[component.b]
source = "b.wasm"
)")));
  ASSERT_EQ(app.components.size(), 1u);
  EXPECT_EQ(std::get<LocalSource>(app.components[0].dependencies.at(0).source).path, "b.wasm");
}

TEST(Locked, WhatIsInARegistryCannotBeLocked) {
  const auto text = write_locked(from_manifest(R"(spin_manifest_version = 2
[application]
name = "r"
[[trigger.http]]
route = "/"
component = "a"
[component.a]
source = { package = "acme:a", version = "1.0.0" }
)"));
  ASSERT_FALSE(text);
  EXPECT_THAT(text.error().message(), HasSubstr("component \"a\" comes from a registry (acme:a@1.0.0): download it"));
}

TEST(Locked, FilesAreThoseThatAreThere) {
  const auto folder = std::filesystem::temp_directory_path() / ("weft locked " + std::to_string(getpid()));
  std::filesystem::create_directories(folder / "static/deep");
  for (const char* name : {"static/a.txt", "static/deep/b.txt", "static/c.log"}) std::ofstream(folder / name) << name;
  constexpr std::string_view manifest = R"(spin_manifest_version = 2
[application]
name = "f"
[[trigger.http]]
route = "/"
component = "a"
[component.a]
source = "a.wasm"
files = ["static/**/*", { source = "static", destination = "/all" }]
exclude_files = ["**/*.log"]
)";
  const App app = from_manifest(manifest, folder / "spin.toml");
  const std::string lock = locked(app);
  EXPECT_THAT(lock, HasSubstr("weft%20locked%20"));
  // Wherever the lock is: its origin says where the application is.
  const App again = from_lock(lock, "/elsewhere/spin.lock");
  EXPECT_EQ(again.root, folder);
  const auto listed = [](const App& of) {
    std::map<std::string, std::string> files;
    for (const FileMapping& file : expand_files(of, of.components.at(0)).files) files[file.guest] = file.host.string();
    return files;
  };
  EXPECT_EQ(listed(again).size(), 4u);
  EXPECT_EQ(listed(again), listed(app));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace weft::manifest

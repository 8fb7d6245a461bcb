// Every rule of the manifest has an error that names line, key and remedy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manifest/load.h"

namespace weft::manifest {
namespace {

using testing::HasSubstr;

struct Case {
  const char* text;  // appended to `base`, so its first line is line 9
  std::uint32_t line;
  const char* key;
  const char* message;
  const char* remedy;
};

constexpr std::string_view base = R"(spin_manifest_version = 2
[application]
name = "test"
[[trigger.http]]
route = "/..."
component = "a"
[component.a]
source = "a.wasm"
)";

void expect_one(Severity severity, const std::string& text, const Case& c, const LoadOptions& options = {}) {
  SCOPED_TRACE(text);
  const LoadResult result = load_text(text, "spin.toml", options);
  ASSERT_EQ(result.diagnostics.size(), 1u) << format_all(result.diagnostics);
  const Diagnostic& d = result.diagnostics[0];
  EXPECT_EQ(d.severity, severity);
  EXPECT_EQ(result.app.has_value(), severity == Severity::warning);
  EXPECT_EQ(d.file, "spin.toml");
  EXPECT_EQ(d.line, c.line);
  EXPECT_EQ(d.key, c.key);
  EXPECT_THAT(d.message, HasSubstr(c.message));
  EXPECT_THAT(d.remedy, HasSubstr(c.remedy));
  EXPECT_FALSE(d.remedy.empty());
}

TEST(LoadErrors, TheBaseOfTheCasesLoads) {
  const LoadResult result = load_text(base, "spin.toml");
  EXPECT_TRUE(result.app);
  EXPECT_EQ(format_all(result.diagnostics), "");
}

TEST(LoadErrors, EachComponentRuleHasItsError) {
  const Case cases[] = {
      {"sauce = 1", 9, "component.a.sauce", "unknown key `sauce`", "one of: "},
      {"allowed_outbound_host = []", 9, "component.a.allowed_outbound_host", "unknown key",
       "did you mean `allowed_outbound_hosts`?"},
      {"description = 3", 9, "component.a.description", "expected a string, found an integer",
       "write it in quotes: \"3\""},
      {"files = \"x\"", 9, "component.a.files", "expected an array, found a string", "write an array"},
      {"files = [\"a\", 7]", 9, "component.a.files[1]", "expected a pattern or a table", "write"},
      {"files = [\n\"a\",\n\"b/..\"]", 11, "component.a.files[1]", "ends in `.` or `..`", "folder itself"},
      {"files = [\"../x/y\"]", 9, "component.a.files[0]", "leaves the application's folder", "allowed_paths"},
      {"files = [\"/etc\"]", 9, "component.a.files[0]", "absolute path", "relative to the manifest"},
      {"files = [\"\"]", 9, "component.a.files[0]", "is empty", "name a file"},
      {"files = [\"a[b\"]", 9, "component.a.files[0]", "no matching `]`", "use `*`"},
      {"files = [\"a**b\"]", 9, "component.a.files[0]", "whole directories", "use `*`"},
      {"files = [{ source = \"a\" }]", 9, "component.a.files[0].destination", "missing", "destination = "},
      {"files = [{ source = \"a\", destination = \"/../b\" }]", 9, "component.a.files[0].destination",
       "not a path in the guest", "absolute path"},
      {"files = [{ source = \"a\", destination = \"/b\", to = \"c\" }]", 9, "component.a.files[0].to", "unknown key",
       "remove it"},
      {"exclude_files = [\"[\"]", 9, "component.a.exclude_files[0]", "not a file pattern", "use `*`"},
      {"exclude_files = \"*.md\"", 9, "component.a.exclude_files", "expected an array of strings", "write [\"*.md\"]"},
      {"allowed_outbound_hosts = [\"example.com\"]", 9, "component.a.allowed_outbound_hosts[0]", "scheme is missing",
       "write \"https://example.com\""},
      {"allowed_outbound_hosts = [\"http://a\", \"tcp://b\"]", 9, "component.a.allowed_outbound_hosts[1]",
       "no default port", "scheme://host"},
      {"allowed_outbound_hosts = [\"http://{{ nope }}\"]", 9, "component.a.allowed_outbound_hosts[0]",
       "no variable `nope` is declared", "under [variables]"},
      {"allowed_outbound_hosts = [\"http://{{ nope\"]", 9, "component.a.allowed_outbound_hosts[0]", "no matching `}}`",
       "{{ name }}"},
      {"key_value_stores = [\"My Store\"]", 9, "component.a.key_value_stores[0]", "not a label", "write \"my-store\""},
      {"sqlite_databases = [\"9\"]", 9, "component.a.sqlite_databases[0]", "not a label", "kebab-case"},
      {"ai_models = [true]", 9, "component.a.ai_models[0]", "expected a string, found a boolean", "\"true\""},
      {"variables = { a-b = \"x\" }", 9, "component.a.variables.a-b", "not a variable name", "write `a_b`"},
      {"variables = { x = 3 }", 9, "component.a.variables.x", "expected a string", "\"3\""},
      {"variables = { x = \"{{ y }}\" }", 9, "component.a.variables.x", "no variable `y` is declared",
       "add y = { required = true }"},
      {"variables = { x = \"{{ Y }}\" }", 9, "component.a.variables.x", "`Y` is not a variable name", "[variables]"},
      {"variables = { x = \"1\", X = \"2\" }", 9, "component.a.variables.X", "set already", "remove one"},
      {"environment = { A = 1 }", 9, "component.a.environment.A", "expected a string", "\"1\""},
      {"environment = { \"A=B\" = \"1\" }", 9, "component.a.environment.\"A=B\"", "not a name", "letters"},
      {"environment = { A = \"a\\u0000b\" }", 9, "component.a.environment.A", "NUL", "remove"},
      {"secrets = { KEY = \"hunter2\" }", 9, "component.a.secrets.KEY", "a reference, not a value", "weft secret set"},
      {"secrets = { KEY = { source = \"vault\", key = \"k\" } }", 9, "component.a.secrets.KEY.source",
       "\"vault\" is not supported", "spin-application"},
      {"secrets = { KEY = { source = \"spin-application\" } }", 9, "component.a.secrets.KEY.key", "missing",
       "key = \"key\""},
      {"secrets = { KEY = { source = \"spin-application\", key = \"a b\" } }", 9, "component.a.secrets.KEY.key",
       "not an identifier", "database-url"},
      {"variables = { key = \"1\" }\nsecrets = { KEY = { source = \"spin-application\", key = \"k\" } }", 10,
       "component.a.secrets.KEY", "set already", "remove one"},
      {"allowed_paths = [\"../up\"]", 9, "component.a.allowed_paths[0]", "no path of its own", "destination"},
      {"allowed_paths = [3]", 9, "component.a.allowed_paths[0]", "expected a path or a table", "write"},
      {"allowed_paths = [{ source = \"x\", destination = \"/y\", write = \"yes\" }]", 9,
       "component.a.allowed_paths[0].write", "expected a boolean", "boolean"},
      {"build = { workdir = \"x\" }", 9, "component.a.build.command", "`command` is missing", "add command"},
      {"build = { command = \"x\", workdir = \"/x\" }", 9, "component.a.build.workdir", "absolute path", "relative"},
      {"build = { command = \"x\", watches = [] }", 9, "component.a.build.watches", "unknown key",
       "did you mean `watch`?"},
      {"dependencies = { \"Bad Name\" = \"1\" }", 9, "component.a.dependencies.\"Bad Name\"", "not the name",
       "namespace:name"},
      {"dependencies = { plain = \"1.0\" }", 9, "component.a.dependencies.plain", "needs its package", "package ="},
      {"dependencies = { \"a:b\" = \"one\" }", 9, "component.a.dependencies.\"a:b\"", "not a version requirement",
       "^1.2"},
      {"dependencies = { \"a:b\" = { path = \"x\", export = \"y\" } }", 9, "component.a.dependencies.\"a:b\".export",
       "not possible for a whole package", "interface"},
      {"dependencies = { \"a:b/c\" = { path = \"x\", version = \"1\" } }", 9, "component.a.dependencies.\"a:b/c\"",
       "several sources", "exactly one"},
      {"dependencies = { \"a:b/c\" = { export = \"x\" } }", 9, "component.a.dependencies.\"a:b/c\"", "names no source",
       "exactly one"},
      {"dependencies = { \"a:b/c\" = { component = \"z\" } }", 9, "component.a.dependencies.\"a:b/c\".component",
       "no component `z`", "declared components: a"},
      {"dependencies = { \"a:b/c\" = { path = \"x\", inherit_configuration = [\"file\"] } }", 9,
       "component.a.dependencies.\"a:b/c\".inherit_configuration[0]", "cannot be inherited", "did you mean `files`?"},
      {"dependencies_inherit_configuration = true\n"
       "dependencies = { \"a:b/c\" = { path = \"x\", inherit_configuration = true } }",
       10, "component.a.dependencies.\"a:b/c\".inherit_configuration", "for all its dependencies", "remove one"},
      {"dependencies = { \"a:b\" = \"1\", \"a:b/c\" = \"1\" }", 9, "component.a.dependencies.\"a:b/c\"",
       "already provided", "remove one"},
      {"profile = { debug = { sorce = \"x\" } }", 9, "component.a.profile.debug.sorce", "unknown key",
       "did you mean `source`?"},
      {"[component.Two_Words]\nsource = \"b.wasm\"", 9, "component.Two_Words", "not a component id", "`two-words`"},
      {"[component.b]\ndescription = \"no source\"", 9, "component.b.source", "`source` is missing", "add source"},
      {"[component.b]\nsource = \"\"", 10, "component.b.source", "empty", "source = "},
      {"[component.b]\nsource = 3", 10, "component.b.source", "expected a path or a table", "write"},
      {"[component.b]\nsource = {}", 10, "component.b.source", "neither a file, a URL nor a package", "digest"},
      {"[component.b]\nsource = { url = \"https://x/y\" }", 10, "component.b.source.digest", "missing", "sha256:"},
      {"[component.b]\nsource = { url = \"https://x/y\", digest = \"md5:1\" }", 10, "component.b.source.digest",
       "not a SHA-256 digest", "sha256sum"},
      {"[component.b]\nsource = { package = \"a\", version = \"1.0.0\" }", 10, "component.b.source.package",
       "not a package name", "namespace:name"},
      {"[component.b]\nsource = { package = \"a:b\", version = \"^1\" }", 10, "component.b.source.version",
       "not a version", "exact version"},
  };
  for (const Case& c : cases) expect_one(Severity::error, std::string(base) + c.text + "\n", c);
}

TEST(LoadErrors, EachTriggerRuleHasItsError) {
  const Case cases[] = {
      {"[[trigger.http]]\nroute = \"/x\"\ncomponent = \"b\"", 11, "trigger.http[1].component",
       "no component `b` is declared", "declared components: a"},
      {"[[trigger.http]]\nroute = \"/x\"\ncomponent = \"Not Kebab\"", 11, "trigger.http[1].component",
       "not a component id", "not-kebab"},
      {"[[trigger.http]]\nroute = \"/x\"\ncomponent = 3", 11, "trigger.http[1].component", "expected the id", "write"},
      {"[[trigger.http]]\ncomponent = \"a\"", 9, "trigger.http[1].route", "`route` is missing", "/..."},
      {"[[trigger.http]]\nroute = 1\ncomponent = \"a\"", 10, "trigger.http[1].route", "expected a string", "write"},
      {"[[trigger.http]]\nroute = { private = false }\ncomponent = \"a\"", 10, "trigger.http[1].route",
       "must be { private = true }", "path as a string"},
      {"[[trigger.http]]\nroute = \"/a/.../b\"\ncomponent = \"a\"", 10, "trigger.http[1].route", "only at the end",
       "write a path"},
      {"[[trigger.http]]\nroute = \"/...\"\ncomponent = \"a\"", 10, "trigger.http[1].route",
       "is used twice, first in line 5", "route of its own"},
      {"[[trigger.http]]\nroute = \"/*\"\ncomponent = \"a\"", 10, "trigger.http[1].route",
       "\"/*\" and \"/...\" (line 5) match the same paths", "route of its own"},
      {"[[trigger.http]]\nroute = \"/x\"", 9, "trigger.http[1]", "neither `component` nor `static_response`",
       "add component"},
      {"[[trigger.http]]\nroute = \"/x\"\ncomponent = \"a\"\nstatic_response = {}", 12,
       "trigger.http[1].static_response", "not both", "remove one"},
      {"[[trigger.http]]\nroute = \"/x\"\nstatic_response = { status_code = 99 }", 11,
       "trigger.http[1].static_response.status_code", "99 is not", "200 to 599"},
      {"[[trigger.http]]\nroute = \"/x\"\nstatic_response = { headers = { \"a b\" = \"c\" } }", 11,
       "trigger.http[1].static_response.headers.\"a b\"", "not a header name", "letters"},
      {"[[trigger.http]]\nroute = \"/x\"\nstatic_response = { headers = { a = \"b\\r\\nc: d\" } }", 11,
       "trigger.http[1].static_response.headers.a", "control characters", "one line"},
      {"[[trigger.http]]\nroute = \"/x\"\nstatic_response = { text = \"x\" }", 11,
       "trigger.http[1].static_response.text", "unknown key", "body"},
      {"[[trigger.http]]\nroute = \"/x\"\nstatic_response = { headers = { a = \" b\" } }", 11,
       "trigger.http[1].static_response.headers.a", "begin or end with a space", "one line"},
      {"[[trigger.http]]\nroute = \"/x\"\ncomponent = \"a\"\nstatic_files = \"site\"", 12,
       "trigger.http[1].static_files", "either `static_files` or `component`", "remove one"},
      {"[[trigger.http]]\nroute = \"/x\"\nstatic_response = {}\nstatic_files = \"site\"", 12,
       "trigger.http[1].static_files", "either `static_files` or `static_response`", "remove one"},
      {"[[trigger.http]]\nroute = \"/x\"\nstatic_files = 1", 11, "trigger.http[1].static_files", "expected a folder",
       "write"},
      {"[[trigger.http]]\nroute = \"/x\"\nstatic_files = \"../site\"", 11, "trigger.http[1].static_files",
       "leaves the application's folder", "below the manifest"},
      {"[[trigger.http]]\nroute = \"/x\"\nstatic_files = \".\"", 11, "trigger.http[1].static_files", "ends in `.`",
       "name the folder"},
      {"[[trigger.http]]\nroute = \"/x\"\nstatic_files = {}", 11, "trigger.http[1].static_files.source", "missing",
       "source = "},
      {"[[trigger.http]]\nroute = \"/x\"\nstatic_files = { source = \"s\", index = \"/a\" }", 11,
       "trigger.http[1].static_files.index", "absolute path", "relative"},
      {"[[trigger.http]]\nroute = \"/x\"\nstatic_files = { source = \"s\", fallback = \"a\", not_found = \"b\" }", 11,
       "trigger.http[1].static_files.not_found", "never seen", "remove"},
      {"[[trigger.http]]\nroute = \"/x\"\nstatic_files = { source = \"s\", cache_control = \"a\\nb\" }", 11,
       "trigger.http[1].static_files.cache_control", "control characters", "one line"},
      {"[[trigger.http]]\nroute = \"/x\"\nstatic_files = { source = \"s\", headers = { ETag = \"a\" } }", 11,
       "trigger.http[1].static_files.headers", "`ETag` follows from the file", "remove"},
      {"[[trigger.http]]\nroute = \"/x\"\nstatic_files = { source = \"s\", headers = { Cache-Control = \"a\" } }", 11,
       "trigger.http[1].static_files.headers", "key of its own", "cache_control = \"a\""},
      {"[[trigger.http]]\nroute = \"/x\"\nstatic_files = { source = \"s\", listing = true }", 11,
       "trigger.http[1].static_files.listing", "unknown key", "one of"},
      {"[[trigger.http]]\nroute = \"/x\"\ncomponent = \"a\"\nexecutor = { type = \"cgi\" }", 12,
       "trigger.http[1].executor.type", "unknown executor `cgi`", "http"},
      {"[[trigger.http]]\nroute = \"/x\"\ncomponent = \"a\"\nexecutor = { type = \"wasip3-unstable\" }", 12,
       "trigger.http[1].executor.type", "no longer exists", "rebuild"},
      {"[[trigger.http]]\nroute = \"/x\"\ncomponent = \"a\"\nexecutor = {}", 12, "trigger.http[1].executor.type",
       "missing", "type = "},
      {"[[trigger.http]]\nroute = \"/x\"\ncomponent = \"a\"\nexecuter = {}", 12, "trigger.http[1].executer",
       "unknown key", "did you mean `executor`?"},
      {"[[trigger.http]]\nid = \"no spaces\"\nroute = \"/x\"\ncomponent = \"a\"", 10, "trigger.http[1].id",
       "not a trigger id", "no-spaces"},
      {"[[trigger.http]]\nid = \"x\"\nroute = \"/x\"\ncomponent = \"a\"\n"
       "[[trigger.http]]\nid = \"x\"\nroute = \"/y\"\ncomponent = \"a\"",
       14, "trigger.http[2].id", "two triggers have the id `x`", "its own"},
      {"[[trigger.http]]\nroute = \"/x\"\ncomponent = \"a\"\ndependencies = { other = [] }", 12,
       "trigger.http[1].dependencies.other", "unknown key", "middleware"},
      {"[[trigger.redis]]\nchannel = \"c\"\naddress = \"redis://r\"\ncomponent = \"a\"\n"
       "dependencies = { middleware = [] }",
       13, "trigger.redis[0].dependencies", "has no dependencies", "component's"},
      {"[[trigger.redis]]\nchannel = \"c\"\ncomponent = \"a\"", 9, "trigger.redis[0].address",
       "no redis address is given", "[application.trigger.redis]"},
      {"[[trigger.redis]]\naddress = \"redis://r\"\ncomponent = \"a\"", 9, "trigger.redis[0].channel", "missing",
       "channel ="},
      {"[[trigger.redis]]\naddress = \"redis://r\"\nchannel = \"c\"", 9, "trigger.redis[0]", "no `component`",
       "add component"},
      {"[[trigger.redis]]\naddress = \"redis://{{ r }}\"\nchannel = \"c\"\ncomponent = \"a\"", 10,
       "trigger.redis[0].address", "no variable `r`", "[variables]"},
      {"[[trigger.redis]]\naddress = \"redis://r\"\nchannel = \"c\"\nroute = \"/\"\ncomponent = \"a\"", 12,
       "trigger.redis[0].route", "unknown key", "one of: "},
      {"[[trigger.Cron_Job]]\ncomponent = \"a\"", 9, "trigger.Cron_Job", "not a trigger type", "trigger.http"},
      {"[trigger.cron]\ncomponent = \"a\"", 9, "trigger.cron", "expected a list of triggers",
       "[[trigger.cron]] with two brackets"},
  };
  for (const Case& c : cases) expect_one(Severity::error, std::string(base) + c.text + "\n", c);
}

TEST(LoadErrors, EachApplicationRuleHasItsError) {
  const Case cases[] = {
      {"[variables]\nx = { default = \"1\", required = true }", 10, "variables.x", "not both", "remove one"},
      {"[variables]\nx = {}", 10, "variables.x", "neither `default` nor `required = true`", "add default"},
      {"[variables]\nx = { required = false }", 10, "variables.x", "neither", "add default"},
      {"[variables]\nx = \"1\"", 10, "variables.x", "expected a table", "x = { default = \"...\" }"},
      {"[variables]\nX = { required = true }", 10, "variables.X", "not a variable name", "write `x`"},
      {"[variables]\na__b = { required = true }", 10, "variables.a__b", "not a variable name", "write `a_b`"},
      {"[variables]\nx = { default = 1 }", 10, "variables.x.default", "expected a string", "\"1\""},
      {"[variables]\nx = { required = true, secrt = true }", 10, "variables.x.secrt", "unknown key",
       "did you mean `secret`?"},
      {"[application.trigger.http]\nbase = \"/api\"", 10, "application.trigger.http.base", "may only be \"/\"",
       "every route"},
      {"[application.trigger.http]\ntype = \"redis\"", 10, "application.trigger.http.type", "\"redis\"",
       "remove `type`"},
      {"[application.trigger.http]\nbsae = \"/\"", 10, "application.trigger.http.bsae", "unknown key",
       "did you mean `base`?"},
      {"[application.trigger.redis]\naddress = 1", 10, "application.trigger.redis.address", "expected a string",
       "\"1\""},
      {"[application.otel]\nprotocol = \"http\"", 10, "application.otel.protocol", "unknown protocol", "http/protobuf"},
      {"[application.otel]\nendpoint = \"collector\"", 10, "application.otel.endpoint", "not a URL", "4317"},
      {"[application.otel]\nenable = true", 10, "application.otel.enable", "unknown key", "did you mean `enabled`?"},
      {"[aplication]\nx = 1", 9, "aplication", "unknown key `aplication` in the top level",
       "did you mean `application`?"},
      {"[plugins]\nx = 1", 9, "plugins", "unknown key", "variables"},
      {"x = [1,\n2", 10, "", "", "TOML syntax"},
      {"source = \"b.wasm\"", 9, "", "cannot redefine", "TOML syntax"},
  };
  for (const Case& c : cases) expect_one(Severity::error, std::string(base) + c.text + "\n", c);
}

TEST(LoadErrors, TheVersionMustBeTwoOrTheStringOne) {
  const std::string rest(base.substr(base.find('\n')));
  for (const auto& [line, key, remedy] :
       {std::tuple("spin_manifest_version = \"2\"", "spin_manifest_version", "= 2, without quotes"),
        {"spin_manifest_version = 1", "spin_manifest_version", "= \"1\", in quotes"},
        {"spin_manifest_version = 3", "spin_manifest_version", "spin_manifest_version = 2"},
        {"spin_version = true", "spin_version", "spin_version = 2"}}) {
    expect_one(Severity::error, line + rest, {"", 1, key, "neither 2 nor \"1\"", remedy});
  }
  expect_one(Severity::error, "spin_version = 2\nspin_manifest_version = 2" + rest,
             {"", 1, "spin_version", "given twice", "keep"});
}

TEST(LoadErrors, TheApplicationNeedsAName) {
  expect_one(Severity::error, "spin_manifest_version = 2\n[trigger]\n[application]\nversion = \"1\"\n",
             {"", 3, "application.name", "`name` is missing", "add name"});
  expect_one(Severity::error, "spin_manifest_version = 2\n[trigger]\n[application]\nname = \"\"\n",
             {"", 4, "application.name", "`name` is empty", "add name"});
}

TEST(LoadErrors, DeprecatedAndDoubtfulThingsAreWarnings) {
  const Case cases[] = {
      {"files = [\"**/*\"]", 9, "component.a.files[0]", "every file of the application", "name the folder"},
      {"allowed_http_hosts = [\"example.com\", \"self\"]", 9, "component.a.allowed_http_hosts", "deprecated",
       "[\"http://example.com\", \"https://example.com\", \"http://self\"]"},
      {"allowed_outbound_hosts = [\"http://b.spin.internal\"]", 9, "component.a.allowed_outbound_hosts[0]",
       "no component `b`", "declared components: a"},
      {"secrets = { KEY = { source = \"env\", key = \"MY_KEY\" } }", 9, "component.a.secrets.KEY.source",
       "development only", "spin-application"},
      {"[[trigger.http]]\nroute = \"/w\"\ncomponent = \"a\"\nexecutor = { type = \"wagi\" }", 12,
       "trigger.http[1].executor.type", "deprecated", "wasi:http"},
  };
  for (const Case& c : cases) expect_one(Severity::warning, std::string(base) + c.text + "\n", c);
}

TEST(LoadErrors, AHostIsJudgedWithTheDefaultsOfItsVariables) {
  const std::string hosts = std::string(base) + "allowed_outbound_hosts = [\"{{ h }}\"]\n[variables]\n";
  expect_one(Severity::error, hosts + "h = { default = \"example.com\" }\n",
             {"", 9, "component.a.allowed_outbound_hosts[0]", "\"example.com\": the scheme is missing",
              "https://example.com"});
  EXPECT_TRUE(load_text(hosts + "h = { default = \"https://example.com\" }\n", "spin.toml").app);
  EXPECT_TRUE(load_text(hosts + "h = { default = \"\" }\n", "spin.toml").app);
  EXPECT_TRUE(load_text(hosts + "h = { required = true }\n", "spin.toml").app);
}

TEST(LoadErrors, ADependencyComponentMayHaveNoGrants) {
  const std::string text =
      std::string(base) + "dependencies = { \"x:y/z\" = { component = \"b\" } }\n[component.b]\nsource = \"b.wasm\"\n";
  EXPECT_TRUE(load_text(text, "spin.toml").app);
  expect_one(Severity::error, text + "key_value_stores = [\"default\"]\n",
             {"", 9, "component.a.dependencies.\"x:y/z\".component", "grants of its own", "inherit_configuration"});
}

TEST(LoadErrors, AnUnknownProfileIsAnError) {
  const std::string text = std::string(base) + "[component.a.profile.debug]\nsource = \"debug.wasm\"\n";
  expect_one(Severity::error, text, {"", 0, "", "no component has a profile `debgu`", "did you mean `debug`?"},
             {.strict = false, .profile = "debgu"});
}

TEST(LoadErrors, FiveMistakesGiveFiveDiagnosticsInTheOrderOfTheFile) {
  constexpr std::string_view text = R"(spin_manifest_version = 2

[application]
name = "shop"
descripton = "five mistakes"

[[trigger.http]]
route = "/cart/:id/.../items"
component = "cart"

[[trigger.http]]
route = "/pay"
component = "payments"

[component.cart]
source = "cart.wasm"
allowed_outbound_hosts = ["api.stripe.com"]
files = ["assets", "../secrets"]

[component.payment]
source = "payment.wasm"
)";
  const LoadResult result = load_text(text, "spin.toml");
  EXPECT_FALSE(result.app);
  constexpr std::tuple<std::uint32_t, const char*, const char*> expected[] = {
      {5, "application.descripton", "did you mean `description`?"},
      {8, "trigger.http[0].route", "/api/..."},
      {13, "trigger.http[1].component", "did you mean `payment`? declared components: cart, payment"},
      {17, "component.cart.allowed_outbound_hosts[0]", "write \"https://api.stripe.com\""},
      {18, "component.cart.files[1]", "allowed_paths"},
  };
  ASSERT_EQ(result.diagnostics.size(), std::size(expected)) << format_all(result.diagnostics);
  for (std::size_t i = 0; i < std::size(expected); ++i) {
    const auto& [line, key, remedy] = expected[i];
    EXPECT_EQ(result.diagnostics[i].line, line);
    EXPECT_EQ(result.diagnostics[i].key, key);
    EXPECT_THAT(result.diagnostics[i].remedy, HasSubstr(remedy));
    EXPECT_THAT(format(result.diagnostics[i]), HasSubstr(" | "));
  }
}

TEST(LoadErrors, ASecretWrittenInPlaceIsNeverPrinted) {
  for (const char* secrets :
       {"secrets = \"hunter2\"", "secrets = [\"hunter2\"]", "secrets = { A = \"hunter2\" }",
        "[component.a.secrets]\nA = \"hunter2\"\nB = { source = 3, key = \"hunter2\" }",
        "secrets = { A = { source = \"spin-application\", key = \"a\", value = \"hunter2\" } }",
        "[component.a.secrets.A]\nsource = \"spin-application\"\nkey = \"a\"\nvalue = \"hunter2\"",
        "secrets = { A = { source = \"hunter\", key = \"hunter2!\" } }"}) {
    const LoadResult result = load_text(std::string(base) + secrets + "\n", "spin.toml");
    EXPECT_FALSE(result.app) << secrets;
    EXPECT_THAT(format_all(result.diagnostics), Not(HasSubstr("hunter2"))) << secrets;
  }
}

TEST(LoadErrors, TheEntriesOfATableAreBounded) {
  for (const char* table :
       {"[component.a.variables]", "[component.a.environment]", "[component.a.secrets]", "[variables]"}) {
    std::string text = std::string(base) + table + "\n";
    for (std::size_t i = 0; i <= max_variables; ++i) text += "k" + std::to_string(i) + " = \"\"\n";
    const LoadResult result = load_text(text, "spin.toml");
    ASSERT_EQ(result.diagnostics.size(), 1u) << table;
    EXPECT_THAT(result.diagnostics[0].message, HasSubstr("more than 4096")) << table;
  }
}

TEST(LoadErrors, TheNumberOfDiagnosticsIsBounded) {
  std::string text(base);
  for (int i = 0; i < 500; ++i) text += "unknown" + std::to_string(i) + " = 1\n";
  const LoadResult result = load_text(text, "spin.toml");
  EXPECT_FALSE(result.app);
  EXPECT_EQ(result.diagnostics.size(), max_diagnostics);
}

TEST(LoadErrors, ErrorsAreNotCrowdedOutByWarnings) {
  std::string text(base);
  text += "files = [";
  for (std::size_t i = 0; i < max_diagnostics + 5; ++i) text += "\"*\",";
  text += "]\n[bogus]\n";
  const LoadResult result = load_text(text, "spin.toml");
  EXPECT_FALSE(result.app);
  EXPECT_TRUE(has_errors(result.diagnostics));
}

}  // namespace
}  // namespace weft::manifest

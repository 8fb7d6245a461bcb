#include "compose/compose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "component/decode.h"
#include "manifest/load.h"
#include "wasm/testing/wat.h"

namespace weft::compose {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Interfaces of one function, imported or exported.
std::string imports(const std::vector<std::string>& names, const std::string& type = "(func (param \"n\" u32))") {
  std::string text = "(component";
  for (const std::string& name : names) text += "(import \"" + name + "\" (instance (export \"f\" " + type + ")))";
  return text + ")";
}

std::string exports(const std::vector<std::string>& names, const std::string& before = "",
                    const std::string& type = "(param \"n\" u32)") {
  std::string text = "(component " + before +
                     "(core module $M (func (export \"f\") (param i32))) (core instance $m (instantiate $M))"
                     "(func $f " +
                     type + " (canon lift (core func $m \"f\"))) (instance $i (export \"f\" (func $f)))";
  for (const std::string& name : names) text += "(export \"" + name + "\" (instance $i))";
  return text + ")";
}

class ComposeTest : public testing::Test {
 protected:
  void SetUp() override { files["app.wasm"] = imports({"acme:math/add@1.0.0", "acme:math/sub@1.0.0", "wasi:x/y"}); }

  // The application whose component `app` depends on this.
  Result<Composed> composed(const std::string& dependencies, const std::string& rest = "",
                            const std::string& component = "") {
    const std::string text =
        "spin_manifest_version = 2\n[application]\nname = \"it\"\n[[trigger.http]]\nroute = \"/\"\ncomponent = "
        "\"app\"\n[component.app]\nsource = \"app.wasm\"\n" +
        component + "[component.app.dependencies]\n" + dependencies + rest;
    auto loaded = manifest::load_text(text, "spin.toml");
    if (!loaded.app) return fail(Errc::invalid, manifest::format_all(loaded.diagnostics));
    return compose(*loaded.app, *loaded.app->find_component("app"), {}, reader());
  }
  Result<Composed> with_middleware(const std::string& middleware, const std::string& rest = "") {
    const std::string text =
        "spin_manifest_version = 2\n[application]\nname = \"it\"\n[[trigger.http]]\nroute = \"/\"\ncomponent = "
        "\"app\"\ndependencies.middleware = [" +
        middleware + "]\n[component.app]\nsource = \"app.wasm\"\n" + rest;
    auto loaded = manifest::load_text(text, "spin.toml");
    if (!loaded.app) return fail(Errc::invalid, manifest::format_all(loaded.diagnostics));
    return compose(*loaded.app, *loaded.app->find_component("app"), loaded.app->triggers.front().middleware, reader());
  }

  ReadSource reader() {
    return [this](const manifest::Source& source, const std::string&) -> Result<Binary> {
      const auto* local = std::get_if<manifest::LocalSource>(&source);
      const auto* url = std::get_if<manifest::UrlSource>(&source);
      const std::string name = local != nullptr ? local->path.string() : url->url;
      const auto found = files.find(name);
      if (found == files.end()) return fail(Errc::not_found, "there is no " + name);
      return Binary{std::make_shared<const std::vector<std::byte>>(wasm::testing::wat(found->second)), name};
    };
  }

  std::string error(const std::string& dependencies, const std::string& rest = "", const std::string& component = "") {
    const auto made = composed(dependencies, rest, component);
    return made ? "none" : made.error().message();
  }
  std::vector<std::string> links(const std::string& dependencies, const std::string& rest = "") {
    const auto made = composed(dependencies, rest);
    return made ? made->links() : std::vector{made.error().message()};
  }
  // "part import: reason" of what is denied.
  static std::vector<std::string> denied(const Composed& made) {
    std::vector<std::string> out;
    const auto ast = component::decode(made.bytes()).value();
    for (const auto& each : component::read_composition(*ast).value().value().wiring.denied) {
      out.push_back(std::to_string(each.part) + " " + each.import + ": " + each.reason);
    }
    return out;
  }
  static std::size_t parts(const Composed& made) {
    const auto ast = component::decode(made.bytes()).value();
    return component::read_composition(*ast).value().value().parts.size();
  }

  std::map<std::string, std::string> files;
};

TEST_F(ComposeTest, AComponentAloneIsItself) {
  const auto made = composed("");
  ASSERT_TRUE(made.has_value()) << made.error().message();
  EXPECT_FALSE(made->is_composition());
  EXPECT_EQ(made->name(), "app.wasm");
  EXPECT_EQ(*made->bytes(), wasm::testing::wat(files["app.wasm"]));
}

TEST_F(ComposeTest, AKeyNamesAnInterfaceAPackageOrAPlainName) {
  files["math.wasm"] = exports({"acme:math/add@1.0.0", "acme:math/sub@1.0.0"});
  EXPECT_THAT(links("\"acme:math/add@1.0.0\" = { path = \"math.wasm\" }"),
              ElementsAre("acme:math/add@1.0.0 of app.wasm: math.wasm"));
  EXPECT_THAT(links("\"acme:math/add\" = { path = \"math.wasm\" }"),
              ElementsAre("acme:math/add@1.0.0 of app.wasm: math.wasm"));
  EXPECT_THAT(links("\"acme:math\" = { path = \"math.wasm\" }"),
              ElementsAre("acme:math/add@1.0.0 of app.wasm: math.wasm", "acme:math/sub@1.0.0 of app.wasm: math.wasm"));
  files["app.wasm"] = imports({"translate"});
  files["plain.wasm"] = exports({"translate"});
  EXPECT_THAT(links("translate = { path = \"plain.wasm\" }"), ElementsAre("translate of app.wasm: plain.wasm"));
}

TEST_F(ComposeTest, ADependencyComesFromAFileAnotherComponentOrAUrl) {
  files["math.wasm"] = exports({"acme:math/add@1.0.0"});
  files["https://example.com/math.wasm"] = files["math.wasm"];
  EXPECT_THAT(links("\"acme:math/add\" = { component = \"lib\" }", "\n[component.lib]\nsource = \"math.wasm\"\n"),
              ElementsAre("acme:math/add@1.0.0 of app.wasm: math.wasm"));
  const std::string digest = "sha256:" + std::string(64, 'a');
  EXPECT_THAT(links("\"acme:math/add\" = { url = \"https://example.com/math.wasm\", digest = \"" + digest + "\" }"),
              ElementsAre("acme:math/add@1.0.0 of app.wasm: https://example.com/math.wasm"));
}

TEST_F(ComposeTest, AnExportServesInACompatibleVersionOrUnderTheNameGiven) {
  files["math.wasm"] = exports({"acme:math/add@1.2.0", "other:sums/plus"});
  EXPECT_THAT(links("\"acme:math/add@1.0.0\" = { path = \"math.wasm\" }"),
              ElementsAre("acme:math/add@1.0.0 of app.wasm: acme:math/add@1.2.0 of math.wasm"));
  EXPECT_THAT(links("\"acme:math/add\" = { path = \"math.wasm\", export = \"other:sums/plus\" }"),
              ElementsAre("acme:math/add@1.0.0 of app.wasm: other:sums/plus of math.wasm"));
  files["math.wasm"] = exports({"acme:math/add@2.0.0"});
  EXPECT_THAT(error("\"acme:math/add\" = { path = \"math.wasm\" }"), HasSubstr("exports no acme:math/add@1.0.0"));
}

TEST_F(ComposeTest, AMissingExportIsSaidWithThoseThereAreAndTheNearest) {
  files["math.wasm"] = exports({"acme:math/ad@1.0.0", "acme:else/where"});
  EXPECT_THAT(error("\n\"acme:math/add\" = { path = \"math.wasm\" }"),
              AllOf(HasSubstr("spin.toml:11"), HasSubstr("component.app.dependencies.\"acme:math/add\""),
                    HasSubstr("math.wasm exports no acme:math/add@1.0.0, which app.wasm imports"),
                    HasSubstr("did you mean `acme:math/ad@1.0.0`?"),
                    HasSubstr("its exports: acme:math/ad@1.0.0, acme:else/where")));
}

TEST_F(ComposeTest, AKeyThatNamesNoImportIsAnError) {
  files["math.wasm"] = exports({"acme:math/add@1.0.0"});
  EXPECT_THAT(error("\"acme:maths/add\" = { path = \"math.wasm\" }"),
              AllOf(HasSubstr("app.wasm imports nothing of the name acme:maths/add"),
                    HasSubstr("its imports: acme:math/add@1.0.0, acme:math/sub@1.0.0, wasi:x/y")));
  EXPECT_THAT(error("\"acme:math/add@2.0.0\" = { path = \"math.wasm\" }"), HasSubstr("imports nothing of the name"));
}

TEST_F(ComposeTest, AnImportIsServedOnce) {
  files["math.wasm"] = exports({"acme:math/add@1.0.0"});
  EXPECT_THAT(error("\"acme:math/add@1.0.0\" = { path = \"math.wasm\" }\n"
                    "\"acme:math/add\" = { path = \"math.wasm\" }"),
              AllOf(HasSubstr("spin.toml:11"), HasSubstr("the import acme:math/add@1.0.0 is served by"),
                    HasSubstr("(line 10) already")));
}

TEST_F(ComposeTest, OneSourceWithOneSetOfGrantsIsOnePart) {
  files["math.wasm"] = exports({"acme:math/add@1.0.0", "acme:math/sub@1.0.0"});
  const auto one = composed(
      "\"acme:math/add\" = { path = \"math.wasm\", inherit_configuration = [\"files\", \"variables\"] }\n"
      "\"acme:math/sub\" = { path = \"math.wasm\", inherit_configuration = [\"variables\", \"files\", \"files\"] }");
  ASSERT_TRUE(one.has_value()) << one.error().message();
  EXPECT_EQ(parts(*one), 2u);
  const auto two = composed(
      "\"acme:math/add\" = { path = \"math.wasm\" }\n"
      "\"acme:math/sub\" = { path = \"math.wasm\", inherit_configuration = true }");
  ASSERT_TRUE(two.has_value()) << two.error().message();
  EXPECT_EQ(parts(*two), 3u);
}

TEST_F(ComposeTest, APartIsDeniedWhatItDoesNotInherit) {
  const std::string lib = exports({"acme:math/add@1.0.0"},
                                  "(import \"wasi:clocks/wall-clock@0.2.0\" (instance))"
                                  "(import \"wasi:keyvalue/store@0.2.0-draft2\" (instance))"
                                  "(import \"fermyon:spin/variables@2.0.0\" (instance))"
                                  "(import \"acme:else/where\" (instance))");
  files["lib.wasm"] = lib;
  const std::string of = " does not inherit it; to allow it: inherit_configuration = [\"";
  const std::string subject = "the dependency acme:math/add of component app";
  const auto none = composed("\"acme:math/add\" = { path = \"lib.wasm\" }");
  ASSERT_TRUE(none.has_value()) << none.error().message();
  EXPECT_THAT(denied(*none), ElementsAre("0 wasi:keyvalue/store@0.2.0-draft2: " + subject + of + "key_value_stores\"]",
                                         "0 fermyon:spin/variables@2.0.0: " + subject + of + "variables\"]"));
  const auto some =
      composed("\"acme:math/add\" = { path = \"lib.wasm\", inherit_configuration = [\"key_value_stores\"] }");
  ASSERT_TRUE(some.has_value()) << some.error().message();
  EXPECT_THAT(denied(*some), ElementsAre(HasSubstr("variables@2.0.0")));
  const auto all = composed("\"acme:math/add\" = { path = \"lib.wasm\", inherit_configuration = true }");
  ASSERT_TRUE(all.has_value()) << all.error().message();
  EXPECT_THAT(denied(*all), IsEmpty());
  EXPECT_NE(*all->bytes(), *some->bytes());
}

TEST_F(ComposeTest, WhatWrapsAnInterfaceOfTheHostIsDeniedThatOneToo) {
  files["app.wasm"] = imports({"wasi:config/store", "wasi:keyvalue/store"});
  files["wrap.wasm"] = exports({"wasi:config/store", "wasi:keyvalue/store"},
                               "(import \"wasi:config/store\" (instance))"
                               "(import \"wasi:keyvalue/store\" (instance))");
  const auto made =
      composed("\"wasi:config\" = { path = \"wrap.wasm\" }\n\"wasi:keyvalue\" = { path = \"wrap.wasm\" }");
  ASSERT_TRUE(made.has_value()) << made.error().message();
  EXPECT_THAT(denied(*made), ElementsAre(HasSubstr("0 wasi:config/store"), HasSubstr("0 wasi:keyvalue/store")));
}

TEST_F(ComposeTest, TypesThatDifferAreSaidBothWithTheKey) {
  files["math.wasm"] = exports({"acme:math/add@1.0.0"}, "", "(param \"n\" s32)");
  const auto made = composed("\"acme:math/add\" = { path = \"math.wasm\" }");
  ASSERT_TRUE(made.has_value()) << made.error().message();
  const Error error = made->explain(Error(Errc::invalid, "it failed"));
  EXPECT_THAT(error.message(),
              AllOf(HasSubstr("spin.toml:10"), HasSubstr("component.app.dependencies.\"acme:math/add\""),
                    HasSubstr("math.wasm exports another acme:math/add@1.0.0#f than app.wasm imports"),
                    HasSubstr("imported: func(n: u32)"), HasSubstr("exported: func(n: s32)")));
}

TEST_F(ComposeTest, AFaultOfAPartIsOfItsOwnFile) {
  files["math.wasm"] = exports({"acme:math/add@1.0.0"}, "(import \"x\" (func)) (import \"X\" (func))");
  const auto made = composed("\"acme:math/add\" = { path = \"math.wasm\" }");
  ASSERT_TRUE(made.has_value()) << made.error().message();
  EXPECT_THAT(made->explain(Error(Errc::invalid, "it failed")).message(), testing::StartsWith("math.wasm: offset 0x"));
}

TEST_F(ComposeTest, WhatNobodyHasIsSaidWithWhoImportsIt) {
  files["math.wasm"] = exports({"acme:math/add@1.0.0"}, "(import \"acme:else/where\" (instance))");
  const auto made = composed("\"acme:math/add\" = { path = \"math.wasm\" }");
  ASSERT_TRUE(made.has_value()) << made.error().message();
  EXPECT_THAT(made->explain(Error(Errc::unsupported, "needs acme:else/where, which weft does not know")).message(),
              HasSubstr("acme:else/where is imported by math.wasm"));
}

TEST_F(ComposeTest, ASourceThatIsNotThereIsSaidWithLineAndTheCommandThatBuildsIt) {
  EXPECT_THAT(error("\"acme:math/add\" = { path = \"math.wasm\" }"),
              AllOf(HasSubstr("spin.toml:10"), HasSubstr("there is no math.wasm")));
  EXPECT_THAT(error("\"acme:math/add\" = { component = \"lib\" }",
                    "\n[component.lib]\nsource = \"lib.wasm\"\n[component.lib.build]\ncommand = \"make lib\"\n"),
              HasSubstr("build it first: make lib"));
  files["math.wasm"] = "(module (import \"env\" \"f\" (func)))";
  EXPECT_THAT(error("\"acme:math/add\" = { path = \"math.wasm\" }"),
              HasSubstr("math.wasm: the core module imports env.f (not yet)"));
}

TEST_F(ComposeTest, AComponentDoesNotDependOnItselfNorOnOneThatDepends) {
  EXPECT_THAT(error("\"acme:math/add\" = { component = \"app\" }"), HasSubstr("the component `app` depends on itself"));
  EXPECT_THAT(error("\"acme:math/add\" = { component = \"b\" }",
                    "\n[component.b]\nsource = \"b.wasm\"\n[component.b.dependencies]\n"
                    "\"acme:x/y\" = { component = \"app\" }\n"),
              AllOf(HasSubstr("the component `b` has dependencies of its own"),
                    HasSubstr("the component `app` has dependencies of its own")));
}

TEST_F(ComposeTest, AllDependenciesMayInheritAtOnce) {
  files["lib.wasm"] = exports({"acme:math/add@1.0.0"}, "(import \"wasi:keyvalue/store@0.2.0-draft2\" (instance))");
  const auto made =
      composed("\"acme:math/add\" = { path = \"lib.wasm\" }", "", "dependencies_inherit_configuration = true\n");
  ASSERT_TRUE(made.has_value()) << made.error().message();
  EXPECT_THAT(denied(*made), IsEmpty());
}

constexpr const char* handler = "wasi:http/handler@0.3.0";

std::string middleware(const std::string& more = "") {
  return exports({handler},
                 "(import \"" + std::string(handler) + "\" (instance (export \"f\" (func (param \"n\" u32)))))" + more);
}

TEST_F(ComposeTest, MiddlewareStandsInFrontInOrder) {
  files["app.wasm"] = exports({handler});
  files["a.wasm"] = middleware("(import \"wasi:http/client@0.3.0\" (instance))");
  files["b.wasm"] = middleware();
  const auto made = with_middleware(
      "{ path = \"a.wasm\" }, { component = \"b\", inherit_configuration = true }, { path = \"a.wasm\" }",
      "[component.b]\nsource = \"b.wasm\"\n");
  ASSERT_TRUE(made.has_value()) << made.error().message();
  EXPECT_THAT(made->links(),
              ElementsAre("wasi:http/handler@0.3.0 of a.wasm: app.wasm", "wasi:http/handler@0.3.0 of b.wasm: a.wasm",
                          "wasi:http/handler@0.3.0 of a.wasm: b.wasm"));
  EXPECT_THAT(denied(*made), ElementsAre(HasSubstr("1 wasi:http/client@0.3.0: middleware 2 of component app"),
                                         HasSubstr("3 wasi:http/client@0.3.0: middleware 0 of component app")));
  EXPECT_EQ(made->name(), "app.wasm");
}

TEST_F(ComposeTest, MiddlewareAndWhatIsBehindItAreOfOneVersion) {
  const auto error = [&](const std::string& middleware) {
    const auto made = with_middleware(middleware);
    return made ? "none" : made.error().message();
  };
  files["a.wasm"] = middleware();
  files["app.wasm"] = exports({"wasi:http/incoming-handler@0.2.0"});
  EXPECT_THAT(error("{ path = \"a.wasm\" }"),
              AllOf(HasSubstr("spin.toml:7"), HasSubstr("app.wasm does not export wasi:http/handler"),
                    HasSubstr("wasi:http/incoming-handler@0.2.0")));
  files["app.wasm"] = exports({"wasi:http/handler@0.3.0-rc-2026-03-15"});
  EXPECT_THAT(error("{ path = \"a.wasm\" }"), HasSubstr("build both for the same version"));
  files["app.wasm"] = exports({"wasi:http/handler@0.3.1"});
  EXPECT_EQ(error("{ path = \"a.wasm\" }"), "none");
  files["a.wasm"] = exports({handler});
  EXPECT_THAT(error("{ path = \"a.wasm\" }"), HasSubstr("a.wasm is no middleware"));
}

}  // namespace
}  // namespace weft::compose

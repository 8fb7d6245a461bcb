#include "inspect/targets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>

#include "component/composition.h"
#include "manifest/load.h"
#include "wit/testing.h"

namespace weft::inspect {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view host = R"(package acme:host@1.0.0;

interface log { line: func(text: u32); }
world http {
  import log;
  export run: func() -> u32;
}
world bare {
  export run: func() -> u32;
}
)";

// Exports run; imports acme:host/log.
constexpr std::string_view logging = R"((component
  (import "acme:host/log@1.0.0" (instance $log (export "line" (func (param "text" u32)))))
  (core func $line (canon lower (func $log "line")))
  (core module $M
    (import "" "line" (func $line (param i32)))
    (func (export "run") (result i32) (call $line (i32.const 1)) (i32.const 2)))
  (core instance $m (instantiate $M (with "" (instance (export "line" (func $line))))))
  (func (export "run") (result u32) (canon lift (core func $m "run")))))";
// Exports acme:host/log.
constexpr std::string_view logger = R"((component
  (import "acme:other/clock@1.0.0" (instance $clock (export "now" (func))))
  (core module $M (func (export "line") (param i32)))
  (core instance $m (instantiate $M))
  (func $line (param "text" u32) (canon lift (core func $m "line")))
  (instance $log (export "line" (func $line)))
  (export "acme:host/log@1.0.0" (instance $log))))";

class Targets : public ::testing::Test {
 protected:
  Targets() {
    char name[] = "/tmp/weft-targets-XXXXXX";
    folder_ = mkdtemp(name);
    write("wit/host.wit", host);
  }
  ~Targets() override { fs::remove_all(folder_); }

  void write(const fs::path& path, std::string_view text) {
    fs::create_directories((folder_ / path).parent_path());
    std::ofstream(folder_ / path) << text;
  }
  // Of an application with these targets, whose components `it` and `other` are these texts.
  TargetFindings check(const std::string& targets, std::string_view it = logging, const std::string& more = {},
                       const std::vector<std::string>& components = {}) {
    const std::string text = "spin_manifest_version = 2\n[application]\nname = \"it\"\ntargets = " + targets +
                             "\n[[trigger.http]]\nroute = \"/it\"\ncomponent = \"it\"\n"
                             "[component.it]\nsource = \"it.wasm\"\n" +
                             more;
    auto loaded = manifest::load_text(text, folder_ / "spin.toml");
    EXPECT_TRUE(loaded.app) << manifest::format_all(loaded.diagnostics);
    if (!loaded.app) return {};
    is_local_ = has_local_targets(*loaded.app);
    return check_targets(*loaded.app, components, [&](const manifest::Component& component) -> Result<Face> {
      ++reads_[component.id];
      if (component.id == "gone") return fail(Errc::not_found, "there is no file gone.wasm");
      return read_face(bytes_ != nullptr ? bytes_ : wit::component_bytes(it));
    });
  }
  static std::string environment(const std::string& worlds, const std::string& more = {}) {
    return "[triggers]\nhttp = { worlds = [" + worlds + "]" + more + " }\n";
  }

  fs::path folder_;
  std::map<std::string, int> reads_;
  std::shared_ptr<const std::vector<std::byte>> bytes_;  // in place of a text
  bool is_local_ = false;
};

constexpr const char* http_world = R"({ path = "wit", world = "acme:host/http@1.0.0" })";
constexpr const char* bare_world = R"({ path = "wit", world = "acme:host/bare@1.0.0" })";

TEST_F(Targets, AComponentFitsThatFitsOneOfTheWorlds) {
  write("env.toml", environment(std::string(bare_world) + ", " + http_world));
  const auto found = check(R"([{ path = "env.toml" }])");
  EXPECT_THAT(found.misfits, IsEmpty());
  EXPECT_THAT(found.unchecked, IsEmpty());
  EXPECT_TRUE(is_local_);
}

TEST_F(Targets, WhatDoesNotFitIsNamedWithComponentWorldPlaceAndRemedy) {
  write("env.toml", environment(bare_world));
  const auto found = check(R"([{ path = "env.toml" }])");
  ASSERT_EQ(found.misfits.size(), 1u);
  EXPECT_THAT(found.misfits.front(),
              AllOf(HasSubstr("spin.toml:4: component it does not fit the target env.toml: build it for its world, or"),
                    HasSubstr("\nagainst the world acme:host/bare@1.0.0 of "),
                    HasSubstr("\n  import acme:host/log@1.0.0: the world bare does not import it"),
                    HasSubstr("wit/host.wit:8)")));
}

TEST_F(Targets, AFolderOfWitIsATargetByItsOnlyWorld) {
  write("one/world.wit", "package a:b;\nworld w {\n  export walk: func();\n}\n");
  const auto found = check(R"([{ path = "one" }])", "(component)");
  EXPECT_THAT(found.misfits, ElementsAre(HasSubstr("export walk: the component does not export it")));
  EXPECT_THAT(check(R"([{ path = "wit" }])").misfits,
              ElementsAre(AllOf(HasSubstr("has several worlds"), HasSubstr("world = \"acme:host/http@1.0.0\""))));
}

TEST_F(Targets, AnEnvironmentHasTriggersByType) {
  write("env.toml", "[triggers.redis]\nworlds = []\n");
  EXPECT_THAT(check(R"([{ path = "env.toml" }])").misfits,
              ElementsAre(HasSubstr("it has no triggers of type http, only redis: use another trigger")));
  write("env.toml", "[triggers.redis]\nworlds = []\n[default]\nworlds = []\n");
  EXPECT_THAT(check(R"([{ path = "env.toml" }])").misfits, IsEmpty());
}

TEST_F(Targets, ChainingIsACapability) {
  const std::string asks = "allowed_outbound_hosts = [\"http://*.spin.internal\"]\n";
  write("env.toml", environment(http_world));
  EXPECT_THAT(check(R"([{ path = "env.toml" }])", logging, asks).misfits,
              ElementsAre(HasSubstr("local_service_chaining")));
  write("env.toml", environment(http_world, ", capabilities = [\"local_service_chaining\"]"));
  EXPECT_THAT(check(R"([{ path = "env.toml" }])", logging, asks).misfits, IsEmpty());
}

TEST_F(Targets, WhatIsNotOnThisMachineIsNamedAndNoMisfit) {
  write("env.toml", environment(std::string(bare_world) + ", \"spin:up/http-trigger@3.2.0\""));
  const auto found = check(R"(["spin-up:3.2", { url = "https://example.com/e.toml" }, { path = "env.toml" }])");
  EXPECT_THAT(found.misfits, IsEmpty()) << "it may fit the world that is in a registry";
  EXPECT_THAT(found.unchecked,
              ElementsAre(HasSubstr("spin.toml:4: target spin-up:3.2 is not looked at (not yet): "),
                          HasSubstr("target https://example.com/e.toml"),
                          HasSubstr("env.toml:2: the world spin:up/http-trigger@3.2.0, which is in a registry")));
  check(R"(["spin-up:3.2"])");
  EXPECT_FALSE(is_local_);
  EXPECT_EQ(reads_["it"], 1) << "nothing is read for it";
}

TEST_F(Targets, OfAComponentTakeThePlaceOfThoseOfTheApplication) {
  write("bare.toml", environment(bare_world));
  write("http.toml", environment(http_world));
  EXPECT_THAT(check(R"([{ path = "bare.toml" }])", logging, "targets = [{ path = \"http.toml\" }]\n").misfits,
              IsEmpty());
  EXPECT_THAT(check("[]", logging, "targets = [{ path = \"bare.toml\" }]\n").misfits,
              ElementsAre(HasSubstr("spin.toml:10: component it")));
}

TEST_F(Targets, OnlyThoseThatWereAskedForAndThatATriggerUsesAreRead) {
  write("env.toml", environment(bare_world));
  const std::string more =
      "[[trigger.http]]\nroute = \"/gone\"\ncomponent = \"gone\"\n"
      "[component.gone]\nsource = \"gone.wasm\"\n[component.unused]\nsource = \"unused.wasm\"\n";
  const auto found = check(R"([{ path = "env.toml" }, { path = "env.toml" }])", logging, more);
  EXPECT_THAT(found.misfits,
              ElementsAre(HasSubstr("component it"), HasSubstr("component it"),
                          HasSubstr("component gone is not compared with its targets: there is no file gone.wasm")));
  EXPECT_EQ(reads_["it"], 1);
  EXPECT_EQ(reads_["unused"], 0);
  EXPECT_THAT(check(R"([{ path = "env.toml" }])", logging, more, {"it"}).misfits,
              ElementsAre(HasSubstr("component it")));
}

TEST_F(Targets, MistakesOfAnEnvironmentAreToldOnce) {
  write("env.toml", "[triggers.http]\nworld = []\n");
  const std::string more = "[[trigger.http]]\nroute = \"/b\"\ncomponent = \"b\"\n[component.b]\nsource = \"b.wasm\"\n";
  EXPECT_THAT(check(R"([{ path = "env.toml" }])", logging, more).misfits, ElementsAre(HasSubstr("env.toml:")));
  EXPECT_THAT(check(R"([{ path = "none.toml" }])").misfits, ElementsAre(HasSubstr("none.toml")));
  write("env.toml", environment(R"({ path = "nowhere", world = "a:b/c" })"));
  EXPECT_THAT(check(R"([{ path = "env.toml" }])").misfits, ElementsAre(HasSubstr("nowhere")));
  write("env.toml", environment(R"({ path = "wit", world = "acme:host/none@1.0.0" })"));
  EXPECT_THAT(check(R"([{ path = "env.toml" }])").misfits, ElementsAre(HasSubstr("has no world none")));
}

TEST_F(Targets, OfACompositionCountsWhatNoPartGives) {
  const component::ast::Bytes parts[] = {wit::component_bytes(logger), wit::component_bytes(logging)};
  component::Wiring wiring;
  wiring.links.push_back({.part = 1, .import = "acme:host/log@1.0.0", .from = 0, .export_name = "acme:host/log@1.0.0"});
  bytes_ = std::make_shared<const std::vector<std::byte>>(component::write_composition(parts, wiring));
  write("env.toml", environment(bare_world));
  const auto found = check(R"([{ path = "env.toml" }])");
  ASSERT_EQ(found.misfits.size(), 1u);
  EXPECT_THAT(found.misfits.front(), HasSubstr("import acme:other/clock@1.0.0"));
  EXPECT_THAT(found.misfits.front(), ::testing::Not(HasSubstr("acme:host/log")));
}

}  // namespace
}  // namespace weft::inspect

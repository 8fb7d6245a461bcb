#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "inspect/report.h"
#include "manifest/load.h"
#include "wit/testing.h"

namespace weft::inspect {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// Offers "a:b/have" with the function "f".
class Host final : public component::HostLinker {
 public:
  bool offers(std::string_view interface) const override { return interface == "a:b/have"; }
  const component::HostResourceType* resource(std::string_view, std::string_view) const override { return nullptr; }
  Result<component::HostBinding> bind(const component::HostFunc& func,
                                      const std::vector<const component::HostResourceType*>&) const override {
    if (!offers(func.interface) || func.name != "f") return fail(Errc::not_found, "");
    return component::HostBinding{};
  }
};

Report report_of(std::string_view text, const IsCached& is_cached = {}) {
  return inspect(wit::component_bytes(text), "folder/My Thing.wasm", Host(), is_cached).value();
}

TEST(Inspect, ImportsAreOfferedInPartOrNotAtAll) {
  const Report report = report_of(R"((component
    (import "a:b/have" (instance (export "f" (func)) (export "g" (func))))
    (import "spin:postgres/postgres@4.0.0" (instance (export "f" (func))))
    (import "a:b/types" (instance))))");
  ASSERT_EQ(report.imports.size(), 3u);
  EXPECT_EQ(report.imports[0].state, Import::State::partly);
  EXPECT_EQ(report.imports[0].detail, "needs a:b/have with g (not yet)");
  EXPECT_EQ(report.imports[1].state, Import::State::lacking);
  EXPECT_EQ(report.imports[2].state, Import::State::offered) << "an interface without functions needs nothing";
  EXPECT_THAT(report.lacks,
              ElementsAre("needs a:b/have with g (not yet)", "needs spin:postgres/postgres@4.0.0 (not yet)"));
}

TEST(Inspect, AComponentThatHasAllRuns) {
  const Report report = report_of(R"((component (import "a:b/have" (instance (export "f" (func))))))");
  EXPECT_THAT(report.lacks, testing::IsEmpty());
  EXPECT_THAT(to_text(report), HasSubstr("It has all that it imports here.\n"));
}

TEST(Inspect, WhatOnlyCallsNeedKeepsNoInterpreterFromRunning) {
  const Report report = report_of(R"((component
    (import "spin:postgres/postgres@4.0.0" (instance (export "f" (func))))
    (@custom "producers" "\01\0cprocessed-by\01\0eComponentizeJS\00")))");
  EXPECT_THAT(report.lacks, testing::IsEmpty());
  EXPECT_THAT(report.fails_calling, ElementsAre("needs spin:postgres/postgres@4.0.0 (not yet)"));
  EXPECT_EQ(report.imports[0].state, Import::State::lacking);
  EXPECT_THAT(to_text(report), HasSubstr("It runs, but fails when it calls what it:\n  needs spin:postgres"));
}

TEST(Inspect, AnImportNobodyCouldPlanIsSaid) {
  const Report report = report_of(R"((component (import "m" (core module))))");
  EXPECT_THAT(report.lacks, ElementsAre(HasSubstr("import m is a core module (not yet)")));
}

constexpr const char* two_modules = R"((component
  (core module (memory 1) (data (i32.const 0) "data, more of it than what their exports take") (func))
  (component (core module (func (export "nested"))))))";

TEST(Inspect, CoreModulesHaveTheirSizesAndTheKeyOfTheirCode) {
  std::vector<Sha256> asked;
  const Report report = report_of(two_modules, [&](const Sha256& hash) {
    asked.push_back(hash);
    return asked.size() == 1;
  });
  ASSERT_EQ(report.modules.size(), 2u);
  EXPECT_EQ(report.modules[0].data_size, 45u);
  EXPECT_LT(report.modules[0].code_size, report.modules[0].size);
  EXPECT_EQ(report.modules[0].is_cached, true);
  EXPECT_EQ(report.modules[1].data_size, 0u);
  EXPECT_EQ(report.modules[1].is_cached, false);
  EXPECT_THAT(asked, ElementsAre(report.modules[0].code_hash, report.modules[1].code_hash));
  EXPECT_EQ(report_of(two_modules).modules[0].is_cached, std::nullopt);
}

TEST(Inspect, ProducersOfComponentAndModulesAreCollectedOnce) {
  const std::string section = R"((@custom "producers" "\01\08language\02\04Rust\00\04Rust\00"))";
  const Report report = report_of("(component (core module " + section +
                                  ") (@custom \"producers\" \"\\01\\03sdk\\01\\01\\1b\\021\\n\"))");
  EXPECT_THAT(report.producers, ElementsAre(testing::Pair("language", ElementsAre(testing::Pair("Rust", ""))),
                                            testing::Pair("sdk", ElementsAre(testing::Pair("\x1b", "1\n")))));
  EXPECT_THAT(to_text(report), HasSubstr("  sdk: ? 1?\n"));
}

TEST(Inspect, ProducersThatCannotBeReadAreLeftOut) {
  for (const char* section : {"", "\\ff\\ff\\ff\\ff\\0f", "\\01\\08lang", "\\01\\01a\\ff\\ff\\ff\\ff\\0f"}) {
    EXPECT_THAT(report_of("(component (@custom \"producers\" \"" + std::string(section) + "\"))").producers,
                Not(testing::Contains(testing::Key("language"))));
  }
}

TEST(Inspect, WhatIsNoComponentIsAnError) {
  const auto bytes = std::make_shared<const std::vector<std::byte>>(20);
  EXPECT_FALSE(inspect(bytes, "x.wasm", Host(), {}).has_value());
}

TEST(Inspect, TheJsonHasEverything) {
  const auto json = nlohmann::json::parse(to_json(report_of(two_modules)));
  EXPECT_EQ(json["file"], "folder/My Thing.wasm");
  EXPECT_EQ(json["runs"], true);
  EXPECT_EQ(json["modules"].size(), 2u);
  EXPECT_EQ(json["modules"][0]["code_hash"].get<std::string>().size(), 64u);
  EXPECT_EQ(json["modules"][0]["cached"], nullptr);
  EXPECT_THAT(json["wit"].get<std::string>(), HasSubstr("world root {"));
  EXPECT_THAT(json["manifest"].get<std::string>(), HasSubstr("[component.my-thing]"));
}

// ---- the least manifest ----

manifest::App load(const Manifest& manifest) {
  auto loaded = manifest::load_text(manifest.text, "spin.toml", {.strict = true});
  EXPECT_TRUE(loaded.app.has_value()) << manifest.text << manifest::format_all(loaded.diagnostics);
  return loaded.app ? std::move(*loaded.app) : manifest::App();
}

TEST(LeastManifest, HasARouteAndTheFileOfTheComponent) {
  const manifest::App app = load(least_manifest("folder/My \"Thing\".wasm", {}, {"wasi:http/incoming-handler@0.2.12"}));
  ASSERT_EQ(app.components.size(), 1u);
  EXPECT_EQ(std::get<manifest::LocalSource>(app.components[0].source).path, "My \"Thing\".wasm");
  ASSERT_EQ(app.triggers.size(), 1u);
  EXPECT_EQ(app.triggers[0].component, app.components[0].id);
}

TEST(LeastManifest, GrantsWhatTheImportsNeedAndNothingElse) {
  const std::vector<std::string> none{"wasi:io/poll@0.2.0", "wasi:filesystem/types@0.2.0", "a:b/c"};
  const Manifest plain = least_manifest("x.wasm", none, {});
  EXPECT_FALSE(plain.grants.outbound_hosts || plain.grants.key_value_stores || plain.grants.variables);
  EXPECT_THAT(plain.text, HasSubstr("# It exports no handler"));
  load(plain);

  const Manifest all =
      least_manifest("x.wasm",
                     {"wasi:http/outgoing-handler@0.2.3", "spin:key-value/key-value@3.0.0", "fermyon:spin/sqlite@2.0.0",
                      "fermyon:spin/llm@2.0.0", "spin:variables/variables@3.0.0"},
                     {"wasi:http/handler@0.3.0"});
  const manifest::App app = load(all);
  EXPECT_EQ(app.components[0].key_value_stores.size(), 1u);
  EXPECT_EQ(app.components[0].sqlite_databases.size(), 1u);
  EXPECT_TRUE(all.grants.outbound_hosts && all.grants.ai_models && all.grants.variables);
}

TEST(LeastManifest, EveryHandlerOfRequestsIsOne) {
  for (const char* name : {"wasi:http/incoming-handler@0.2.0", "wasi:http/handler@0.3.0", "fermyon:spin/inbound-http",
                           "wgall:http-handler/handler@1.0.0", "wgall:other/handler"}) {
    EXPECT_THAT(least_manifest("x.wasm", {}, {name}).text, Not(HasSubstr("# It exports no handler"))) << name;
  }
  EXPECT_THAT(least_manifest("x.wasm", {}, {"acme:other/handler"}).text, HasSubstr("# It exports no handler"));
}

TEST(LeastManifest, AHandlerOfMessagesGetsTheirTrigger) {
  const manifest::App app = load(least_manifest("x.wasm", {}, {"fermyon:spin/inbound-redis"}));
  ASSERT_EQ(app.triggers.size(), 1u);
  EXPECT_EQ(app.triggers[0].type, "redis");
}

}  // namespace
}  // namespace weft::inspect

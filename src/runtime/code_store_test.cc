#include "runtime/code_store.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <thread>

#include "runtime/confine.h"
#include "runtime/test_folder.h"
#include "wasm/testing/wat.h"

namespace weft::runtime {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using wasm::testing::wat;

class CodeStoreTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { engine = wasm::Engine::create({}).value().release(); }
  static void TearDownTestSuite() { delete engine; }

  std::unique_ptr<CodeStore> open(CompileOptions options = {}) {
    auto cache = CodeCache::open(
        {.folder = folder.path() / "code", .log = [this](std::string_view line) { lines.emplace_back(line); }});
    return std::make_unique<CodeStore>(*engine, *std::move(cache), std::move(options));
  }

  static Result<std::vector<wasm::Module>> load(CodeStore& store, std::vector<std::vector<std::byte>> modules) {
    std::vector<wasm::SeparatedModule> separated;
    for (const auto& module : modules) separated.push_back(wasm::separate(module));
    return store.modules(separated);
  }
  static std::string first_export(const wasm::Module& module) { return module.exports().at(0).name; }

  static wasm::Engine* engine;
  TestFolder folder;
  std::vector<std::string> lines;
};
wasm::Engine* CodeStoreTest::engine = nullptr;

const std::vector<std::byte> one = wat(R"((module (memory 1) (data (i32.const 0) "one") (func (export "f"))))");
const std::vector<std::byte> one_with_other_data =
    wat(R"((module (memory 1) (data (i32.const 9) "two") (func (export "f"))))");
const std::vector<std::byte> other = wat(R"((module (func (export "g"))))");

TEST_F(CodeStoreTest, AModuleIsCompiledOnceAndFoundByTheNextProcess) {
  auto first = open();
  auto modules = load(*first, {one, other, one});
  ASSERT_TRUE(modules.has_value()) << modules.error().message();
  EXPECT_EQ(first_export((*modules)[0]), "f");
  EXPECT_EQ(first_export((*modules)[1]), "g");
  EXPECT_EQ((*modules)[0].raw(), (*modules)[2].raw());
  EXPECT_EQ(first->counts().compiled, 2u);
  first.reset();
  auto second = open();
  EXPECT_EQ(first_export(load(*second, {other})->at(0)), "g");
  EXPECT_EQ(second->counts().cached, 1u);
  EXPECT_EQ(second->counts().compiled, 0u);
}

TEST_F(CodeStoreTest, EditingDataCompilesNothing) {
  load(*open(), {one}).value();
  auto store = open();
  auto modules = load(*store, {one_with_other_data});
  ASSERT_TRUE(modules.has_value());
  EXPECT_EQ(store->counts().cached, 1u);
  EXPECT_EQ(store->counts().compiled, 0u);
}

TEST_F(CodeStoreTest, AModuleInUseIsSharedAndOneNoLongerUsedIsNot) {
  CodeStore store(*engine, nullptr, {});
  {
    auto modules = load(store, {one}).value();
    EXPECT_EQ(load(store, {one_with_other_data})->at(0).raw(), modules[0].raw());
    EXPECT_EQ(store.counts().shared, 1u);
  }
  load(store, {one}).value();
  EXPECT_EQ(store.counts().compiled, 2u);
}

TEST_F(CodeStoreTest, ADamagedFileCostsACompilation) {
  load(*open(), {one}).value();
  for (const auto& entry : fs::directory_iterator(folder.path() / "code")) {
    if (entry.path().extension() == ".code") fs::resize_file(entry, 100);
  }
  auto store = open();
  EXPECT_EQ(first_export(load(*store, {one})->at(0)), "f");
  EXPECT_EQ(store->counts().compiled, 1u);
  EXPECT_EQ(lines.size(), 1u);
}

TEST_F(CodeStoreTest, CodeThatTheEngineRefusesIsRemovedAndCompiledAgain) {
  // Everything weft checks is right, but the engine's own format is not.
  auto store = open();
  const CodeKey key{engine->fingerprint(), code_hash(wasm::separate(one))};
  auto file = store->cache()->create().value();
  ASSERT_EQ(write(file.file.get(), "no ELF", 6), 6);
  ASSERT_TRUE(store->cache()
                  ->seal(std::move(file),
                         {.key = key, .code_size = 6, .code_hash = sha256(std::as_bytes(std::span("no ELF", 6)))})
                  .has_value());
  store->cache()->settle();
  EXPECT_EQ(first_export(load(*store, {one})->at(0)), "f");
  EXPECT_EQ(store->counts().compiled, 1u);
  EXPECT_EQ(lines.size(), 1u);
}

TEST_F(CodeStoreTest, AFolderThatVanishesDoesNotStopIt) {
  auto store = open();
  fs::remove_all(folder.path() / "code");
  EXPECT_EQ(first_export(load(*store, {one})->at(0)), "f");
  EXPECT_THAT(lines, testing::SizeIs(1));
}

TEST_F(CodeStoreTest, AnInvalidModuleIsTheAuthorsError) {
  auto broken = wat(R"((module (func (export "f") (result i32) i32.const 1)))");
  broken.back() = std::byte{0x0f};  // the function's end
  auto store = open();
  auto modules = load(*store, {other, broken});
  ASSERT_FALSE(modules.has_value());
  EXPECT_EQ(modules.error().code(), Errc::invalid);
  EXPECT_TRUE(load(*store, {other}).has_value());
}

// A function the compiler needs seconds and hundreds of megabytes for: thousands of values that all live to the end.
std::vector<std::byte> costly_module() {
  std::string text = "(module (func (export \"f\") (param i32) (result i32)\n";
  constexpr int values = 10'000;
  for (int i = 0; i < values; ++i) text += "local.get 0 i32.const " + std::to_string(i) + " i32.mul i32.load\n";
  for (int i = 1; i < values; ++i) text += "i32.add\n";
  return wat(text + ") (memory 1))");
}

TEST_F(CodeStoreTest, ACompilationThatTakesTooLongIsEndedAndTheNextOneWorks) {
  auto store = open({.limits = {.wall = std::chrono::seconds(0)}});
  auto modules = load(*store, {one});
  ASSERT_FALSE(modules.has_value());
  EXPECT_EQ(modules.error().code(), Errc::limit);
  EXPECT_THAT(modules.error().message(), HasSubstr("longer than 0 s"));
  EXPECT_TRUE(load(*open(), {one}).has_value());
}

TEST_F(CodeStoreTest, ACompilationThatTakesTooMuchCpuIsEnded) {
  auto store = open({.limits = {.cpu = std::chrono::seconds(0)}});
  auto modules = load(*store, {costly_module()});
  ASSERT_FALSE(modules.has_value());
  EXPECT_EQ(modules.error().code(), Errc::limit) << modules.error().message();
}

TEST_F(CodeStoreTest, ACompilationThatTakesTooMuchMemoryIsEnded) {
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  GTEST_SKIP() << "sanitizers need more address space than any limit";
#else
  const auto module = costly_module();
  // What the program itself needs, and little more.
  auto store = open({.limits = {.address_space_bytes = std::uint64_t{50} << 20}, .parallel = false});
  auto modules = load(*store, {module});
  ASSERT_FALSE(modules.has_value());
  EXPECT_EQ(modules.error().code(), Errc::limit) << modules.error().message();
  EXPECT_THAT(modules.error().message(), HasSubstr("50 MiB"));
  EXPECT_TRUE(load(*store, {one}).has_value());
#endif
}

TEST_F(CodeStoreTest, CodeBeyondItsBoundIsRefused) {
  auto store = open({.limits = {.output_bytes = 100}});
  EXPECT_FALSE(load(*store, {one}).has_value());
}

TEST_F(CodeStoreTest, AChildThatCannotBeStartedIsReported) {
  auto store = open({.program = "/nowhere/weft", .limits = {}});
  auto modules = load(*store, {one});
  ASSERT_FALSE(modules.has_value());
  EXPECT_THAT(modules.error().message(), HasSubstr("starting the compiler"));
}

TEST_F(CodeStoreTest, AChildThatIsNoCompilerIsReported) {
  auto store = open({.program = "/bin/false", .limits = {}});
  auto modules = load(*store, {one});
  ASSERT_FALSE(modules.has_value());
  EXPECT_THAT(modules.error().message(), HasSubstr("the compiler ended with status 1"));
}

TEST_F(CodeStoreTest, MoreModulesThanOneChildTakes) {
  std::vector<std::vector<std::byte>> modules;
  for (int i = 0; i < 70; ++i) modules.push_back(wat("(module (func (export \"e" + std::to_string(i) + "\")))"));
  auto loaded = load(*open(), modules);
  ASSERT_TRUE(loaded.has_value());
  for (std::size_t i = 0; i < modules.size(); ++i) EXPECT_EQ(first_export((*loaded)[i]), "e" + std::to_string(i));
}

TEST_F(CodeStoreTest, ManyThreadsMayLoadAtOnce) {
  auto store = open();
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      auto modules = load(*store, {one, other});
      right += modules.has_value() && first_export(modules->at(1)) == "g";
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right, 4);
}

TEST(Confine, WhatIsOpenStaysUsableAndNothingElseCanBeReached) {
  const auto confined = [] {
    const int open_file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    if (!confine_to_open_files()) std::_Exit(1);
    char byte;
    if (read(open_file, &byte, 1) != 1) std::_Exit(2);
    std::thread([] { std::string grows(1 << 22, 'x'); }).join();
    if (open("/proc/self/status", O_RDONLY | O_CLOEXEC) != -1 || errno != EPERM) std::_Exit(3);
    if (socket(AF_INET, SOCK_STREAM, 0) != -1 || errno != EPERM) std::_Exit(4);
    char* const arguments[] = {const_cast<char*>("true"), nullptr};
    execv("/bin/true", arguments);
    if (errno != EPERM) std::_Exit(5);
    if (kill(getppid(), 0) != -1 || errno != EPERM) std::_Exit(6);
    std::thread([] {
      if (open("/dev/null", O_RDONLY | O_CLOEXEC) != -1) std::_Exit(7);
    }).join();
    std::_Exit(0);
  };
  EXPECT_EXIT(confined(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace weft::runtime

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

  std::unique_ptr<CodeStore> open(CompileOptions options = {},
                                  std::chrono::milliseconds delay = std::chrono::milliseconds(0)) {
    auto cache = CodeCache::open({.folder = folder.path() / "code", .log = [this](std::string_view line) {
                                    std::lock_guard lock(mutex);
                                    lines.emplace_back(line);
                                  }});
    return std::make_unique<CodeStore>(*engine, *std::move(cache), std::move(options), delay);
  }

  enum class Then { nothing, improve };
  static Result<Code> load(CodeStore& store, std::vector<std::vector<std::byte>> modules, Then then) {
    const auto bytes = std::make_shared<std::vector<std::vector<std::byte>>>(std::move(modules));
    std::vector<CoreModule> parts;
    for (const auto& module : *bytes) parts.emplace_back(module);
    TRY(auto code, store.modules(parts));
    if (then == Then::improve) store.improve({bytes, std::move(parts), [](std::vector<wasm::Module>) {}});
    return code;
  }
  static Result<std::vector<wasm::Module>> load(CodeStore& store, std::vector<std::vector<std::byte>> modules) {
    TRY(auto code, load(store, std::move(modules), Then::nothing));
    return code.modules;
  }

  // In the cache's folder, with `text` in their names.
  std::size_t files(std::string_view text) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        fs::directory_iterator(folder.path() / "code"),
        [&](const auto& entry) { return entry.path().filename().string().find(text) != std::string::npos; }));
  }

  static std::string first_export(const wasm::Module& module) { return module.exports().at(0).name; }

  static wasm::Engine* engine;
  TestFolder folder;
  std::mutex mutex;
  std::vector<std::string> lines;
};
wasm::Engine* CodeStoreTest::engine = nullptr;

const std::vector<std::byte> one = wat(R"((module (memory 1) (data (i32.const 0) "one") (func (export "f"))))");
const std::vector<std::byte> one_with_other_data =
    wat(R"((module (memory 1) (data (i32.const 9) "two") (func (export "f"))))");
const std::vector<std::byte> other = wat(R"((module (func (export "g"))))");

// A function the compiler needs seconds and hundreds of megabytes for: thousands of values that all live to the end.
std::vector<std::byte> costly_module() {
  std::string text = "(module (func (export \"f\") (param i32) (result i32)\n";
  constexpr int values = 10'000;
  for (int i = 0; i < values; ++i) text += "local.get 0 i32.const " + std::to_string(i) + " i32.mul i32.load\n";
  for (int i = 1; i < values; ++i) text += "i32.add\n";
  return wat(text + ") (memory 1))");
}

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

TEST_F(CodeStoreTest, WhatWasCompiledQuicklyIsCompiledBetterInTheBackground) {
  auto store = open();
  ASSERT_TRUE(load(*store, {one, other}, Then::improve)->is_quick);
  store->settle();
  EXPECT_EQ(store->counts().improved, 2u);
  EXPECT_EQ(files("code"), 2u) << "quick code gives way to better code";
  EXPECT_FALSE(load(*store, {one, other}, Then::nothing)->is_quick);
  EXPECT_EQ(store->counts().shared, 0u) << "what was quick is no longer used";
  EXPECT_FALSE(load(*open(), {one, other}, Then::nothing)->is_quick);
}

TEST_F(CodeStoreTest, AStartThatFindsQuickCodeImprovesItWithoutWaiting) {
  ASSERT_TRUE(load(*open(), {one}, Then::nothing)->is_quick);
  auto store = open();
  ASSERT_TRUE(load(*store, {one}, Then::improve)->is_quick);
  EXPECT_EQ(store->counts().compiled, 0u);
  store->settle();
  EXPECT_EQ(store->counts().improved, 1u);
}

TEST_F(CodeStoreTest, WithoutACacheNothingIsCompiledTwice) {
  CodeStore store(*engine, nullptr, {});
  EXPECT_FALSE(load(store, {one}, Then::nothing)->is_quick);
}

TEST_F(CodeStoreTest, WhatIsNotImprovedYetIsGivenUpWithTheStore) {
  const auto begin = std::chrono::steady_clock::now();
  auto early = open({}, std::chrono::hours(1));
  load(*early, {one}, Then::improve).value();
  early.reset();
  auto late = open();
  load(*late, {costly_module()}, Then::improve).value();
  while (files(CacheFolder::temporary_prefix) == 0) std::this_thread::yield();  // its compilation has begun
  late.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::minutes(1));
  EXPECT_EQ(files(CacheFolder::temporary_prefix), 0u);
  EXPECT_TRUE(load(*open(), {one}, Then::nothing)->is_quick);
  EXPECT_THAT(lines, testing::IsEmpty());
}

TEST_F(CodeStoreTest, AnImprovementThatFailsLeavesTheQuickCode) {
  load(*open(), {one}, Then::nothing).value();
  auto store = open({.program = "/bin/false", .limits = {}});
  ASSERT_TRUE(load(*store, {one}, Then::improve)->is_quick);
  store->settle();
  EXPECT_EQ(store->counts().improved, 0u);
  EXPECT_TRUE(load(*store, {one}, Then::nothing)->is_quick);
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
  const CodeKey key{engine->fingerprint(), CoreModule(one).code_hash()};
  auto file = store->cache()->create().value();
  ASSERT_EQ(write(file.file.get(), "no ELF", 6), 6);
  store->cache()->seal(std::move(file),
                       {.key = key, .code_size = 6, .code_hash = sha256(std::as_bytes(std::span("no ELF", 6)))});
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

TEST(CompileChild, ADiskThatIsFullIsNoFaultOfTheModule) {
  const FileDescriptor full(open("/dev/full", O_WRONLY | O_CLOEXEC));
  const CompileJob job{.pieces = {one}, .output = full.get()};
  const auto results = compile_in_child(std::span(&job, 1), {});
  ASSERT_FALSE(results.at(0).has_value());
  EXPECT_EQ(results[0].error().code(), Errc::io);
  EXPECT_THAT(results[0].error().message(), HasSubstr("No space left on device"));
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

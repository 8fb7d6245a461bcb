#include "component/builtins.h"

#include <gtest/gtest.h>

#include "component/test_binary.h"

namespace weft::component::test {
namespace {

wasm::CoreType to_wasm(const CoreValType& type) {
  return static_cast<wasm::CoreType>(type.kind);
}

wasm::FuncType to_wasm(const CoreFuncType& type) {
  wasm::FuncType out;
  for (const CoreValType& param : type.params) out.params.push_back(to_wasm(param));
  for (const CoreValType& result : type.results) out.results.push_back(to_wasm(result));
  return out;
}
static_assert(static_cast<int>(CoreValKind::f64) == static_cast<int>(wasm::CoreType::f64));

// Every canonical built-in, with immediates that fit the component below.
std::vector<std::string> all_builtins() {
  const std::string options = bytes({2, 3, 0, 4, 0});  // (memory 0) (realloc 0)
  std::vector<std::string> canons;
  for (const int resource : {2, 3, 4}) canons.push_back(bytes({resource, 0}));
  for (const int plain : {0x05, 0x0d, 0x1e, 0x1f, 0x22, 0x23, 0x24, 0x25, 0x26, 0x28}) canons.push_back(bytes({plain}));
  for (const int flagged : {0x06, 0x0c, 0x29, 0x2a, 0x2b, 0x2c, 0x2d}) canons.push_back(bytes({flagged, 0}));
  canons.push_back(bytes({0x09, 0x01, 0x00, 0x00}));            // task.return
  canons.push_back(bytes({0x09, 0x00, 0x77, 0x00}));            // ... of a u64
  canons.push_back(bytes({0x09, 0x00, 3}) + bytes({1, 3, 0}));  // ... of 17 values
  canons.push_back(bytes({0x0a, 0x7f, 1}));
  canons.push_back(bytes({0x0b, 0x7f, 0}));
  for (const int base : {0x0e, 0x15}) {
    const int type = base == 0x0e ? 1 : 2;  // a stream, a future
    for (const int plain : {0, 5, 6}) canons.push_back(bytes({base + plain, type}));
    for (const int copy : {1, 2}) canons.push_back(bytes({base + copy, type}) + options);
    for (const int cancel : {3, 4}) canons.push_back(bytes({base + cancel, type, 0}));
  }
  canons.push_back(bytes({0x1c}) + options);
  canons.push_back(bytes({0x1d}) + options);
  for (const int wait : {0x20, 0x21}) canons.push_back(bytes({wait, 0, 0}));
  canons.push_back(bytes({0x27, 0, 0}));
  return canons;
}

TEST(Builtins, have_the_core_types_that_validation_gives_them) {
  const std::string core = core_module(
      section(1, vec({bytes({0x60, 4, 0x7f, 0x7f, 0x7f, 0x7f, 1, 0x7f})})) + section(3, bytes({1, 0})) +
      section(4, bytes({1, 0x70, 0, 1})) + section(5, bytes({1, 0, 1})) +
      section(7,
              vec({name("realloc") + bytes({0, 0}), name("memory") + bytes({2, 0}), name("table") + bytes({1, 0})})) +
      section(10, vec({bytes({4, 0, 0x41, 0, 0x0b})})));
  const auto core_alias = [](int sort, std::string_view text) { return bytes({0, sort, 1, 0}) + name(text); };
  std::string wide = bytes({0x6f, 17});
  for (int i = 0; i < 17; ++i) wide += bytes({0x79});
  const std::vector<std::string> builtins = all_builtins();
  const auto decoded = decode(shared(component(
      section(1, core) + section(2, vec({bytes({0, 0, 0})})) + section(3, vec({bytes({0x60, 1, 0x7f, 0})})) +
      aliases({core_alias(0, "realloc"), core_alias(2, "memory"), core_alias(1, "table")}) +
      types({bytes({0x3f, 0x7f, 0}), bytes({0x66, 1, 0x7d}), bytes({0x65, 1, 0x7d}), wide}) + canons(builtins))));
  ASSERT_TRUE(decoded) << decoded.error().message();
  const auto valid = validate(**decoded);
  ASSERT_TRUE(valid) << valid.error().message();
  const auto plan = make_plan(**decoded);
  ASSERT_TRUE(plan) << plan.error().message();
  const std::vector<uint32_t>& funcs = valid->index_spaces.at(decoded->get()).core_funcs;
  ASSERT_EQ((*plan)->trampolines.size(), builtins.size());
  ASSERT_EQ(funcs.size(), builtins.size() + 1);  // and realloc
  for (size_t i = 0; i < builtins.size(); ++i) {
    EXPECT_EQ(core_type_of((*plan)->trampolines[i]), to_wasm(*valid->arena->core_types().func(funcs[i + 1])))
        << name_of(std::get<BuiltinTrampoline>((*plan)->trampolines[i]).kind);
  }
}

TEST(Builtins, have_names) {
  EXPECT_EQ(name_of(ast::Builtin::stream_cancel_read), "stream.cancel-read");
  for (int kind = 0; kind <= static_cast<int>(ast::Builtin::thread_yield_then_promote); ++kind) {
    EXPECT_NE(name_of(static_cast<ast::Builtin>(kind)), "") << kind;
  }
}

}  // namespace
}  // namespace weft::component::test

#include "component/lacks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft::component {
namespace {

using testing::ElementsAre;

const HostResourceType offered_resource{"offered"};

// Offers "a:b/have" with a resource, a function "right" and a function "wrong" of another type.
class Host final : public HostLinker {
 public:
  bool offers(std::string_view interface) const override { return interface == "a:b/have"; }
  const HostResourceType* resource(std::string_view interface, std::string_view name) const override {
    return offers(interface) && name == "offered" ? &offered_resource : nullptr;
  }
  Result<HostBinding> bind(const HostFunc& func, const std::vector<const HostResourceType*>&) const override {
    if (func.name == "right") return HostBinding{};
    if (func.name == "wrong") return fail(Errc::invalid, "    both types");
    return fail(Errc::not_found, "");
  }
};

class LacksTest : public testing::Test {
 protected:
  void resource(const std::string& interface, const std::string& name) {
    plan.resources.push_back({.imported = true, .interface = interface, .name = name, .instance = 0, .dtor = {}});
  }
  void func(const std::string& interface, const std::string& name, std::vector<abi::Field> params = {}) {
    plan.host_funcs.push_back({interface, name, plan.types.func(std::move(params), nullptr).value()});
  }
  std::vector<std::string> lines() {
    std::vector<std::string> out;
    for (const Lack& lack : bind_imports(plan, host).lacks) out.push_back(to_string(lack));
    return out;
  }

  Host host;
  LinkPlan plan;
};

TEST_F(LacksTest, NothingIsLackingWhenAllIsOffered) {
  resource("a:b/have", "offered");
  func("a:b/have", "right", {{"self", plan.types.borrow(abi::ResourceIndex{0})}});
  const BoundImports bound = bind_imports(plan, host);
  EXPECT_TRUE(bound.lacks.empty());
  EXPECT_THAT(bound.resources, ElementsAre(&offered_resource));
  EXPECT_EQ(bound.funcs.size(), 1u);
  EXPECT_TRUE(check_host(plan, host).has_value());
}

TEST_F(LacksTest, AnInterfaceIsNamedOnceHoweverMuchOfItIsImported) {
  resource("spin:postgres/postgres@4.0.0", "connection");
  func("spin:postgres/postgres@4.0.0", "[static]connection.open");
  func("spin:postgres/postgres@4.0.0", "[method]connection.query");
  EXPECT_THAT(lines(), ElementsAre("needs spin:postgres/postgres@4.0.0 (not yet)"));
}

TEST_F(LacksTest, AnInterfaceNobodyKnowsIsNoPromise) {
  func("acme:shop/cart@1.0.0", "add");
  ASSERT_EQ(lines().size(), 1u);
  EXPECT_THAT(lines()[0], testing::StartsWith("needs acme:shop/cart@1.0.0, which weft does not know: compose it"));
  plan.host_funcs.clear();
  func("", "run");
  EXPECT_THAT(lines()[0], testing::StartsWith("needs run, which weft does not know"));
}

TEST_F(LacksTest, ItemsOfAnOfferedInterfaceAreNamedUpToABound) {
  resource("a:b/have", "r");
  func("a:b/have", "right");
  std::string named = "r";
  for (int i = 1; i <= 12; ++i) {
    func("a:b/have", "f" + std::to_string(i));
    if (i < 12) named += ", f" + std::to_string(i);
  }
  EXPECT_THAT(lines(), ElementsAre("needs a:b/have with " + named + " and 1 more (not yet)"));
}

TEST_F(LacksTest, AMismatchIsAnErrorOfItsOwn) {
  func("a:b/have", "wrong");
  const auto checked = check_host(plan, host);
  ASSERT_FALSE(checked.has_value());
  EXPECT_EQ(checked.error().code(), Errc::invalid);
  EXPECT_EQ(checked.error().message(), "import a:b/have#wrong has another type than this host's\n    both types");
}

TEST_F(LacksTest, AFunctionWithALackingResourceIsNoMismatch) {
  resource("a:b/have", "missing");
  const abi::TypeRef handles = plan.types.list(plan.types.option(plan.types.own(abi::ResourceIndex{0})));
  func("a:b/have", "wrong", {{"handles", handles}});
  EXPECT_THAT(lines(), ElementsAre("needs a:b/have with missing (not yet)"));
}

TEST_F(LacksTest, TheErrorHasALineForEachPackage) {
  func("wasi:blobstore/types@0.2.9", "f");
  func("wasi:nn/graph@0.2.0", "f");
  func("wasi:blobstore/container@0.2.9", "f");
  const auto checked = check_host(plan, host);
  ASSERT_FALSE(checked.has_value());
  EXPECT_EQ(checked.error().code(), Errc::unsupported);
  EXPECT_EQ(checked.error().message(),
            "this host does not have what it needs\n"
            "  needs wasi:blobstore@0.2.9 with types, container (not yet): use wasi:http/outgoing-handler, if the "
            "service has an HTTP "
            "interface\n"
            "  needs wasi:nn/graph@0.2.0 (not yet)");
}

TEST_F(LacksTest, AComponentCanStartWithoutWhatIsNotThereYetButNotWithoutWhatNobodyKnows) {
  func("spin:redis/redis@3.0.0", "f");
  func("a:b/have", "new");
  EXPECT_FALSE(check_host(plan, host).has_value());
  EXPECT_TRUE(check_host(plan, host, NotYet::trap).has_value());
  func("acme:shop/cart@1.0.0", "add");
  func("a:b/have", "wrong");
  std::vector<Lack> lacks = bind_imports(plan, host).lacks;
  EXPECT_THAT(lines_of(take_not_yet(lacks)),
              ElementsAre("needs spin:redis/redis@3.0.0 (not yet)", "needs a:b/have with new (not yet)"));
  EXPECT_THAT(lines_of(lacks), ElementsAre(testing::HasSubstr("acme:shop/cart"), testing::HasSubstr("a:b/have#wrong")));
}

}  // namespace
}  // namespace weft::component

#include "runtime/known_plans.h"

#include <gtest/gtest.h>

#include <string>

#include "component/decode.h"
#include "wasm/testing/wat.h"

namespace weft::runtime {
namespace {

using component::Bypass;
using component::ast::Bytes;
using wasm::testing::wat;

// A component with what may change without a change of its plan, and what may not.
struct Source {
  std::string data = "one";
  std::string begins = "7";         // a global
  std::string returns = "1";        // code
  std::string name = "f";           // of an export
  std::string nested_data = "two";  // in a component inside
  std::string says = "";            // a custom section of the component

  Bytes bytes() const {
    return std::make_shared<const std::vector<std::byte>>(
        wat("(component (core module $M (memory (export \"m\") 1) (data (i32.const 8) \"" + data +
            "\") (global (export \"g\") (mut i32) (i32.const " + begins +
            ")) (func (export \"f\") (result i32) (i32.const " + returns +
            "))) (component $C (core module $N (memory 1) (data (i32.const 0) \"" + nested_data +
            "\")) (core instance (instantiate $N))) (instance (instantiate $C)) (core instance $m (instantiate $M)) "
            "(func (export \"" +
            name + "\") (result u32) (canon lift (core func $m \"f\"))) (@custom \"says\" \"" + says + "\"))"));
  }
};

struct Taken {
  explicit Taken(const Source& source) : Taken(source.bytes()) {}
  explicit Taken(Bytes of) : bytes(std::move(of)), ast(component::decode(bytes).value()), apart(take_apart(*ast)) {}
  Bytes bytes;
  std::shared_ptr<const component::ast::Component> ast;
  Apart apart;
};

TEST(TakeApart, TheShapeIsThatOfWhateverDiffersInDataAlone) {
  const Taken one{Source{}};
  ASSERT_EQ(one.apart.modules.size(), 2u);
  // Of other sizes, so that everything after it lies elsewhere and sections are larger.
  const std::string large(1000, 'x');
  for (const Source& source :
       {Source{.data = "other"}, Source{.data = large}, Source{.nested_data = large}, Source{.begins = "123456"}}) {
    const Taken other(source);
    EXPECT_EQ(other.apart.shape, one.apart.shape);
    EXPECT_NE(other.apart.content, one.apart.content);
  }
  const Taken same{Source{}};
  EXPECT_EQ(same.apart.shape, one.apart.shape);
  EXPECT_EQ(same.apart.content, one.apart.content);
}

TEST(TakeApart, TheShapeIsAnotherWhenAnythingElseChanges) {
  const Taken one{Source{}};
  for (const Source& source : {Source{.returns = "2"}, Source{.name = "h"}, Source{.says = "hello"}}) {
    const Taken other(source);
    EXPECT_NE(other.apart.shape, one.apart.shape);
    EXPECT_NE(other.apart.content, one.apart.content);
  }
}

TEST(TakeApart, TheShapeTellsWhereAModuleEnds) {
  // The same bytes after each other: a custom section at the end of the module, or after the module.
  const std::vector<std::byte> within = wat("(component (core module (@custom \"c\" \"\")))");
  const std::vector<std::byte> after = wat("(component (core module) (@custom \"c\" \"\"))");
  ASSERT_EQ(within.size(), after.size());
  const Taken one(std::make_shared<const std::vector<std::byte>>(within));
  const Taken two(std::make_shared<const std::vector<std::byte>>(after));
  EXPECT_NE(one.apart.shape, two.apart.shape);
  EXPECT_NE(one.apart.content, two.apart.content);
}

TEST(KnownPlans, AreFoundForWhatDiffersInDataWithItsOwnModules) {
  KnownPlans known;
  Taken one{Source{}};
  EXPECT_FALSE(known.find(one.apart, Bypass::where_exact).has_value());
  const PlannedComponent planned = plan_component(*one.ast, Bypass::where_exact).value();
  known.add(one.apart, Bypass::where_exact, planned);
  Taken other(Source{.data = "other", .nested_data = "data"});
  EXPECT_FALSE(known.find(other.apart, Bypass::never).has_value());
  const auto found = known.find(other.apart, Bypass::where_exact);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->plan, planned.plan);
  const PlannedComponent anew = plan_component(*other.ast, Bypass::where_exact).value();
  ASSERT_EQ(found->modules.size(), anew.modules.size());
  for (std::size_t i = 0; i < anew.modules.size(); ++i) {
    EXPECT_EQ(found->modules[i].wasm().data(), anew.modules[i].wasm().data());
    EXPECT_EQ(found->modules[i].wasm().size(), anew.modules[i].wasm().size());
  }
}

TEST(KnownPlans, AreForgottenWithTheLastWhoUsesThem) {
  KnownPlans known;
  Taken one{Source{}};
  known.add(one.apart, Bypass::where_exact, plan_component(*one.ast, Bypass::where_exact).value());
  EXPECT_FALSE(known.find(one.apart, Bypass::where_exact).has_value());
}

}  // namespace
}  // namespace weft::runtime

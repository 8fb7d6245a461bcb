#include "variables/application.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manifest/load.h"
#include "provider/testing/fake_variables.h"

namespace weft::variables {
namespace {

using Fault = ComponentVariables::Fault;
using provider::testing::FakeVariables;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

constexpr std::string_view text = R"(spin_manifest_version = 2
[application]
name = "it"
[variables]
region = { default = "eu" }
token = { required = true, secret = true }
host = { required = true }
[[trigger.http]]
route = "/..."
component = "it"
[component.it]
source = "it.wasm"
allowed_outbound_hosts = ["https://{{ host }}", "https://{{ token }}", "https://api.example.com"]
[component.it.variables]
plain = "as it is"
where = "{{ region }}.{{host}}"
auth = "Bearer {{ token }}"
LOG_LEVEL = "info"
[component.it.secrets]
DATABASE_URL = { source = "spin-application", key = "database-url" }
dev = { source = "env", key = "DEV_KEY" }
[component.unused]
source = "it.wasm"
[component.unused.secrets]
other = { source = "spin-application", key = "other" }
)";

class Application : public testing::Test {
 protected:
  std::string get(std::string_view name) {
    const auto value = component.get(name);
    if (value) return *value;
    return std::to_string(static_cast<int>(value.error().fault)) + " " + value.error().message;
  }

  manifest::App app = *manifest::load_text(text, "folder/spin.toml").app;
  std::shared_ptr<FakeVariables> first = std::make_shared<FakeVariables>();
  std::shared_ptr<FakeVariables> second = std::make_shared<FakeVariables>(
      std::map<std::string, std::string>{{"host", "second.example"}, {"token", "t0ken"}, {"region", "us"}});
  std::shared_ptr<FakeVariables> secrets =
      std::make_shared<FakeVariables>(std::map<std::string, std::string>{{"database-url", "postgres://x"}});
  std::shared_ptr<FakeVariables> environment =
      std::make_shared<FakeVariables>(std::map<std::string, std::string>{{"DEV_KEY", "d3v"}});
  Variables variables{app, {{first, second}, secrets, environment}};
  ComponentVariables component{variables, *app.find_component("it")};
};

TEST_F(Application, TheFirstSourceThatHasAValueCountsThenTheDefault) {
  EXPECT_EQ(get("where"), "us.second.example");
  first->values.emplace("host", Secret("first.example"));
  EXPECT_EQ(get("where"), "us.first.example");
  second->values.clear();
  EXPECT_EQ(get("where"), "eu.first.example") << "templates are expanded at each get";
}

TEST_F(Application, AComponentReadsItsOwnNamesAndNoOthers) {
  EXPECT_EQ(get("plain"), "as it is");
  EXPECT_EQ(get("auth"), "Bearer t0ken");
  EXPECT_EQ(get("log_level"), "info") << "an upper-case name, as environment variables have, is read in lower case";
  EXPECT_EQ(get("database_url"), "postgres://x");
  EXPECT_EQ(get("dev"), "d3v");
  for (const char* name : {"region", "token", "other", "database", "auth_"}) {
    const auto value = component.get(name);
    ASSERT_FALSE(value) << name;
    EXPECT_EQ(value.error().fault, std::string_view(name).ends_with('_') ? Fault::invalid_name : Fault::undefined);
  }
  EXPECT_THAT(get("region"), HasSubstr("component it has no variable region"));
}

TEST_F(Application, ANameThatNoVariableCanHaveIsInvalid) {
  for (const char* name : {"", "A", "aB", "1a", "_a", "a_", "a__b", "a-b", "a b", "\xce\xb1", "LOG_LEVEL"}) {
    EXPECT_FALSE(is_variable_name(name)) << name;
    EXPECT_EQ(component.get(name).error().fault, Fault::invalid_name) << name;
  }
  for (const char* name : {"a", "a1", "a_b", "a_1", "abc_d2_e"}) EXPECT_TRUE(is_variable_name(name)) << name;
  const std::string large(10'000'000, 'a');
  EXPECT_LT(component.get(large).error().message.size(), 200u) << "the guest's text is not repeated whole";
}

TEST_F(Application, ASourceThatFailsEndsTheSearch) {
  first->failure = Error(Errc::unavailable, "the vault is sealed");
  const auto value = component.get("where");
  EXPECT_EQ(value.error().fault, Fault::provider);
  EXPECT_THAT(value.error().message, HasSubstr("sealed"));
  EXPECT_EQ(second->asked, 0u);
  EXPECT_EQ(component.get_all().error().fault, Fault::provider);
}

TEST_F(Application, AllOfAComponentIsInTheOrderOfNamesWithoutWhatHasNoValue) {
  EXPECT_THAT(*component.get_all(),
              ElementsAre(Pair("auth", "Bearer t0ken"), Pair("database_url", "postgres://x"), Pair("dev", "d3v"),
                          Pair("log_level", "info"), Pair("plain", "as it is"), Pair("where", "us.second.example")));
  secrets->values.clear();
  second->values.erase("token");
  EXPECT_THAT(*component.get_all(), ElementsAre(Pair("dev", "d3v"), Pair("log_level", "info"),
                                                Pair("plain", "as it is"), Pair("where", "us.second.example")));
}

TEST_F(Application, EverythingWithoutAValueIsInOneListWithWhatToDo) {
  EXPECT_TRUE(variables.check().empty());
  second->values.clear();
  secrets->values.clear();
  environment->values.clear();
  const std::string list = manifest::format_all(variables.check());
  for (const char* part : {
           "spin.toml:6:1: error: variables.token: the variable token has no value",
           "help: set SPIN_VARIABLE_TOKEN in the environment or in .env",
           "spin.toml:7:1: error: variables.host: the variable host has no value",
           "help: run with --variable host=..., or set SPIN_VARIABLE_HOST",
           "spin.toml:20:1: error: component.it.secrets.database_url: the secret database-url has no value",
           "help: run: weft secret set database-url",
           "help: set DEV_KEY in the environment",
           "4 errors",
       }) {
    EXPECT_THAT(list, HasSubstr(part));
  }
}

TEST_F(Application, NoSourceForSecretsIsAMissingSecret) {
  const Variables without(app, {{second}, nullptr, nullptr});
  EXPECT_EQ(without.check().size(), 2u);
}

TEST_F(Application, AllowedHostsAreExpandedAndEachThatIsWrongIsNamed) {
  second->values.insert_or_assign("token", Secret("x.example"));
  const auto hosts = variables.allowed_hosts(*app.find_component("it"));
  ASSERT_TRUE(hosts);
  EXPECT_TRUE(hosts->allows("https", "second.example", 443));
  EXPECT_TRUE(hosts->allows("https", "x.example", 443));
  EXPECT_FALSE(hosts->allows("https", "eu", 443));

  second->values.insert_or_assign("host", Secret("no host!"));
  second->values.insert_or_assign("token", Secret("s3cret/s3cret"));
  const auto wrong = variables.allowed_hosts(*app.find_component("it"));
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message(), HasSubstr("component.it.allowed_outbound_hosts[0]"));
  EXPECT_THAT(wrong.error().message(), HasSubstr("component.it.allowed_outbound_hosts[1]"));
  EXPECT_THAT(wrong.error().message(), HasSubstr("\"https://{{ token }}\""));
  EXPECT_THAT(wrong.error().message(), Not(HasSubstr("s3cret")));
}

}  // namespace
}  // namespace weft::variables

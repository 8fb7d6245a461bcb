// Every source of variables keeps the contract of sources.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "provider/testing/variables_contract.h"
#include "variables/environment.h"
#include "variables/fixed.h"
#include "variables/secret_store.h"

namespace weft::variables {
namespace {

using Values = std::map<std::string, std::string>;
using Made = std::shared_ptr<const provider::VariablesProvider>;
namespace fs = std::filesystem;

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

// With the pointers that execve(2) has.
Environment environment_of(const std::vector<std::string>& entries) {
  std::vector<const char*> block;
  for (const std::string& entry : entries) block.push_back(entry.c_str());
  block.push_back(nullptr);
  return Environment(block.data());
}

fs::path fresh_folder() {
  std::string folder = ::testing::TempDir() + "variables-XXXXXX";
  return mkdtemp(folder.data());
}

Made in_environment(const Values& values) {
  std::vector<std::string> entries = {"PATH=/bin", "SPIN_VARIABLE_Users=no", "SPIN_VARIABLE_=no", "SPIN_VARIABLE=no"};
  for (const auto& [name, value] : values) entries.push_back("SPIN_VARIABLE_" + upper(name) + "=" + value);
  return EnvironmentVariables::create(environment_of(entries), "SPIN_VARIABLE", {}).value();
}

Made in_dotenv(const Values& values) {
  const fs::path folder = fresh_folder();
  std::ofstream file(folder / ".env", std::ios::binary);
  file << "# values\nPATH=/bin\n";
  for (const auto& [name, value] : values) {
    file << "export APP_" << upper(name) << "=\"";
    for (const char c : value) {
      if (c == '"' || c == '\\' || c == '$') file << '\\';
      file << c;
    }
    file << "\"\n";
  }
  file.close();
  Made made = EnvironmentVariables::create(environment_of({"HOME=/x"}), "APP", folder / ".env").value();
  fs::remove_all(folder);
  return made;
}

Made in_table(const Values& values) {
  Table table;
  for (const auto& [name, value] : values) table.emplace(name, Secret(value));
  return std::make_shared<FixedVariables>("a table", std::move(table));
}

Made in_secret_store(const Values& values) {
  const fs::path folder = fresh_folder();
  for (const auto& [name, value] : values) {
    EXPECT_TRUE(set_secret(folder / "app/.spin/s", folder / "config/key", name, Secret(value)));
  }
  Made made = SecretStore::read(folder / "app/.spin/s", folder / "config/key").value();
  fs::remove_all(folder);
  return made;
}

using provider::testing::VariablesBackend;

TEST(EnvironmentVariables, TheEnvironmentCountsBeforeTheFileAndTheLastLineOfTheFileBeforeOthers) {
  const fs::path folder = fresh_folder();
  std::ofstream(folder / ".env") << "P_A=file\nP_B=one\nP_B=two\nOTHER=$P_A\nP_C=$P_A\n";
  bool missing = true;
  const auto made =
      EnvironmentVariables::create(environment_of({"P_A=env", "P_A=again"}), "P", folder / ".env", &missing);
  EXPECT_FALSE(missing);
  EXPECT_EQ((*(*made)->get("a"))->reveal(), "env");
  EXPECT_EQ((*(*made)->get("b"))->reveal(), "two");
  EXPECT_EQ((*(*made)->get("c"))->reveal(), "env");
  fs::remove_all(folder);
}

TEST(EnvironmentVariables, AFileThatIsMissingIsEmptyAndOneThatIsMalformedIsNot) {
  const fs::path folder = fresh_folder();
  bool missing = false;
  EXPECT_TRUE(EnvironmentVariables::create(environment_of({}), "P", folder / ".env", &missing));
  EXPECT_TRUE(missing);
  std::ofstream(folder / ".env") << "P_A='s3cret\n";
  const auto malformed = EnvironmentVariables::create(environment_of({}), "P", folder / ".env");
  ASSERT_FALSE(malformed);
  EXPECT_EQ(malformed.error().message(), (folder / ".env").string() + ": line 1: a ' has no end");
  fs::remove_all(folder);
}

TEST(EnvironmentVariables, AValueThatIsNotUtf8IsAFaultThatIsNotQuoted) {
  const auto made = EnvironmentVariables::create(environment_of({"P_A=s3cret\xff"}), "P", {}).value();
  const auto got = made->get("a");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code(), Errc::invalid);
  EXPECT_EQ(got.error().message().find("s3cret"), std::string::npos);
}

TEST(PlainEnvironment, HasEachVariableByItsOwnName) {
  const PlainEnvironment plain(environment_of({"MY_KEY=1", "x=2"}));
  EXPECT_EQ((*plain.get("MY_KEY"))->reveal(), "1");
  EXPECT_EQ((*plain.get("x"))->reveal(), "2");
  EXPECT_EQ(*plain.get("my_key"), std::nullopt);
}

}  // namespace
}  // namespace weft::variables

namespace weft::provider::testing {

INSTANTIATE_TEST_SUITE_P(Sources, VariablesContract,
                         ::testing::Values(VariablesBackend{"table", weft::variables::in_table},
                                           VariablesBackend{"environment", weft::variables::in_environment},
                                           VariablesBackend{"dotenv", weft::variables::in_dotenv},
                                           VariablesBackend{"secret_store", weft::variables::in_secret_store}),
                         [](const auto& info) { return info.param.name; });

}  // namespace weft::provider::testing

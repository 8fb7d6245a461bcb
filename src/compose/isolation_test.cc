#include "compose/isolation.h"

#include <gtest/gtest.h>

#include "manifest/grant.h"

namespace weft::compose {
namespace {

using manifest::Grant;

std::string denial(std::string_view import, std::vector<Grant> grants = {}) {
  return denial_of(import, grants).value_or("none");
}

TEST(Isolation, WhatGivesNothingAwayIsEverybodys) {
  for (const char* import : {"wasi:io/streams@0.2.0", "wasi:clocks/wall-clock@0.2.6", "wasi:random/random@0.3.0",
                             "wasi:cli/stdout@0.2.0", "wasi:http/types@0.3.0", "wasi:filesystem/types@0.2.0",
                             "wasi:sockets/network@0.2.0", "acme:shop/cart", "translate"}) {
    EXPECT_EQ(denial(import), "none") << import;
  }
}

// Spin's list (crates/capabilities), in any version, and what it leaves out.
TEST(Isolation, WhatADependantWasGrantedIsDeniedUnlessItIsInherited) {
  const std::pair<const char*, Grant> granted[] = {
      {"fermyon:spin/llm@2.0.0", Grant::ai_models},
      {"wasi:http/outgoing-handler@0.2.3", Grant::allowed_outbound_hosts},
      {"wasi:http/client@0.3.0-rc-2026-03-15", Grant::allowed_outbound_hosts},
      {"wasi:sockets/tcp@0.2.0", Grant::allowed_outbound_hosts},
      {"wasi:sockets/tcp-create-socket@0.2.6", Grant::allowed_outbound_hosts},
      {"wasi:sockets/types@0.3.0", Grant::allowed_outbound_hosts},
      {"wasi:sockets/ip-name-lookup@0.3.0", Grant::allowed_outbound_hosts},
      {"spin:postgres/postgres@4.2.0", Grant::allowed_outbound_hosts},
      {"fermyon:spin/redis", Grant::allowed_outbound_hosts},
      {"wasi:cli/environment@0.2.0", Grant::environment},
      {"wasi:filesystem/preopens@0.3.0", Grant::files},
      {"fermyon:spin/key-value@2.0.0", Grant::key_value_stores},
      {"spin:key-value/key-value@3.0.0", Grant::key_value_stores},
      {"wasi:keyvalue/atomics@0.2.0-draft2", Grant::key_value_stores},
      {"fermyon:spin/sqlite@2.0.0", Grant::sqlite_databases},
      {"fermyon:spin/variables@2.0.0", Grant::variables},
      {"wasi:config/store@0.2.0-draft-2024-09-27", Grant::variables},
  };
  for (const auto& [import, grant] : granted) {
    const std::string key = "inherit_configuration = [\"" + std::string(to_string(grant)) + "\"]";
    EXPECT_EQ(denial(import), key) << import;
    EXPECT_EQ(denial(import, {grant}), "none") << import;
    const Grant other = grant == Grant::files ? Grant::variables : Grant::files;
    EXPECT_EQ(denial(import, {other}), key) << import;
  }
}

TEST(Isolation, WhatAHostMayHaveAndNobodyKnowsIsForWhoInheritsAll) {
  EXPECT_EQ(denial("wasi:blobstore/blobstore@0.2.0"), "inherit_configuration = true");
  EXPECT_EQ(denial("wasi:blobstore/blobstore@0.2.0", {Grant::files}), "inherit_configuration = true");
  EXPECT_EQ(denial("wasi:blobstore/blobstore@0.2.0",
                   {Grant::ai_models, Grant::allowed_outbound_hosts, Grant::environment, Grant::files,
                    Grant::key_value_stores, Grant::sqlite_databases, Grant::variables}),
            "none");
  EXPECT_EQ(denial("wasi:blobstore/blobstore@0.2.0", std::vector<Grant>(7, Grant::files)),
            "inherit_configuration = true")
      << "one grant, named often";
}

}  // namespace
}  // namespace weft::compose

// The test program is its own compile child, as weft is.
#include <gtest/gtest.h>

#include <cstring>

#include "runtime/compile_protocol.h"
#include "runtime/compile_worker.h"

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], weft::runtime::compile_worker_command) == 0)
    return weft::runtime::compile_worker();
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}

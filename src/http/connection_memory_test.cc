// A connection takes no memory from one request to the next. This file counts the allocations of the whole
// program, of each thread for itself.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "http/connection.h"
#include "http/testing/connection_fixture.h"

namespace {
constinit thread_local std::size_t allocations = 0;
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace weft::http {
namespace {

class MemoryTest : public testing::ConnectionTest {
 protected:
  void SetUp() override {
    head_.fields.append("content-type", "text/plain");
    on_request = [this](const auto& exchange) { exchange->respond_copy(head_, "hello"); };
    open();
    transport->incoming.reserve(10'000);
    transport->sent.reserve(10'000);
  }
  void handle(std::shared_ptr<Exchange> exchange) override { on_request(std::move(exchange)); }
  // Allocations between the request's arrival and the last byte of its answer.
  std::size_t allocations_of(std::string_view request) {
    transport->sent.clear();
    const std::size_t before = allocations;
    send(request);
    const std::size_t made = allocations - before;
    EXPECT_TRUE(transport->sent.ends_with("\r\n\r\nhello")) << transport->sent;
    return made;
  }
  ResponseHead head_;
};

TEST_F(MemoryTest, ARequestThatIsAnsweredAtOnceTakesNone) {
  const std::string request = get("/some/path?with=query", "accept: */*\r\nuser-agent: a test of memory\r\n");
  EXPECT_GT(allocations_of(request), 0u) << "the first has to";
  for (int i = 0; i < 3; ++i) EXPECT_EQ(allocations_of(request), 0u);
}

TEST_F(MemoryTest, NeitherDoManyInOnePacketNorSmallBodies) {
  const std::string requests = get("/1") + post("content-length: 5\r\n", "12345") + get("/2") +
                               post("transfer-encoding: chunked\r\n", "5\r\n12345\r\n0\r\n\r\n");
  on_request = [this](const auto& exchange) {
    exchange->request_body().cancel();
    exchange->respond_copy(head_, "hello");
  };
  allocations_of(requests);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(allocations_of(requests), 0u);
}

TEST_F(MemoryTest, WhatOneLargeRequestNeededIsGivenBack) {
  // Seen as a new exchange for the next request: the memory of the large one is not kept for it.
  const std::string small = get("/");
  allocations_of(small);
  EXPECT_EQ(allocations_of(small), 0u);
  std::string large;
  for (int i = 0; i < 60; ++i) large += "x: " + std::string(200, 'y') + "\r\n";
  allocations_of(get("/", large));
  EXPECT_GT(allocations_of(small), 0u);
  EXPECT_EQ(allocations_of(small), 0u);
}

}  // namespace
}  // namespace weft::http

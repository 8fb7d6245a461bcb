#include "providers/redis/reply.h"

#include <hiredis/hiredis.h>

#include <new>

namespace weft::provider::redis {

// Called by the reader; null ends the reading with an error.
struct ReplyBuilder {
  static Reply* add(const redisReadTask* task, std::size_t bytes, Reply::Kind kind) {
    auto& reader = *static_cast<ReplyReader*>(task->privdata);
    auto reply = std::make_unique<Reply>();
    reply->kind = kind;
    reader.kept_ += bytes + sizeof(Reply);
    if (reader.kept_ > max_reply_bytes) reader.too_big_ = true;
    Reply* made = reply.get();
    if (task->parent == nullptr) {
      reply.release();  // the reader's root, which free() deletes
    } else {
      static_cast<Reply*>(task->parent->obj)->elements.push_back(std::move(reply));
    }
    return made;
  }

  static void* string(const redisReadTask* task, char* text, std::size_t size) noexcept try {
    const auto kind = task->type == REDIS_REPLY_ERROR    ? Reply::Kind::error
                      : task->type == REDIS_REPLY_STATUS ? Reply::Kind::status
                                                         : Reply::Kind::string;
    Reply* reply = add(task, size, kind);
    if (!static_cast<ReplyReader*>(task->privdata)->too_big_) reply->text.assign(text, size);
    return reply;
  } catch (...) {
    return nullptr;
  }
  static void* array(const redisReadTask* task, int count) noexcept try {
    if (count < 0 || static_cast<std::size_t>(count) > max_reply_elements) return nullptr;
    return add(task, 0, Reply::Kind::array);
  } catch (...) {
    return nullptr;
  }
  static void* integer(const redisReadTask* task, long long value) noexcept try {
    Reply* reply = add(task, 0, Reply::Kind::integer);
    reply->integer = value;
    return reply;
  } catch (...) {
    return nullptr;
  }
  static void* nil(const redisReadTask* task) noexcept try { return add(task, 0, Reply::Kind::nil); } catch (...) {
    return nullptr;
  }
  static void free(void* reply) noexcept { delete static_cast<Reply*>(reply); }
};

void ReplyReader::Free::operator()(redisReader* reader) const {
  redisReaderFree(reader);
}

ReplyReader::ReplyReader() {
  static redisReplyObjectFunctions functions{&ReplyBuilder::string, &ReplyBuilder::array, &ReplyBuilder::integer,
                                             &ReplyBuilder::nil, &ReplyBuilder::free};
  reader_.reset(redisReaderCreateWithFunctions(&functions));
  if (reader_ == nullptr) throw std::bad_alloc();
  reader_->privdata = this;
}

ReplyReader::~ReplyReader() = default;

Result<void> ReplyReader::feed(std::span<const char> bytes) {
  // What the reader holds is at most one string that is not whole, and what follows it.
  if (reader_->len - reader_->pos + bytes.size() > max_reply_bytes) {
    return fail(Errc::limit,
                "the server sent a value that exceeds the limit of " + std::to_string(max_result_bytes) + " bytes");
  }
  if (redisReaderFeed(reader_.get(), bytes.data(), bytes.size()) == REDIS_OK) return {};
  return fail(Errc::io, std::string("the server's answer cannot be read: ") + reader_->errstr);
}

Result<std::unique_ptr<Reply>> ReplyReader::next() {
  void* read = nullptr;
  if (redisReaderGetReply(reader_.get(), &read) != REDIS_OK) {
    return fail(Errc::io, std::string("the server's answer cannot be read: ") + reader_->errstr);
  }
  std::unique_ptr<Reply> reply(static_cast<Reply*>(read));
  if (reply == nullptr) return reply;
  reply->too_big = too_big_;
  kept_ = 0;
  too_big_ = false;
  return reply;
}

}  // namespace weft::provider::redis

// A database file with threads of its own: one that writes, one that reads.
//
// Changes that come while another is being synced share the next transaction (group commit), so that a sync is paid
// once for all who wait. Each is answered after the commit that holds it.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "providers/sqlite/connection.h"
#include "util/answer.h"

namespace weft::provider::sqlite {

// Changes in one transaction; beyond that the first of them would wait for too long.
inline constexpr std::size_t max_group_tasks = 4096;
inline constexpr std::size_t max_group_bytes = std::size_t{64} << 20;
// Bytes of changes that wait for the disk. More are refused: a disk that is too slow must not take all memory.
inline constexpr std::size_t max_waiting_bytes = std::size_t{512} << 20;

// Something to do with a connection, by a database's thread.
class Task {
 public:
  explicit Task(std::size_t bytes) : bytes_(bytes) {}
  virtual ~Task() = default;
  // May be called again after what it did was rolled back.
  virtual void run(Connection& connection) = 0;
  virtual void fail(const Error& error) = 0;
  virtual std::shared_ptr<PendingAnswer> answer() const = 0;
  std::size_t bytes() const { return bytes_; }

 private:
  std::size_t bytes_;
};

// Thread-safe.
class Database : Pinned {
 public:
  // Nothing is opened before there is something to do.
  explicit Database(OpenOptions options);
  ~Database() { stop(); }
  // Finishes what was begun; what still waits, and all that comes, is cancelled. Waits for the threads.
  void stop();
  const std::filesystem::path& path() const { return options_.path; }

  // Returns what `work` returned, once its transaction is committed and synced. `work` makes no change when it returns
  // an error of its own; `bytes` is what it holds.
  template <class T>
  awaitable<Result<T>> write(std::size_t bytes, std::function<Result<T>(Connection&)> work) {
    return submit<T>(writer_, bytes, std::move(work));
  }
  // Sees every change that was answered.
  template <class T>
  awaitable<Result<T>> read(std::function<Result<T>(Connection&)> work) {
    return submit<T>(reader_, 0, std::move(work));
  }

 private:
  template <class T>
  struct TaskOf final : Task {
    TaskOf(Loop& loop, std::size_t size, std::function<Result<T>(Connection&)> what)
        : Task(size), work(std::move(what)), result(std::make_shared<Answer<Result<T>>>(loop)) {}
    void run(Connection& connection) override { result->set(work(connection)); }
    void fail(const Error& error) override { result->set(std::unexpected(error)); }
    std::shared_ptr<PendingAnswer> answer() const override { return result; }
    std::function<Result<T>(Connection&)> work;
    std::shared_ptr<Answer<Result<T>>> result;
  };
  using Tasks = std::vector<std::unique_ptr<Task>>;

  // A thread and what waits for it.
  struct Worker {
    std::mutex mutex;
    std::condition_variable wake;
    std::deque<std::unique_ptr<Task>> waiting;
    std::size_t waiting_bytes = 0;
    bool stopping = false;
    std::unique_ptr<Connection> connection;
    std::thread thread;
  };

  template <class T>
  awaitable<Result<T>> submit(Worker& worker, std::size_t bytes, std::function<Result<T>(Connection&)> work) {
    const Executor executor = co_await boost::asio::this_coro::executor;
    auto task = std::make_unique<TaskOf<T>>(executor.context(), bytes, std::move(work));
    const auto result = task->result;
    if (auto queued = enqueue(worker, std::move(task)); !queued) co_return std::unexpected(std::move(queued).error());
    co_return co_await result->wait();
  }
  Result<void> enqueue(Worker& worker, std::unique_ptr<Task> task);
  void serve(Worker& worker, void (Database::*run)(Worker&, Tasks&));
  static Tasks take(Worker& worker);
  // The connection, opened if it is not; null: the tasks have the error.
  Connection* connect(Worker& worker, Tasks& tasks);
  void run_reads(Worker& worker, Tasks& tasks);
  void run_writes(Worker& worker, Tasks& tasks);
  // One transaction. An error: it was rolled back, and the results of `tasks` are wrong.
  Result<void> commit(Connection& connection, std::span<std::unique_ptr<Task>> tasks);

  const OpenOptions options_;
  std::mutex opening_;  // one connection is set up at a time
  Worker writer_;
  Worker reader_;
};

}  // namespace weft::provider::sqlite

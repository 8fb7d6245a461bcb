#include "providers/sqlite/database.h"

#include <pthread.h>

#include <span>

namespace weft::provider::sqlite {

Database::Database(OpenOptions options) : options_(std::move(options)) {}

void Database::stop() {
  for (Worker* worker : {&writer_, &reader_}) {
    {
      const std::lock_guard lock(worker->mutex);
      worker->stopping = true;
    }
    worker->wake.notify_all();
  }
  for (Worker* worker : {&writer_, &reader_}) {
    if (worker->thread.joinable()) worker->thread.join();
  }
  // The last connection to close copies the log into the database.
  reader_.connection.reset();
  writer_.connection.reset();
}

Result<void> Database::enqueue(Worker& worker, std::unique_ptr<Task> task) {
  {
    const std::lock_guard lock(worker.mutex);
    if (worker.stopping) return weft::fail(Errc::cancelled, "the store is being closed");
    if (worker.waiting_bytes + task->bytes() > max_waiting_bytes && !worker.waiting.empty())
      return weft::fail(Errc::unavailable, "too many changes wait for the disk");
    worker.waiting_bytes += task->bytes();
    worker.waiting.push_back(std::move(task));
    if (!worker.thread.joinable()) {
      const bool writes = &worker == &writer_;
      worker.thread = std::thread([this, &worker, writes] {
        pthread_setname_np(pthread_self(), writes ? "kv-write" : "kv-read");
        serve(worker, writes ? &Database::run_writes : &Database::run_reads);
      });
    }
  }
  worker.wake.notify_one();
  return {};
}

Database::Tasks Database::take(Worker& worker) {
  Tasks tasks;
  std::size_t bytes = 0;
  while (!worker.waiting.empty() && tasks.size() < max_group_tasks && bytes < max_group_bytes) {
    bytes += worker.waiting.front()->bytes();
    tasks.push_back(std::move(worker.waiting.front()));
    worker.waiting.pop_front();
  }
  worker.waiting_bytes -= bytes;
  return tasks;
}

void Database::serve(Worker& worker, void (Database::*run)(Worker&, Tasks&)) {
  std::unique_lock lock(worker.mutex);
  for (;;) {
    worker.wake.wait(lock, [&] { return worker.stopping || !worker.waiting.empty(); });
    Tasks tasks = take(worker);
    if (tasks.empty()) return;
    const bool cancelled = worker.stopping;
    lock.unlock();
    if (cancelled) {
      for (const auto& task : tasks) task->fail(Error(Errc::cancelled, "the store is being closed"));
    } else {
      (this->*run)(worker, tasks);
    }
    std::vector<std::shared_ptr<PendingAnswer>> answers;
    answers.reserve(tasks.size());
    for (const auto& task : tasks) answers.push_back(task->answer());
    tasks.clear();
    deliver(std::move(answers));
    lock.lock();
  }
}

Connection* Database::connect(Worker& worker, Tasks& tasks) {
  if (worker.connection != nullptr) return worker.connection.get();
  const std::lock_guard lock(opening_);
  auto opened = Connection::open(options_);
  if (!opened) {
    for (const auto& task : tasks) task->fail(opened.error());
    return nullptr;
  }
  worker.connection = *std::move(opened);
  return worker.connection.get();
}

void Database::run_reads(Worker& worker, Tasks& tasks) {
  Connection* connection = connect(worker, tasks);
  if (connection == nullptr) return;
  for (const auto& task : tasks) task->run(*connection);
  if (connection->take_failure()) worker.connection.reset();
}

Result<void> Database::commit(Connection& connection, std::span<std::unique_ptr<Task>> tasks) {
  const auto done = [&]() -> Result<void> {
    CHECK_OK(connection.execute(Sql::begin_write));
    for (const auto& task : tasks) task->run(connection);
    if (auto failure = connection.take_failure()) return std::unexpected(*std::move(failure));
    return connection.execute(Sql::commit);
  }();
  if (!done && connection.in_transaction()) (void)connection.execute(Sql::rollback);
  return done;
}

void Database::run_writes(Worker& worker, Tasks& tasks) {
  Connection* connection = connect(worker, tasks);
  if (connection == nullptr) return;
  auto done = commit(*connection, tasks);
  if (done) return;
  worker.connection.reset();
  if (tasks.size() == 1) {
    tasks.front()->fail(done.error());
    return;
  }
  // One that cannot be made must not take the others with it: each is tried alone, on a fresh connection.
  for (auto& task : tasks) {
    Tasks one;
    one.push_back(std::move(task));
    run_writes(worker, one);
    task = std::move(one.front());
  }
}

}  // namespace weft::provider::sqlite

#include "runtime/compile_worker.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <numeric>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "runtime/compile_protocol.h"
#include "runtime/confine.h"
#include "util/write_all.h"
#include "wasm/engine.h"

namespace weft::runtime {
namespace {

struct Job {
  JobHeader header;
  std::vector<std::span<const std::byte>> modules;
};

Result<Job> read_job() {
  struct stat status;
  if (fstat(STDIN_FILENO, &status) != 0 || status.st_size < static_cast<off_t>(sizeof(JobHeader))) {
    return fail(Errc::invalid, "there is no job on standard input; this command is for weft itself");
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  const void* mapped = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, STDIN_FILENO, 0);
  if (mapped == MAP_FAILED) return std::unexpected(Error::from_errno("reading the job", errno));
  const std::span bytes(static_cast<const std::byte*>(mapped), size);
  Job job;
  std::memcpy(&job.header, bytes.data(), sizeof(JobHeader));
  std::size_t table = sizeof(JobHeader);
  std::size_t at = table + std::size_t{job.header.modules} * sizeof(std::uint64_t);
  for (std::uint32_t i = 0; i < job.header.modules; ++i, table += sizeof(std::uint64_t)) {
    std::uint64_t module_size = 0;
    if (at > size) return fail(Errc::invalid, "the job is cut off");
    std::memcpy(&module_size, bytes.data() + table, sizeof(module_size));
    if (module_size > size - at) return fail(Errc::invalid, "the job is cut off");
    job.modules.push_back(bytes.subspan(at, module_size));
    at += module_size;
  }
  return job;
}

void limit(__rlimit_resource_t resource, std::uint64_t value) {
  const rlimit wanted{value, value};
  setrlimit(resource, &wanted);
}

Report compile(const wasm::Engine& engine, std::span<const std::byte> module, int output, std::string& text) {
  Report report;
  auto code = wasm::Module::precompile(engine, module);
  if (!code) {
    report.outcome = Outcome::refused;
    text = code.error().message();
  } else if (!write_all(output, code->bytes())) {
    report.outcome = Outcome::unwritten;
    text = Error::from_errno("writing the compiled code", errno).message();
  } else {
    report.code_size = code->bytes().size();
    report.is_restorable = code->is_restorable() ? 1 : 0;
    report.code_hash = sha256(code->bytes());
  }
  return report;
}

bool send(Report report, const std::string& text) {
  report.text_size = static_cast<std::uint32_t>(std::min<std::size_t>(text.size(), max_report_text));
  return write_all(STDOUT_FILENO, std::as_bytes(std::span(&report, 1))) &&
         write_all(STDOUT_FILENO, std::as_bytes(std::span(text).first(report.text_size)));
}

// Largest first. Each module is compiled by several threads already, but for its beginning and its end; two modules at
// a time fill these gaps.
bool compile_all(const wasm::Engine& engine, const Job& job) {
  std::vector<std::uint32_t> order(job.modules.size());
  std::iota(order.begin(), order.end(), 0u);
  std::ranges::sort(order, std::greater(), [&](std::uint32_t i) { return job.modules[i].size(); });
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> sent = true;
  std::mutex reports;
  const auto work = [&] {
    for (std::size_t n = next++; n < order.size(); n = next++) {
      const std::uint32_t i = order[n];
      std::string text;
      Report report = compile(engine, job.modules[i], first_output + static_cast<int>(i), text);
      report.module = i;
      std::lock_guard lock(reports);
      if (!send(report, text)) sent = false;
    }
  };
  if (job.header.parallel == 0 || order.size() == 1) {
    work();
  } else {
    std::jthread other(work);
    work();
  }
  return sent;
}

}  // namespace

int compile_worker() {
  auto job = read_job();
  if (!job) {
    std::fprintf(stderr, "%s\n", job.error().message().c_str());
    return 2;
  }
  if (const sched_param none{}; job->header.in_background != 0) sched_setscheduler(0, SCHED_IDLE, &none);
  // The parent waits for us, and nobody else does.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)  // their shadow memory takes terabytes
  limit(RLIMIT_AS, job->header.address_space_bytes);
#endif
  limit(RLIMIT_CPU, job->header.cpu_seconds);
  limit(RLIMIT_FSIZE, job->header.output_bytes);
  limit(RLIMIT_CORE, 0);
  auto engine = wasm::Engine::create(
      {.parallel_compilation = job->header.parallel != 0, .effort = static_cast<wasm::Effort>(job->header.effort)});
  if (!engine) {
    std::fprintf(stderr, "%s\n", engine.error().message().c_str());
    return 2;
  }
  // Foreign bytes are looked at from here on. A kernel without filters still has the limits above.
  if (auto confined = confine_to_open_files(); !confined && confined.error().code() != Errc::unavailable) return 2;

  if (!compile_all(**engine, *job)) return 1;
  // The engine's clean-up is of no use to a process that ends.
  std::_Exit(0);
}

}  // namespace weft::runtime

#include "runtime/compile_worker.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <span>
#include <string>
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
    text = code.error().message();
  } else if (!write_all(output, code->bytes())) {
    text = Error::from_errno("writing the compiled code", errno).message();
  } else {
    report.code_size = code->bytes().size();
    report.code_hash = sha256(code->bytes());
  }
  return report;
}

}  // namespace

int compile_worker() {
  auto job = read_job();
  if (!job) {
    std::fprintf(stderr, "%s\n", job.error().message().c_str());
    return 2;
  }
  // The parent waits for us, and nobody else does.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)  // their shadow memory takes terabytes
  limit(RLIMIT_AS, job->header.address_space_bytes);
#endif
  limit(RLIMIT_CPU, job->header.cpu_seconds);
  limit(RLIMIT_FSIZE, job->header.output_bytes);
  limit(RLIMIT_CORE, 0);
  auto engine = wasm::Engine::create({.parallel_compilation = job->header.parallel != 0});
  if (!engine) {
    std::fprintf(stderr, "%s\n", engine.error().message().c_str());
    return 2;
  }
  // Foreign bytes are looked at from here on. A kernel without filters still has the limits above.
  if (auto confined = confine_to_open_files(); !confined && confined.error().code() != Errc::unavailable) return 2;

  // Largest first, so that what little can be done in parallel comes last.
  std::vector<std::uint32_t> order(job->modules.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, std::greater(), [&](std::uint32_t i) { return job->modules[i].size(); });
  for (const std::uint32_t i : order) {
    std::string text;
    Report report = compile(**engine, job->modules[i], first_output + static_cast<int>(i), text);
    text.resize(std::min<std::size_t>(text.size(), max_report_text));
    report.module = i;
    report.text_size = static_cast<std::uint32_t>(text.size());
    if (!write_all(STDOUT_FILENO, std::as_bytes(std::span(&report, 1)))) return 1;
    if (!write_all(STDOUT_FILENO, std::as_bytes(std::span(text)))) return 1;
  }
  // The engine's clean-up is of no use to a process that ends.
  std::_Exit(0);
}

}  // namespace weft::runtime

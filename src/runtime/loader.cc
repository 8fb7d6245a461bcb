#include "runtime/loader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "component/decode.h"
#include "component/validate.h"
#include "wasm/module_rewrite.h"

namespace weft::runtime {
namespace {

template <class T>
Result<T> in(const std::string& name, Result<T> result) {
  if (!result) return std::unexpected(std::move(result).error().context(name));
  return result;
}

}  // namespace

Result<std::shared_ptr<const component::LinkedComponent>> load_component(
    const wasm::Engine& engine, ModuleSource& modules, const component::HostLinker& linker,
    std::shared_ptr<const std::vector<std::byte>> bytes, const std::string& name) {
  TRY(auto ast, in(name, component::decode(std::move(bytes))));
  TRY(auto type, in(name, component::validate(*ast)));
  TRY(auto plan, in(name, component::make_plan(*ast)));
  std::vector<component::CompiledModule> compiled;
  for (const component::ast::ByteRange range : plan->modules) {
    TRY(auto separated, in(name, wasm::separate(std::span(*plan->bytes).subspan(range.offset, range.size))));
    TRY(auto code, in(name, modules.module(separated.code)));
    compiled.push_back({std::move(code), std::move(separated.images)});
  }
  return in(name, component::LinkedComponent::create(engine, std::move(plan), std::move(compiled), linker));
}

Result<std::shared_ptr<const std::vector<std::byte>>> read_file(const std::string& path, std::size_t max_bytes) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::unexpected(Error::from_errno("opening " + path, errno));
  struct Close {
    int file;
    ~Close() { close(file); }
  } guard{file};
  struct stat status;
  if (fstat(file, &status) != 0) return std::unexpected(Error::from_errno("reading " + path, errno));
  if (!S_ISREG(status.st_mode)) return fail(Errc::invalid, path + " is not a regular file");
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size > max_bytes) {
    return fail(Errc::limit, path + " has " + std::to_string(size) + " bytes; the limit is " + std::to_string(max_bytes));
  }
  auto bytes = std::make_shared<std::vector<std::byte>>(size);
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = read(file, bytes->data() + done, size - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(Error::from_errno("reading " + path, errno));
    if (got == 0) return fail(Errc::io, path + " became shorter while it was read");
    done += static_cast<std::size_t>(got);
  }
  return bytes;
}

}  // namespace weft::runtime

#include "wast/tools.h"

#include <cerrno>
#include <cstdlib>
#include <fstream>

#include "util/process.h"

namespace weft::wast {

namespace fs = std::filesystem;

Result<std::unique_ptr<TemporaryFolder>> TemporaryFolder::create() {
  std::error_code error;
  std::string name = (fs::temp_directory_path(error) / "weft-wast-XXXXXX").string();
  if (error || mkdtemp(name.data()) == nullptr) {
    return std::unexpected(Error::from_errno("making a temporary folder", error ? error.value() : errno));
  }
  return std::unique_ptr<TemporaryFolder>(new TemporaryFolder(name));
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

Result<Script> WasmTools::convert(const fs::path& script, const fs::path& folder) const {
  const fs::path json = folder / "script.json";
  TRY(auto run, run_program({program_, "json-from-wast", "--wasm-dir", folder, "-o", json, script}));
  if (run.status != 0) return fail(Errc::invalid, std::move(run.output));
  return read_script(json);
}

Result<std::vector<std::byte>> WasmTools::parse(const fs::path& text) const {
  fs::path binary = text;
  binary += ".parsed";
  TRY(auto run, run_program({program_, "parse", text, "-o", binary}));
  if (run.status != 0) return fail(Errc::invalid, std::move(run.output));
  return read_bytes(binary);
}

Result<std::vector<std::byte>> read_bytes(const fs::path& path) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) return fail(Errc::io, "cannot read " + path.string());
  std::vector<std::byte> bytes(static_cast<std::size_t>(in.tellg()));
  in.seekg(0);
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!in) return fail(Errc::io, "cannot read " + path.string());
  return bytes;
}

}  // namespace weft::wast

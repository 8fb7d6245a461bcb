// What the runner leaves to wasm-tools: the text format.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "util/error.h"
#include "util/pinned.h"
#include "wast/script.h"

namespace weft::wast {

// A folder of its own below the system's folder for temporary files; removed with everything in it.
class TemporaryFolder : Pinned {
 public:
  static Result<std::unique_ptr<TemporaryFolder>> create();
  ~TemporaryFolder();
  const std::filesystem::path& path() const { return path_; }

 private:
  explicit TemporaryFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

class WasmTools {
 public:
  // `program`: a path, or a name to look up in PATH.
  explicit WasmTools(std::string program) : program_(std::move(program)) {}

  // `json-from-wast`: the commands of `script`, with the files of its modules in `folder`. Errc::invalid with the
  // tool's message if the script is not of the format.
  Result<Script> convert(const std::filesystem::path& script, const std::filesystem::path& folder) const;
  // `parse`: the binary of a module's text. Errc::invalid with the tool's message.
  Result<std::vector<std::byte>> parse(const std::filesystem::path& text) const;

 private:
  std::string program_;
};

// Errc::io
Result<std::vector<std::byte>> read_bytes(const std::filesystem::path& path);

}  // namespace weft::wast

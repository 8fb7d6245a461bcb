// Content in a folder of this machine: an application as its developer has it.
#pragma once

#include <filesystem>
#include <memory>

#include "content/store.h"

namespace weft::content {

class FolderStore final : public Store {
 public:
  // `root`: what relative paths start from. Fails when it is no folder.
  static Result<std::unique_ptr<FolderStore>> create(const std::filesystem::path& root);

  Result<Opened> open(const Ref& ref) const override;

 private:
  FolderStore(std::filesystem::path root, FileDescriptor folder) : root_(std::move(root)), folder_(std::move(folder)) {}

  std::filesystem::path root_;  // links resolved
  FileDescriptor folder_;
};

}  // namespace weft::content

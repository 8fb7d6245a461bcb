// What was downloaded once, by its digest.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>

#include "content/store.h"
#include "download/get.h"

namespace weft::download {

// $XDG_CACHE_HOME/weft/downloads, else ~/.cache/weft/downloads; empty when the environment names no home.
std::filesystem::path default_folder();

class Downloads final : public content::Store {
 public:
  // `folder` is made when it is first needed.
  Downloads(std::filesystem::path folder, GetOptions options)
      : folder_(std::move(folder)), options_(std::move(options)) {}

  // `ref.path` is the URL. Downloads it, which may take long, unless the folder has what has the digest.
  // REQUIRES: a digest.
  Result<content::Opened> open(const content::Ref& ref) const override;

 private:
  Result<content::Opened> download(const content::Ref& ref, const std::filesystem::path& place) const;

  std::filesystem::path folder_;
  GetOptions options_;
};

}  // namespace weft::download

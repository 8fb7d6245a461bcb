#include "wasm/memory_image.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <mutex>

#include "wasm/page_reset.h"

namespace weft::wasm {
namespace {

// The numbers of images that are gone are given again, the last one first, so that they stay small.
struct ImageIds {
  std::mutex mutex;
  std::vector<std::uint32_t> free;
  std::uint32_t next = 1;

  std::uint32_t take() {
    const std::lock_guard lock(mutex);
    if (free.empty()) return next++;
    const std::uint32_t id = free.back();
    free.pop_back();
    return id;
  }
  void give_back(std::uint32_t id) {
    const std::lock_guard lock(mutex);
    free.push_back(id);
  }
};

// Never destroyed: slots of other threads may outlive main.
ImageIds& image_ids() {
  static auto& ids = *new ImageIds();
  return ids;
}

}  // namespace

MemoryImage::MemoryImage() : id_(image_ids().take()) {}

Result<std::shared_ptr<const MemoryImage>> MemoryImage::create(std::span<const DataSegment> segments) {
  std::uint64_t low = UINT64_MAX;
  std::uint64_t high = 0;
  for (const DataSegment& segment : segments) {
    if (segment.bytes.empty()) continue;
    low = std::min(low, segment.offset);
    high = std::max(high, segment.offset + segment.bytes.size());
  }
  if (high == 0) return std::shared_ptr<const MemoryImage>();

  std::shared_ptr<MemoryImage> image(new MemoryImage());
  image->start_ = low / page_size * page_size;
  image->length_ = (high - image->start_ + page_size - 1) / page_size * page_size;
  image->file_ = memfd_create("weft-memory-image", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (image->file_ < 0) return std::unexpected(Error::from_errno("creating a memory image", errno));
  if (ftruncate(image->file_, static_cast<off_t>(image->length_)) != 0) {
    return std::unexpected(Error::from_errno("sizing a memory image", errno));
  }
  void* writable = mmap(nullptr, image->length_, PROT_READ | PROT_WRITE, MAP_SHARED, image->file_, 0);
  if (writable == MAP_FAILED) return std::unexpected(Error::from_errno("mapping a memory image", errno));
  for (const DataSegment& segment : segments) {
    if (segment.bytes.empty()) continue;
    const std::uint64_t at = segment.offset - image->start_;
    const auto size = segment.bytes.size();
    // Writing whole pages costs half of what faulting them in does; what it leaves undone is copied.
    if (size >= page_size &&
        pwrite(image->file_, segment.bytes.data(), size, static_cast<off_t>(at)) == static_cast<ssize_t>(size)) {
      continue;
    }
    std::memcpy(static_cast<std::byte*>(writable) + at, segment.bytes.data(), size);
  }
  munmap(writable, image->length_);
  // Nobody can change what every instance of the module starts from.
  fcntl(image->file_, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
  void* readable = mmap(nullptr, image->length_, PROT_READ, MAP_SHARED, image->file_, 0);
  if (readable == MAP_FAILED) return std::unexpected(Error::from_errno("mapping a memory image", errno));
  image->data_ = static_cast<const std::byte*>(readable);
  return std::shared_ptr<const MemoryImage>(std::move(image));
}

Result<MemoryImages> images_of(const MemoryData& data) {
  MemoryImages images;
  for (const auto& segments : data) {
    TRY(auto image, MemoryImage::create(segments));
    images.push_back(std::move(image));
  }
  return images;
}

MemoryImage::~MemoryImage() {
  image_ids().give_back(id_);
  if (data_ != nullptr) munmap(const_cast<std::byte*>(data_), length_);
  if (file_ >= 0) close(file_);
}

}  // namespace weft::wasm

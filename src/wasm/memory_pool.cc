#include "wasm/memory_pool.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <unordered_map>
#include <vector>

#include "wasm/page_reset.h"

namespace weft::wasm {
namespace {

std::uint64_t round_up(std::uint64_t bytes) {
  return (bytes + page_size - 1) / page_size * page_size;
}

thread_local const MemoryImages* scope_images = nullptr;
thread_local std::size_t scope_next = 0;
thread_local MemoryUse* scope_use = nullptr;

}  // namespace

// The slots of one thread. Never touched by another.
class SlotPool {
 public:
  ~SlotPool() {
    for (MemorySlot* slot : idle_) delete slot;
  }

  MemorySlot* take(const MemoryRequest& request, const MemoryImage* image) {
    std::size_t fallback = idle_.size();
    std::size_t same_image = idle_.size();
    for (std::size_t i = idle_.size(); i-- > 0;) {
      MemorySlot* slot = idle_[i];
      if (slot->capacity_ < request.reservation || slot->reserved_ < slot->capacity_ + request.guard) continue;
      if (slot->image_.get() == image) {
        if (slot->accessible_ == round_up(request.minimum)) return take_at(i);
        same_image = i;
        continue;
      }
      // Taking another image's slot costs a kernel call and that image its warm pages: only when there is plenty.
      if (fallback == idle_.size() && idle_.size() >= max_idle_slots_per_thread / 2) fallback = i;
    }
    if (same_image != idle_.size()) return take_at(same_image);
    return fallback == idle_.size() ? nullptr : take_at(fallback);
  }

  bool keep(MemorySlot* slot) {
    if (idle_.size() >= max_idle_slots_per_thread) return false;
    idle_.push_back(slot);
    return true;
  }

  void add_live(MemorySlot* slot) { live_.emplace(slot->base, slot); }
  void remove_live(MemorySlot* slot) { live_.erase(slot->base); }
  const MemorySlot* live_at(const std::byte* base) const {
    auto found = live_.find(base);
    return found == live_.end() ? nullptr : found->second;
  }
  std::size_t idle() const { return idle_.size(); }

  static SlotPool& of_this_thread() {
    thread_local SlotPool pool;
    return pool;
  }

 private:
  MemorySlot* take_at(std::size_t i) {
    MemorySlot* slot = idle_[i];
    idle_[i] = idle_.back();
    idle_.pop_back();
    return slot;
  }

  std::vector<MemorySlot*> idle_;
  std::unordered_map<const std::byte*, MemorySlot*> live_;
};

Result<MemorySlot*> MemorySlot::acquire(const MemoryRequest& request, std::shared_ptr<const MemoryImage> image,
                                        MemoryUse* use) {
  if (use != nullptr && !use->fits(request.minimum)) {
    return fail(Errc::limit, "the component's memories together are larger than their limit of " +
                                 std::to_string(use->limit) + " bytes");
  }
  MemoryRequest wanted = request;
  wanted.reservation = std::max(round_up(wanted.reservation), round_up(wanted.minimum));
  wanted.guard = round_up(wanted.guard);
  SlotPool& pool = SlotPool::of_this_thread();
  MemorySlot* slot = pool.take(wanted, image.get());
  if (slot == nullptr) {
    slot = new MemorySlot();
    slot->capacity_ = wanted.reservation;
    slot->reserved_ = wanted.reservation + wanted.guard;
    void* base = mmap(nullptr, slot->reserved_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED) {
      const int error = errno;
      slot->reserved_ = 0;
      delete slot;
      return std::unexpected(Error::from_errno("reserving address space for a linear memory", error));
    }
    slot->base = static_cast<std::byte*>(base);
    // A huge page would be dirtied as a whole by one store; a core file must not hold tenants' data.
    madvise(base, slot->reserved_, MADV_NOHUGEPAGE);
    madvise(base, slot->reserved_, MADV_DONTDUMP);
  }
  slot->minimum_ = wanted.minimum;
  if ((slot->image_ != image && !slot->map_image(std::move(image))) || !slot->set_accessible(wanted.minimum)) {
    const int error = errno;
    delete slot;
    return std::unexpected(Error::from_errno("preparing a linear memory", error));
  }
  slot->size = wanted.minimum;
  slot->use_ = use;
  if (use != nullptr) use->take(slot->size);
  pool.add_live(slot);
  return slot;
}

void MemorySlot::release(MemorySlot* slot) {
  SlotPool& pool = SlotPool::of_this_thread();
  pool.remove_live(slot);
  if (slot->use_ != nullptr) slot->use_->current -= slot->size;
  slot->use_ = nullptr;
  if (!slot->restore() || !pool.keep(slot)) delete slot;
}

MemorySlot::~MemorySlot() {
  if (reserved_ != 0) munmap(base, reserved_);
}

bool MemorySlot::map_image(std::shared_ptr<const MemoryImage> image) {
  if (image_ != nullptr) {
    // Back to anonymous zeroes where the old image lay.
    void* where = base + image_->start();
    if (mmap(where, image_->length(), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) ==
        MAP_FAILED) {
      return false;
    }
    madvise(where, image_->length(), MADV_NOHUGEPAGE);
    madvise(where, image_->length(), MADV_DONTDUMP);
    image_ = nullptr;
    if (accessible_ != 0 && mprotect(base, accessible_, PROT_READ | PROT_WRITE) != 0) return false;
  }
  if (image != nullptr) {
    if (image->start() + image->length() > capacity_) {
      errno = EINVAL;
      return false;
    }
    void* where = base + image->start();
    if (mmap(where, image->length(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE | MAP_FIXED, image->file(),
             0) == MAP_FAILED) {
      return false;
    }
    madvise(where, image->length(), MADV_DONTDUMP);
    // The image lies within the minimum size, and rights are given from the base on: nothing beyond becomes readable.
    accessible_ = std::min(accessible_, image->start());
    if (image->start() + image->length() > round_up(minimum_)) {
      errno = EINVAL;
      return false;
    }
  }
  image_ = std::move(image);
  return true;
}

bool MemorySlot::set_accessible(std::uint64_t bytes) {
  const std::uint64_t wanted = round_up(bytes);
  if (wanted < accessible_) {
    // Left by a use with a larger minimum; clean, but it must fault here.
    if (mprotect(base + wanted, accessible_ - wanted, PROT_NONE) != 0) return false;
    accessible_ = wanted;
  }
  return make_accessible(bytes);
}

bool MemorySlot::make_accessible(std::uint64_t bytes) {
  const std::uint64_t wanted = round_up(bytes);
  if (wanted <= accessible_) return true;
  if (mprotect(base + accessible_, wanted - accessible_, PROT_READ | PROT_WRITE) != 0) return false;
  accessible_ = wanted;
  return true;
}

bool MemorySlot::grow(std::uint64_t new_size) {
  if (new_size > capacity_ || new_size < size) return false;
  if (use_ != nullptr && !use_->take(new_size - size)) return false;
  if (!make_accessible(new_size)) {
    if (use_ != nullptr) use_->current -= new_size - size;
    return false;
  }
  size = new_size;
  return true;
}

bool MemorySlot::restore() {
  struct Restorer {
    MemorySlot& slot;
    std::uint64_t resident = 0;
    bool ok = true;

    static void call(void* env, PageRange range) { static_cast<Restorer*>(env)->run(range); }
    void run(PageRange range) {
      const auto bytes = static_cast<std::uint64_t>(range.end - range.begin);
      resident += bytes;
      if (resident > max_resident_bytes_per_idle_slot) {
        // For a private mapping this brings back zeroes or the image, whichever lies below.
        if (madvise(range.begin, bytes, MADV_DONTNEED) != 0) ok = false;
        return;
      }
      const MemoryImage* image = slot.image_.get();
      std::byte* image_begin = image == nullptr ? range.end : slot.base + image->start();
      std::byte* image_end = image == nullptr ? range.end : image_begin + image->length();
      zero(range.begin, std::min(range.end, image_begin));
      std::byte* from = std::max(range.begin, image_begin);
      std::byte* to = std::min(range.end, image_end);
      if (from < to) std::memcpy(from, image->data() + (from - image_begin), static_cast<std::size_t>(to - from));
      zero(std::max(range.begin, image_end), range.end);
    }
    static void zero(std::byte* from, std::byte* to) {
      if (from < to) std::memset(from, 0, static_cast<std::size_t>(to - from));
    }
  };

  const std::uint64_t initial = round_up(minimum_);
  if (accessible_ > initial) {
    // What was grown loses its content and its rights: the next use must fault beyond its own size again.
    if (madvise(base + initial, accessible_ - initial, MADV_DONTNEED) != 0) return false;
    if (mprotect(base + initial, accessible_ - initial, PROT_NONE) != 0) return false;
    accessible_ = initial;
  }
  Restorer restorer{*this};
  if (auto done = for_each_dirty_range(base, accessible_, &Restorer::call, &restorer); !done || !restorer.ok) {
    return madvise(base, accessible_, MADV_DONTNEED) == 0;
  }
  return true;
}

ImageScope::ImageScope(const MemoryImages& images, MemoryUse& use)
    : outer_(scope_images), outer_next_(scope_next), outer_use_(scope_use) {
  scope_images = &images;
  scope_next = 0;
  scope_use = &use;
}

ImageScope::~ImageScope() {
  scope_images = outer_;
  scope_next = outer_next_;
  scope_use = outer_use_;
}

std::shared_ptr<const MemoryImage> ImageScope::next(std::uint64_t minimum) {
  if (minimum == 0 || scope_images == nullptr || scope_next >= scope_images->size()) return nullptr;
  return (*scope_images)[scope_next++];
}

MemoryUse* ImageScope::memory_use() {
  return scope_use;
}

const abi::LinearMemory* slot_at(const std::byte* base) {
  return SlotPool::of_this_thread().live_at(base);
}

std::size_t idle_slots_of_this_thread() {
  return SlotPool::of_this_thread().idle();
}

}  // namespace weft::wasm

#include "wasm/memory_pool.h"

#include <sys/mman.h>

#include <algorithm>
#include <boost/intrusive/list.hpp>
#include <cerrno>
#include <cstring>
#include <deque>
#include <utility>

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

// The idle slots of one thread. Never touched by another.
class SlotPool {
 public:
  ~SlotPool() { clear(); }

  void clear() {
    while (!by_age_.empty()) delete remove(by_age_.front());
  }

  MemorySlot* take(const MemoryRequest& request, const MemoryImage* image) {
    // The last one that came back is the warmest. Of one image all have nearly always the same size.
    for (MemorySlot& slot : list_of(image)) {
      if (fits(slot, request)) return remove(slot);
    }
    // Taking another image's slot costs a kernel call and that image its warm pages: only when there is plenty.
    if (idle_ >= max_idle_slots_per_thread / 2) {
      for (MemorySlot& slot : by_age_) {
        if (fits(slot, request)) return remove(slot);
      }
    }
    return nullptr;
  }

  void keep(MemorySlot* slot) {
    if (idle_ >= max_idle_slots_per_thread) delete remove(by_age_.front());
    list_of(slot->image_.get()).push_front(*slot);
    by_age_.push_back(*slot);
    ++idle_;
  }

  std::size_t idle() const { return idle_; }

  static SlotPool& of_this_thread() {
    thread_local SlotPool pool;
    return pool;
  }

 private:
  template <MemorySlot::ListHook MemorySlot::* hook>
  using List = boost::intrusive::list<MemorySlot, boost::intrusive::member_hook<MemorySlot, MemorySlot::ListHook, hook>,
                                      boost::intrusive::constant_time_size<false>>;
  using ImageList = List<&MemorySlot::in_image_list_>;

  static bool fits(const MemorySlot& slot, const MemoryRequest& request) {
    return slot.capacity_ >= request.reservation && slot.reserved_ >= slot.capacity_ + request.guard;
  }

  // Those of memories without an image come first.
  ImageList& list_of(const MemoryImage* image) {
    const std::size_t id = image == nullptr ? 0 : image->id();
    while (by_image_.size() <= id) by_image_.emplace_back();
    return by_image_[id];
  }

  MemorySlot* remove(MemorySlot& slot) {
    list_of(slot.image_.get()).erase(ImageList::s_iterator_to(slot));
    by_age_.erase(decltype(by_age_)::s_iterator_to(slot));
    --idle_;
    return &slot;
  }

  std::deque<ImageList> by_image_;          // by MemoryImage::id()
  List<&MemorySlot::in_age_list_> by_age_;  // idle longest first
  std::size_t idle_ = 0;
};

Result<MemorySlot*> MemorySlot::acquire(const MemoryRequest& request, const std::shared_ptr<const MemoryImage>& image,
                                        MemoryUse* use) {
  if (use != nullptr && !use->fits(request.minimum)) {
    return fail(Errc::limit, "the component's memories together are larger than their limit of " +
                                 std::to_string(use->limit) + " bytes");
  }
  MemoryRequest wanted = request;
  wanted.reservation = std::max(round_up(wanted.reservation), round_up(wanted.minimum));
  wanted.guard = round_up(wanted.guard);
  MemorySlot* slot = SlotPool::of_this_thread().take(wanted, image.get());
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
  if ((slot->image_ != image && !slot->map_image(image)) || !slot->set_accessible(wanted.minimum)) {
    const int error = errno;
    delete slot;
    return std::unexpected(Error::from_errno("preparing a linear memory", error));
  }
  slot->size = wanted.minimum;
  slot->use_ = use;
  if (use != nullptr) {
    use->add(slot->size);
    slot->next_of_use_ = std::exchange(use->slots, slot);
  }
  return slot;
}

void MemorySlot::release(MemorySlot* slot) {
  if (MemoryUse* use = std::exchange(slot->use_, nullptr)) {
    use->current -= slot->size;
    MemorySlot** link = &use->slots;
    while (*link != slot) link = &(*link)->next_of_use_;
    *link = std::exchange(slot->next_of_use_, nullptr);
  }
  if (slot->restore())
    SlotPool::of_this_thread().keep(slot);
  else
    delete slot;
}

MemorySlot* MemorySlot::find(const MemoryUse& use, const std::byte* base) {
  MemorySlot* slot = use.slots;
  while (slot != nullptr && slot->base != base) slot = slot->next_of_use_;
  return slot;
}

MemorySlot::~MemorySlot() {
  if (reserved_ != 0) munmap(base, reserved_);
}

bool MemorySlot::map_image(std::shared_ptr<const MemoryImage> image) {
  resident_.known = false;
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
  const std::uint64_t initial = round_up(minimum_);
  if (accessible_ > initial) {
    // What was grown loses its content and its rights: the next use must fault beyond its own size again.
    if (madvise(base + initial, accessible_ - initial, MADV_DONTNEED) != 0) return false;
    if (mprotect(base + initial, accessible_ - initial, PROT_NONE) != 0) return false;
    accessible_ = initial;
  }
  if (restore_dirty()) return true;
  resident_.known = false;
  return madvise(base, accessible_, MADV_DONTNEED) == 0;
}

bool MemorySlot::restore_dirty() {
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
      copy(range);
      Resident& known = slot.resident_;
      if (known.count == Resident::max_runs) {
        known.known = false;
        return;
      }
      known.runs[known.count++] = {static_cast<std::uint64_t>(range.begin - slot.base),
                                   static_cast<std::uint64_t>(range.end - slot.base)};
    }
    void copy(PageRange range) {
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
  } restorer{*this};

  const auto faults = page_faults_of_this_thread();
  if (resident_.known && faults == resident_.faults && accessible_ <= resident_.end) {
    for (std::size_t i = 0; i < resident_.count; ++i) {
      // What lies beyond this use's size was clean when it came, and could not be written.
      const std::uint64_t end = std::min(resident_.runs[i].end, accessible_);
      if (resident_.runs[i].begin < end) restorer.copy({base + resident_.runs[i].begin, base + end});
    }
    return true;
  }
  resident_.count = 0;
  resident_.known = faults.has_value();
  resident_.faults = faults.value_or(0);
  resident_.end = accessible_;
  const auto done = for_each_dirty_range(base, accessible_, &Restorer::call, &restorer);
  return done && restorer.ok;
}

bool MemorySlot::is_of_image(const std::byte* page) const {
  static constexpr std::array<std::byte, page_size> zeroes{};
  const std::byte* image_begin = image_ == nullptr ? page : base + image_->start();
  const std::uint64_t length = image_ == nullptr ? 0 : image_->length();
  const bool inside = page >= image_begin && page < image_begin + length;
  return std::memcmp(page, inside ? image_->data() + (page - image_begin) : zeroes.data(), page_size) == 0;
}

std::optional<std::vector<WrittenPage>> MemorySlot::begin_here(bool is_image, std::size_t most) {
  struct Finder {
    const MemorySlot& slot;
    const std::size_t most;
    std::vector<WrittenPage> found = {};
    bool too_many = false;

    static void call(void* env, PageRange range) { static_cast<Finder*>(env)->look(range); }
    void look(PageRange range) {
      for (const std::byte* page = range.begin; page < range.end && !too_many; page += page_size) {
        if (slot.is_of_image(page)) continue;
        too_many = found.size() == most;
        if (too_many) return;
        WrittenPage& made = found.emplace_back();
        made.at = static_cast<std::uint64_t>(page - slot.base);
        std::memcpy(made.bytes.data(), page, page_size);
      }
    }
  } finder{*this, most};

  if (has_grown() || !is_image) {
    if (!for_each_dirty_range(base, accessible_, &Finder::call, &finder) || finder.too_many) return std::nullopt;
    minimum_ = size;
  }
  return std::move(finder.found);
}

bool MemorySlot::begin_again(std::span<const WrittenPage> written) {
  if (!restore()) return false;
  if (use_ != nullptr) use_->current -= size - minimum_;
  size = minimum_;
  for (const WrittenPage& page : written) std::memcpy(base + page.at, page.bytes.data(), page_size);
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

const std::shared_ptr<const MemoryImage>& ImageScope::next(std::uint64_t minimum) {
  static const std::shared_ptr<const MemoryImage> none;
  if (minimum == 0 || scope_images == nullptr || scope_next >= scope_images->size()) return none;
  return (*scope_images)[scope_next++];
}

MemoryUse* ImageScope::memory_use() {
  return scope_use;
}

void drop_idle_slots_of_this_thread() {
  SlotPool::of_this_thread().clear();
}

std::size_t idle_slots_of_this_thread() {
  return SlotPool::of_this_thread().idle();
}

}  // namespace weft::wasm

// Components written as text, linked without a host and run.
#pragma once

#include <boost/asio/post.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "abi/lift.h"
#include "abi/lower.h"
#include "component/decode.h"
#include "component/instance.h"
#include "component/instance_source.h"
#include "component/validate.h"
#include "wasm/module_rewrite.h"
#include "wasm/testing/wat.h"

namespace weft::component::test {

inline wasm::Engine& engine() {
  static const auto made = wasm::Engine::create({}).value();
  return *made;
}

class NoHost final : public HostLinker {
 public:
  bool offers(std::string_view) const override { return true; }
  const HostResourceType* resource(std::string_view, std::string_view) const override { return nullptr; }
  Result<HostBinding> bind(const HostFunc& func, const std::vector<const HostResourceType*>&) const override {
    return fail(Errc::not_found, func.name);
  }
};

inline Result<std::unique_ptr<const LinkPlan>> plan_of(std::string_view text, Bypass bypass = Bypass::where_exact) {
  TRY(auto ast, decode(std::make_shared<const std::vector<std::byte>>(wasm::testing::wat(text))));
  CHECK_OK(validate(*ast));
  return make_plan(*ast, bypass);
}

inline Result<std::shared_ptr<const LinkedComponent>> link(std::unique_ptr<const LinkPlan> plan,
                                                           NotYet not_yet = NotYet::refuse,
                                                           const HostLinker& host = NoHost()) {
  std::vector<CompiledModule> modules;
  for (const ast::ByteRange range : plan->modules) {
    const wasm::SeparatedModule separated = wasm::separate(std::span(*plan->bytes).subspan(range.offset, range.size));
    TRY(auto code, wasm::Module::compile(engine(), separated.code()));
    TRY(auto images, separated.images());
    modules.push_back({std::move(code), std::move(images)});
  }
  return LinkedComponent::create(engine(), std::move(plan), std::move(modules), host, not_yet);
}

inline Result<std::shared_ptr<const LinkedComponent>> load(std::string_view text, NotYet not_yet = NotYet::refuse) {
  TRY(auto plan, plan_of(text));
  return link(std::move(plan), not_yet);
}

// The definition of $callee, an instance with an asynchronous "f" that is suspended for ever.
inline const std::string suspended_callee = R"(
  (component $Callee
    (core func $suspend (canon thread.suspend))
    (core module $M
      (import "" "suspend" (func $suspend (result i32)))
      (func (export "f") (drop (call $suspend))))
    (core instance $m (instantiate $M (with "" (instance (export "suspend" (func $suspend))))))
    (func (export "f") async (canon lift (core func $m "f") async)))
  (instance $callee (instantiate $Callee)))";

// An instance whose exports are called without arguments.
class Guest final : public host::Waker, Pinned {
 public:
  explicit Guest(std::string_view text, NotYet not_yet = NotYet::refuse) : Guest(load(text, not_yet).value()) {}
  explicit Guest(std::shared_ptr<const LinkedComponent> component, const host::Grants& grants = host::no_grants(),
                 InstanceSource* source = nullptr)
      : context_(loop_, grants),
        component_(std::move(component)),
        instance_((source != nullptr ? source->make(component_, context_, *this, {}, nullptr)
                                     : Instance::create(component_, context_, *this, {}, nullptr))
                      .value()),
        start_failure_(failure_of([this] { instance_->instantiate(); })) {}

  // What its start functions trapped with, if one did. Then nothing may be called.
  const std::string& start_failure() const { return start_failure_; }

  // The result in WAVE's notation, "" for none, or "trap: " and its message.
  std::string call(std::string_view name) { return call(std::get<FuncRef>(*component_->plan().exports.find(name))); }
  std::string call(FuncRef func) {
    struct Call final : ExportCall {
      void lower_args(abi::LowerContext&, const abi::FuncType&, abi::CoreValue*) override {}
      void lift_result(abi::LiftContext& context, const abi::FuncType& type, std::uint32_t max_flat,
                       abi::CoreValueIter& values) override {
        if (type.result == nullptr) return;
        text = to_string(abi::lift_flat_values(context, max_flat, values, type.result), type.result);
      }
      std::string text;
    } call;
    const std::string failure = failure_of([&] { instance_->call(func, call); });
    return failure.empty() ? call.text : "trap: " + failure;
  }

  void wake() noexcept override { woken_ = true; }

  Loop& loop() { return loop_; }
  Instance& instance() { return *instance_; }
  // Ends it, whatever it waits for.
  void end() { instance_.reset(); }
  std::unique_ptr<Instance> give_up() { return std::move(instance_); }

 private:
  std::string failure_of(std::function<void()> work) {
    using Progress = Instance::Progress;
    try {
      Progress progress = on_loop(
          [&] { return instance_->start([](void* env) { (*static_cast<std::function<void()>*>(env))(); }, &work); });
      while (progress != Progress::ended && progress != Progress::stuck) {
        // What it waits for is done on the loop; nothing left there: a test waits for more.
        if (progress == Progress::idle || progress == Progress::waiting) {
          loop_.restart();
          for (woken_ = false; !woken_;) {
            if (loop_.run_one() == 0) return "it waits for ever";
          }
        }
        progress = instance_->go_on();
      }
      return progress == Progress::stuck ? "stuck" : "";
    } catch (const std::exception& failure) {
      return failure.what();
    }
  }

  // As a host runs it: what it starts there begins within the call.
  Instance::Progress on_loop(const std::function<Instance::Progress()>& step) {
    std::optional<Instance::Progress> progress;
    std::exception_ptr failure;
    boost::asio::post(loop_, [&] {
      try {
        progress = step();
      } catch (...) {
        failure = std::current_exception();
      }
    });
    for (loop_.restart(); !progress && failure == nullptr;) loop_.run_one();
    if (failure != nullptr) std::rethrow_exception(failure);
    return *progress;
  }

  Loop loop_;
  host::RequestContext context_;
  std::shared_ptr<const LinkedComponent> component_;
  std::unique_ptr<Instance> instance_;
  bool woken_ = false;
  std::string start_failure_;
};

}  // namespace weft::component::test

// One request and the run that answers it.
#pragma once

#include "trigger/http_runs.h"

namespace weft::trigger {

class HttpRun final : public runtime::Run, public wasi_http::Services {
 public:
  HttpRun(HttpRuns& runs, HttpJob job);
  ~HttpRun() override;

  // Makes the instance and runs it until it ends or waits. It is kept by whoever wakes it.
  void begin();

  using Run::start;
  bool has(std::string_view component) const override { return job_.app->components.contains(component); }
  void start(std::string_view component, std::shared_ptr<http::ClientExchange> exchange) override;

 private:
  void work(component::Instance& instance) override;
  void done(const std::exception_ptr& failure) override;
  void log(std::string_view line);
  // It has ended.
  void record(unsigned status, bool fault);
  std::string timing();

  HttpRuns& runs_;
  const HttpJob job_;
  bool waited_ = false;  // it is among the open ones
};

}  // namespace weft::trigger

#include "trigger/metrics_listener.h"

#include "telemetry/text.h"

namespace weft::trigger {

class MetricsListener::Handler final : public http::Handler {
 public:
  explicit Handler(const telemetry::HttpMetrics& metrics) : metrics_(metrics) {}

  void handle(std::shared_ptr<http::Exchange> exchange) override {
    const http::RequestHead& request = exchange->request();
    const std::string_view path =
        std::string_view(request.path_with_query).substr(0, request.path_with_query.find('?'));
    http::ResponseHead head;
    std::string body;
    if (request.method != "GET" && request.method != "HEAD") {
      head.status = 405;
      head.fields.append("allow", "GET, HEAD");
    } else if (path == "/metrics") {
      head.fields.append("content-type", std::string(telemetry::text_content_type));
      body = metrics_.text();
    } else if (path == "/health" || path == "/.well-known/spin/health") {
      body = "OK";
    } else {
      head.status = 404;
      body = "There are /metrics and /health\n";
    }
    exchange->respond(std::move(head), std::move(body));
  }

 private:
  const telemetry::HttpMetrics& metrics_;
};

MetricsListener::MetricsListener(const telemetry::HttpMetrics& metrics, std::function<void(std::string_view line)> log)
    : handler_(std::make_unique<Handler>(metrics)),
      server_(
          std::make_unique<http::Server>(loop_, http::ServerOptions{.limits = {}, .log = std::move(log)}, *handler_)) {}

MetricsListener::~MetricsListener() {
  loop_.stop();
}

Result<std::unique_ptr<MetricsListener>> MetricsListener::create(const http::ListenOptions& listen,
                                                                 const telemetry::HttpMetrics& metrics,
                                                                 std::function<void(std::string_view line)> log) {
  std::unique_ptr<MetricsListener> made(new MetricsListener(metrics, std::move(log)));
  TRY(made->port_, made->server_->listen(listen));
  made->thread_ = std::jthread([&loop = made->loop_] { loop.run(); });
  return made;
}

}  // namespace weft::trigger

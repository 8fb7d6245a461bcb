#include "telemetry/http_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <thread>

#include "telemetry/text.h"

namespace weft::telemetry {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

TEST(Text, LabelsAreEscapedAndNumbersAreBrief) {
  Text text;
  text.metric("m", "counter", "Help.");
  text.sample({}, std::uint64_t{18446744073709551615u});
  text.sample({{"a", "q\"b\\n\nx"}, {"b", ""}}, 0.0025, "_sum");
  text.sample({}, std::int64_t{-1});
  EXPECT_EQ(std::move(text).take(),
            "# HELP m Help.\n# TYPE m counter\nm 18446744073709551615\n"
            "m_sum{a=\"q\\\"b\\\\n\\nx\",b=\"\"} 0.0025\nm -1\n");
}

TEST(HttpMetrics, LoopsAreAddedUpByComponentAndRoute) {
  HttpMetrics metrics;
  HttpLoopMetrics& one = metrics.add_loop();
  HttpLoopMetrics& two = metrics.add_loop();
  one.series("a", "/x").run_began(true);
  one.series("a", "/x").run_ended({.status = 200,
                                   .duration = 2ms,
                                   .cpu_nanoseconds = 500'000'000,
                                   .peak_memory_bytes = 1'114'112,
                                   .bytes_copied = 300,
                                   .peak_handles = 9,
                                   .denials = 2,
                                   .limit = Limit::none,
                                   .fault = false});
  two.series("a", "/x").run_began(false);
  two.series("a", "/x").run_ended({.status = 500,
                                   .duration = 10s,
                                   .cpu_nanoseconds = 1'000'000'000,
                                   .peak_memory_bytes = 1 << 30,
                                   .bytes_copied = 200,
                                   .peak_handles = 31,
                                   .denials = 0,
                                   .limit = Limit::cpu_time,
                                   .fault = true});
  two.series("a", "/x").run_began(false);
  one.series("", "/static").answered(204, 10us);
  one.requests[0].add(5);
  one.requests[1].add();
  two.requests[1].add();
  one.connections.set(3);
  two.connections.set(4);
  two.waiting_runs.set(1);
  one.instances[0].add(4);
  one.instances[1].add(30);
  two.instances[1].add(5);
  one.queued.set(2);
  two.queued.set(3);
  one.series("a", "/x").refused(503, 1s, Limit::instances);
  const std::string text = metrics.text();
  for (const char* line : {
           "weft_http_requests_total{component=\"a\",route=\"/x\",status=\"2xx\"} 1\n",
           "weft_http_requests_total{component=\"a\",route=\"/x\",status=\"5xx\"} 2\n",
           "weft_http_requests_total{component=\"\",route=\"/static\",status=\"2xx\"} 1\n",
           "weft_http_request_duration_seconds_bucket{component=\"a\",route=\"/x\",le=\"0.001\"} 0\n",
           "weft_http_request_duration_seconds_bucket{component=\"a\",route=\"/x\",le=\"0.0025\"} 1\n",
           "weft_http_request_duration_seconds_bucket{component=\"a\",route=\"/x\",le=\"30\"} 3\n",
           "weft_http_request_duration_seconds_bucket{component=\"a\",route=\"/x\",le=\"+Inf\"} 3\n",
           "weft_http_request_duration_seconds_sum{component=\"a\",route=\"/x\"} 11.002\n",
           "weft_http_request_duration_seconds_count{component=\"a\",route=\"/x\"} 3\n",
           "weft_instances_live{component=\"a\",route=\"/x\"} 1\n",
           "weft_instances_total{component=\"a\",route=\"/x\"} 3\n",
           "weft_instances_cold_total{component=\"a\",route=\"/x\"} 1\n",
           "weft_component_faults_total{component=\"a\",route=\"/x\"} 1\n",
           "weft_denials_total{component=\"a\",route=\"/x\"} 2\n",
           "weft_limits_hit_total{component=\"a\",route=\"/x\",limit=\"cpu_time\"} 1\n",
           "weft_limits_hit_total{component=\"a\",route=\"/x\",limit=\"memory\"} 0\n",
           "weft_component_cpu_seconds_total{component=\"a\",route=\"/x\"} 1.5\n",
           "weft_instance_peak_memory_bytes_bucket{component=\"a\",route=\"/x\",le=\"4194304\"} 1\n",
           "weft_instance_peak_memory_bytes_bucket{component=\"a\",route=\"/x\",le=\"+Inf\"} 2\n",
           "weft_component_copied_bytes_total{component=\"a\",route=\"/x\"} 500\n",
           "weft_instance_peak_handles_bucket{component=\"a\",route=\"/x\",le=\"10\"} 1\n",
           "weft_instance_peak_handles_bucket{component=\"a\",route=\"/x\",le=\"100\"} 2\n",
           "weft_http_protocol_requests_total{protocol=\"HTTP/1\"} 5\n",
           "weft_http_protocol_requests_total{protocol=\"HTTP/2\"} 2\n",
           "weft_http_connections 7\n",
           "weft_instances_waiting 1\n",
           "weft_http_requests_queued 5\n",
           "weft_instance_starts_total{from=\"made\"} 4\n",
           "weft_instance_starts_total{from=\"restored\"} 35\n",
           "weft_limits_hit_total{component=\"a\",route=\"/x\",limit=\"instances\"} 1\n",
       }) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  EXPECT_THAT(text, Not(HasSubstr("weft_instances_total{component=\"\""))) << "no instance answers a static response";
  for (const char* name : {"process_cpu_seconds_total ", "process_resident_memory_bytes ", "process_open_fds "}) {
    EXPECT_THAT(text, HasSubstr(name));
  }
}

TEST(HttpMetrics, ANameIsDescribedOnce) {
  HttpMetrics metrics;
  metrics.add_loop().series("a", "/").run_began(false);
  metrics.add_loop().series("b", "/").run_began(false);
  std::map<std::string, int> described;
  std::istringstream lines(metrics.text());
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# TYPE ")) ++described[line];
  }
  EXPECT_GT(described.size(), 10u);
  for (const auto& [line, times] : described) EXPECT_EQ(times, 1) << line;
}

TEST(HttpMetrics, AClientThatLeftAndAStrangeStatusAreCounted) {
  HttpMetrics metrics;
  HttpSeries& series = metrics.add_loop().series("a", "/");
  series.run_began(false);
  series.run_ended({});
  series.answered(999, -5ns);
  EXPECT_THAT(metrics.text(), HasSubstr("status=\"none\"} 1\n"));
  EXPECT_THAT(metrics.text(), HasSubstr("status=\"5xx\"} 1\n"));
}

TEST(HttpMetrics, IsReadWhileLoopsCount) {
  HttpMetrics metrics;
  constexpr int times = 20'000;
  {
    std::vector<std::jthread> loops;
    for (int i = 0; i < 2; ++i) {
      loops.emplace_back([&loop = metrics.add_loop()] {
        for (int n = 0; n < times; ++n) {
          HttpSeries& series = loop.series("a", "/");
          series.run_began(false);
          series.run_ended({.status = 200});
        }
      });
    }
    for (int i = 0; i < 50; ++i) EXPECT_THAT(metrics.text(), HasSubstr("weft_build_info"));
  }
  EXPECT_THAT(metrics.text(), HasSubstr("weft_instances_total{component=\"a\",route=\"/\"} 40000\n"));
}

}  // namespace
}  // namespace weft::telemetry

// Every pair of state and event, against what definitions.py does (testing/make_state_tables.py).
#include "abi/task_state.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <string>
#include <vector>

namespace weft::abi {
namespace {

using Names = std::vector<std::string>;

const Names kTaskStates{"initial", "started", "pending_cancel", "cancel_delivered", "resolved"};
const Names kTaskEvents{
    "start", "return_value", "cancel", "request_delivered", "request_deferred", "cancellation_point", "exit"};
const Names kPhases{"starting", "started", "returned", "cancelled_before_started", "cancelled_before_returned"};
const Names kSubtaskEvents{"start", "return_value", "cancelled", "request_cancel", "deliver", "drop"};
const Names kEnds{"readable_stream", "writable_stream", "readable_future", "writable_future"};
const Names kCopyStates{"idle", "copying", "cancelling_copy", "done"};
const Names kCopyEvents{"copy", "cancel", "completed", "dropped", "cancelled", "lift", "drop"};

template <class Enum>
Enum parse(const Names& names, const std::string& name) {
  const auto at = std::ranges::find(names, name);
  EXPECT_NE(at, names.end()) << name;
  return static_cast<Enum>(at - names.begin());
}

std::string name_of(TaskState state) {
  return kTaskStates.at(static_cast<std::size_t>(state));
}
std::string name_of(CopyState state) {
  return kCopyStates.at(static_cast<std::size_t>(state));
}
std::string name_of(SubtaskState state) {
  return kPhases.at(static_cast<std::size_t>(state.phase)) + (state.cancellation_requested ? ",1" : ",0") +
         (state.resolve_delivered ? ",1" : ",0");
}

SubtaskState parse_subtask(const std::string& text) {
  const std::size_t comma = text.find(',');
  return {parse<SubtaskState::Phase>(kPhases, text.substr(0, comma)), text[comma + 1] == '1', text[comma + 3] == '1'};
}

template <class State>
std::string name_of(const Step<State>& step) {
  if (step.impossible) return "impossible";
  return step.trap != nullptr ? "trap" : name_of(step.next);
}

std::string name_of_step(const std::string& machine, const std::string& state, const std::string& event) {
  if (machine == "task") {
    return name_of(step(parse<TaskState>(kTaskStates, state), parse<TaskEvent>(kTaskEvents, event)));
  }
  if (machine == "subtask") return name_of(step(parse_subtask(state), parse<SubtaskEvent>(kSubtaskEvents, event)));
  return name_of(
      step(parse<EndKind>(kEnds, machine), parse<CopyState>(kCopyStates, state), parse<CopyEvent>(kCopyEvents, event)));
}

TEST(StateTables, AgreeForEveryPairOfStateAndEvent) {
  std::ifstream file(WEFT_ABI_STATE_TABLES);
  std::set<std::string> pairs;
  for (std::string line; std::getline(file, line);) {
    SCOPED_TRACE(line);
    std::vector<std::string> parts(1);
    for (const char c : line) {
      if (c == '|') {
        parts.emplace_back();
      } else {
        parts.back() += c;
      }
    }
    ASSERT_EQ(parts.size(), 4u);
    EXPECT_EQ(name_of_step(parts[0], parts[1], parts[2]), parts[3]);
    pairs.insert(parts[0] + "|" + parts[1] + "|" + parts[2]);
  }
  // Twelve combinations of a subtask's phase and flags can be reached.
  EXPECT_EQ(pairs.size(), kTaskStates.size() * kTaskEvents.size() + 12 * kSubtaskEvents.size() +
                              kEnds.size() * kCopyStates.size() * kCopyEvents.size());
}

TEST(StateTables, EndsNameWhyTheyCannotBeUsed) {
  const auto trap = [](EndKind kind, CopyState state, CopyEvent event) {
    return std::string(step(kind, state, event).trap);
  };
  EXPECT_EQ(trap(EndKind::readable_stream, CopyState::done, CopyEvent::copy),
            "cannot read from stream after being notified that the writable end dropped");
  EXPECT_EQ(trap(EndKind::writable_stream, CopyState::done, CopyEvent::copy),
            "cannot write to stream after being notified that the readable end dropped");
  EXPECT_EQ(trap(EndKind::readable_future, CopyState::done, CopyEvent::copy),
            "cannot read from future after previous read succeeded");
  EXPECT_EQ(trap(EndKind::writable_future, CopyState::done, CopyEvent::copy),
            "cannot write to future after previous write succeeded or readable end dropped");
  EXPECT_EQ(trap(EndKind::readable_stream, CopyState::done, CopyEvent::lift),
            "cannot lift stream after being notified that the writable end dropped");
  EXPECT_EQ(trap(EndKind::readable_future, CopyState::done, CopyEvent::lift),
            "cannot lift future after previous read succeeded");
  EXPECT_EQ(trap(EndKind::readable_stream, CopyState::copying, CopyEvent::drop), "cannot remove busy stream");
  EXPECT_EQ(trap(EndKind::writable_stream, CopyState::copying, CopyEvent::drop), "cannot drop busy stream");
  EXPECT_EQ(trap(EndKind::writable_future, CopyState::idle, CopyEvent::drop),
            "cannot drop future write end without first writing a value");
  EXPECT_EQ(std::string(step(SubtaskState{}, SubtaskEvent::drop).trap),
            "cannot drop a subtask which has not yet resolved");
}

}  // namespace
}  // namespace weft::abi

#include "http2/stream_history.h"

#include <gtest/gtest.h>

namespace weft::http2 {
namespace {

using Verdict = StreamHistory::Verdict;

TEST(StreamHistory, WhatThePeerEndedIsClosed) {
  StreamHistory history;
  history.on_head(1);
  history.on_closed(1);
  EXPECT_EQ(history.judge(1), Verdict::closed);
}

TEST(StreamHistory, WhatWeResetOrRefusedMayStillBeOnItsWay) {
  StreamHistory history;
  history.on_head(1);
  history.on_reset_sent(1);
  history.on_closed(1);
  history.on_head(3);
  for (std::int32_t stream : {1, 3}) EXPECT_EQ(history.judge(stream), Verdict::fine);
}

TEST(StreamHistory, WhatIsBelowOthersCanNotBegin) {
  StreamHistory history;
  history.on_head(5);
  EXPECT_EQ(history.judge(3), Verdict::never_begun);
  EXPECT_EQ(history.judge(7), Verdict::fine);
}

TEST(StreamHistory, WhatIsLongOverIsForgotten) {
  StreamHistory history;
  for (std::int32_t stream = 1; stream < 2000; stream += 2) {
    history.on_head(stream);
    history.on_closed(stream);
  }
  EXPECT_EQ(history.judge(1999), Verdict::closed);
  EXPECT_EQ(history.judge(1), Verdict::never_begun);
}

}  // namespace
}  // namespace weft::http2

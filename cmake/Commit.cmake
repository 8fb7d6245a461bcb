# cmake -DSOURCE=FOLDER -DOUT=FILE -P Commit.cmake: writes a header with the checkout's commit and its date; leaves the
# file alone if that is what it says already.
set(commit "no commit")
execute_process(COMMAND git -C ${SOURCE} log -1 --format=%h\ %cs OUTPUT_VARIABLE found RESULT_VARIABLE failed
  ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
if(failed EQUAL 0)
  set(commit "${found}")
endif()
set(text "#define WEFT_COMMIT \"${commit}\"\n")
if(EXISTS ${OUT})
  file(READ ${OUT} before)
endif()
if(NOT "${before}" STREQUAL "${text}")
  file(WRITE ${OUT} "${text}")
endif()

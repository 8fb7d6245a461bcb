# The system's headers, parsed once for all checkouts: a third of what compiling costs.
#
# WEFT_PRECOMPILED is a folder outside the checkout (given by ./dev); what it holds is named by the content of the
# headers' list, the flags and the versions of the packages. Without it everything builds as well, only slower.

set(WEFT_PRECOMPILED "" CACHE PATH "Folder for precompiled headers of the system; empty for none")

# Packages that change, change the name: configure again then.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS /var/lib/dpkg/status
  ${CMAKE_SOURCE_DIR}/cmake/precompiled/system.h ${CMAKE_SOURCE_DIR}/cmake/precompiled/test.h)

# weft_precompile(TARGET NAME FLAGS...): users of the interface TARGET compile with cmake/precompiled/NAME.h before them.
function(weft_precompile target name)
  add_library(${target} INTERFACE)
  if(NOT WEFT_PRECOMPILED)
    return()
  endif()
  string(TOUPPER "${CMAKE_BUILD_TYPE}" config)
  separate_arguments(flags UNIX_COMMAND "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${config}}")
  list(APPEND flags ${ARGN} -std=c++2b)
  file(READ ${CMAKE_SOURCE_DIR}/cmake/precompiled/system.h headers)
  file(READ ${CMAKE_SOURCE_DIR}/cmake/precompiled/${name}.h more)
  execute_process(COMMAND dpkg-query -W clang-19 libstdc++-12-dev libc6-dev linux-libc-dev libboost1.81-dev libgtest-dev libgmock-dev
    OUTPUT_VARIABLE versions ERROR_QUIET)
  string(SHA256 key "${headers}${more}${flags}${versions}${CMAKE_CXX_COMPILER_VERSION}")
  string(SUBSTRING ${key} 0 16 key)
  set(folder ${WEFT_PRECOMPILED}/${name}-${key})
  if(NOT EXISTS ${folder}/${name}.pch)
    message(STATUS "Precompiling ${name}.h")
    string(RANDOM LENGTH 8 part)
    set(part ${folder}.part-${part})
    # The headers go along: a precompiled header asks that what it was made of is where it was.
    file(COPY ${CMAKE_SOURCE_DIR}/cmake/precompiled/ DESTINATION ${folder})
    file(MAKE_DIRECTORY ${part})
    execute_process(COMMAND ${CMAKE_CXX_COMPILER} ${flags} -x c++-header ${folder}/${name}.h -o ${part}/${name}.pch
      -fpch-instantiate-templates -Xclang -fno-pch-timestamp COMMAND_ERROR_IS_FATAL ANY)
    # What ccache takes for the content of the file, so that it does not read it for each source.
    file(WRITE ${part}/${name}.pch.sum "${key}")
    file(RENAME ${part}/${name}.pch.sum ${folder}/${name}.pch.sum)
    file(RENAME ${part}/${name}.pch ${folder}/${name}.pch)
    file(REMOVE_RECURSE ${part})
  endif()
  target_compile_options(${target} INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-include-pch ${folder}/${name}.pch>")
endfunction()

# How HiGHS is compiled; .cargo/config.toml names this file to the build. One source file after another
# reads the same headers again, which takes longer than to compile what is in them.
if(CMAKE_SOURCE_DIR MATCHES "/HiGHS$")
    set(CMAKE_UNITY_BUILD ON)
endif()

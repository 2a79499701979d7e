# Cortex-M4 with Debian's arm-none-eabi toolchain. Sections per function, so that the linker drops what is unused; link
# time optimisation; and without the five optimisations that cost size here, which -Os leaves on.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_CXX_COMPILER arm-none-eabi-g++)
set(CMAKE_AR arm-none-eabi-gcc-ar)  # reads what -flto leaves in objects
set(CMAKE_RANLIB arm-none-eabi-gcc-ranlib)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(flags "-mcpu=cortex-m4 -mthumb -ffunction-sections -fdata-sections -fno-unwind-tables -fno-asynchronous-unwind-tables -flto -ffat-lto-objects \
-fno-schedule-insns2 -fno-expensive-optimizations -fno-move-loop-invariants -fno-tree-loop-im -fno-tree-switch-conversion")
set(CMAKE_C_FLAGS_INIT "${flags}")
set(CMAKE_CXX_FLAGS_INIT "${flags} -fno-threadsafe-statics -fno-use-cxa-atexit")

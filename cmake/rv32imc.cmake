# RISC-V, RV32IMC (as of the ESP32-C3), with Debian's gcc-riscv64-unknown-elf. That has no library of C++ and none of C:
# the headers are those of newlib, which come with the toolchain for Cortex-M, and there is nothing to link but libgcc.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR riscv32)
set(CMAKE_C_COMPILER riscv64-unknown-elf-gcc)
set(CMAKE_CXX_COMPILER riscv64-unknown-elf-g++)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
file(GLOB library /usr/include/newlib/c++/*)
set(flags "-march=rv32imc -mabi=ilp32 -ffunction-sections -fdata-sections -fno-unwind-tables -fno-asynchronous-unwind-tables")
set(CMAKE_C_FLAGS_INIT "${flags} -isystem /usr/include/newlib")
set(CMAKE_CXX_FLAGS_INIT "${flags} -nostdinc++ -isystem ${library} -isystem ${library}/arm-none-eabi -isystem /usr/include/newlib \
-fno-threadsafe-statics -fno-use-cxa-atexit")

// The board that a program is built for, as namespace `port`. FERRY_PORT is its header; firmware/CMakeLists.txt sets
// it.
#pragma once

#include FERRY_PORT

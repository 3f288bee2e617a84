// What every test program reads, beside precompiled.h.
#pragma once

#include "cmake/precompiled.h"

#include <gtest/gtest.h>

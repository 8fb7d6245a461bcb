// The same, and what every test includes.
#pragma once

#include "system.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

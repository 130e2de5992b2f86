#include "engine/expression/value.h"

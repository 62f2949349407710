// OpenBLAS as the system ships it. No logic lives here.
#pragma once
#include <cblas.h>

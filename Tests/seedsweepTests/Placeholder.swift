// seedsweep

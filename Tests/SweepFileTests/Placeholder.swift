// SweepFile

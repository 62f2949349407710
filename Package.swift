// swift-tools-version: 6.0
// The manifest is the architecture: a target may import only what stands in its list, and every list points
// downward. `scripts/test.sh` builds with `--explicit-target-dependency-import-check error`.

import PackageDescription

#if arch(x86_64)
  // One SIMD level for the whole package, named here and nowhere else. `-fno-math-errno` lets square roots vectorize.
  let machineFlags = ["-Xcc", "-march=x86-64-v3", "-Xcc", "-fno-math-errno"]
#else
  let machineFlags = ["-Xcc", "-fno-math-errno"]
#endif

let settings: [SwiftSetting] = [.unsafeFlags(machineFlags)]

/// A library target of this package with its imports, and its test target, whose goldens are read from the checkout.
func module(
  _ name: String, _ dependencies: [String] = [], testing extra: [String] = [], goldens: Bool = false
) -> [Target] {
  [
    .target(name: name, dependencies: dependencies.map { .byName(name: $0) }, swiftSettings: settings),
    .testTarget(
      name: name + "Tests", dependencies: ([name] + dependencies + extra).map { .byName(name: $0) },
      exclude: goldens ? ["Goldens"] : [], swiftSettings: settings),
  ]
}

let package = Package(
  name: "seedsweep",
  products: [.executable(name: "seedsweep", targets: ["seedsweep"])],
  targets: [
    // Level 0
    .systemLibrary(name: "CMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev"])]),
    .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    // Without the machine flags: it runs before the processor is known to have what they ask for.
    .target(name: "CProcessor"),
    // Likewise: the fast functions of these two name the instructions they need and are called only where those are.
    .target(name: "CSHA256"),
    .target(name: "CBFloat16"),
    // The pre-trained models inside the program; the assembler finds their files below models/.
    .target(name: "CEmbeddedModels", exclude: ["models"], cSettings: [.headerSearchPath("models")]),
  ]
    + module("SeedStreams")
    + module("Digests", ["CSHA256"])
    + module("Tokenization", goldens: true)
    + module("SweepFile")
    + module("Farm", testing: ["FarmScenarios"])
    // Level 1
    + module("Kernels", ["COpenBLAS", "CBFloat16", "SeedStreams"])
    + module("Statistics", ["SeedStreams"], goldens: true)
    + module("Trials", ["SweepFile", "Digests"])
    // Level 2
    + module("Transformer", ["Kernels", "SeedStreams", "SweepFile", "CEmbeddedModels"], goldens: true)
    + module("Datasets", ["Tokenization", "SeedStreams"])
    + module("Reports", ["Trials", "Statistics", "SweepFile", "Digests"])
    + module("FileExchange", ["Farm", "Reports", "Digests"])
    + module("MPITransport", ["Farm", "CMPI"], testing: ["FarmScenarios", "farm-selftest", "Reports"])
    // Command lines of the executables, tested through them
    + [.target(name: "CommandLines", dependencies: ["Trials"], swiftSettings: settings)]
    // The farm's scenarios, run on threads by FarmTests and under mpirun, through farm-selftest, by MPITransportTests
    + [
      .target(
        name: "FarmScenarios", dependencies: ["Farm", "Reports", "Trials"], path: "Tests/FarmScenarios",
        swiftSettings: settings),
      .executableTarget(
        name: "farm-selftest", dependencies: ["FarmScenarios", "Farm", "MPITransport"], path: "Tests/farm-selftest",
        swiftSettings: settings),
    ]
    // Level 3
    + module(
      "Training",
      ["Transformer", "Datasets", "Tokenization", "Trials", "Statistics", "Kernels", "SeedStreams", "Digests"],
      goldens: true)
    + module("Claims", ["Datasets", "Statistics", "SweepFile"])
    // Level 4
    + module(
      "Experiments",
      [
        "Training", "Reports", "Transformer", "Datasets", "Tokenization", "Trials", "Statistics", "Kernels",
        "SweepFile",
        "SeedStreams", "Digests",
      ])
    // Level 5
    + [
      .executableTarget(
        name: "seedsweep",
        dependencies: [
          "Claims", "Experiments", "Training", "Reports", "MPITransport", "Farm", "FileExchange", "Trials", "Datasets",
          "Tokenization",
          "Transformer", "Kernels",
          "Statistics", "SweepFile", "SeedStreams", "Digests", "CommandLines", "CProcessor",
        ],
        swiftSettings: settings),
      // How fast it is; users need it not.
      .executableTarget(
        name: "seedsweep-bench",
        dependencies: [
          "Training", "Reports", "Trials", "Datasets", "Transformer", "Kernels", "Statistics", "SweepFile",
          "SeedStreams", "Digests", "Farm", "FarmScenarios", "MPITransport", "CommandLines", "CProcessor",
        ],
        swiftSettings: settings),
      // What a comparison with another implementation needs and the product does not offer: gradients by tensor.
      .executableTarget(
        name: "seedsweep-parity", dependencies: ["Transformer", "Tokenization"], swiftSettings: settings),
      // How often the intervals hold what they promise: a measurement, no part of the product.
      .executableTarget(
        name: "seedsweep-coverage", dependencies: ["Reports", "Statistics", "Datasets", "SeedStreams"],
        swiftSettings: settings),
      // Spoilt inputs for every parser: for developers.
      .executableTarget(
        name: "seedsweep-fuzz",
        dependencies: [
          "Experiments", "Training", "Reports", "Claims", "Trials", "Datasets", "Tokenization", "Transformer",
          "SweepFile",
          "SeedStreams", "Digests", "Farm", "FileExchange", "CProcessor",
        ],
        swiftSettings: settings),
      .testTarget(
        name: "seedsweepTests",
        dependencies: [
          "seedsweep", "seedsweep-bench", "seedsweep-fuzz", "Claims", "CommandLines", "Reports", "Trials", "SweepFile",
          "Digests", "Farm",
          "Training", "Transformer",
        ],
        exclude: ["Goldens"], swiftSettings: settings),
    ]
)

// swift-tools-version: 6.0
// The architecture as one table. A module may use the modules of lower wings and those above it in its own wing's list;
// anything else ends the manifest with a message. The compiler then holds every module to its row: `scripts/test.sh`
// builds with `--explicit-target-dependency-import-check error`.

import Foundation
import PackageDescription

/// A folder of modules below `Sources` and, with the same name, of their tests below `Tests`.
enum Wing: String {
  case base = "Base"
  case sweep = "Sweep"
  case trainer = "Trainer"
  case farm = "Farm"
  case results = "Results"
  case engine = "Engine"
  case programs = "Programs"

  /// Trainer, Farm and Results stand side by side: they do not know each other.
  var level: Int {
    switch self {
    case .base: 0
    case .sweep: 1
    case .trainer, .farm, .results: 2
    case .engine: 3
    case .programs: 4
    }
  }
}

/// A row of the table: a module, what it uses, and what its tests use besides that.
struct Module {
  var name: String
  var wing: Wing
  var uses: [String]
  var testUses: [String] = []
  var hasTests = true
  /// Whether its tests read reference values from a folder `Goldens` in the checkout.
  var hasGoldens = false
}

let modules: [Module] = [
  Module(name: "Files", wing: .base, uses: []),
  Module(name: "Host", wing: .base, uses: ["Files"]),
  Module(name: "Arithmetics", wing: .base, uses: ["CElementary"], hasTests: false),
  Module(name: "SeedStreams", wing: .base, uses: ["Arithmetics"]),
  Module(name: "Statistics", wing: .base, uses: ["Arithmetics", "SeedStreams"], hasGoldens: true),
  Module(name: "Ensembles", wing: .base, uses: ["Statistics"], hasGoldens: true),
  Module(name: "Digests", wing: .base, uses: ["CSHA256", "Files"]),
  Module(name: "JSON5", wing: .base, uses: []),
  Module(name: "TrainerFiles", wing: .base, uses: ["JSON5"], hasTests: false),
  Module(name: "UpdateRules", wing: .base, uses: ["CElementwise"]),
  Module(name: "Templates", wing: .base, uses: [], hasTests: false),
  Module(name: "Architectures", wing: .base, uses: [], hasTests: false),
  Module(name: "EmbeddedModels", wing: .base, uses: ["CEmbeddedModels"]),
  Module(name: "Tables", wing: .base, uses: ["JSON5", "Files", "Host"]),
  Module(name: "CommandLine", wing: .base, uses: ["Arithmetics", "JSON5", "Files"]),

  Module(name: "Tasks", wing: .sweep, uses: [], hasTests: false),
  Module(name: "KeyValues", wing: .sweep, uses: ["JSON5"], hasTests: false),
  Module(name: "StopRules", wing: .sweep, uses: ["JSON5", "Statistics", "Digests"]),
  Module(
    name: "Trials", wing: .sweep,
    uses: [
      "StopRules", "Tasks", "KeyValues", "Arithmetics", "Architectures", "EmbeddedModels", "UpdateRules", "Templates",
      "JSON5", "Digests",
    ]),
  Module(
    name: "ConfigurationChecks", wing: .sweep, uses: ["Trials", "Tasks", "KeyValues", "JSON5"], hasTests: false),
  Module(name: "Schedules", wing: .sweep, uses: ["Trials", "Arithmetics", "UpdateRules"]),
  Module(
    name: "TrialTables", wing: .sweep,
    uses: ["Schedules", "Trials", "Tasks", "KeyValues", "TrainerFiles", "Tables", "Statistics"],
    hasTests: false),
  Module(
    name: "SweepLanguage", wing: .sweep,
    uses: [
      "ConfigurationChecks", "StopRules", "Trials", "KeyValues", "Arithmetics", "EmbeddedModels", "Templates", "JSON5",
      "Files",
    ], testUses: ["TrialTables"]),

  Module(
    name: "Kernels", wing: .trainer,
    uses: [
      "Arithmetics", "Architectures", "COpenBLAS", "CProducts", "CElementary", "CElementwise", "CAttention",
      "SeedStreams", "Host",
    ],
    testUses: ["ProductTrials", "AttentionTrials"], hasGoldens: true),
  Module(name: "Tokenization", wing: .trainer, uses: ["Files", "Digests"], hasGoldens: true),
  Module(
    name: "Datasets", wing: .trainer,
    uses: ["Trials", "Tasks", "Tokenization", "Tables", "SeedStreams", "JSON5", "Files"]),
  Module(
    name: "ModelFiles", wing: .trainer, uses: ["EmbeddedModels", "JSON5", "Files"]),
  Module(
    name: "FolderTokenizers", wing: .trainer, uses: ["ModelFiles", "Tokenization", "EmbeddedModels", "JSON5", "Files"],
    hasGoldens: true),
  Module(name: "WeightFiles", wing: .trainer, uses: ["ModelFiles", "JSON5", "Files"], hasGoldens: true),
  Module(
    name: "Transformer", wing: .trainer,
    uses: [
      "Arithmetics", "Architectures", "Kernels", "WeightFiles", "FolderTokenizers", "ModelFiles", "Tokenization",
      "SeedStreams", "JSON5",
      "Files", "Host",
    ],
    testUses: ["EmbeddedModels"], hasGoldens: true),
  Module(
    name: "Optimizers", wing: .trainer,
    uses: ["Schedules", "Transformer", "Kernels", "Trials", "UpdateRules"], hasTests: false),
  Module(
    name: "Training", wing: .trainer,
    uses: [
      "Optimizers", "Schedules", "Transformer", "WeightFiles", "FolderTokenizers", "ModelFiles", "Datasets",
      "Tokenization", "Kernels",
      "TrialTables", "ConfigurationChecks", "Trials", "Tasks",
      "Arithmetics",
      "Architectures", "EmbeddedModels",
      "Tables", "Statistics", "SeedStreams", "Digests", "Files",
    ],
    testUses: ["StopRules", "UpdateRules"], hasGoldens: true),

  Module(
    name: "ExternalPrograms", wing: .trainer,
    uses: ["Trials", "TrainerFiles", "JSON5", "CProcesses", "Files", "Host"], testUses: ["KeyValues"]),

  Module(
    name: "Storage", wing: .results, uses: ["Trials", "JSON5", "Digests", "Files", "Host"],
    testUses: ["ResultsSupport"]),
  Module(
    name: "Reports", wing: .results,
    uses: [
      "Storage", "TrialTables", "Schedules", "StopRules", "Trials", "KeyValues", "Tasks", "CommandLine", "Tables",
      "TrainerFiles",
      "Statistics", "Digests", "Files", "JSON5", "Host",
    ],
    testUses: ["ResultsSupport"]),
  Module(
    name: "Comparisons", wing: .results,
    uses: ["Reports", "Storage", "StopRules", "Trials", "Tables", "Statistics", "Host"],
    testUses: ["ResultsSupport", "JSON5"]),
  Module(
    name: "Console", wing: .results,
    uses: [
      "Reports", "Storage", "TrialTables", "StopRules", "Trials", "Tasks", "CommandLine", "Statistics", "JSON5",
      "Files", "Host",
    ],
    testUses: ["ResultsSupport"]),
  Module(
    name: "SeedEffects", wing: .results,
    uses: [
      "Reports", "Storage", "TrialTables", "Trials", "CommandLine", "Tables", "Ensembles", "Statistics", "Digests",
      "Host",
    ]),
  Module(
    name: "Replays", wing: .results,
    uses: [
      "Console", "Reports", "Storage", "StopRules", "Trials", "Tables", "Statistics", "Host",
    ],
    testUses: ["ResultsSupport"]),
  Module(
    name: "Merging", wing: .results, uses: ["Reports", "Storage", "Trials", "CommandLine", "Files", "Host"],
    hasTests: false),
  Module(
    name: "Imports", wing: .results,
    uses: [
      "Comparisons", "Reports", "Storage", "TrialTables", "Trials", "Tasks", "Tables", "TrainerFiles", "JSON5",
      "Digests", "Files", "Host",
    ],
    testUses: ["Console", "ResultsSupport"]),
  Module(
    name: "Papers", wing: .results,
    uses: [
      "Imports", "Console", "Comparisons", "Reports", "Storage", "TrialTables", "Trials", "CommandLine", "Tables",
      "Statistics",
      "JSON5", "Digests", "Host",
    ], testUses: ["ResultsSupport"]),
  Module(
    name: "Claims", wing: .results, uses: ["Reports", "Storage", "Tables", "Statistics", "JSON5", "Host"],
    testUses: ["ResultsSupport", "Trials"]),
  Module(name: "Figures", wing: .results, uses: []),
  Module(
    name: "Verdicts", wing: .results,
    uses: [
      "Figures", "Claims", "Reports", "Storage", "TrialTables", "Trials", "CommandLine", "Tables", "Statistics",
      "JSON5", "Digests", "Host",
    ],
    testUses: ["ResultsSupport", "StopRules"]),
  Module(
    name: "Pages", wing: .results,
    uses: [
      "Figures", "Imports", "Console", "Comparisons", "Reports", "Storage", "TrialTables", "Trials", "CommandLine",
      "Tables",
      "Statistics", "JSON5",
      "Architectures", "Digests", "Files", "Host",
    ], testUses: ["ResultsSupport"]),

  Module(name: "Farm", wing: .farm, uses: ["Host"], testUses: ["FarmScenarios"]),
  Module(name: "FileExchange", wing: .farm, uses: ["Farm", "Digests", "Files", "Host"]),
  Module(
    name: "MPITransport", wing: .farm, uses: ["Farm", "CommandLine", "Host", "CMPI", "CProcesses"],
    testUses: ["FarmScenarios", "farm-selftest"]),

  Module(name: "Faults", wing: .engine, uses: ["Training", "Storage", "SeedStreams"], hasTests: false),
  Module(
    name: "Numerics", wing: .engine, uses: ["Training", "Kernels", "Arithmetics", "Digests", "Host", "CProcessor"],
    hasTests: false),
  Module(
    name: "EarlyStops", wing: .engine,
    uses: ["Reports", "Storage", "StopRules", "Trials", "Statistics", "Files", "Host"],
    testUses: ["ResultsSupport"]),
  Module(
    name: "Runs", wing: .engine,
    uses: [
      "EarlyStops", "Numerics", "Faults", "ExternalPrograms", "Pages", "Papers", "Imports", "Merging", "Console",
      "Reports",
      "Storage", "FileExchange", "MPITransport", "Farm", "Training",
      "Transformer", "WeightFiles", "ModelFiles", "Arithmetics", "Datasets", "Tokenization", "Kernels", "SweepLanguage",
      "Schedules", "Trials", "KeyValues", "CommandLine", "Host", "Tables", "JSON5", "SeedStreams", "Digests", "Files",
    ], testUses: ["Diagnosis"]),
  Module(
    name: "Estimates", wing: .engine,
    uses: [
      "Runs", "EarlyStops", "ExternalPrograms", "Reports", "Training", "Transformer", "ModelFiles", "Kernels",
      "Schedules",
      "TrialTables", "StopRules", "Trials", "Arithmetics", "Tables", "Statistics", "Host",
    ]),
  Module(
    name: "Diagnosis", wing: .engine,
    uses: [
      "Estimates", "Runs", "Numerics", "Reports", "Storage", "MPITransport", "Training", "Kernels", "Trials",
      "CommandLine",
      "SeedStreams", "Host",
    ],
    hasTests: false),
  Module(
    name: "Drafts", wing: .engine,
    uses: [
      "Runs", "Training", "Transformer", "Datasets", "SweepLanguage", "Trials", "Tasks", "CommandLine", "Tables",
      "EmbeddedModels", "JSON5",
      "Files",
    ]),
  Module(
    name: "MaskSets", wing: .engine,
    uses: [
      "Training", "Transformer", "Datasets", "Tokenization", "Kernels", "Arithmetics", "Storage", "JSON5", "Files",
    ], hasTests: false),
  Module(
    name: "Analyses", wing: .engine,
    uses: [
      "MaskSets", "Schedules", "Host", "CommandLine", "Farm", "MPITransport", "Runs", "Training", "Transformer",
      "Datasets",
      "Kernels", "Verdicts", "Claims", "SeedEffects", "Replays", "Console", "Comparisons", "Reports", "Storage",
      "TrialTables",
      "Trials",
      "Arithmetics",
      "Architectures",
      "UpdateRules",
      "Tables", "Statistics", "SeedStreams", "Digests", "Files",
    ]),
]

/// The executables, in `Sources/Programs`.
let programs: [Module] = [
  Module(
    name: "seedsweep", wing: .programs,
    uses: [
      "Runs", "Numerics", "Faults", "Estimates", "Diagnosis", "Drafts", "Analyses", "Pages", "Figures", "Verdicts",
      "Claims", "Papers",
      "Comparisons", "Imports",
      "SeedEffects", "Replays", "StopRules", "Merging", "Console", "Reports", "Storage", "MPITransport", "Farm",
      "Training", "Transformer", "Datasets", "Kernels", "SweepLanguage", "Trials", "Tasks", "Arithmetics",
      "Architectures",
      "CommandLine", "Host",
      "Tables", "JSON5", "Statistics", "SeedStreams", "Digests", "CProcessor", "Files",
    ], testUses: ["Schedules"]),
  // How fast the trainer and the farm are, for developers.
  Module(
    name: "seedsweep-bench", wing: .programs,
    uses: [
      "Runs", "Reports", "Storage", "MPITransport", "Farm", "Training", "Optimizers", "Transformer", "ModelFiles",
      "Datasets",
      "Kernels", "Arithmetics", "Architectures", "Trials", "Tasks", "CommandLine", "Tables", "JSON5", "Statistics",
      "SeedStreams", "Digests", "CProcessor", "CPeak", "Host", "Files",
    ]),
  // Prints gradients by tensor, which comparisons with other implementations need and the product does not offer.
  Module(
    name: "seedsweep-parity", wing: .programs,
    uses: ["Transformer", "WeightFiles", "FolderTokenizers", "ModelFiles", "Tokenization"]),
  // Measures how often the intervals hold what they promise.
  Module(
    name: "seedsweep-coverage", wing: .programs,
    uses: ["Verdicts", "Reports", "Datasets", "Tables", "Statistics", "SeedStreams"]),
  // Feeds damaged inputs to every parser, for developers.
  Module(
    name: "seedsweep-fuzz", wing: .programs,
    uses: [
      "MaskSets", "ExternalPrograms", "Verdicts", "Claims", "Papers", "Figures", "Imports", "Console", "Reports",
      "Storage",
      "FileExchange", "Farm", "Training", "Transformer", "WeightFiles", "FolderTokenizers",
      "ModelFiles", "Datasets", "Tokenization",
      "SweepLanguage", "Trials", "Tables", "JSON5", "SeedStreams", "Digests", "CProcessor", "Files", "Host",
      "Templates",
    ]),
]

/// The C targets of `Sources/Base/C`. Everything may use them; scripts/develop/format.sh names the only importers.
let cTargets: [Target] = [
  .systemLibrary(
    name: "CMPI", path: "Sources/Base/C/CMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev"])]),
  .systemLibrary(
    name: "COpenBLAS", path: "Sources/Base/C/COpenBLAS", pkgConfig: "openblas",
    providers: [.apt(["libopenblas-dev"])]),
  // These have no machine flags. The first runs before the processor is known to have what the flags ask for; the fast
  // functions of the others name the instructions that they need and are called only where those exist.
  .target(name: "CProcessor", path: "Sources/Base/C/CProcessor"),
  .target(name: "CSHA256", path: "Sources/Base/C/CSHA256"),
  .target(name: "CProcesses", path: "Sources/Base/C/CProcesses"),
  .target(name: "CProducts", path: "Sources/Base/C/CProducts"),
  .target(name: "CElementary", path: "Sources/Base/C/CElementary"),
  .target(name: "CElementwise", dependencies: ["CProducts"], path: "Sources/Base/C/CElementwise"),
  .target(name: "CPeak", path: "Sources/Base/C/CPeak"),
  .target(
    name: "CAttention", dependencies: ["CProducts", "CElementwise"], path: "Sources/Base/C/CAttention",
    cSettings: [.headerSearchPath("../CElementwise")]),
  // The pre-trained models inside the program. The assembler finds their files below models/.
  .target(
    name: "CEmbeddedModels", path: "Sources/Base/C/CEmbeddedModels", exclude: ["models"],
    cSettings: [.headerSearchPath("models")]),
]

/// Ends the manifest with a message for the first edge that the table forbids.
@MainActor
func checkTable() {
  var known: [String: Wing] = [:]
  for module in modules + programs {
    for use in module.uses {
      if cTargets.contains(where: { $0.name == use }) { continue }
      if let wing = known[use], wing.level < module.wing.level || wing == module.wing { continue }
      FileHandle.standardError.write(Data("Package.swift: \(module.name) may not use \(use)\n".utf8))
      exit(1)
    }
    // A module enters after its row was checked, so that a wing's list is also the order of its levels.
    if module.wing != .programs { known[module.name] = module.wing }
  }
}

checkTable()

#if arch(x86_64)
  // One SIMD level for the whole package, named here and nowhere else. `-fno-math-errno` lets square roots vectorize.
  let machineFlags = ["-Xcc", "-march=x86-64-v3", "-Xcc", "-fno-math-errno"]
#else
  let machineFlags = ["-Xcc", "-fno-math-errno"]
#endif

let settings: [SwiftSetting] = [.unsafeFlags(machineFlags)]

/// Most tests call optimized modules and are not optimized themselves, so that they compile in less than a third of the time. Those of the
/// trainer are, because they compute references of their own.
let testSettings: [SwiftSetting] = [.unsafeFlags(machineFlags + ["-Onone"])]

func dependencies(_ names: [String]) -> [Target.Dependency] { names.map { .byName(name: $0) } }

let libraryTargets = modules.flatMap { module -> [Target] in
  let folder = "\(module.wing.rawValue)/\(module.name)"
  let library = Target.target(
    name: module.name, dependencies: dependencies(module.uses), path: "Sources/\(folder)", swiftSettings: settings)
  guard module.hasTests else { return [library] }
  return [
    library,
    .testTarget(
      name: module.name + "Tests",
      dependencies: dependencies(["TestSupport", module.name] + module.uses + module.testUses),
      path: "Tests/\(folder)Tests", exclude: module.hasGoldens ? ["Goldens"] : [],
      swiftSettings: module.wing == .trainer ? settings : testSettings),
  ]
}

let programTargets = programs.map { program in
  Target.executableTarget(
    name: program.name, dependencies: dependencies(program.uses), path: "Sources/Programs/\(program.name)",
    swiftSettings: settings)
}

/// What several test targets share; random products and attentions in C, which run where no Swift is; the farm's
/// scenarios, run on threads by FarmTests and under mpirun, through farm-selftest, by MPITransportTests; and the tests of
/// the programs.
let sharedTestTargets: [Target] = [
  .target(
    name: "ResultsSupport", dependencies: dependencies(["Storage", "Trials"]), path: "Tests/Results/ResultsSupport",
    swiftSettings: settings),
  .target(
    name: "ProductTrials", dependencies: dependencies(["CProducts"]), path: "Tests/Trainer/ProductTrials"),
  .target(
    name: "AttentionTrials", dependencies: dependencies(["CAttention"]), path: "Tests/Trainer/AttentionTrials",
    cSettings: [.headerSearchPath("../ProductTrials")]),
  .target(
    name: "TestSupport", dependencies: dependencies(["Host"]), path: "Tests/TestSupport", swiftSettings: settings),
  .target(
    name: "FarmScenarios", dependencies: dependencies(["Farm"]),
    path: "Tests/Farm/FarmScenarios",
    swiftSettings: settings),
  .executableTarget(
    name: "farm-selftest", dependencies: dependencies(["FarmScenarios", "Farm", "MPITransport"]),
    path: "Tests/Farm/farm-selftest", swiftSettings: settings),
  .testTarget(
    name: "HouseTests", dependencies: dependencies(["TestSupport"]), path: "Tests/HouseTests",
    swiftSettings: testSettings),
  .testTarget(
    name: "seedsweepTests",
    dependencies: dependencies([
      "TestSupport", "seedsweep", "seedsweep-bench", "seedsweep-fuzz", "Analyses", "Diagnosis", "Runs", "Numerics",
      "MPITransport",
      "Host",
      "Claims", "Verdicts",
      "CommandLine", "Papers", "Imports", "Console", "Reports", "Storage",
      "SweepLanguage", "Schedules", "Trials", "Arithmetics", "JSON5", "Digests", "Farm", "Training", "Transformer",
      "Files",
    ]),
    path: "Tests/Programs/seedsweepTests", exclude: ["Goldens"], swiftSettings: testSettings),
]

let package = Package(
  name: "seedsweep",
  products: [.executable(name: "seedsweep", targets: ["seedsweep"])],
  targets: cTargets + libraryTargets + programTargets + sharedTestTargets
)

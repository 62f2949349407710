// Runs one scenario of the farm over MPI and says on rank 0 what is wrong: exit 0 if nothing is. Tests start it under
// mpirun; by hand: mpirun -np 3 farm-selftest everyJobOnce (or throughput, leaderShare, launch).

import Farm
import FarmScenarios
import Foundation
import MPITransport

/// Prints a line at once.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

let arguments = CommandLine.arguments
guard arguments.count >= 2 else {
  say(
    "usage: farm-selftest SCENARIO | MEASUREMENT | describe | wait | leave SECONDS | abandon SECONDS | launch N ONE_OF_THESE"
  )
  exit(2)
}

if arguments[1] == "launch", arguments.count == 4, let count = Int(arguments[2]) {
  let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
  let mpirun = try ProcessLauncher.findMPIRun(searchPath: path)
  let launcher = ProcessLauncher(processCount: count)
  let watch = LaunchWatch(patience: .infinity, hasStarted: { true })
  exit(try launcher.run(mpirun: mpirun, program: arguments[0], arguments: [arguments[3]], watch: watch).code)
}

let environment = LaunchEnvironment(ProcessInfo.processInfo.environment)
if let refusal = environment.refusal {
  if environment.speaksForAll { say(refusal) }
  exit(2)
}
let world = try MPIWorld()
if let refusal = environment.refusal(worldSize: world.size) {
  if environment.speaksForAll { say(refusal) }
  exit(2)
}
var problems: [String] = []
if arguments[1] == "describe" {
  say("rank \(world.rank) of \(world.size), \(world.localRank) of \(world.localSize) here, \(world.libraryVersion)")
} else if arguments[1] == "wait" {
  // Sleeps until a signal arrives or 20 s have passed, to see that signals are passed on.
  let flag = DrainFlag.raised(by: [SIGUSR1, SIGTERM])
  if world.rank == 0 { say("waiting") }
  for _ in 0..<2000 where !flag.isRaised { usleep(10_000) }
  if world.rank == 0 { say(flag.isRaised ? "signaled" : "not signaled") }
} else if arguments[1] == "leave", arguments.count == 3, let seconds = Double(arguments[2]) {
  // Ends MPI. A guard kills an mpirun that has not ended some seconds later.
  var patience = Departure.Patience()
  patience.finalized = seconds
  Departure(world, code: .success, patience: patience).leave()
  exit(0)
} else if arguments[1] == "abandon", arguments.count == 3, let seconds = Double(arguments[2]) {
  // Leaves ranks that cannot be reached to mpirun, which a guard kills if it has not ended some seconds later.
  var patience = Departure.Patience()
  patience.told = seconds
  Departure(world, code: .success, endsLauncher: true, patience: patience).leave()
} else if let measurement = Measurement(rawValue: arguments[1]) {
  if let line = try measurement.run(on: world) { say(line) }
} else if let scenario = Scenario(rawValue: arguments[1]) {
  problems = try scenario.run(on: world)
  if world.rank == 0 { say(problems.isEmpty ? "ok" : problems.joined(separator: "\n")) }
} else {
  problems = ["there is no scenario or measurement \(arguments[1])"]
  say(problems[0])
}
try world.finish()
exit(problems.isEmpty ? 0 : 1)

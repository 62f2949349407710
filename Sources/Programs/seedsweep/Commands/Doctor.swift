// `seedsweep doctor`: what this machine offers, what is wrong with it and how to mend it. What is examined is in
// `Examination`, what follows from it in `Diagnosis`.

import CommandLine
import Diagnosis

/// Examines this machine.
struct DoctorCommand: Command {
  static let syntax = CommandSyntax(
    "doctor", "what this machine offers, what is wrong with it, how to repair it",
    details: """
      Prints what this machine offers to seedsweep, what is wrong with it and how to repair it. Exits with 1 if something would
      keep a sweep from running.
      """)

  init(_ given: Given) {}

  func perform(_ context: Context) throws -> ExitCode {
    let doctor = Doctor.examine()
    say(doctor.text)
    return doctor.complaints.contains { $0.isSerious } ? .failure : .success
  }
}

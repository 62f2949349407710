// The words of a process's command line. Names of files are bytes to the system and text to this program: a name that is not
// UTF-8 is refused here, where names come in, because two of them would become one text.

import Foundation

extension Program {
  /// The words of the process's command line after the program's name.
  ///
  /// - Throws: `Refusal` for a word that is not UTF-8.
  package static func words() throws -> [String] {
    let arguments = Swift.CommandLine.unsafeArgv
    return try (1..<max(1, Int(Swift.CommandLine.argc))).compactMap { index in
      try arguments[index].map { try word(UnsafePointer($0), index) }
    }
  }

  /// A word as text.
  static func word(_ bytes: UnsafePointer<CChar>, _ index: Int) throws -> String {
    if let word = String(validatingCString: bytes) { return word }
    throw Refusal(
      "word \(index) of the command line, '\(String(cString: bytes))', is not UTF-8; give files and folders names in UTF-8 (mv "
        + "renames them)")
  }

  /// Sees to it that no file takes the number of a standard descriptor with which this process was not started, and with it
  /// what is printed. To write to one remains an error.
  private static func occupyStandardDescriptors() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      // The system gives the lowest free number.
      _ = open("/dev/null", O_RDONLY)
    }
  }

  /// Performs the process's command line to its end and returns the exit code.
  ///
  /// - Parameter speaks: as for `perform(_:environment:speaks:)`.
  package func performWords(environment: [String: String], speaks: Bool) -> ExitCode {
    Self.occupyStandardDescriptors()
    do {
      return perform(try Self.words(), environment: environment, speaks: speaks)
    } catch {
      if speaks { Context(program: name, words: [], environment: environment).report(error) }
      return .refused
    }
  }
}

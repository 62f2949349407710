// How messages write a command: words as a shell reads them. It runs nothing.

/// Words and commands as a user can type them.
package enum ShellText {
  /// A word as a shell reads it: itself, or in single quotes where it holds anything else than letters, digits and plain signs.
  package static func quoted(_ word: String) -> String {
    let isPlain = word.utf8.allSatisfy {
      (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
        || "%+,-./:=@_^".utf8.contains($0)
    }
    return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }

  /// A command inside a sentence: 'seedsweep compare out', or `seedsweep compare 'my out'` where it holds quotes itself.
  package static func cited(_ command: String) -> String {
    command.contains("'") ? "`\(command)`" : "'\(command)'"
  }
}

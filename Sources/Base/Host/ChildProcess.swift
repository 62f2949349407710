// Starting another program, and finding it. Foundation's Process gives no process group and takes over signals.

import Foundation

/// Another program.
package enum ChildProcess {
  /// Why a program was not started, in the system's words.
  package struct Failure: Error, Equatable, CustomStringConvertible {
    package let description: String

    package init(description: String) { self.description = description }
  }

  /// The first folder's program of a name in a search path such as PATH's; nil where none holds it. A folder of that name is none.
  package static func path(of name: String, searchPath: String) -> String? {
    searchPath.split(separator: ":").map { "\($0)/\(name)" }.first { path in
      var status = stat()
      return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
    }
  }

  /// Starts a program in a process group of its own, so that Ctrl-C does not reach it, with nothing on standard input.
  ///
  /// - Parameters:
  ///   - output: what standard output becomes, with nothing on standard error then; nil leaves both as they are.
  package static func start(_ path: String, _ arguments: [String], output: Int32? = nil) throws -> pid_t {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    if let output {
      posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
      posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    }
    let words = ([path] + arguments).map { strdup($0) }
    defer { for word in words { free(word) } }
    var child: pid_t = 0
    let code = posix_spawn(&child, path, &actions, &attributes, words + [nil], environ)
    guard code == 0 else { throw Failure(description: String(cString: strerror(code))) }
    return child
  }
}

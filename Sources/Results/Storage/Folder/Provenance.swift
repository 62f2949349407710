// provenance.json: what ran, where, on which files. Every value is the caller's; nothing here looks at the machine.

import Files
import Foundation
import JSON5

/// What ran, where, on which files.
package struct Provenance: Equatable, Sendable {
  /// A machine and the ranks it ran.
  package struct Host: Equatable, Sendable {
    /// The host's name.
    package var name: String
    /// The processor's name.
    package var processor: String
    /// The cores the ranks may use.
    package var coreCount: Int
    /// The ranks.
    package var ranks: [Int]
    /// The numerics fingerprint.
    package var fingerprint: String

    package init(name: String, processor: String, coreCount: Int, ranks: [Int], fingerprint: String) {
      self.name = name
      self.processor = processor
      self.coreCount = coreCount
      self.ranks = ranks
      self.fingerprint = fingerprint
    }
  }

  /// An input file.
  package struct File: Hashable, Sendable {
    /// The path.
    package var path: String
    /// The SHA-256 of its contents.
    package var digest: String

    package init(path: String, digest: String) {
      self.path = path
      self.digest = digest
    }
  }

  /// The program's version.
  package var version = ""
  /// The SHA-256 of the executable.
  package var executableDigest: String?
  /// The commit of the sources, if known.
  package var commit: String?
  /// The command line.
  package var commandLine: [String] = []
  /// The MPI library's description; nil where no MPI was started.
  package var mpi: String?
  /// The BLAS library's configuration, core name and threads.
  package var blas = ""
  /// The operating system and its kernel.
  package var system = ""
  /// The machines, by first rank.
  package var hosts: [Host] = []
  /// The input files, by path.
  package var files: [File] = []
  /// Environment variables of the launcher and the batch system.
  package var environment: [String: String] = [:]
  /// The runs so far, the last one included.
  package var runs: [RunStart] = []

  /// An empty record.
  package init() {}

  /// The text of provenance.json.
  package var encoded: String {
    var writer = JSONWriter(indented: true)
    writer.object { writer in
      writer.field("version", version)
      writer.field("executable_sha256", orNull: executableDigest)
      writer.field("commit", orNull: commit)
      writer.key("command_line")
      writer.array(inline: true) { writer in for word in commandLine { writer.value(word) } }
      writer.field("mpi", orNull: mpi)
      writer.field("blas", blas)
      writer.field("system", system)
      writer.key("hosts")
      writer.array { writer in for host in hosts { write(host, &writer) } }
      writer.key("files")
      writer.array { writer in
        for file in files.sorted(by: { $0.path < $1.path }) {
          writer.object(inline: true) { writer in
            writer.field("path", file.path)
            writer.field("sha256", file.digest)
          }
        }
      }
      writer.key("environment")
      writer.object { writer in
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) { writer.field(name, value) }
      }
      writer.key("runs")
      writer.array { writer in for run in runs { write(run, &writer) } }
    }
    return writer.text + "\n"
  }

  /// The input files that a folder's provenance.json lists.
  ///
  /// - Throws: `FileError`, `Diagnostics` for text that is no JSON.
  package static func files(of folder: RunFolder) throws -> [File] {
    let file = try RawFile(path: folder.provenance, flags: O_RDONLY)
    let node = try JSONReader.read(file.read(at: 0, count: file.size()), name: folder.provenance)
    return (node["files"]?.elements ?? []).compactMap { node in
      guard let path = node["path"]?.stringValue, let digest = node["sha256"]?.stringValue else { return nil }
      return File(path: path, digest: digest)
    }
  }

  /// Writes the file whole.
  ///
  /// - Throws: `FileError`.
  package func write(to folder: RunFolder) throws { try WholeFile.write(encoded, to: folder.provenance) }

  private func write(_ host: Host, _ writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("name", host.name)
      writer.field("processor", host.processor)
      writer.field("cores", host.coreCount)
      writer.key("ranks")
      writer.array(inline: true) { writer in for rank in host.ranks { writer.value(rank) } }
      writer.field("fingerprint", host.fingerprint)
    }
  }

  private func write(_ run: RunStart, _ writer: inout JSONWriter) {
    writer.object(inline: true) { writer in
      writer.field("started", StatusReport.text(time: run.time))
      writer.field("version", run.version)
      writer.field("plan", run.planDigest)
      writer.field("fingerprint", run.fingerprint)
      writer.field("ranks", run.rankCount)
    }
  }
}

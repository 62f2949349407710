// provenance.json: what ran, where, on which files. Every value is the caller's; nothing here looks at the machine.

import Foundation
import SweepFile

/// What ran, where, on which files.
public struct Provenance: Equatable, Sendable {
  /// A machine and the ranks it ran.
  public struct Host: Equatable, Sendable {
    /// The host's name.
    public var name: String
    /// The processor's name.
    public var processor: String
    /// The cores the ranks may use.
    public var coreCount: Int
    /// The ranks.
    public var ranks: [Int]
    /// The numerics fingerprint.
    public var fingerprint: String

    /// A host with everything given.
    public init(name: String, processor: String, coreCount: Int, ranks: [Int], fingerprint: String) {
      self.name = name
      self.processor = processor
      self.coreCount = coreCount
      self.ranks = ranks
      self.fingerprint = fingerprint
    }
  }

  /// An input file.
  public struct File: Hashable, Sendable {
    /// The path.
    public var path: String
    /// The SHA-256 of its contents.
    public var digest: String

    /// A file with everything given.
    public init(path: String, digest: String) {
      self.path = path
      self.digest = digest
    }
  }

  /// The program's version.
  public var version = ""
  /// The SHA-256 of the executable.
  public var executableDigest: String?
  /// The commit of the sources, if known.
  public var commit: String?
  /// The command line.
  public var commandLine: [String] = []
  /// The MPI library's description; nil where no MPI was started.
  public var mpi: String?
  /// The BLAS library's configuration, core name and threads.
  public var blas = ""
  /// The operating system and its kernel.
  public var system = ""
  /// The machines, by first rank.
  public var hosts: [Host] = []
  /// The input files, by path.
  public var files: [File] = []
  /// Environment variables of the launcher and the batch system.
  public var environment: [String: String] = [:]
  /// The runs so far, the last one included.
  public var runs: [RunStart] = []

  /// An empty record.
  public init() {}

  /// The text of provenance.json.
  public var encoded: String {
    var writer = JSONWriter(indented: true)
    writer.object { writer in
      member("version", version, &writer)
      member("executable_sha256", executableDigest, &writer)
      member("commit", commit, &writer)
      writer.key("command_line")
      writer.array(inline: true) { writer in for word in commandLine { writer.value(word) } }
      member("mpi", mpi, &writer)
      member("blas", blas, &writer)
      member("system", system, &writer)
      writer.key("hosts")
      writer.array { writer in for host in hosts { write(host, &writer) } }
      writer.key("files")
      writer.array { writer in
        for file in files.sorted(by: { $0.path < $1.path }) {
          writer.object(inline: true) { writer in
            member("path", file.path, &writer)
            member("sha256", file.digest, &writer)
          }
        }
      }
      writer.key("environment")
      writer.object { writer in
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) { member(name, value, &writer) }
      }
      writer.key("runs")
      writer.array { writer in for run in runs { write(run, &writer) } }
    }
    return writer.text + "\n"
  }

  /// The input files that a folder's provenance.json lists.
  ///
  /// - Throws: `FileError`, `Diagnostics` for text that is no JSON.
  public static func files(of folder: RunFolder) throws -> [File] {
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
  public func write(to folder: RunFolder) throws { try WholeFile.write(encoded, to: folder.provenance) }

  private func member(_ name: String, _ text: String?, _ writer: inout JSONWriter) {
    writer.key(name)
    if let text { writer.value(text) } else { writer.null() }
  }

  private func write(_ host: Host, _ writer: inout JSONWriter) {
    writer.object { writer in
      member("name", host.name, &writer)
      member("processor", host.processor, &writer)
      writer.key("cores")
      writer.value(host.coreCount)
      writer.key("ranks")
      writer.array(inline: true) { writer in for rank in host.ranks { writer.value(rank) } }
      member("fingerprint", host.fingerprint, &writer)
    }
  }

  private func write(_ run: RunStart, _ writer: inout JSONWriter) {
    writer.object(inline: true) { writer in
      member("started", StatusReport.text(time: run.time), &writer)
      member("version", run.version, &writer)
      member("plan", run.planDigest, &writer)
      member("fingerprint", run.fingerprint, &writer)
      writer.key("ranks")
      writer.value(run.rankCount)
    }
  }
}

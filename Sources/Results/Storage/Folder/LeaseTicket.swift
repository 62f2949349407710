// The text of a lease file: who leads a folder, and a counter that grows while they live.

import Foundation
import Host
import JSON5

/// Who leads a folder.
package struct LeaseHolder: Equatable, Sendable {
  /// The machine.
  package var machine: MachineIdentity
  /// The leading process.
  package var process: ProcessIdentity
  /// The `mpirun` that started it; nil for a process started without one.
  package var launcher: ProcessIdentity?

  package init(machine: MachineIdentity, process: ProcessIdentity, launcher: ProcessIdentity?) {
    self.machine = machine
    self.process = process
    self.launcher = launcher
  }

  /// This process; `launchedByParent` says that its parent is the `mpirun` that started it.
  package static func current(launchedByParent: Bool) -> LeaseHolder {
    LeaseHolder(
      machine: .current,
      process: ProcessIdentity(running: getpid()) ?? ProcessIdentity(process: getpid(), startTime: 0),
      launcher: launchedByParent ? ProcessIdentity(running: getppid()) : nil)
  }

  /// The holder as bytes that another process can read.
  package var encoded: [UInt8] { Array(LeaseTicket(holder: self, beat: 0, isReleased: false).encoded.utf8) }

  /// The holder that some bytes hold; nil for anything else.
  package init?(encoded: [UInt8]) {
    guard let ticket = LeaseTicket(encoded: encoded) else { return nil }
    self = ticket.holder
  }

  /// Whether the process is known to be gone, which only a process of the same machine can tell.
  package var isGone: Bool { machine == .current && !process.isAlive }

  /// "process 4711 on host node01".
  package var title: String { "process \(process.process) on host \(machine.host)" }
}

/// A leader that did not let go of its folder.
package struct FallenLeader: Equatable, Sendable {
  /// The number of its lease.
  package let epoch: Int
  /// Its host.
  package let host: String
}

/// The contents of a lease file.
struct LeaseTicket: Equatable {
  var holder: LeaseHolder
  var beat: Int
  var isReleased: Bool
  /// The last leader that fell before the holder, for the next leader; nil where none did, and while the holder leads.
  var fallen: FallenLeader?

  /// The last leader that fell, if the holder of this ticket leads no more.
  ///
  /// - Parameter epoch: The number of this ticket's lease.
  func fallenLeader(epoch: Int) -> FallenLeader? {
    isReleased ? fallen : FallenLeader(epoch: epoch, host: holder.machine.host)
  }

  /// One line of JSON.
  var encoded: String {
    var writer = JSONWriter()
    writer.object { writer in
      writer.field("host", holder.machine.host)
      writer.field("process_space", holder.machine.processSpace)
      writer.key("process")
      write(holder.process, to: &writer)
      if let launcher = holder.launcher {
        writer.key("launcher")
        write(launcher, to: &writer)
      }
      writer.field("beat", beat)
      writer.field("released", isReleased)
      if let fallen {
        writer.key("fallen")
        writer.object { writer in
          writer.field("epoch", fallen.epoch)
          writer.field("host", fallen.host)
        }
      }
    }
    return writer.text + "\n"
  }

  /// The ticket that a lease file holds; nil for anything else.
  init?(encoded: [UInt8]) {
    guard let node = try? JSONReader.read(encoded, name: "lease"), let ticket = try? LeaseTicket(JSONObject(node))
    else { return nil }
    self = ticket
  }

  private init(_ fields: JSONObject) throws {
    holder = LeaseHolder(
      machine: MachineIdentity(host: try fields.text("host"), processSpace: try fields.text("process_space")),
      process: try Self.process(fields.required("process")),
      launcher: try fields.optional("launcher").map(Self.process))
    beat = try fields.integer("beat")
    isReleased = try fields.boolean("released")
    fallen = try fields.optional("fallen").map { node in
      let fields = try JSONObject(node)
      return FallenLeader(epoch: try fields.integer("epoch"), host: try fields.text("host"))
    }
  }

  init(holder: LeaseHolder, beat: Int, isReleased: Bool, fallen: FallenLeader? = nil) {
    self.holder = holder
    self.beat = beat
    self.isReleased = isReleased
    self.fallen = fallen
  }

  private func write(_ process: ProcessIdentity, to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("number", process.process)
      writer.field("start", process.startTime)
    }
  }

  private static func process(_ node: JSONNode) throws -> ProcessIdentity {
    let fields = try JSONObject(node)
    guard let number = Int32(exactly: try fields.integer("number")) else { throw CodecError("number: out of range") }
    return ProcessIdentity(process: number, startTime: try JSONObject.seed(fields.required("start"), "start"))
  }
}

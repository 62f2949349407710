// What a rank tells its leader about itself before it gets work: where it runs, and the numerics that it computes with.

import CommandLine
import Farm
import Foundation
import Host
import JSON5
import MPITransport
import Numerics
import Storage

/// One rank as the leader knows it.
package struct RankIdentity: Equatable {
  /// The name of the host.
  package var host: String
  /// Its process, by which others on that host can find it.
  package var holder: LeaseHolder
  /// The processor's name.
  var processor: String
  /// The number of physical cores that the rank may use.
  var coreCount: Int
  /// The number of threads that the rank computes with.
  var threadCount: Int
  /// The memory of the host in bytes.
  var memoryByteCount: Int
  /// The bytes that the rank may still address; nil without a limit (`ulimit -v`).
  var addressByteCount: Int?
  /// What the rank computes with (see `NumericsFingerprint`).
  package var fingerprint: String

  /// The identity of this process, with the numerics that it is said to have.
  package static func current(threadCount: Int, fingerprint: String) -> RankIdentity {
    let machine = Machine.current()
    return RankIdentity(
      host: machine.host, holder: .current(launchedByParent: false), processor: machine.processor,
      coreCount: ProcessorAffinity.current().coreCount, threadCount: threadCount,
      memoryByteCount: machine.memoryByteCount, addressByteCount: machine.addressByteCount,
      fingerprint: fingerprint)
  }

  /// The identity of this process, with the numerics that it has.
  package static func current(threadCount: Int) -> RankIdentity {
    current(threadCount: threadCount, fingerprint: NumericsFingerprint.current().description)
  }

  /// The bytes of the hello that tells this identity.
  package var encoded: [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writer.field("host", host)
      writer.field("process", String(decoding: holder.encoded, as: UTF8.self))
      writer.field("processor", processor)
      writer.field("cores", coreCount)
      writer.field("threads", threadCount)
      writer.field("memory", memoryByteCount)
      writer.field("addresses", addressByteCount)
      writer.field("fingerprint", fingerprint)
    }
    return writer.bytes
  }

  /// The identity that the bytes of a hello hold.
  package init(encoded: [UInt8]) throws {
    do {
      let fields = try JSONObject(JSONReader.read(encoded, name: "hello"))
      guard let holder = LeaseHolder(encoded: Array(try fields.text("process").utf8)) else {
        throw CodecError("process: expected a lease's holder")
      }
      self.init(
        host: try fields.text("host"), holder: holder, processor: try fields.text("processor"),
        coreCount: try fields.integer("cores"), threadCount: try fields.integer("threads"),
        memoryByteCount: try fields.integer("memory"),
        addressByteCount: try fields.optional("addresses").map { try JSONObject.integer($0, "addresses") },
        fingerprint: try fields.text("fingerprint"))
    } catch {
      throw Refusal("a rank's hello cannot be read (\(error)); all ranks must run the same program")
    }
  }

  init(
    host: String, holder: LeaseHolder = .current(launchedByParent: false), processor: String, coreCount: Int,
    threadCount: Int = 1, memoryByteCount: Int, addressByteCount: Int? = nil, fingerprint: String
  ) {
    self.host = host
    self.holder = holder
    self.processor = processor
    self.coreCount = coreCount
    self.threadCount = threadCount
    self.memoryByteCount = memoryByteCount
    self.addressByteCount = addressByteCount
    self.fingerprint = fingerprint
  }
}

// What a rank tells its leader about itself before it gets work: where it runs, and the numerics that it computes with.

import CommandLine
import Farm
import Foundation
import Host
import JSON5
import MPITransport
import Storage

/// One rank as the leader knows it.
package struct RankIdentity: Equatable {
  /// The name of the host.
  package var host: String
  /// Its process, as others on that host can find it.
  package var holder: LeaseHolder
  /// The processor's name.
  var processor: String
  /// Physical cores the rank may use.
  var coreCount: Int
  /// Threads that the rank computes with.
  var threadCount: Int
  /// Bytes of memory of the host.
  var memoryByteCount: Int
  /// Bytes that the rank may still address, where `ulimit -v` limits them.
  var addressByteCount: Int?
  /// The rank's numerics fingerprint.
  package var fingerprint: String

  /// This process.
  package static func current(threadCount: Int) -> RankIdentity {
    let machine = Machine.current()
    return RankIdentity(
      host: machine.host, holder: .current(launchedByParent: false), processor: machine.processor,
      coreCount: ProcessorAffinity.current().coreCount, threadCount: threadCount,
      memoryByteCount: machine.memoryByteCount, addressByteCount: machine.addressByteCount,
      fingerprint: NumericsFingerprint.current().description)
  }

  /// The identity as the bytes of a hello.
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

  /// The identity that a hello holds.
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

  /// An identity with everything given.
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

// Files from a leader's desk into a node's folder and back, without a farm between them: what arrives has the bytes that were
// promised or does not arrive at all.

import Digests
import Files
import XCTest

@testable import FileExchange

final class FileExchangeTests: XCTestCase {
  private var root = ""

  override func setUpWithError() throws {
    root = NSTemporaryDirectory() + "file-exchange-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
  }

  override func tearDown() { try? FileManager.default.removeItem(atPath: root) }

  /// Writes a file of so many bytes that no two places of it repeat soon.
  private func file(_ name: String, byteCount: Int) throws -> FileIdentity {
    let bytes = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    let path = root + "/" + name
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return FileIdentity(path: path, byteCount: byteCount, digest: bytes.withUnsafeBytes { SHA256.hex(of: $0) })
  }

  private func destinations(_ folder: String) -> [KeptKind: String] {
    [
      .predictions: root + "/\(folder)/predictions/t.csv", .gradientNorms: root + "/\(folder)/gradient_norms/t.csv",
      .weights: root + "/\(folder)/weights/t", .checkpoint: root + "/\(folder)/checkpoints/t.checkpoint",
    ]
  }

  /// A rank's way to a desk, through the bytes of both messages.
  private func asker(
    _ desk: FileDesk, _ files: [FileIdentity], count: UnsafeMutablePointer<Int>
  ) -> (FileRequest) throws -> FileResponse {
    let job = FileDesk.Job(files: files, destinations: destinations("out"))
    return { request in
      count.pointee += 1
      return try FileResponse(desk.answer(request.encoded, ofRank: 1) { job })
    }
  }

  private func contents(_ path: String) -> Data? { FileManager.default.contents(atPath: path) }

  func testFilesAreReceivedOnceANode() throws {
    // A piece and a bit, exactly two pieces, and nothing.
    let files = try [
      file("model/a.bin", byteCount: largestPiece + 3), file("model/b.bin", byteCount: 2 * largestPiece),
      file("model/c.txt", byteCount: 0),
    ]
    var askedCount = 0
    let ask = asker(FileDesk(), files, count: &askedCount)
    let group = files.enumerated().map { (index: $0.offset, file: $0.element) }
    let first = try NodeCache(below: root, key: [1])
    let second = try NodeCache(below: root, key: [1])
    XCTAssertEqual(first.path, second.path)
    var notices: [String] = []
    let folder = try first.receive(group, proceed: {}, ask: ask) { notices.append($0) }
    let afterFirst = askedCount
    XCTAssertEqual(try second.receive(group, proceed: {}, ask: ask) { notices.append($0) }, folder)
    XCTAssertEqual(askedCount, afterFirst)
    XCTAssertEqual(
      notices, ["received 3 files of \(root)/model (\(3 * largestPiece + 3) bytes), which this node lacks"])
    for file in files {
      XCTAssertEqual(contents(folder + "/" + (file.path as NSString).lastPathComponent), contents(file.path))
    }
    first.leave()
    XCTAssertTrue(FileManager.default.fileExists(atPath: folder), "another rank still uses it")
    second.leave()
    XCTAssertFalse(FileManager.default.fileExists(atPath: first.path))
  }

  func testAFileThatChangedIsNotReceived() throws {
    let promised = try file("data/train.tsv", byteCount: 5000)
    let node = try NodeCache(below: root, key: [2])
    defer { node.leave() }
    func receive() throws {
      var count = 0
      _ = try node.receive(
        [(0, promised)], proceed: {}, ask: asker(FileDesk(), [promised], count: &count)
      ) { _ in }
    }
    var changed = try XCTUnwrap(contents(promised.path))
    changed[4999] ^= 1
    try changed.write(to: URL(fileURLWithPath: promised.path))
    XCTAssertThrowsError(try receive()) {
      XCTAssertEqual(
        "\($0)", "\(promised.path) is not what it was when the run began: its SHA-256 is another one")
    }
    try (changed + [0]).write(to: URL(fileURLWithPath: promised.path))
    XCTAssertThrowsError(try receive()) {
      XCTAssertTrue("\($0)".contains("is longer than the 5000 bytes that the leader promised"), "\($0)")
    }
    try FileManager.default.removeItem(atPath: promised.path)
    XCTAssertThrowsError(try receive()) {
      XCTAssertEqual("\($0)", "the leader says: cannot open \(promised.path): No such file or directory (error 2)")
    }
    _ = try file("data/train.tsv", byteCount: 5000)
    try receive()
  }

  func testWhatATrialLeavesGoesHome() throws {
    let table = try file("away/t.csv", byteCount: largestPiece + 1)
    let weights = try [
      file("away/t/config.json", byteCount: 10), file("away/t/model.safetensors", byteCount: 3_000_000),
    ]
    let expected = try (weights + [table]).map { try XCTUnwrap(contents($0.path)) }
    var count = 0
    let ask = asker(FileDesk(), [], count: &count)
    try NodeCache.send(.predictions, from: table.path, ask: ask)
    try NodeCache.send(.weights, from: root + "/away/t", ask: ask)
    try NodeCache.send(.gradientNorms, from: root + "/away/none.csv", ask: ask)
    let places = destinations("out")
    XCTAssertEqual(contents(places[.weights]! + "/config.json"), expected[0])
    XCTAssertEqual(contents(places[.weights]! + "/model.safetensors"), expected[1])
    XCTAssertEqual(contents(places[.predictions]!), expected[2])
    XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: root + "/away"), [])
    for kind in ["predictions", "weights"] {
      XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: root + "/out/" + kind).count, 1)
    }
    XCTAssertFalse(FileManager.default.fileExists(atPath: root + "/out/gradient_norms"))
  }

  func testCheckpointsGoThereAndBack() throws {
    let kept = try file("away/t.checkpoint", byteCount: 2 * largestPiece)
    let expected = contents(kept.path)
    var count = 0
    let ask = asker(FileDesk(), [], count: &count)
    try NodeCache.receiveCheckpoint(to: root + "/none.checkpoint", ask: ask)
    XCTAssertFalse(FileManager.default.fileExists(atPath: root + "/none.checkpoint"))
    try NodeCache.send(.checkpoint, from: kept.path, ask: ask)
    try NodeCache.receiveCheckpoint(to: root + "/t.checkpoint", ask: ask)
    XCTAssertEqual(contents(root + "/t.checkpoint"), expected)
    XCTAssertEqual(contents(destinations("out")[.checkpoint]!), expected)
  }

  func testTheDeskTakesNothingThatDoesNotFit() throws {
    let desk = FileDesk()
    var count = 0
    let ask = asker(desk, [], count: &count)
    func assertRefused(_ request: FileRequest, _ text: String, line: UInt = #line) throws {
      guard case .refused(let reason) = try ask(request) else { return XCTFail("taken", line: line) }
      XCTAssertTrue(reason.contains(text), reason, line: line)
    }
    try assertRefused(.read(file: 0, offset: 0), "none has the number 0")
    try assertRefused(.store(.predictions, name: "t.csv", offset: 5, bytes: [1]), "where others belong")
    try assertRefused(.close(.predictions, name: "t.csv", digest: ""), "which it did not begin")
    try assertRefused(.keep(.weights), "cannot rename a new file to")
    XCTAssertEqual(try ask(.store(.predictions, name: "t.csv", offset: 0, bytes: [1, 2])), .done)
    try assertRefused(.store(.predictions, name: "t.csv", offset: 1, bytes: [3]), "where others belong")
    try assertRefused(.close(.predictions, name: "t.csv", digest: "00"), "which it did not begin")
    XCTAssertEqual(try ask(.store(.predictions, name: "t.csv", offset: 0, bytes: [1, 2])), .done)
    try assertRefused(.close(.predictions, name: "t.csv", digest: "00"), "its SHA-256 is another one")
    XCTAssertEqual(
      try FileResponse(desk.answer([99], ofRank: 1) { throw FileExchangeError("unasked") }).isRefused, true)
    // A file stands where the folder belongs.
    try Data().write(to: URL(fileURLWithPath: root + "/out/weights"))
    try assertRefused(.store(.weights, name: "a", offset: 0, bytes: []), "cannot create the folder")
    XCTAssertFalse(FileManager.default.fileExists(atPath: destinations("out")[.predictions]!))
  }

  /// Many ranks that send files piece by piece, in turn, leave few files open, and every file comes whole.
  func testFewFilesAreOpenHoweverManyRanksSend() throws {
    func openCount() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }
    let (rankCount, pieceCount) = (60, 3)
    let desk = FileDesk()
    func ask(_ request: FileRequest, _ rank: Int) throws -> FileResponse {
      try FileResponse(
        desk.answer(request.encoded, ofRank: rank) {
          FileDesk.Job(files: [], destinations: destinations("rank-\(rank)"))
        })
    }
    func piece(_ number: Int, _ rank: Int) -> [UInt8] { Array(repeating: UInt8(7 * number + rank), count: 100 + rank) }
    let before = try openCount()
    for number in 0..<pieceCount {
      for rank in 0..<rankCount {
        let offset = number * (100 + rank)
        XCTAssertEqual(
          try ask(.store(.predictions, name: "t.csv", offset: offset, bytes: piece(number, rank)), rank), .done)
      }
      // Other tests of this process may have files of their own.
      XCTAssertLessThanOrEqual(try openCount(), before + FileDesk.mostOpenFiles + 4)
    }
    for rank in 0..<rankCount {
      let bytes = (0..<pieceCount).flatMap { piece($0, rank) }
      let digest = bytes.withUnsafeBytes { SHA256.hex(of: $0) }
      XCTAssertEqual(try ask(.close(.predictions, name: "t.csv", digest: digest), rank), .done)
      XCTAssertEqual(try ask(.keep(.predictions), rank), .done)
      XCTAssertEqual(contents(root + "/rank-\(rank)/predictions/t.csv"), Data(bytes))
    }
    XCTAssertLessThanOrEqual(try openCount(), before + 4)
  }

  func testAFolderThatWasLeftBehindGoesWithTheNextRun() throws {
    let left = root + "/seedsweep-node-0123456789abcdef"
    try FileManager.default.createDirectory(atPath: left, withIntermediateDirectories: true)
    try Data().write(to: URL(fileURLWithPath: left + "/in-use"))
    let used = try NodeCache(below: root, key: [3])
    let next = try NodeCache(below: root, key: [4])
    XCTAssertFalse(FileManager.default.fileExists(atPath: left))
    XCTAssertTrue(FileManager.default.fileExists(atPath: used.path), "its run goes on")
    used.leave()
    next.leave()
    XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: root), [])
  }

  /// A rank that waits for another one to remove the folder can be stopped.
  func testTheWaitForAFolderCanBeEnded() throws {
    struct Stopped: Error {}
    let node = try NodeCache(below: root, key: [6])
    node.leave()
    try FileManager.default.createDirectory(atPath: node.path, withIntermediateDirectories: true)
    let removing = try FileLock(node.path + "/in-use", isShared: false)
    XCTAssertNotNil(removing)
    var count = 0
    XCTAssertThrowsError(
      try NodeCache(below: root, key: [6]) {
        count += 1
        if count == 3 { throw Stopped() }
      }
    ) { XCTAssertTrue($0 is Stopped, "\($0)") }
    withExtendedLifetime(removing) {}
  }

  func testAFolderOfSomebodyElseIsRefused() throws {
    let node = try NodeCache(below: root, key: [5])
    node.leave()
    try FileManager.default.createSymbolicLink(atPath: node.path, withDestinationPath: root)
    XCTAssertThrowsError(try NodeCache(below: root, key: [5])) {
      XCTAssertEqual("\($0)", "\(node.path) is no folder of this user; choose another TMPDIR")
    }
  }
}

extension FileResponse {
  fileprivate var isRefused: Bool { if case .refused = self { true } else { false } }
}

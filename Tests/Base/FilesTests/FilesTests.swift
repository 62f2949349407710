// Files that appear whole or not at all, errors of the system, and locks.

import Foundation
import XCTest

@testable import Files

final class FilesTests: XCTestCase {
  private var folder = ""

  override func setUpWithError() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("seedsweep-\(UUID().uuidString)").path
    try RawFile.createFolder(folder + "/a/b")
  }

  override func tearDownWithError() throws { try FileManager.default.removeItem(atPath: folder) }

  private func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }

  func testAFileAppearsOnlyWhenItIsFinished() throws {
    let path = folder + "/table.csv"
    var file: WholeFile? = try WholeFile(path: path)
    try file?.write("1,2\n")
    XCTAssertEqual(try names().filter { $0 != "a" }.map { $0.hasPrefix(WholeFile.temporaryPrefix) }, [true])
    file = nil
    XCTAssertEqual(try names(), ["a"], "what is not finished leaves nothing")
    try WholeFile.write("x,y\n", to: path)
    XCTAssertEqual(try names(), ["a", "table.csv"])
    XCTAssertEqual(try String(contentsOfFile: path, encoding: .utf8), "x,y\n")
  }

  /// A file over several blocks, and a folder with a folder and a link in it.
  func testCopiesAppearWholeOrNotAtAll() throws {
    let long = [UInt8](repeating: 7, count: 1 << 20) + [1, 2, 3]
    for content in [[], long, Array(long.prefix(1 << 20))] {
      try Data(content).write(to: URL(fileURLWithPath: folder + "/long"))
      try WholeCopy.make(of: folder + "/long", at: folder + "/copy", durability: .none)
      XCTAssertEqual(try InputFile.contents(of: folder + "/copy"), content)
    }
    try WholeFile.write("x", to: folder + "/a/b/file")
    try FileManager.default.createSymbolicLink(atPath: folder + "/a/link", withDestinationPath: "../copy")
    try WholeCopy.make(of: folder + "/a", at: folder + "/c", durability: .contents)
    XCTAssertEqual(try RawFile.names(in: folder + "/c"), ["b", "link"])
    XCTAssertEqual(try String(contentsOfFile: folder + "/c/b/file", encoding: .utf8), "x")
    XCTAssertFalse(RawFile.isLink(folder + "/c/link"))
    XCTAssertEqual(try InputFile.contents(of: folder + "/c/link").count, 1 << 20)

    // What cannot be read or written whole leaves nothing.
    try FileManager.default.createSymbolicLink(atPath: folder + "/a/z", withDestinationPath: "gone")
    let before = try names()
    XCTAssertThrowsError(try WholeCopy.make(of: folder + "/a", at: folder + "/d", durability: .none)) {
      XCTAssertEqual("\($0)", "cannot open \(folder)/a/z: No such file or directory (error 2)")
    }
    XCTAssertThrowsError(try WholeCopy.make(of: folder + "/gone", at: folder + "/e", durability: .none))
    XCTAssertEqual(try names(), before)
  }

  func testErrorsNameOperationPathAndReason() {
    XCTAssertThrowsError(try RawFile(path: "/nowhere/file", flags: O_RDONLY)) {
      XCTAssertEqual("\($0)", "cannot open /nowhere/file: No such file or directory (error 2)")
    }
    XCTAssertThrowsError(try WholeFile.write("", to: "/nowhere/file")) {
      XCTAssertEqual(
        "\($0)", "cannot create /nowhere/file: there is no folder /nowhere; type `mkdir -p /nowhere` first")
    }
    XCTAssertThrowsError(try WholeFile.write("", to: folder + "/a")) {
      XCTAssertEqual("\($0)", "cannot rename a new file to \(folder)/a: Is a directory (error 21)")
    }
    XCTAssertEqual(
      [ENOSPC, EDQUOT, EFBIG, EIO, ENOENT, EACCES].map { FileError(operation: "", path: "", code: $0).isOfDisk },
      [true, true, true, true, false, false])
    XCTAssertEqual(
      [EACCES, EPERM, EROFS, ENOENT, ENOSPC].map { FileError(operation: "", path: "", code: $0).isOfRights },
      [true, true, true, false, false])
  }

  func testAFileInAFolderThatIsNotThere() throws {
    XCTAssertThrowsError(try WholeFile.write("x", to: "no where/x.tex")) {
      XCTAssertEqual(
        "\($0)", "cannot create no where/x.tex: there is no folder no where; type `mkdir -p 'no where'` first")
    }
  }

  func testCommandsInMessagesCanBeTyped() {
    XCTAssertEqual(ShellText.quoted("runs/a_1.csv"), "runs/a_1.csv")
    XCTAssertEqual(
      ["my out", "", "it's", "$HOME", "a*"].map(ShellText.quoted), ["'my out'", "''", "'it'\\''s'", "'$HOME'", "'a*'"])
    XCTAssertEqual(ShellText.cited("seedsweep compare out"), "'seedsweep compare out'")
    XCTAssertEqual(ShellText.cited("seedsweep compare 'my out'"), "`seedsweep compare 'my out'`")
  }

  func testTheSystemsWordsForAFullDisk() throws {
    let file = try RawFile(path: "/dev/full", flags: O_WRONLY)
    XCTAssertThrowsError(try [0].withUnsafeBytes { try file.write($0) }) {
      XCTAssertEqual(($0 as? FileError)?.reason, "No space left on device (error 28)")
      XCTAssertEqual(($0 as? FileError)?.isOfDisk, true)
    }
  }

  /// Somebody's link of the temporary file's name, in a folder that others may write in.
  func testNothingIsWrittenThroughALink() throws {
    let (path, target) = (folder + "/x.csv", folder + "/target")
    try WholeFile.write("theirs", to: target)
    let temporary = WholeFile.temporaryPath(of: path, owner: "me")
    XCTAssertEqual(temporary, folder + "/.partial-x.csv-me")
    try FileManager.default.createSymbolicLink(atPath: temporary, withDestinationPath: target)
    // One that appears after the owner looked.
    XCTAssertThrowsError(try RawFile(path: temporary, flags: O_WRONLY | O_CREAT | O_EXCL, name: path)) {
      XCTAssertEqual("\($0)", "cannot create \(path): File exists (error 17)")
    }
    // What a process of the same name left is in nobody's way.
    try WholeFile.write("mine", to: path, owner: "me")
    XCTAssertEqual(try String(contentsOfFile: target, encoding: .utf8), "theirs")
    XCTAssertEqual(try String(contentsOfFile: path, encoding: .utf8), "mine")
    XCTAssertThrowsError(try FileManager.default.destinationOfSymbolicLink(atPath: path))
    XCTAssertEqual(try names(), ["a", "target", "x.csv"])
  }

  func testAFileMayBeReadAndBegunAgainWhileItIsWritten() throws {
    let file = try WholeFile(path: folder + "/norms.csv", owner: "me", durability: .contents)
    let long = [UInt8](repeating: 7, count: 200_000)
    try file.write("head\n")
    try long.withUnsafeBytes { try file.write($0) }
    try file.write("tail")
    XCTAssertEqual(try file.contents(), Array("head\n".utf8) + long + Array("tail".utf8))
    try file.restart()
    XCTAssertEqual(try file.contents(), [])
    try file.write("new")
    try file.finish()
    XCTAssertEqual(try InputFile.contents(of: folder + "/norms.csv"), Array("new".utf8))
  }

  func testAFolderAppearsOnlyWhenItIsFinishedAndReplacesAnOlderOne() throws {
    let path = folder + "/weights"
    for content in ["first", "second"] {
      var kept: WholeFolder? = try WholeFolder(path: path, owner: "me")
      let temporary = try XCTUnwrap(kept).temporaryPath
      try RawFile.createFolder(temporary + "/deep")
      try WholeFile.write("never", to: temporary + "/deep/file")
      kept = nil
      XCTAssertFalse(FileManager.default.fileExists(atPath: temporary), "what is not finished leaves nothing")
      try RawFile.createFolder(temporary + "/left by a killed process")
      let next = try WholeFolder(path: path, owner: "me")
      try RawFile.createFolder(next.temporaryPath)
      try WholeFile.write(content, to: next.temporaryPath + "/file")
      try next.finish()
      XCTAssertEqual(try InputFile.contents(of: path + "/file"), Array(content.utf8))
      XCTAssertEqual(try RawFile.names(in: path), ["file"])
      XCTAssertEqual(try names(), ["a", "weights"])
    }
    XCTAssertThrowsError(try WholeFolder(path: folder + "/none", owner: "me").finish()) {
      XCTAssertEqual(
        "\($0)", "cannot rename a new folder to \(folder)/none: No such file or directory (error 2)")
    }
  }

  func testWhatIsNoFileIsNotRead() throws {
    XCTAssertEqual(mkfifo(folder + "/pipe", 0o600), 0)
    for (path, reason) in [
      (folder + "/none", "there is no such file"), (folder, "it is a folder, where a file is needed"),
      ("/dev/zero", "it is a device, where a file is needed"),
      (folder + "/pipe", "it is a pipe, where a file is needed"),
    ] {
      XCTAssertThrowsError(try InputFile(path)) { XCTAssertEqual("\($0)", "cannot read \(path): \(reason)") }
      if path.hasSuffix("pipe") { continue }
      XCTAssertThrowsError(try InputFile.contents(of: path, operation: "read the text")) {
        XCTAssertEqual("\($0)", "cannot read the text \(path): \(reason)")
        XCTAssertEqual(($0 as? FileError)?.isOfDisk, false)
      }
    }
  }

  func testAFileIsReadByOffsetAndToItsEnd() throws {
    let path = folder + "/numbers"
    let numbers = (0..<300_000).map { UInt8($0 % 251) }
    let writer = try WholeFile(path: path)
    try numbers.withUnsafeBytes { try writer.write($0) }
    try writer.finish()
    let file = try InputFile(path)
    XCTAssertEqual(file.size, numbers.count)
    XCTAssertEqual(try file.bytes(1000..<2000), Array(numbers[1000..<2000]))
    XCTAssertEqual(try InputFile.contents(of: path), numbers)
    XCTAssertEqual(try InputFile.contents(of: path, atMost: numbers.count), numbers)
    XCTAssertThrowsError(try InputFile.contents(of: path, atMost: numbers.count - 1)) {
      XCTAssertEqual("\($0)", "cannot read \(path): it has more than 299999 bytes")
      XCTAssertEqual(($0 as? FileError)?.isOfDisk, false)
    }
    XCTAssertFalse(try InputFile.contents(of: "/proc/self/stat").isEmpty, "files of /proc have no size")
    XCTAssertTrue(try file.isUnchanged())
    XCTAssertEqual(truncate(path, 1500), 0)
    XCTAssertFalse(try file.isUnchanged())
    XCTAssertThrowsError(try file.bytes(1000..<2000)) {
      XCTAssertEqual(
        "\($0)", "cannot read \(path): it ends at byte 1500, because it was cut while it was being read")
    }
  }

  /// The file loses its end between two pieces.
  func testAFileThatIsCutWhileItIsReadWholeIsAnError() throws {
    let path = folder + "/long"
    let writer = try WholeFile(path: path)
    try [UInt8](repeating: 1, count: 1 << 20).withUnsafeBytes { try writer.write($0) }
    try writer.finish()
    XCTAssertThrowsError(try InputFile.forEachPiece(of: path) { _ in truncate(path, 10) }) {
      XCTAssertTrue("\($0)".hasSuffix(", because it was cut while it was being read"), "\($0)")
    }
  }

  func testAPipeIsReadToItsEnd() throws {
    let path = folder + "/pipe"
    XCTAssertEqual(mkfifo(path, 0o600), 0)
    let writer = Thread {
      guard let file = try? RawFile(path: path, flags: O_WRONLY) else { return }
      try? Array("through".utf8).withUnsafeBytes { try file.write($0) }
    }
    writer.start()
    XCTAssertEqual(try InputFile.contents(of: path), Array("through".utf8))
  }

  func testFoldersAreListedAndRemovedWithoutFollowingLinks() throws {
    try WholeFile.write("kept", to: folder + "/kept")
    try FileManager.default.createSymbolicLink(atPath: folder + "/a/b/link", withDestinationPath: folder + "/kept")
    try FileManager.default.createSymbolicLink(atPath: folder + "/a/away", withDestinationPath: "/")
    XCTAssertEqual(try RawFile.names(in: folder + "/a"), ["away", "b"])
    try RawFile.remove(folder + "/a")
    try RawFile.remove(folder + "/a")
    XCTAssertEqual(try names(), ["kept"])
    XCTAssertThrowsError(try RawFile.names(in: folder + "/a")) {
      XCTAssertEqual("\($0)", "cannot read the folder \(folder)/a: No such file or directory (error 2)")
    }
  }

  func testALockIsHeldUntilItsObjectGoes() throws {
    let path = folder + "/lock"
    var first = try FileLock(path, isShared: false)
    XCTAssertNotNil(first)
    XCTAssertNil(try FileLock(path, isShared: false))
    XCTAssertNil(try FileLock(path, isShared: true))
    first = nil
    let second = try FileLock(path, isShared: true)
    XCTAssertNotNil(try FileLock(path, isShared: true))
    XCTAssertNil(try FileLock(folder + "/missing/lock", isShared: true))
    withExtendedLifetime(second) {}
  }

  /// A file system without locks is not taken for a lock that somebody holds, which would be waited for without end.
  func testALockThatCannotBeIsAnError() throws {
    let path = folder + "/lock"
    func lock(_ code: Int32) throws -> FileLock? {
      try FileLock(path, isShared: true) { _, _ in
        errno = code
        return -1
      }
    }
    XCTAssertNil(try lock(EWOULDBLOCK))
    XCTAssertThrowsError(try lock(ENOLCK)) {
      XCTAssertEqual(
        "\($0)",
        "cannot lock \(path): No locks available (error 37); choose a TMPDIR or an --output on a file system with locks"
      )
    }
    var count = 0
    let interrupted = try FileLock(path, isShared: true) { descriptor, operation in
      count += 1
      errno = EINTR
      return count < 3 ? -1 : flock(descriptor, operation)
    }
    XCTAssertNotNil(interrupted)
    XCTAssertEqual(count, 3)
  }

  func testPathsAreSplitAtTheLastSlash() {
    XCTAssertEqual(["a", "/a", "b/a", "/b/a"].map(RawFile.folder), ["", "/", "b", "/b"])
    XCTAssertEqual(["a", "/a", "b/a", "/b/a"].map(RawFile.name), ["a", "a", "a", "a"])
  }
}

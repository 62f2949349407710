// What a command and the leader under its mpirun tell each other, and what is left of commands that were killed.

import Foundation
import Host
import TestSupport
import XCTest

@testable import MPITransport

final class LaunchNotesTests: XCTestCase {
  private var folder: TemporaryFolder!

  override func setUpWithError() throws { folder = try TemporaryFolder() }

  override func tearDown() { folder = nil }

  func testBothSidesSeeWhatTheOtherNoted() throws {
    let notes = try LaunchNotes.create(in: folder.path)
    let parent = ParentProcess([ParentProcess.codeFileVariable: notes.path, ParentProcess.terminalVariable: "1"])
    XCTAssertTrue(parent.isTerminal)
    XCTAssertFalse(notes.hasStarted)
    XCTAssertNil(notes.code)
    XCTAssertNil(parent.signal)
    parent.noteStart()
    XCTAssertTrue(notes.hasStarted)
    XCTAssertFalse(notes.isReady)
    parent.noteReady()
    XCTAssertTrue(notes.isReady)
    notes.note(signal: SIGINT)
    XCTAssertEqual(parent.signal, SIGINT)
    XCTAssertEqual(parent.reported(.resumable), .success, "mpirun would report any other code as its own failure")
    XCTAssertEqual(notes.code, .resumable)
    XCTAssertEqual(parent.reported(.failure), .success)
    XCTAssertEqual(notes.code, .failure, "the last one counts")
    notes.remove()
    XCTAssertEqual(parent.reported(.resumable), .resumable)
    XCTAssertFalse(FileManager.default.fileExists(atPath: notes.path))
  }

  /// What a leader shows is as wide as the terminal of the command that started it, which is no terminal in these tests.
  func testTerminalOfTheCommand() throws {
    let alone = ParentProcess([:])
    XCTAssertNil(alone.terminalPath, "nothing stands between")
    let notes = try LaunchNotes.create(in: folder.path)
    let seen = ParentProcess([ParentProcess.codeFileVariable: notes.path, ParentProcess.terminalVariable: "1"])
    XCTAssertNotNil(seen.terminalPath)
    let unseen = ParentProcess([ParentProcess.codeFileVariable: notes.path, ParentProcess.terminalVariable: "0"])
    XCTAssertFalse(unseen.isTerminal)
    XCTAssertNil(unseen.terminalPath)
  }

  /// A command that was killed cannot remove its file: its leader does so, or the next command.
  func testWhatKilledCommandsLeaveIsRemoved() throws {
    let living = try LaunchNotes.create(in: folder.path)
    let text = folder.text(URL(fileURLWithPath: living.path).lastPathComponent)
    let here = try XCTUnwrap(ProcessIdentity(running: getpid()))
    XCTAssertTrue(text.hasPrefix("owner \(here.process) \(here.startTime) "), text)
    // The same number, but another process.
    let dead = text.replacing("owner \(here.process) \(here.startTime)", with: "owner \(here.process) 1")
    let names = ["1", "2", "foreign", "empty"].map { "seedsweep-exit-code-\($0)" }
    for name in names[..<2] { try folder.write(dead, to: name) }
    try folder.write(dead.replacing("\n", with: " elsewhere\n"), to: names[2])
    try folder.write("", to: names[3])
    let parent = ParentProcess([ParentProcess.codeFileVariable: folder.path + "/" + names[0]])
    XCTAssertEqual(parent.reported(.success), .success)
    XCTAssertFalse(folder.has(names[0]))
    LaunchNotes.removeAbandoned(in: folder.path)
    XCTAssertFalse(folder.has(names[1]))
    XCTAssertTrue(folder.has(names[2]), "a machine that this one cannot look into")
    XCTAssertTrue(folder.has(names[3]))
    XCTAssertTrue(FileManager.default.fileExists(atPath: living.path))
  }
}

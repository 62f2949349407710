// What a run says of a disk that takes no more: what is kept, where space is missing, and how to go on. It frees nothing.

import Files
import Foundation
import Host

/// A run on a disk that is full, over quota or broken.
package enum FullDisk {
  /// The end of a run of which trials came to nothing because a disk takes no more.
  package struct Crashes: Error, CustomStringConvertible {
    /// What happened, in one sentence.
    package let description: String

    package init(description: String) { self.description = description }
  }

  /// The sentences about an error of the disk, for a folder in which `remainingCount` trials have no result.
  package static func sentences(_ error: FileError, folder: String, remainingCount: Int) -> [String] {
    ["\(error)", kept(in: folder, cure(error.code, at: folder), remainingCount)]
  }

  /// The sentences about an error of the disk before anything was trained.
  package static func sentences(beforeTraining error: FileError, folder: String) -> [String] {
    let isInFolder = error.path == folder || error.path.hasPrefix(folder + "/")
    let fullFolder = isInFolder ? folder : (error.path as NSString).deletingLastPathComponent
    return ["\(error)", "Nothing was trained.\(cure(error.code, at: fullFolder)) The same command begins again."]
  }

  /// The sentences about trials that crashed because the disk took no more; `reason` is what their ranks said.
  package static func sentences(crashes reason: String, folder: String, remainingCount: Int) -> [String] {
    let cure = says(EFBIG, reason) ? "" : " Make space on that disk."
    return [reason, kept(in: folder, cure, remainingCount)]
  }

  /// Whether a crash of a trial came of a disk that takes no more, by what its rank, or the trial's program, said.
  package static func isCause(ofCrash message: String) -> Bool {
    [ENOSPC, EDQUOT, EFBIG].contains { says($0, message) }
  }

  private static func says(_ code: Int32, _ message: String) -> Bool {
    message.contains(String(cString: strerror(code)))
  }

  private static func kept(in folder: String, _ cure: String, _ remainingCount: Int) -> String {
    let left =
      remainingCount == 0
      ? "Every trial has its result, and the same command writes what is missing"
      : "\(counted(remainingCount, "trial")) \(remainingCount == 1 ? "is" : "are") to go, and the same command resumes"
    return "Every result that was finished is kept in \(folder)/journal.jsonl.\(cure) \(left)."
  }

  /// What has to be done before the same command helps.
  private static func cure(_ code: Int32, at folder: String) -> String {
    switch code {
    case ENOSPC:
      let free = freeByteCount(at: folder).map { ", which has \(readable(bytes: $0)) left" } ?? ""
      return " Make space on the file system of \(folder)\(free)."
    case EDQUOT: return " Make space on the file system of \(folder), where the quota of this user is used up."
    default: return ""
    }
  }
}

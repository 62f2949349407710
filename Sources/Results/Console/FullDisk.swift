// What a run says of a disk that takes no more: what is kept, where space is missing, and how to go on. It frees nothing.

import Files
import Foundation
import Host

/// A run on a disk that is full, over quota or broken.
package enum FullDisk {
  /// The sentences about an error of the disk, for a folder in which `remainingCount` trials have no result.
  package static func sentences(_ error: FileError, folder: String, remainingCount: Int) -> [String] {
    let left =
      remainingCount == 0
      ? "every trial has its result, and the same command writes what is missing"
      : "\(counted(remainingCount, "trial")) \(remainingCount == 1 ? "is" : "are") to go, and the same command resumes"
    return [
      "\(error)",
      "Every result that was finished is kept in \(folder)/journal.jsonl.\(cure(error, folder)) \(capital(left)).",
    ]
  }

  /// What has to be done before the same command helps.
  private static func cure(_ error: FileError, _ folder: String) -> String {
    switch error.code {
    case ENOSPC:
      let free = freeByteCount(at: folder).map { ", which has \(readable(bytes: $0)) left" } ?? ""
      return " Make space on the file system of \(folder)\(free)."
    case EDQUOT: return " Make space on the file system of \(folder), where the quota of this user is used up."
    default: return ""
    }
  }

  private static func capital(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
}

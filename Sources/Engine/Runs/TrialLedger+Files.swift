// What ranks that do not see the leader's files get of it, and where what their trials leave goes.

import Farm
import FileExchange
import Foundation
import Training
import Trials

extension TrialLedger {
  func response(to request: [UInt8], of handOut: HandOut) -> [UInt8] {
    desk.answer(request, ofRank: handOut.rank) {
      let place = setting.trials[handOut.job]
      let identifier = setting.sweep.plan.trialIdentifier(at: place)
      let folder = setting.folder
      return FileDesk.Job(
        files: try inventory(ofConfiguration: setting.sweep.plan.configurationIndex(trialIndex: place)),
        destinations: [
          .predictions: folder.predictions(ofTrial: identifier),
          .gradientNorms: folder.gradientNorms(ofTrial: identifier), .weights: folder.weights(ofTrial: identifier),
          .checkpoint: folder.checkpoint(ofTrial: identifier),
        ])
    }
  }

  /// The files that a configuration's trials read, as they were when the run began.
  private func inventory(ofConfiguration index: Int) throws -> [FileIdentity] {
    if let known = inventories[index] { return known }
    let configuration = setting.sweep.plan.configurations[index].configuration
    let files = try FileDigests.paths(of: configuration.model, configuration.task).map { path in
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
      return FileIdentity(path: path, byteCount: size ?? 0, digest: try setting.sweep.files.digest(ofFile: path))
    }
    inventories[index] = files
    return files
  }
}

// Mixout of a linear layer's weight (Lee et al. 2019, arXiv 1909.11299): each input column is either trained or replaced by
// another weight's, and the backward pass beside it. Masks are drawn by `DropoutMask`, one mark a column.

/// mixed = (mask (weight) + (1 - mask) anchor - p anchor) / (1 - p), written as anchor + mask (weight - anchor) / (1 - p):
/// (rows, columns), one mark a column, so that its expectation over masks is the weight.
package func mixoutForward(
  _ weight: UnsafePointer<Float>, anchor: UnsafePointer<Float>, mask: DropoutMask,
  mixed: UnsafeMutablePointer<Float>, rows: Int, columns: Int, on team: ThreadTeam = .alone
) {
  team.run(.rows(rows, columns: columns)) { range in
    for row in range {
      let start = row &* columns
      forEachGroup(of: columns) { column, lanes in
        let own = anchor.lanes(start &+ column, lanes)
        let difference = weight.lanes(start &+ column, lanes) - own
        let kept = mask.marks.marks(column, lanes) * mask.scale
        mixed.store(own + kept * difference, start &+ column, lanes)
      }
    }
  }
}

/// gradient *= mask scale, (rows, columns), one mark a column: from the mixed weight's gradient to the weight's, with the
/// scale 1 / (1 - p) of the forward pass or another.
package func mixoutBackward(
  _ gradient: UnsafeMutablePointer<Float>, mask: DropoutMask, scale: Float, rows: Int, columns: Int,
  on team: ThreadTeam = .alone
) {
  team.run(.rows(rows, columns: columns)) { range in
    for row in range {
      let start = row &* columns
      forEachGroup(of: columns) { column, lanes in
        let kept = mask.marks.marks(column, lanes) * scale
        gradient.store(gradient.lanes(start &+ column, lanes) * kept, start &+ column, lanes)
      }
    }
  }
}

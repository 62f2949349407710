// Mixout of a linear layer's weight (Lee et al. 2019, arXiv 1909.11299): each input column is either trained or replaced by
// another weight's, and the backward pass beside it. Masks are drawn by `DropoutMask`, one mark a column.

/// mixed = (mask (weight) + (1 - mask) anchor - p anchor) / (1 - p), written as anchor + mask (weight - anchor) / (1 - p):
/// (rows, columns), one mark a column, so that its expectation over masks is the weight.
package func mixoutForward(
  _ weight: Rows, anchor: Rows, mask: DropoutMask, into mixed: Rows, on team: ThreadTeam = .alone
) {
  weight.requireShape(of: anchor)
  weight.requireShape(of: mixed)
  let columns = weight.columns
  team.run(.rows(weight.count, columns: columns)) { range in
    for row in range {
      let (weight, anchor, mixed) = (weight[row], anchor[row], mixed[row])
      forEachGroup(of: columns) { column, lanes in
        let own = anchor.lanes(column, lanes)
        let difference = weight.lanes(column, lanes) - own
        let kept = mask.marks.marks(column, lanes) * mask.scale
        mixed.store(own + kept * difference, column, lanes)
      }
    }
  }
}

/// gradient *= mask scale, (rows, columns), one mark a column: from the mixed weight's gradient to the weight's, with the
/// scale 1 / (1 - p) of the forward pass or another.
package func mixoutBackward(_ gradient: Rows, mask: DropoutMask, scale: Float, on team: ThreadTeam = .alone) {
  gradient.requireDense()
  let columns = gradient.columns
  team.run(.rows(gradient.count, columns: columns)) { range in
    for row in range {
      let rowGradient = gradient[row]
      forEachGroup(of: columns) { column, lanes in
        let kept = mask.marks.marks(column, lanes) * scale
        rowGradient.store(rowGradient.lanes(column, lanes) * kept, column, lanes)
      }
    }
  }
}

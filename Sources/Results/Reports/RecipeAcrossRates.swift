// The recipes of a sweep without their learning rates: what the analysis `dose` fits curves of, and what a verdict on its tables asks for.
// It knows no doses and no results.

import Trials

/// A recipe at all the learning rates that a sweep gives it: configurations that are the same but for the learning rate.
package struct RecipeAcrossRates {
  /// The task.
  package let task: String
  /// The recipe's name without the learning rate.
  package let name: String
  /// Its configurations in the order that was given, one at least.
  package private(set) var members: [PlannedConfiguration]
  /// Whether it is the one that the task's others are compared with.
  package private(set) var isReference = false

  /// The recipes of some configurations, in the order in which they first appear.
  ///
  /// - Parameter reference: The variant that each task's reference is of, the first such recipe; nil for any.
  package static func all(_ configurations: [PlannedConfiguration], reference: String?) -> [RecipeAcrossRates] {
    var recipes: [RecipeAcrossRates] = []
    var indices: [TrialConfiguration: Int] = [:]
    for planned in configurations {
      var key = planned.configuration
      key.optimizer.learningRate = 1
      if let index = indices[key] {
        recipes[index].members.append(planned)
      } else {
        indices[key] = recipes.count
        recipes.append(RecipeAcrossRates(planned))
      }
    }
    var tasks: Set<String> = []
    for index in recipes.indices {
      let isOfReference = recipes[index].members.contains { reference == nil || $0.variant == reference }
      recipes[index].isReference = isOfReference && tasks.insert(recipes[index].task).inserted
    }
    return recipes
  }

  private init(_ first: PlannedConfiguration) {
    var withoutRate = first
    withoutRate.axisValues.removeAll { $0.key == "optimizer.learning_rate" }
    task = first.configuration.taskName
    name = withoutRate.recipeName
    members = [first]
  }
}

# What tests of comparisons that end early expect: the course of comparisons of failures by enumeration, and e-values of bets on
# differences of scores. Written from the formulas, with the standard library alone. PairedForecastTests, PairedCourseTests and
# BettingTestTests hold the printed numbers.

from math import exp, lgamma, log, log1p, pi, sqrt


def logarithm(k, d):
    return d * log(2) + lgamma(k + 0.5) + lgamma(d - k + 0.5) - lgamma(d + 1) - log(pi)


def course(pairs, threshold, one, other):
    """The probability of a decision and the mean number of pairs, looking after every pair, giving up where nothing can decide."""
    bound = log(threshold)
    going, power, mean = {(0, 0): 1.0}, 0.0, 0.0
    for count in range(1, pairs + 1):
        after = {}
        for (k, l), chance in going.items():
            for more, other_more, share in ((0, 0, 1 - one - other), (1, 0, one), (0, 1, other)):
                key = (k + more, l + other_more)
                after[key] = after.get(key, 0) + chance * share
        going = {}
        for (k, l), chance in after.items():
            left = pairs - count
            if logarithm(k, k + l) >= bound:
                power += chance
                mean += chance * count
            elif left == 0 or logarithm(max(k, l) + left, k + l + left) < bound:
                mean += chance * count
            else:
                going[(k, l)] = chance
    return power, mean


def bets(values, alpha):
    """The e-values against a mean of 0 of numbers from -1 to 1, after each."""
    total, squares, gain, loss, found = 0.5, 0.25, 0.0, 0.0, []
    for count, value in enumerate(values, 1):
        share = (value + 1) / 2
        bet = min(1, sqrt(2 * log(2 / alpha) / (squares * log(count + 1))))
        gain += log1p(bet * (share - 0.5))
        loss += log1p(bet * (0.5 - share))
        total += share
        squares += (share - total / (count + 1)) ** 2
        found.append(exp(max(gain, loss)) / 2)
    return found


def earliest(difference, alpha, limit=2000):
    return 1 + next(i for i, e in enumerate(bets([difference] * limit, alpha)) if e >= 1 / alpha)


for threshold in (20, 40):
    for pairs in (25, 50):
        for a, b in ((0.56, 0), (0.5, 0.12), (0.3, 0.1), (0.3, 0.3)):
            print(threshold, pairs, a, b, "%.2f %.1f" % course(pairs, threshold, a * (1 - b), b * (1 - a)))
print(bets([0.5, 0.25, -0.125, 0.5, 0.375, 0.75, 0.5, 0.25, 0, 0.625], 0.05))
for alpha in (0.05, 0.025):
    print(alpha, [earliest(difference, alpha) for difference in (0.3, 0.1, 0.03)])

#!/usr/bin/python3
"""Writes tests/report/fixtures/statistics.json: reference values of src/report from numpy and scipy.

Needs the Debian packages python3-numpy and python3-scipy. The file is committed; run this again only when
a statistic is added or its definition changes:

    scripts/make_statistics_fixtures.py
"""

import itertools
import json
import pathlib

import numpy
import scipy.optimize
import scipy.stats

OUT = pathlib.Path(__file__).resolve().parent.parent / "tests/report/fixtures/statistics.json"
LEVEL = 0.95
RESAMPLES = 10_000  # kResamples of src/report/statistics.h


def iqm(values, axis=-1):
    """Mean of the middle half: with every value four times, whole values can be trimmed."""
    return scipy.stats.trim_mean(numpy.repeat(values, 4, axis=axis), 0.25, axis=axis)


def samples():
    rng = numpy.random.default_rng(20240501)
    for n in (1, 2, 3, 4, 5, 6, 7, 10, 30):
        yield rng.normal(size=n)
        yield rng.lognormal(size=n)
    yield numpy.array([0.25, 0.25, 0.25, 0.5, 0.5])


def describe():
    cases = []
    for sample in samples():
        values = numpy.sort(sample)
        cases.append({
            "values": values.tolist(),
            "quantiles": [[p, numpy.quantile(values, p)] for p in (0.0, 0.025, 0.1, 0.25, 0.5, 0.8, 0.975, 1.0)],
            "median": numpy.median(values),
            "iqm": iqm(values),
        })
    return cases


def expanded_tail(n):
    return scipy.stats.norm.cdf(-numpy.sqrt(n / (n - 1)) * scipy.stats.t.ppf(0.5 + LEVEL / 2, n - 1))


def bootstrap():
    """Ends of scipy's bootstrap interval, with the brackets that RESAMPLES random draws leave open."""
    cases = []
    rng = numpy.random.default_rng(7)
    for name, statistic in (("iqm", iqm), ("median", numpy.median)):
        for n, draw in ((5, rng.normal), (7, rng.lognormal), (10, rng.normal), (20, rng.lognormal)):
            values = numpy.sort(draw(size=n))
            tail = expanded_tail(n)
            error = 4 * numpy.sqrt(tail * (1 - tail) / RESAMPLES)
            ends = []
            for t in (tail, max(tail - error, 0.0), tail + error):
                result = scipy.stats.bootstrap(
                    (values,), statistic, n_resamples=100_000, confidence_level=1 - 2 * t, method="percentile",
                    vectorized=True, axis=-1, random_state=numpy.random.default_rng(n))
                ends.append(result.confidence_interval)
            cases.append({
                "statistic": name,
                "values": values.tolist(),
                "low": [ends[1].low, ends[0].low, ends[2].low],
                "high": [ends[2].high, ends[0].high, ends[1].high],
            })
    return cases


def mid_p_end(wins, n, tail):
    """P at which `wins` or more of n have the one-sided mid-P value `tail`."""
    if wins == 0:
        return 0.0
    binom = scipy.stats.binom
    return scipy.optimize.brentq(
        lambda p: binom.sf(wins, n, p) + 0.5 * binom.pmf(wins, n, p) - tail, 1e-12, 1 - 1e-12, xtol=1e-14)


def win_intervals():
    cases = []
    for n in (3, 4, 5, 6, 8, 10, 29, 100):
        for wins in sorted({0, 1, n // 3, n // 2, n - 1, n}):
            tail = (1 - LEVEL) / 2
            cases.append({
                "wins": wins, "n": n,
                "low": mid_p_end(wins, n, tail), "high": 1 - mid_p_end(n - wins, n, tail),
            })
    return cases


def signed_rank():
    cases = []
    rng = numpy.random.default_rng(11)
    for n in (1, 2, 3, 5, 6, 10, 25):
        for shift in (0.0, 0.5, 2.0):
            d = rng.normal(shift, size=n)
            p = scipy.stats.wilcoxon(d, mode="exact").pvalue
            cases.append({"differences": d.tolist(), "p": float(p)})
    # Ties and zeros, which scipy does not do exactly: all sign patterns one by one.
    for n in (4, 6, 9, 12):
        for _ in range(3):
            d = rng.integers(-3, 5, size=n).astype(float)
            ranks = scipy.stats.rankdata(numpy.abs(d)) * (d != 0)
            positive = ranks[d > 0].sum()
            extreme = min(positive, ranks.sum() - positive)
            nonzero = ranks[d != 0]
            sums = [numpy.dot(signs, nonzero) for signs in itertools.product((0, 1), repeat=len(nonzero))]
            p = min(1.0, 2.0 * numpy.mean(numpy.array(sums) <= extreme))
            cases.append({"differences": d.tolist(), "p": p})
    return cases


def holm():
    cases = []
    rng = numpy.random.default_rng(13)
    for m in (1, 2, 5, 12):
        p = rng.uniform(0, 0.2, size=m)
        corrected = [max(min(1.0, numpy.sum(p >= q) * q) for q in p if q <= own) for own in p]
        cases.append({"p": p.tolist(), "corrected": corrected})
    return cases


def seeds_needed():
    def shown(wins, n):
        return mid_p_end(wins, n, (1 - LEVEL) / 2) > 0.5

    cases = []
    for probability in (0.55, 0.6, 0.75, 0.8, 0.9, 1.0):
        for n in range(3, 1001):
            fewest = next((wins for wins in range(n // 2, n + 1) if shown(wins, n)), None)
            if fewest is not None and scipy.stats.binom.sf(fewest - 1, n, probability) >= 0.8:
                cases.append({"probability": probability, "seeds": n})
                break
    return cases


def ranks():
    """Friedman's test with ties, and the critical difference of Nemenyi from the studentized range."""
    cases = []
    rng = numpy.random.default_rng(17)
    for k in (3, 4, 7):
        for n in (5, 12, 40):
            losses = rng.integers(0, 6, size=(n, k)) + 0.5 * numpy.arange(k)
            statistic, p = scipy.stats.friedmanchisquare(*losses.T)
            q = scipy.stats.studentized_range.ppf(LEVEL, k, numpy.inf)
            cases.append({
                "losses": losses.tolist(),
                "mean_rank": scipy.stats.rankdata(losses, axis=1).mean(axis=0).tolist(),
                "statistic": float(statistic),
                "p": float(p),
                "critical_difference": float(q / numpy.sqrt(2) * numpy.sqrt(k * (k + 1) / (6 * n))),
            })
    return cases


def wilcoxon_holm():
    """Every pair of methods over blocks: scipy's exact test, and Holm's correction by its definition."""
    cases = []
    rng = numpy.random.default_rng(23)
    for k, n in ((3, 8), (4, 12), (5, 20), (6, 30)):
        losses = rng.normal(size=(n, k)) + 0.6 * numpy.arange(k)
        pairs = list(itertools.combinations(range(k), 2))
        p = numpy.array([scipy.stats.wilcoxon(losses[:, a], losses[:, b], mode="exact").pvalue for a, b in pairs])
        corrected = [max(min(1.0, numpy.sum(p >= q) * q) for q in p if q <= own) for own in p]
        cases.append({"losses": losses.tolist(), "pairs": pairs, "p": corrected})
    return cases


def signed_rank_tails():
    """One side of the signed-rank test: exact without ties and zeros, and the normal approximation beyond."""
    cases = []
    rng = numpy.random.default_rng(19)
    for n, method in ((4, "exact"), (9, "exact"), (20, "exact"), (400, "approx")):
        for shift in (-0.4, 0.0, 0.4):
            d = rng.normal(size=n) + shift / numpy.sqrt(n / 10)
            p = scipy.stats.wilcoxon(d, alternative="greater", method=method, correction=True).pvalue
            cases.append({"differences": d.tolist(), "p": float(p)})
    return cases


def main():
    document = {
        "made_by": f"scripts/make_statistics_fixtures.py, numpy {numpy.__version__}, scipy {scipy.__version__}",
        "level": LEVEL,
        "describe": describe(),
        "bootstrap": bootstrap(),
        "win_interval": win_intervals(),
        "signed_rank": signed_rank(),
        "holm": holm(),
        "seeds_needed": seeds_needed(),
        "ranks": ranks(),
        "signed_rank_tails": signed_rank_tails(),
        "wilcoxon_holm": wilcoxon_holm(),
    }
    OUT.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()

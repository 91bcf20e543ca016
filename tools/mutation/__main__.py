"""`make mutate`: counts how many mutants of access, clocks, duties, reminders and complaints the tests detect.

    python -m tools.mutation [--all | --sample 25] [--seed 1] [--threshold 80] [--only relations/duties/settlement.py]

Prints every mutant that survived; exits with 1 when a group is below the threshold.
"""

import argparse
import random
import sys
import time
from collections import Counter

from tools.mutation.equivalent import EQUIVALENT
from tools.mutation.mutants import mutants_of
from tools.mutation.targets import TARGETS
from tools.mutation.trial import PASSED, ROOT, TIMED_OUT, Scratch, commit

SLOWER = 5  # time limit of a mutant: so many times the seconds of the unchanged run, plus a minute


def main(arguments):
    options = read(arguments)
    chosen = [each for each in TARGETS if (ROOT / each.module).exists() and options.only in each.module]
    with Scratch() as scratch:
        counts = {target: judge(target, scratch, options) for target in chosen}
    return report(counts, options.threshold)


def read(arguments):
    parser = argparse.ArgumentParser(prog="python -m tools.mutation")
    parser.add_argument("--all", action="store_true", help="every mutant; hours")
    parser.add_argument("--sample", type=int, default=25, help="how many mutants of each module")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threshold", type=int, default=80, help="per cent killed in each group")
    parser.add_argument("--only", default="", help="modules whose path contains this")
    return parser.parse_args(arguments)


def judge(target, scratch, asked):
    """Runs the tests on the mutants of one module. Returns a Counter of killed, timed out and survived."""
    source = (scratch.tree / target.module).read_text()
    mutants = choose(target, source, asked)
    limit = sound_seconds(target, scratch) * SLOWER + 60
    counts = Counter()
    for mutant in mutants:
        scratch.write(target.module, mutant.source)
        status, _seconds = scratch.run(target.tests, limit)
        outcome = {PASSED: "survived", TIMED_OUT: "timed out"}.get(status, "killed")
        counts[outcome] += 1
        if outcome == "survived":
            print(f"  survived: {target.module} {mutant}", flush=True)
    scratch.write(target.module, source)
    print(f"{target.module}: {dict(counts)}", flush=True)
    return counts


def choose(target, source, asked):
    known = {(old, new) for module, old, new in EQUIVALENT if module == target.module}
    mutants = mutants_of(source, target.only, target.beyond)
    mutants = [each for each in mutants if (each.old, each.new) not in known]
    if asked.all or len(mutants) <= asked.sample:
        return mutants
    return sorted(random.Random(asked.seed).sample(mutants, asked.sample), key=lambda mutant: mutant.line)


def sound_seconds(target, scratch):
    """The seconds that the tests take on the unchanged module. Exits when they fail."""
    status, seconds = scratch.run(target.tests, 3600)
    if status != PASSED:
        print(scratch.log.read_text()[-3000:])
        sys.exit(f"The tests of {target.module} do not pass as it is.")
    return seconds


def report(counts, threshold):
    print(f"\n{time.strftime('%Y-%m-%d')}, commit {commit()}")
    groups = {}
    for target, outcomes in counts.items():
        print(f"{target.group:22} {target.module:34} {line(outcomes)}")
        groups[target.group] = groups.get(target.group, Counter()) + outcomes
    for group, outcomes in groups.items():
        print(f"{group:57} {line(outcomes)}")
    return int(any(share(outcomes) < threshold for outcomes in groups.values()))


def share(found):
    return 100 * (found.total() - found["survived"]) / (found.total() or 1)


def line(found):
    late = f", {found['timed out']} by time" if found["timed out"] else ""
    return f"{found.total() - found['survived']} of {found.total()} killed ({share(found):.0f} %{late})"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

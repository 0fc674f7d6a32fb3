"""Runs the cases of generate.py through the driver, prints those with another answer, and closes with
"N passed, N failed".

    python tests/oracle/compare.py --driver PATH [--cases N] [--seed N]
"""

import argparse
import collections
import subprocess
import sys

import generate

SHOWN = 20  # differences of one command


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--driver", required=True)
    parser.add_argument("--cases", type=int, default=30000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    cases = list(generate.cases(options.cases, options.seed))
    text = "".join(line + "\n" for line, _ in cases)
    done = subprocess.run([options.driver], input=text.encode(), stdout=subprocess.PIPE, check=False)
    answers = done.stdout.decode("utf-8", "replace").split("\n")[:-1]
    failed = collections.Counter()
    for (line, want), got in zip(cases, answers):
        command = line.partition("\t")[0]
        if got != want:
            failed[command] += 1
            if failed[command] <= SHOWN:
                print(f"{line[:600]}\n  want {want[:600]}\n  got  {got[:600]}")
    missing = len(cases) - len(answers)
    if done.returncode or missing:
        print(f"the driver ended with {done.returncode}, {missing} answers are missing")
        failed["missing"] += max(missing, 1)
    for command, n in failed.items():
        print(f"{command}: {n} differ")
    wrong = min(sum(failed.values()), len(cases))
    print(f"{len(cases) - wrong} passed, {wrong} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

"""./execute --trace: a file that viewers of Chrome's trace events read."""
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from test_execute import Execution
from wheels import wheel


class Tracing(Execution):
    def trace(self, *arguments, code=0, lock="env.lock"):
        """(its events, the finished and failed nodes of the run, the run)"""
        result = self.execute("--trace", "t.json", "--json", *arguments, lock)
        self.assertEqual(result.code, code, result.err)
        told = [json.loads(line) for line in result.out.splitlines()]
        ran = {e["node"]: e for e in told if e["event"] in ("finished", "failed")}
        return json.loads(self.read("t.json"))["traceEvents"], ran, result

    def slices(self, events):
        found = [e for e in events if e["ph"] == "X"]
        rows = {}
        for e in found:
            begin = round(e["ts"] * 1000)
            rows.setdefault(e["tid"], []).append((begin, begin + round(e["dur"] * 1000), e["name"]))
        for row in rows.values():
            row.sort()
            for one, next_one in zip(row, row[1:]):
                self.assertLessEqual(one[1], next_one[0], (one, next_one))
        return [e for e in found if e["cat"] != "phase"]

    def assert_complete(self, events, ran):
        slices = self.slices(events)
        self.assertEqual({s["args"]["node"] for s in slices}, set(ran))
        for s in slices:
            node = ran[s["args"]["node"]]
            self.assertEqual(s["cat"], node["action"])
            self.assertEqual(s["args"].get("package"), node.get("package"))
        named = {e["tid"] for e in events if e["ph"] == "M" and e["name"] == "thread_name"}
        self.assertLessEqual({e["tid"] for e in events}, named)
        self.assert_arrows(events, slices)
        return slices

    def assert_arrows(self, events, slices):
        """Each begins in a slice and ends in a later one."""
        arrows = {}
        for e in events:
            if e["ph"] in "sf":
                arrows.setdefault(e["id"], {})[e["ph"]] = e
        for arrow in arrows.values():
            self.assertLessEqual(arrow["s"]["ts"], arrow["f"]["ts"])
            for end in arrow.values():
                self.assertTrue(any(s["tid"] == end["tid"] and s["ts"] <= end["ts"] <= s["ts"] + s["dur"] for s in slices))

    def test_a_run(self):
        dists = [wheel("p%d" % i, "1.0", scripts={"p%d" % i: "p%d:f" % i}, padding=20000 * i) for i in range(9)]
        self.serve(*dists)
        self.lock(*dists)
        events, ran, _ = self.trace("-j3", "--compile-bytecode")
        slices = self.assert_complete(events, ran)
        self.assertEqual(len(slices), 6 * 9)  # fetch, unpack, bytecode, link, scripts, record
        self.assertEqual(sum(e["ph"] == "s" for e in events), 5 * 9)
        fetch = next(s for s in slices if s["name"] == "fetch p8")
        self.assertEqual(fetch["args"]["bytes"], len(dists[8].data))
        self.assertGreaterEqual(fetch["tid"], 1000)
        received = [e["args"]["bytes"] for e in events if e["ph"] == "C"]
        self.assertEqual(received, sorted(received))
        self.assertEqual(received[-1], sum(len(d.data) for d in dists))

    def test_one_wheel_on_several_threads(self):
        big = wheel("big", "1.0", files={"big/%d.bin" % i: os.urandom(300000) for i in range(20)})
        self.serve(big)
        self.lock(big)
        events, ran, _ = self.trace("-j4")
        self.assert_complete(events, ran)

    def test_upgrade(self):
        old, new = wheel("a", "1.0"), wheel("a", "2.0")
        self.serve(old, new)
        self.lock(old)
        self.execute_ok()
        self.lock(new)
        events, ran, _ = self.trace()
        names = [s["name"] for s in self.assert_complete(events, ran)]
        self.assertIn("preflight", names)
        self.assertIn("remove a", names)

    def test_a_failure(self):
        self.serve(a := wheel("a", "1.0"), b := wheel("b", "1.0"))
        self.lock(self.package(a, sha256="0" * 64), b)
        events, ran, _ = self.trace("-k0", code=1)
        failed = [s["name"] for s in self.assert_complete(events, ran) if s["args"].get("failed")]
        self.assertEqual(failed, ["fetch a"])

    def test_nothing_to_do(self):
        self.serve(a := wheel("a", "1.0"))
        self.lock(a)
        self.execute_ok()
        self.execute_ok("--trace", "t.json", "env.lock")
        self.assertEqual({e["cat"] for e in json.loads(self.read("t.json"))["traceEvents"] if e["ph"] == "X"}, {"phase"})

    def test_a_place_that_cannot_be_written(self):
        self.serve(a := wheel("a", "1.0"))
        self.lock(a)
        self.fails("nowhere/t.json", arguments=("--trace", "nowhere/t.json", "env.lock"))
        self.assertEqual(self.installed(), {"a": "1.0"})

    def test_a_dry_run_leaves_none(self):
        self.serve(a := wheel("a", "1.0"))
        self.lock(a)
        self.execute_ok("-n", "--trace", "t.json", "env.lock")
        self.assertFalse(os.path.exists(self.path("t.json")))


if __name__ == "__main__":
    unittest.main()

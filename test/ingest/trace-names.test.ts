import { expect, test } from "vitest";
import {
  isSidecar,
  mayBeTrace,
  rankOfPath,
  stageHintOfPath,
  stampOfPath,
} from "../../src/ingest/files/trace-names.ts";

test.each([
  ["1782843274.77-TP-0-DECODE.trace.json.gz", 0, "TP-0"],
  ["20260822-110335-TP3.trace.json.gz", 3, "TP3"],
  ["1782843274-TP-1-DP-2-PP-0.trace.json.gz", 1, "TP-1"],
  ["p_dp0_pp0_tp2_dcp0_ep0_rank6.1773709742341309550.pt.trace.json.gz", 6, "rank6"],
  ["trace.json-rank-0.gz", 0, "rank-0"],
  ["trtllm-trace-1782843274-0a1b2c3d-rank-5.json", 5, "rank-5"],
  ["vllm-world-rank-8-rank-0.json", 0, "rank-0"],
  ["rank-34.Jul_15_10_52_41.1074.pt.trace.json.gz", 34, "rank-34"],
  ["bs_32_rank0.json.gz", 0, "rank0"],
  ["worker0.pt.trace.json.gz", 0, "worker0"],
  ["20260822-[DP1]-[CP0]-TP0-EXTEND.trace.json.gz", 0, "TP0"],
  ["run/rank3/trace.json.gz", 3, "rank3"],
])("the rank of %s is %i", (path, rank, from) => {
  expect(rankOfPath(path)).toMatchObject({ rank, from });
});

test.each(["step.json.gz", "http0.json", "outranked7.json", "qwen-8b/trace.json"])(
  "%s names no rank",
  (path) => {
    expect(rankOfPath(path)).toBeNull();
  },
);

test("other parallel dimensions order files that share a rank", () => {
  expect(rankOfPath("1-TP-0-DP-2-PP-1-EP-3.trace.json.gz")?.minor).toEqual([1, 2, 0, 0, 3]);
});

test.each([
  ["x-TP-0-EXTEND.trace.json.gz", "prefill", "file-name", "-EXTEND"],
  ["x-TP-0-DECODE.trace.json.gz", "decode", "file-name", "-DECODE"],
  ["run_prefill.json", "prefill", "file-name", "_prefill"],
  ["prefill/1782843274/a-TP-0.trace.json.gz", "prefill", "capture-layout", "prefill/"],
  ["extend/a.json", "prefill", "capture-layout", "extend/"],
  ["qwen-decode/a.json", "decode", "capture-layout", "qwen-decode/"],
  ["prefill/a-DECODE.json", "decode", "file-name", "-DECODE"],
])("%s hints at %s", (path, stage, from, text) => {
  expect(stageHintOfPath(path)).toEqual({ stage, from, text });
});

test.each(["decoder.json", "speculative-decoder.json", "predecode/a.json", "a.json"])(
  "%s hints at no stage",
  (path) => {
    expect(stageHintOfPath(path)).toBeNull();
  },
);

test("names that are never traces are told from those that may be", () => {
  for (const name of ["server_args.json", "config.json", "x.json.tmp", "profiler_out_0.txt"]) {
    expect([name, isSidecar(name), mayBeTrace(name)]).toEqual([name, true, false]);
  }
  for (const name of ["x-memory.pickle", "x.viztracer.json", "README.md"]) {
    expect([name, mayBeTrace(name)]).toEqual([name, false]);
  }
  for (const name of ["a.json", "a.json.gz", "a.json.zst", "trace.json-rank-0.gz", "a.trace"]) {
    expect([name, mayBeTrace(name)]).toEqual([name, true]);
  }
});

test("stamps of seconds, nanoseconds and dates compare with each other", () => {
  expect(stampOfPath("1782843274.77-TP-0.json")).toBe(1782843274);
  expect(stampOfPath("rank0.1773709742341309550.pt.trace.json.gz")).toBe(1773709742.3413095);
  expect(stampOfPath("20260822-110335-TP0.json")).toBe(Date.UTC(2026, 7, 22, 11, 3, 35) / 1000);
  expect(stampOfPath("step12.json")).toBeNull();
});

import { expect, test } from "vitest";
import type { TraceFile } from "../../src/model/trace/trace-selection.ts";
import { estimateBytes, jobLimit } from "../../src/threads/job-limit.ts";

const GB = 2 ** 30;

function run(bytes: number, path = "rank.trace.json.gz") {
  const file: TraceFile = {
    path,
    rank: 0,
    rankFrom: null,
    minor: [],
    stamp: null,
    stageHint: null,
    bytes,
    group: "",
  };
  return { files: [file] };
}
const eight = Array.from({ length: 8 }, () => run(GB / 24));
const ask = { jobs: null, maxMemory: null };

test("as many as cores, where memory is no question", () => {
  expect(jobLimit(eight, ask, { cores: 4, freeBytes: 1000 * GB })).toBe(4);
  expect(jobLimit(eight, ask, { cores: 64, freeBytes: 1000 * GB })).toBe(8);
  expect(jobLimit(eight, { ...ask, jobs: 3 }, { cores: 64, freeBytes: 1000 * GB })).toBe(3);
});

test("no more than fit together, the largest first, and always one", () => {
  expect(jobLimit(eight, ask, { cores: 64, freeBytes: 4 * GB })).toBe(3);
  expect(jobLimit(eight, { jobs: 8, maxMemory: 5.5 * GB }, { cores: 1, freeBytes: GB })).toBe(5);
  expect(jobLimit([run(GB), run(1), run(1)], ask, { cores: 8, freeBytes: 20 * GB })).toBe(1);
  expect(jobLimit(eight, { ...ask, maxMemory: 1 }, { cores: 8, freeBytes: GB })).toBe(1);
});

test("small files are not worth a thread unless asked for", () => {
  const small = [run(20_000), run(20_000)];
  expect(jobLimit(small, ask, { cores: 8, freeBytes: 100 * GB })).toBe(1);
  expect(jobLimit(small, { ...ask, jobs: 2 }, { cores: 8, freeBytes: 100 * GB })).toBe(2);
});

test("a plain file takes less memory than a compressed one of its size; files of a run come one by one", () => {
  expect(estimateBytes(run(GB, "a.json"))).toBeLessThan(estimateBytes(run(GB)));
  expect(estimateBytes({ files: [...run(GB).files, ...run(GB).files] })).toBe(
    estimateBytes(run(GB)),
  );
});

import { describe, expect, test } from "vitest";
import { alignGraph } from "../../../src/engine/align/align-graph.ts";
import { type KernelStep, type LaunchStep, UNKNOWN } from "../../../src/engine/align/sequence.ts";

/** One layer: name, category the op announces (null = the op does not tell), site. */
const LAYER = [
  { name: 1, category: "norm", site: 10 },
  { name: 2, category: "gemm", site: 11 },
  { name: 3, category: "norm", site: 12 },
  { name: 3, category: "norm", site: 13 },
  { name: 4, category: "rope", site: 14 },
  { name: 5, category: null, site: 15 },
  { name: 6, category: "attention", site: 16 },
  { name: 7, category: "gemm", site: 17 },
  { name: 1, category: "norm", site: 18 },
  { name: 8, category: "gemm", site: 19 },
  { name: 9, category: "activation", site: 20 },
  { name: 8, category: "gemm", site: 21 },
];

function layers(count: number): { kernels: KernelStep[]; launches: LaunchStep[] } {
  const kernels: KernelStep[] = [];
  const launches: LaunchStep[] = [];
  for (let layer = 0; layer < count; layer++)
    for (const { name, category, site } of LAYER) {
      kernels.push({ kind: 0, name, dims: UNKNOWN, category: category ?? "kv-cache" });
      launches.push({ kind: 0, name, dims: UNKNOWN, site, category });
    }
  return { kernels, launches };
}

const strip = (launches: LaunchStep[]) => launches.map((l) => ({ ...l, name: UNKNOWN }));

/** Sites found, and how many of them are not the launch's own. */
function judge(kernels: KernelStep[], launches: LaunchStep[], truth: number[], named: boolean) {
  const found = alignGraph({ lanes: [kernels] }, named ? launches : strip(launches));
  let sure = 0;
  let wrong = 0;
  found.launchOf[0]!.forEach((launch, i) => {
    if (launch < 0 || found.sure[0]![i] === 0) return;
    sure++;
    if (launches[launch]!.site !== truth[i]) wrong++;
  });
  return { sure, wrong, method: found.method };
}

test("equal lengths and names align by position", () => {
  const { kernels, launches } = layers(8);
  const found = alignGraph({ lanes: [kernels] }, launches);
  expect(found.method).toBe("positional");
  expect([...found.launchOf[0]!]).toEqual(kernels.map((_, i) => i));
});

test("a launch without a name still fits by op class and order", () => {
  const { kernels, launches } = layers(8);
  expect(alignGraph({ lanes: [kernels] }, strip(launches)).method).toBe("positional");
});

describe.each([true, false])("with a twentieth of the launches lost (names: %s)", (named) => {
  test("nothing is located wrongly and nearly all that has a launch is located", () => {
    const { kernels, launches } = layers(36);
    const truth = launches.map((launch) => launch.site);
    // Every 19th launch is lost; 19 and 12 are coprime, so every position of the layer is hit.
    const kept = launches.filter((_, i) => i % 19 !== 7);
    const { sure, wrong, method } = judge(kernels, kept, truth, named);
    expect(method).toBe("sequence");
    expect(wrong).toBe(0);
    expect(sure / kept.length).toBeGreaterThan(0.97);
  });
});

test("the twin of a lost launch is left open instead of guessed", () => {
  const { kernels, launches } = layers(4);
  const lost = launches.filter((launch, i) => !(launch.site === 12 && i < LAYER.length));
  const found = alignGraph({ lanes: [kernels] }, lost);
  // Kernels 2 and 3 of the first layer have one name and one launch left between them.
  expect([found.sure[0]![2], found.sure[0]![3]]).toEqual([0, 0]);
  expect(found.sure[0]![4]).toBe(1);
});

test("kernels that were never captured stay without a launch", () => {
  const { kernels, launches } = layers(6);
  const padded = [
    ...kernels.slice(0, 30),
    { kind: 0, name: 99, dims: UNKNOWN, category: "other" } as const,
    ...kernels.slice(30),
  ];
  const found = alignGraph({ lanes: [padded] }, launches);
  expect(found.launchOf[0]![30]).toBe(-1);
  expect(found.launchOf[0]!.filter((launch) => launch >= 0)).toHaveLength(kernels.length);
});

test("two streams take their own launches from the captured order", () => {
  const { kernels, launches } = layers(12);
  const side = new Set([14, 15]);
  const main = kernels.filter((_, i) => !side.has(launches[i]!.site));
  const other = kernels.filter((_, i) => side.has(launches[i]!.site));
  const found = alignGraph({ lanes: [main, other] }, launches);
  expect([...found.launchOf[1]!]).toEqual(
    launches.flatMap((launch, i) => (side.has(launch.site) ? [i] : [])),
  );
  expect(found.launchOf[0]!.every((launch) => launch >= 0)).toBe(true);
});

test("copies only meet copies", () => {
  const kernels: KernelStep[] = [
    { kind: 1, name: 5, dims: UNKNOWN, category: "copy" },
    { kind: 0, name: 6, dims: UNKNOWN, category: "gemm" },
  ];
  const launches: LaunchStep[] = [
    { kind: 0, name: UNKNOWN, dims: UNKNOWN, site: 1, category: "gemm" },
    { kind: 1, name: UNKNOWN, dims: UNKNOWN, site: 2, category: null },
  ];
  const found = alignGraph({ lanes: [kernels] }, launches);
  const pairs = [...found.launchOf[0]!];
  expect(pairs.filter((launch) => launch >= 0)).toHaveLength(1);
  expect(pairs[0] === 0 || pairs[1] === 1).toBe(false);
});

import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { analyze } from "../src/commands/triage.ts";
import type { Action } from "../src/model/contracts/action.ts";
import { DEFAULT_ANALYZE_OPTIONS } from "../src/model/options.ts";
import { SHARED_TRACES } from "./support/shared-traces.ts";

const EXPERT = "../shared/actions/actions.json";

/** Where an expert's figure and ours differ by more than this, it is said why. */
const WITHIN = 0.1;

/** One of an expert's first actions, and the action of ours that is meant. */
interface Match {
  /** Which of the expert's: several that may be given as one row. */
  readonly of: readonly number[];
  readonly kind: Action["kind"];
  readonly title: RegExp;
  /** Why ours is right where the figures differ by more than a tenth. */
  readonly ours?: { readonly us: number; readonly because: string };
}

/** Groups in order; within a group any order is accepted. */
const TRACES: Readonly<Record<string, readonly (readonly Match[])[]>> = {
  "sglang-mi300x-qwen3-8b-decode": [
    [
      { of: [0], kind: "limit", title: /^GEMMs at 50%/ },
      { of: [1], kind: "limit", title: /^Attention at 43%/ },
      { of: [2], kind: "fusion", title: /^Norm of Q and K, RoPE and KV-cache write/ },
    ],
    [{ of: [3], kind: "host", title: /around graph launches/ }],
  ],
  "sglang-mi300x-qwen3-8b-extend": [
    [{ of: [0, 1], kind: "limit", title: /^GEMMs at 39%/ }],
    [
      { of: [2], kind: "limit", title: /^Attention at 18%/ },
      { of: [3], kind: "fusion", title: /^Norm of Q and K, RoPE and KV-cache write/ },
    ],
  ],
  "vllm-mi300x-gptoss-decode": [
    [{ of: [0, 1], kind: "limit", title: /^Expert GEMMs at 28%/ }],
    [{ of: [2], kind: "limit", title: /^GEMMs at 38%/ }],
    [
      { of: [3], kind: "fusion", title: /^Expert selection and token sort/ },
      { of: [4], kind: "copies", title: /triton_poi_fused__to_copy_1 \[131072,64\], 23 times/ },
    ],
  ],
  "vllm-b200-tp8-eager": [
    // The expert's second (record warm and without stacks) is a note on the first, which he accepts.
    [{ of: [0], kind: "host", title: /^The GPU waits for the host to launch/ }],
    [{ of: [2], kind: "fusion", title: /^All-reduce, residual add and RMSNorm/ }],
  ],
  "hf-h100-owlv2": [
    [
      { of: [0], kind: "host", title: /DataLoader/ },
      {
        of: [1],
        kind: "fusion",
        title: /^Attention as one kernel: split 120 times/,
        ours: {
          us: 363_225,
          because:
            "478 ms of GPU time go (evidence.gpuUs), but the host waits for the GPU 358 ms of this step in all: once it no longer waits, its own launches (some 25 ms a batch) set the pace",
        },
      },
    ],
    [{ of: [2], kind: "copies", title: /^80 copies from or to pageable memory/ }],
    [
      {
        of: [3],
        kind: "fusion",
        title: /^mul, sigmoid, mul on \[1,5185,4096\]/,
        ours: {
          us: 10_210,
          because:
            "12.9 ms less the 3.0 ms that one pass over memory takes are 9.9 ms (the expert rounds to 9), and 0.35 ms of gaps between the three kernels close",
        },
      },
    ],
  ],
  "moe-b200-ep-before": [
    [
      { of: [0], kind: "sync", title: /^The host waits for the GPU 20 times/ },
      { of: [1], kind: "limit", title: /_index_put_impl_ at 10%/ },
    ],
    [
      { of: [2], kind: "fusion", title: /^Arithmetic in 32 bit without a cast/ },
      { of: [3], kind: "overlap", title: /^SendRecv runs exposed/ },
      { of: [4], kind: "copies", title: /sum \[8192,1,7168\]/ },
    ],
  ],
  "moe-b200-ep-after": [
    [
      { of: [0], kind: "host", title: /^The GPU waits for the host to launch/ },
      { of: [1], kind: "imbalance", title: /^AllGather .* waits for other ranks/ },
    ],
    [
      { of: [2], kind: "fusion", title: /^Arithmetic in 32 bit without a cast/ },
      { of: [3], kind: "limit", title: /_index_put_impl_.* at 10%/ },
      { of: [4], kind: "copies", title: /sum \[8192,1,7168\], 10 times and 2 more/ },
    ],
  ],
};

type Experts = Readonly<Record<string, { readonly first: readonly { savesUsAtMost: number }[] }>>;

async function actionsOf(trace: string): Promise<readonly Action[]> {
  const { reports } = await analyze({
    ...DEFAULT_ANALYZE_OPTIONS,
    inputs: [`${SHARED_TRACES}/${trace}`],
    rulesPath: "rules",
  });
  return reports[0]!.actions;
}

describe.skipIf(!existsSync(EXPERT))("an expert's first actions (needs ../shared/actions)", () => {
  const experts = existsSync(EXPERT) ? (JSON.parse(readFileSync(EXPERT, "utf8")) as Experts) : {};

  test("every trace that an expert judged is compared", () => {
    expect(Object.keys(TRACES).sort()).toEqual(Object.keys(experts).sort());
  });

  test.each(Object.entries(TRACES))(
    "%s: in an accepted order, with savings within a tenth or a reason",
    async (name, groups) => {
      const actions = await actionsOf(name);
      let from = 0;
      for (const group of groups) {
        const places = group.map(({ of, kind, title, ours }) => {
          const at = actions.findIndex((one) => one.kind === kind && title.test(one.title));
          expect(at, `${kind} ${title}`).toBeGreaterThanOrEqual(0);
          const { kernelUs, gapUs } = actions[at]!.saves;
          const theirs = of.reduce((sum, i) => sum + experts[name]!.first[i]!.savesUsAtMost, 0);
          const wanted = ours?.us ?? theirs;
          expect(Math.abs(kernelUs + gapUs - wanted), `${title} against ${wanted}`).toBeLessThan(
            (ours === undefined ? WITHIN : 0.01) * wanted,
          );
          return at;
        });
        // Recording notes come first and save nothing; nothing else stands between.
        expect(Math.min(...places)).toBeGreaterThanOrEqual(from);
        from = Math.max(...places) + 1;
      }
    },
  );

  test("owlv2: what the expert counts for attention is the GPU time that goes", async () => {
    const actions = await actionsOf("hf-h100-owlv2");
    const attention = actions.find(({ rule }) => rule === "pt-sdpa-flash")!;
    const theirs = experts["hf-h100-owlv2"]!.first[1]!.savesUsAtMost;
    expect(Math.abs(attention.evidence.gpuUs / theirs - 1)).toBeLessThan(0.01);
  });
});

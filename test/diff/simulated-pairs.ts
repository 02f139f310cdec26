import type { Diff, StageDiff } from "../../src/model/contracts/diff.ts";
import { simulate, type Work } from "../support/synth/ranks/simulate.ts";
import { rankText } from "../support/synth/ranks/write.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { diffOf, reportOf } from "./pairs.ts";

export const NORM = "void flashinfer::norm::FusedAddRMSNormKernel<8u, __nv_bfloat16>(x)";
export const GEMM = "nvjet_tst_128x64_64x8_2x1_v_bz_TNT";
export const ATTENTION = "void flash::flash_fwd_splitkv_kernel<Flash_fwd_kernel_traits<128>>(x)";
export const ACTIVATION = "void flashinfer::activation::act_and_mul_kernel<__nv_bfloat16, silu>(x)";
export const MOE = "fused_moe_kernel";

interface Layer {
  readonly norm?: string;
  readonly gemm?: string;
  /** In place of norm and the product behind it. */
  readonly fused?: string;
  /** Behind the others. */
  readonly more?: readonly Work[];
  readonly us?: Partial<Record<"norm" | "gemm" | "attention" | "activation" | "moe", number>>;
}

/** µs of a launch, scattered a little so that no two agree by chance. */
const scattered = (us: number, seed: number): number => us * (1 + (((seed * 37) % 11) - 5) / 1000);

function layerOf(layer: Layer, seed: number): Work[] {
  const { norm = NORM, gemm = GEMM, fused, more = [], us = {} } = layer;
  const kernels = [
    ...(fused === undefined
      ? ([
          [norm, us.norm ?? 4],
          [gemm, us.gemm ?? 30],
        ] as const)
      : ([[fused, us.gemm ?? 30]] as const)),
    [ATTENTION, us.attention ?? 25],
    [ACTIVATION, us.activation ?? 6],
    [MOE, us.moe ?? 50],
  ] as const;
  const works = kernels.map(
    ([name, time], at): Work => ({ do: "kernel", name, us: scattered(time, seed + at) }),
  );
  return [...works, ...more];
}

export interface Run {
  readonly layers?: number;
  readonly steps?: number;
  readonly layer?: Layer;
  readonly label?: string | ((step: number) => string);
  readonly first?: readonly Work[];
  /** Layers of single steps; `layers` elsewhere. */
  readonly layersOf?: (step: number) => number;
  /** Times of single layers of single steps, besides those of `layer`. */
  readonly usIn?: (layer: number, step: number) => Layer["us"];
  readonly gpu?: string;
  /** Launched and waited for before every step. */
  readonly before?: readonly Work[];
  readonly lastLayers?: number;
  readonly settings?: Readonly<Record<string, unknown>>;
}

function folderOf(run: Run): string {
  const { layers = 6, steps = 8, layer = {}, label = "step[DECODE bs=16]" } = run;
  const layersIn = (step: number): number =>
    run.layersOf?.(step) ?? (step === steps - 1 ? (run.lastLayers ?? layers) : layers);
  const [rank] = simulate(1, steps, (_, step) => [
    ...(step === 0 ? (run.first ?? []) : []),
    ...(run.before ?? []),
    ...Array.from({ length: layersIn(step) }, (__, at) => {
      const us = { ...layer.us, ...run.usIn?.(at, step) };
      return layerOf({ ...layer, us }, step * 100 + at);
    }).flat(),
  ]);
  return temporaryFolder({
    "TP-0.trace.json": rankText(rank!, {
      world: 1,
      ...(run.gpu === undefined ? {} : { gpu: run.gpu }),
      label: typeof label === "string" ? () => label : label,
    }),
    ...(run.settings === undefined
      ? {}
      : { "server_args.json": JSON.stringify({ model_path: "m", ...run.settings }) }),
  });
}

export async function compared(before: Run, after: Run) {
  const diff = diffOf(await reportOf(folderOf(before)), await reportOf(folderOf(after)));
  return { diff, stage: diff.stages[0]! };
}

export const news = (stage: StageDiff) =>
  stage.kernels
    .filter(({ change }) => !["within-noise", "negligible", "inconclusive"].includes(change))
    .map(({ change, before, after }) => `${change} ${(before ?? after!).name.slice(0, 12)}`);
export const codes = ({ warnings }: Pick<Diff, "warnings">) => warnings.map(({ code }) => code);

import type { Fact } from "../../model/facts.ts";
import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import { TimeBy } from "../tables/time-by.ts";

/** Number formats as torch spells tensor types in "Input type". */
const TYPE_FORMAT: Readonly<Record<string, string>> = {
  "c10::BFloat16": "bf16",
  "c10::Half": "fp16",
  float: "fp32",
  "c10::Float8_e4m3fn": "fp8",
  "c10::Float8_e4m3fnuz": "fp8",
  "c10::Float8_e5m2": "fp8",
  "c10::Float8_e5m2fnuz": "fp8",
  "signed char": "int8",
};

/** Ops that are given both operands; others (a whole MoE layer) hold their weights out of sight. */
const MATMUL_OP =
  /^aten::(?:mm|addmm|bmm|baddbmm|linear|matmul|_scaled_mm|_int_mm)$|scaled_mm|gemm/;

/**
 * Matmul kernels that name the format of their operands. Only spellings that leave no doubt:
 * TensorRT-LLM's generated kernels list output, A and B ("bmm_Bfloat16_MxE2m1MxE4m3_"), Tensile
 * its problem type ("Cijk_…_BBS_BH_"), Triton's matmul_ogs output, activation and weight, the
 * others their quantisation method; cuBLAS's "tst" has only been seen under bf16 matmuls. First fit
 * wins.
 */
const NAME_FORMAT: readonly (readonly [name: RegExp, format: string])[] = [
  [/^(?:bmm|gemm)_\w*?MxE2m1/, "mxfp4"],
  [/^(?:bmm|gemm)_\w*?E2m1/, "nvfp4"],
  [/^(?:bmm|gemm)_\w*?MxE4m3MxE4m3/, "mxfp8"],
  [/^(?:bmm|gemm)_\w*?E4m3E4m3/, "fp8"],
  [/^(?:bmm|gemm)_Bfloat16_Bfloat16/, "bf16"],
  [/matmul_ogs_[NT]+_\w+?xmxfp4_/, "mxfp4"],
  [/matmul_ogs_[NT]+_bf16xbf16xbf16_/, "bf16"],
  [/nvfp4.*gemm|gemm.*nvfp4/i, "nvfp4"],
  [/fp8_gemm|scaled_fp8_mm|fp8_blockwise_scaled|w8a8_block_fp8/i, "fp8"],
  [/^Cijk_\w+?_F8\w*?_/, "fp8"],
  [/^Cijk_\w+?_BBS_/, "bf16"],
  [/^Cijk_\w+?_HHS_/, "fp16"],
  [/^nvjet_(?:sm\d+_)?tst_/, "bf16"],
  [/awq.*gemm|gemm.*awq/i, "awq"],
  [/gptq.*gemm|gemm.*gptq/i, "gptq"],
];

/** A quantised format counts when it does at least this share of the matmul time. */
const QUANTISED_SHARE = 0.1;
/** Nothing is quantised when at least this share of the matmul time is known to be in full precision. */
const FULL_SHARE = 0.95;

const FULL_PRECISION = ["bf16", "fp16", "fp32"];

interface Formats {
  /** Nanoseconds per format, for matmuls whose format is told. */
  readonly matmul: TimeBy<string>;
  readonly matmulNs: number;
  /** Nanoseconds per format of first float inputs, any kernel. */
  readonly input: TimeBy<string>;
}

/** Quantisation and activation type as the stage's matmuls and recorded input types show them. */
export function precisionFacts(
  graph: KernelGraph,
  stage: StageGraph,
): { readonly quant?: Fact; readonly dtype?: Fact } {
  const formats = countFormats(graph, stage);
  const quant = quantFact(formats);
  const dtype = dtypeFact(formats);
  return { ...(quant === null ? {} : { quant }), ...(dtype === null ? {} : { dtype }) };
}

function quantFact({ matmul, matmulNs }: Formats): Fact | null {
  const quantised = matmul.ranked().filter(([format]) => !FULL_PRECISION.includes(format));
  const [top] = quantised;
  if (top !== undefined && top[1] >= QUANTISED_SHARE * matmulNs)
    return { value: top[0], from: `operands of ${percentOf(top[1], matmulNs)} of matmul time` };
  const full = matmul
    .ranked()
    .filter(([format]) => FULL_PRECISION.includes(format))
    .reduce((sum, [, ns]) => sum + ns, 0);
  if (matmulNs > 0 && full >= FULL_SHARE * matmulNs)
    return {
      value: "none",
      from: `full-precision operands of ${percentOf(full, matmulNs)} of matmul time`,
    };
  return null;
}

function dtypeFact({ input, matmul }: Formats): Fact | null {
  const [top] = input.ranked().filter(([format]) => format === "bf16" || format === "fp16");
  if (top !== undefined) return { value: top[0], from: "input types of CPU ops" };
  const [named] = matmul.ranked().filter(([format]) => format === "bf16" || format === "fp16");
  return named === undefined ? null : { value: named[0], from: "matmul kernel names" };
}

function countFormats(graph: KernelGraph, stage: StageGraph): Formats {
  const matmul = new TimeBy<string>();
  const input = new TimeBy<string>();
  let matmulNs = 0;
  const inputOfSite = graph.sites.map(({ types }) => inputFormats(types));
  const firstOfSite = inputOfSite.map((inputs) => inputs.find((format) => format !== null) ?? null);
  const isMatmulSymbol = graph.symbols.map(({ category }) => isMatmul(category));
  const operandOfSite = graph.sites.map(({ cpuOp }, site) =>
    MATMUL_OP.test(cpuOp ?? "") ? operandFormat(inputOfSite[site]!) : null,
  );
  const nameFormat = graph.trace.kernelNames.map(({ demangled }) => formatOfName(demangled));
  for (let entry = 0; entry < stage.events.length; entry++) {
    const row = stage.events[entry]!;
    const ns = graph.trace.gpu.duration[row]!;
    const site = graph.siteOf[row]!;
    const first = firstOfSite[site]!;
    if (first !== null) input.add(first, ns);
    if (!isMatmulSymbol[graph.symbolOf[row]!]) continue;
    matmulNs += ns;
    const format = nameFormat[graph.trace.gpu.name[row]!] ?? operandOfSite[site]!;
    if (format !== null) matmul.add(format, ns);
  }
  return { matmul, matmulNs, input };
}

/** "gemm", "moe_gemm": the vocabulary's own names for them. */
function isMatmul(category: string): boolean {
  return /(?:^|[_-])gemm$/.test(category);
}

function formatOfName(name: string): string | null {
  return NAME_FORMAT.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}

/** Formats of the tensors an op was given, in order; null for index and packed types. */
function inputFormats(types: string | null): readonly (string | null)[] {
  if (types === null) return [];
  return [...types.matchAll(/"([^"]*)"/g)]
    .map(([, type]) => type!)
    .filter((type) => type !== "" && !type.startsWith("Scalar"))
    .map((type) => TYPE_FORMAT[type] ?? null);
}

/**
 * An output or bias and the two operands are among the first three tensors: one in eight bits makes
 * the matmul a quantised one, a packed one leaves its format untold.
 */
function operandFormat(inputs: readonly (string | null)[]): string | null {
  const operands = inputs.slice(0, 3);
  if (operands.length < 2) return null;
  const eightBits = operands.find((format) => format === "fp8" || format === "int8");
  return eightBits ?? (operands.includes(null) ? null : operands[0]!);
}

function percentOf(part: number, whole: number): string {
  return `${Math.round((100 * part) / whole)} %`;
}

import type { Fact } from "../../model/facts.ts";
import type { KernelGraph, StageGraph } from "../../model/trace/kernel-graph.ts";
import type { ServerArgs } from "./server-args.ts";

/** Arguments that name the cache's number format; "auto" leaves it to the checkpoint. */
const ARGUMENTS = ["kv_cache_dtype", "kv_cache_config.dtype"];
const FORMATS: readonly (readonly [name: RegExp, format: string])[] = [
  [/fp4|e2m1|nvfp4/i, "fp4"],
  [/fp8|e4m3|e5m2/i, "fp8"],
  [/int8/i, "int8"],
  [/bf16|bfloat16/i, "bf16"],
  [/fp16|float16|half/i, "fp16"],
];
/** Cache writes and attention that name the cache's type in their template. */
const IN_NAMES: readonly (readonly [name: RegExp, format: string])[] = [
  [/reshape_and_cache\w*<[^<>]*(?:unsigned char|uint8_t)/, "fp8"],
  [/concat_and_cache\w*<[^<>]*(?:unsigned char|uint8_t)/, "fp8"],
  [/Fp8KVCacheDataType\)[12]/, "fp8"],
  [/Fp8KVCacheDataType\)0/, "bf16"],
  [/^fmhaSm10\w*Kernel_QE4m3KvE2m1/, "fp4"],
  [/^fmhaSm10\w*Kernel_QkvE4m3/, "fp8"],
  [/^fmhaSm10\w*Kernel_QkvBfloat16/, "bf16"],
  [/^fmhaSm10\w*Kernel_QkvFp16/, "fp16"],
];

/** Number format that the KV cache is kept in. */
export function cacheTypeFact(
  { trace, symbols, symbolOf }: KernelGraph,
  { events }: StageGraph,
  serverArgs: ServerArgs | null,
): Fact | null {
  for (const key of ARGUMENTS) {
    const given = serverArgs?.value[key];
    const format = typeof given === "string" ? formatIn(FORMATS, given) : null;
    if (format !== null)
      return { value: format, from: `${serverArgs!.path.split("/").at(-1)!} ${key}` };
  }
  const used = new Set<number>();
  for (const row of events) used.add(symbols[symbolOf[row]!]!.name);
  for (const name of used) {
    const { demangled, short } = trace.kernelNames[name]!;
    const format = formatIn(IN_NAMES, demangled);
    if (format !== null) return { value: format, from: `kernel ${short}` };
  }
  return null;
}

function formatIn(list: typeof FORMATS, text: string): string | null {
  return list.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}

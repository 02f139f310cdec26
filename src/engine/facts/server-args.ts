import type { Fact, FactName, FactValue } from "../../model/facts.ts";
import type { StageName } from "../../model/framework.ts";

/** The server's arguments and the file they came from. */
export interface ServerArgs {
  readonly path: string;
  readonly value: Readonly<Record<string, unknown>>;
}

type Reading = readonly [keys: readonly string[], read: (value: unknown) => FactValue | null];

/** Names the engines give the same argument; the first one present and not null counts. */
const READINGS: Partial<Record<FactName, Reading>> = {
  tp: [["tp_size", "tensor_parallel_size", "tp"], size],
  pp: [["pp_size", "pipeline_parallel_size", "pp"], size],
  dp: [["dp_size", "data_parallel_size", "dp"], size],
  ep: [["ep_size", "moe_expert_parallel_size", "moe_ep_size", "expert_parallel_size"], size],
  model: [["model_path", "model", "model_name", "served_model_name"], text],
  dtype: [["dtype"], dtype],
  quant: [["quantization", "quant_algo", "quant_config.quant_algo"], quant],
  engine_version: [
    ["version", "engine_version", "sglang_version", "vllm_version", "trtllm_version"],
    text,
  ],
};

const ATTENTION = ["attention_backend", "attn_backend", "attention_config.backend"];

/** Facts the server's arguments tell for one stage. */
export function serverArgsFacts(
  args: ServerArgs,
  stage: StageName,
): Partial<Record<FactName, Fact>> {
  const facts: Partial<Record<FactName, Fact>> = {};
  const file = args.path.split("/").at(-1)!;
  const set = (name: FactName, [keys, read]: Reading): void => {
    for (const key of keys) {
      const value = read(valueAt(args.value, key));
      if (value === null) continue;
      facts[name] = { value, from: `${file} ${key}` };
      return;
    }
  };
  for (const [name, reading] of Object.entries(READINGS)) set(name as FactName, reading);
  // SGLang may name one backend for each stage; it wins over the common one.
  const own = stage === "prefill" || stage === "decode" ? [`${stage}_attention_backend`] : [];
  set("attn_backend", [[...own, ...ATTENTION], lowerText]);
  if (facts.ep === undefined) set("ep", vllmExperts(facts));
  return facts;
}

/** vLLM spreads experts over all tensor- and data-parallel ranks, or not at all. */
function vllmExperts(facts: Partial<Record<FactName, Fact>>): Reading {
  const ranks = Number(facts.tp?.value) * Number(facts.dp?.value ?? 1);
  return [
    ["enable_expert_parallel"],
    (value) => {
      if (value === false) return 1;
      return value === true && !Number.isNaN(ranks) ? ranks : null;
    },
  ];
}

function valueAt(args: Readonly<Record<string, unknown>>, key: string): unknown {
  if (Object.hasOwn(args, key)) return args[key];
  let here: unknown = args;
  for (const part of key.split(".")) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, part)) return undefined;
    here = (here as Readonly<Record<string, unknown>>)[part];
  }
  return here;
}

function size(value: unknown): number | null {
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isInteger(number) && number > 0 ? number : null;
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function lowerText(value: unknown): string | null {
  return text(value)?.toLowerCase() ?? null;
}

/** "auto" and the like say that the checkpoint decides, which the arguments do not tell. */
function dtype(value: unknown): string | null {
  switch (text(value)?.toLowerCase().replace("torch.", "")) {
    case "bfloat16":
    case "bf16":
      return "bf16";
    case "float16":
    case "half":
    case "fp16":
      return "fp16";
    case "float":
    case "float32":
    case "fp32":
      return "fp32";
    default:
      return null;
  }
}

/** Method names in the order tried: the special before the general. */
const QUANT_METHODS: readonly (readonly [part: RegExp, quant: string])[] = [
  [/nvfp4|modelopt_fp4/, "nvfp4"],
  [/mxfp4/, "mxfp4"],
  [/mxfp8/, "mxfp8"],
  [/awq/, "awq"],
  [/gptq/, "gptq"],
  [/fp4/, "fp4"],
  [/int4|w4a16|w4a8/, "int4"],
  [/int8|w8a8(?!_fp8)|w8a16/, "int8"],
  [/fp8/, "fp8"],
];

/**
 * Null where the method does not tell the number format ("compressed-tensors", "quark"), and for no
 * method at all: then the checkpoint decides, and many are quantised.
 */
function quant(value: unknown): string | null {
  const method = text(value)?.toLowerCase();
  if (method === undefined) return null;
  return QUANT_METHODS.find(([part]) => part.test(method))?.[1] ?? null;
}

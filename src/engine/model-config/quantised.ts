import type { QuantisedShape } from "../../model/model-shape.ts";
import { JsonValues } from "./json-values.ts";

/** What is kept in the checkpoint's own type, in the words of the tools that write it. */
const KEPT = ["modules_to_not_convert", "ignored_layers", "ignore", "exclude", "exclude_modules"];

/**
 * How a checkpoint is quantised, from `quantization_config`: fp8 of the model's own, compressed-tensors,
 * ModelOpt, Quark, MXFP4, AWQ and GPTQ. A method that is not known leaves the types open.
 */
export function quantisedShape(values: JsonValues | null): QuantisedShape | null {
  if (values === null) return null;
  const method = (values.text("quant_method", "quant_algo") ?? "").toLowerCase();
  const kept = KEPT.flatMap((key) => values.list(key) ?? []).map(String);
  return { method, ...typesOf(method, values), kept, expertsOnly: method === "mxfp4" };
}

type Types = Pick<QuantisedShape, "weight" | "activation">;

const UNKNOWN: Types = { weight: null, activation: null };
const weightOnly = (weight: string): Types => ({ weight, activation: null });
const both = (type: string): Types => ({ weight: type, activation: type });

function typesOf(method: string, values: JsonValues): Types {
  const algorithm = (values.text("quant_algo") ?? "").toUpperCase();
  if (method === "fp8" || algorithm.startsWith("FP8")) return both("fp8");
  if (algorithm.startsWith("NVFP4")) return both("nvfp4");
  if (method === "mxfp4") return weightOnly("mxfp4");
  if (["awq", "gptq", "gptq_marlin", "awq_marlin", "auto-round"].includes(method)) {
    const bits = values.count("bits", "w_bit");
    return bits === 4 ? weightOnly("i4") : bits === 8 ? weightOnly("i8") : UNKNOWN;
  }
  if (method === "compressed-tensors") return byGroup(values);
  if (method === "quark") {
    const weight = quarkType(values.text("global_quant_config.weight.dtype"));
    const input = quarkType(values.text("global_quant_config.input_tensors.dtype"));
    return { weight, activation: input };
  }
  return UNKNOWN;
}

/** compressed-tensors: groups of modules that are alike; of several kinds none is told. */
function byGroup(values: JsonValues): Types {
  const groups = values.any("config_groups");
  if (typeof groups !== "object" || groups === null) return UNKNOWN;
  const kinds = Object.values(groups).map((group) => {
    const own = new JsonValues(group as Record<string, unknown>);
    return {
      weight: groupType(own.object("weights")),
      activation: groupType(own.object("input_activations")),
    };
  });
  const [first, ...others] = kinds;
  if (first === undefined || others.some((each) => each.weight !== first.weight)) return UNKNOWN;
  return first;
}

function groupType(values: JsonValues | null): string | null {
  if (values === null) return null;
  const bits = values.count("num_bits");
  if (values.text("type") === "float") return bits === 8 ? "fp8" : bits === 4 ? "nvfp4" : null;
  return bits === 8 ? "i8" : bits === 4 ? "i4" : null;
}

function quarkType(name: string | null): string | null {
  if (name === null) return null;
  if (/^fp8/.test(name)) return "fp8";
  if (/^fp4/.test(name)) return "mxfp4";
  return /^int8/.test(name) ? "i8" : /^int4/.test(name) ? "i4" : null;
}

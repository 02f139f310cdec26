/** Why there is no figure for a kernel. What would tell is said: the report prints these as they stand. */
export const NO_SHAPES =
  "the recording holds no shapes of ops: record_shapes=True of torch.profiler records them";
export const NO_HOST =
  "the recording holds no ops: the CPU's activity, with record_shapes=True of torch.profiler, tells what kernels compute";
export const REPLAYED =
  "replayed from a graph of which no capture tells the shapes: --mapping-input with a run without graphs or a capture would tell them, or --model-config config.json those of a serving engine's products, with the batch size that the annotation carries";

/** Of ops that a configuration tells all but one argument of. */
export const UNTOLD: Readonly<Record<string, string>> = {
  "vllm::unified_attention_with_output":
    "how many tokens are cached the step's annotation does not tell",
};

export const noSizes = (path: string, role: string | null): string =>
  role === null
    ? "which part of a layer it plays nothing tells"
    : `${path} gives no sizes for ${role}`;

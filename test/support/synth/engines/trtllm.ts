/**
 * TensorRT-LLM's PyTorch backend, Llama-3.1-8B in bf16 on Blackwell. Its profiler records no
 * Python stacks unless patched to, so the trace has ops, shapes and step annotations only.
 */
import type { Call } from "../calls.ts";
import {
  annotation,
  api,
  capturedGraph,
  copy,
  frames,
  kernel,
  layer,
  module,
  op,
  py,
  replayedGraph,
} from "../describe.ts";
import { ATEN, FLASHINFER, NCCL, TRTLLM } from "../kernel-names.ts";
import type { Engine, StepSpec, TraceSpec } from "../spec.ts";
import { GEMM, JIT, perRow, scaled } from "./work.ts";

const TORCH = "tensorrt_llm/_torch";
const EXECUTOR = `${TORCH}/pyexecutor/py_executor.py`;
const HIDDEN = 4096;
const VOCAB = 128_256;

export const trtllm: Engine = {
  processName: "trtllm-serve",
  pid: 4410,
  streams: { main: 24, second: 28 },
  idleThread: [],

  session(spec) {
    const loop = [
      "~threading.py(1032): _bootstrap",
      "~threading.py(1012): run",
      `${EXECUTOR}(1412): _event_loop_wrapper`,
      `${EXECUTOR}(2210): _executor_loop_overlap`,
    ];
    return [frames(loop, ...spec.steps.map((step, index) => iteration(spec, step, index)))];
  },

  capture(spec, batchSize) {
    const step: StepSpec = { stage: "decode", batchSize, tokens: batchSize, mode: "graph" };
    const runner = `${TORCH}/pyexecutor/cuda_graph_runner.py(214): capture`;
    return [py(runner, capturedGraph(`decode-bs${batchSize}`, false, ...llama(spec, step)))];
  },
};

function iteration(spec: TraceSpec, step: StepSpec, index: number): Call {
  const { stage, batchSize, tokens } = step;
  const label =
    stage === "decode"
      ? `step[DECODE bs=${batchSize}]`
      : `step[EXTEND bs=${batchSize} toks=${tokens}]`;
  const argmax = kernel("argmax", ATEN.argmax, 9.9, perRow(batchSize, 512));
  const sample = py(
    `${TORCH}/pyexecutor/sampler.py(1022): sample_async`,
    op("aten::argmax", [[batchSize, VOCAB], [], []], argmax),
    copy("next_tokens", "DtoH (Device -> Pinned)", 8 * batchSize, 1.4),
  );
  const body = [
    py(
      `${EXECUTOR}(2655): _forward_step`,
      annotation(
        label,
        py(`${TORCH}/pyexecutor/model_engine.py(2417): forward`, ...model(spec, step)),
      ),
    ),
    py(`${EXECUTOR}(2722): _sample_async`, annotation(`${label} sample`, sample)),
    api("cudaEventSynchronize", "main"),
  ];
  return { kind: "step", index, stage, label, batchSize, tokens, body };
}

function model(spec: TraceSpec, step: StepSpec): Call[] {
  if (step.mode !== "graph") return llama(spec, step);
  const how = {
    piecewise: false,
    around: [`${TORCH}/pyexecutor/cuda_graph_runner.py(271): replay`],
    paddingEvery: spec.paddingEvery,
    nodeIds: spec.nodeIds,
  };
  return [replayedGraph(`decode-bs${step.batchSize}`, how, ...llama(spec, step))];
}

interface Run {
  readonly tokens: number;
  readonly tp: number;
  readonly decode: boolean;
}

function llama(spec: TraceSpec, step: StepSpec): Call[] {
  const run = { tokens: step.tokens, tp: spec.tp, decode: step.stage === "decode" };
  const rows = step.batchSize;
  const layers = Array.from({ length: spec.layers }, (_, index) => decoderLayer(run, index));
  const gather = kernel(
    "embedding",
    ATEN.gather,
    scaled(2.8, 4.4, run.tokens),
    perRow(run.tokens, 256),
  );
  return [
    py(
      `${TORCH}/models/modeling_llama.py(1189): forward`,
      module(
        "LlamaModel",
        "model",
        py(
          `${TORCH}/models/modeling_llama.py(1024): forward`,
          op("aten::embedding", [[VOCAB, HIDDEN], [run.tokens], [], [], []], gather),
          ...layers,
        ),
      ),
      linear("LMHead", "lm_head", [rows, HIDDEN, VOCAB / spec.tp], [88, 6], 0),
    ),
  ];
}

function decoderLayer(run: Run, index: number): Call {
  return layer(
    index,
    module(
      "LlamaDecoderLayer",
      `layers.${index}`,
      py(
        `${TORCH}/models/modeling_llama.py(702): forward`,
        ...(index === 0 ? [addNorm("input_layernorm", "input_norm", run.tokens)] : []),
        attention(run),
        ...reduceAndNorm(run, "post_attention_layernorm", "post_attention_norm"),
        mlp(run),
        ...reduceAndNorm(run, "next_layer_layernorm", "input_norm"),
      ),
    ),
  );
}

/** Small batches: one fused kernel. Large ones: NCCL, then the norm. */
function reduceAndNorm(run: Run, as: string, role: string): Call[] {
  const { tokens, tp } = run;
  if (tp === 1) return [addNorm(as, role, tokens)];
  const dims = [[tokens, HIDDEN], [tokens, HIDDEN], [HIDDEN], [], []];
  const fused = kernel(`${role}_all_reduce`, TRTLLM.allReduceNorm(tp), scaled(7.8, 24, tokens), {
    ...JIT,
    ...perRow(tokens, 512),
    earlyUs: 0.8,
    collective: true,
  });
  const nccl = kernel(`${role}_all_reduce`, NCCL.allReduce, scaled(18, 52, tokens), {
    ...JIT,
    ...perRow(24, 544),
    collective: true,
  });
  const reduce = (run: Call, ...inputs: typeof dims) =>
    module(
      "AllReduce",
      `${as}_all_reduce`,
      py(`${TORCH}/distributed/ops.py(690): forward`, op("trtllm::allreduce", inputs, run)),
    );
  return run.decode
    ? [reduce(fused, ...dims)]
    : [reduce(nccl, [tokens, HIDDEN]), addNorm(as, role, tokens)];
}

function addNorm(as: string, role: string, tokens: number): Call {
  const run = kernel(
    role,
    FLASHINFER.fusedAddRmsNorm,
    scaled(2.5, 5.7, tokens),
    perRow(tokens, 512),
  );
  return module(
    "RMSNorm",
    as,
    py(
      `${TORCH}/modules/rms_norm.py(75): forward`,
      op(
        "trtllm::flashinfer_fused_add_rmsnorm",
        [[tokens, HIDDEN], [tokens, HIDDEN], [HIDDEN], []],
        run,
      ),
    ),
  );
}

function attention(run: Run): Call {
  const { tokens, tp, decode } = run;
  const width = 6144 / tp;
  const name = decode ? TRTLLM.attention.generation : TRTLLM.attention.context;
  const fmha = kernel("attention", name, decode ? 8.3 : scaled(7, 26, tokens), {
    grid: [148, 1, 1],
    block: [512, 1, 1],
    registers: 128,
    api: "cuLaunchKernelEx",
  });
  const rope = kernel(
    "rope_kv",
    TRTLLM.ropeKvUpdate,
    scaled(2.8, 4.6, tokens),
    perRow(tokens, 256),
  );
  return module(
    "LlamaAttention",
    "self_attn",
    py(
      `${TORCH}/modules/attention.py(604): forward`,
      linear("Linear", "qkv_proj", [tokens, HIDDEN, width], [4.4, 14], 0),
      py(
        `${TORCH}/attention_backend/trtllm.py(1405): forward`,
        op(
          "trtllm::attention",
          [[tokens, width], [], [], [tokens, HIDDEN / tp], [], []],
          rope,
          fmha,
        ),
      ),
      linear("Linear", "o_proj", [tokens, HIDDEN / tp, HIDDEN], [4.1, 12], 0),
    ),
  );
}

function mlp({ tokens, tp }: Run): Call {
  const inter = 14_336 / tp;
  const act = kernel("silu_mul", TRTLLM.actAndMul, scaled(2.3, 7, tokens), perRow(tokens, 1024));
  return module(
    "GatedMLP",
    "mlp",
    py(
      `${TORCH}/modules/gated_mlp.py(150): forward`,
      linear("Linear", "gate_up_proj", [tokens, HIDDEN, 2 * inter], [14, 64], 1.2),
      op("trtllm::flashinfer_silu_and_mul", [[tokens, 2 * inter]], act),
      linear("Linear", "down_proj", [tokens, inter, HIDDEN], [9, 33], 1.2),
    ),
  );
}

function linear(
  type: string,
  as: string,
  [rows, inner, outer]: readonly [number, number, number],
  [floor, perThousand]: readonly [number, number],
  earlyUs: number,
): Call {
  const name =
    rows <= 64
      ? "nvjet_sm100_tst_64x32_64x16_2x1_v_bz_TNT"
      : "nvjet_sm100_tst_128x256_64x6_2x1_2cta_v_bz_TNT";
  const gemm = kernel(as, name, scaled(floor, perThousand, rows), {
    ...GEMM,
    grid: [148, 1, 1],
    earlyUs,
  });
  const dims = [
    [rows, inner],
    [outer, inner],
  ];
  return module(
    type,
    as,
    py(
      `${TORCH}/modules/linear.py(2177): forward`,
      op(
        "aten::linear",
        [...dims, []],
        op(
          "aten::mm",
          [
            [rows, inner],
            [inner, outer],
          ],
          gemm,
        ),
      ),
    ),
  );
}

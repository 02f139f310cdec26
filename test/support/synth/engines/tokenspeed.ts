/** TokenSpeed, Qwen3-32B in bf16 on Blackwell: fused Q/K norm, fused all-reduce for small batches. */
import type { Call } from "../calls.ts";
import {
  api,
  capturedGraph,
  collective,
  copy,
  frames,
  kernel,
  layer,
  module,
  op,
  plumbing,
  py,
  replayedGraph,
} from "../describe.ts";
import { ATEN, FLASHINFER, NCCL, TOKENSPEED, TRTLLM } from "../kernel-names.ts";
import type { Engine, StepSpec, TraceSpec } from "../spec.ts";
import { collectiveArgs, GEMM, JIT, perRow, scaled, TRITON } from "./work.ts";

const RUNTIME = "tokenspeed/runtime";
const HIDDEN = 5120;
const HEAD = 128;
const VOCAB = 151_936;
/** Default of `comm_fusion_max_num_tokens`: above it the all-reduce is a kernel of its own. */
const FUSION_LIMIT = 2048;

export const tokenspeed: Engine = {
  processName: "tokenspeed::scheduler",
  pid: 1187,
  streams: { main: 13, second: 17 },
  idleThread: ["threading.py(1032): _bootstrap", "threading.py(1075): _bootstrap_inner"],

  session(spec) {
    const loop = [
      "~multiprocessing/process.py(314): _bootstrap",
      "~multiprocessing/process.py(108): run",
      `${RUNTIME}/engine/event_loop.py(1633): run_event_loop`,
      `${RUNTIME}/engine/event_loop.py(1180): event_loop_overlap`,
    ];
    return [frames(loop, ...spec.steps.map((step, index) => forwardStep(spec, step, index)))];
  },

  capture(spec, batchSize) {
    const step: StepSpec = { stage: "decode", batchSize, tokens: batchSize, mode: "graph" };
    const runner = `${RUNTIME}/execution/forward_step.py`;
    const graph = capturedGraph(`decode-bs${batchSize}`, false, ...qwen3(spec, step));
    return [py(`${runner}(318): capture`, py(`${runner}(402): _capture_one`, graph))];
  },
};

function forwardStep(spec: TraceSpec, step: StepSpec, index: number): Call {
  const { stage, batchSize, tokens } = step;
  const runner = `${RUNTIME}/execution/forward_step.py(655): __call__`;
  const argmax = kernel("argmax", ATEN.argmax, 10.2, perRow(batchSize, 512));
  const body = [
    py(
      `${RUNTIME}/execution/model_executor.py(1702): execute_forward_op`,
      py(runner, ...model(spec, step)),
      py(
        `${RUNTIME}/sampling/backends/greedy.py(88): sample`,
        op("aten::argmax", [[batchSize, VOCAB], [], []], argmax),
      ),
      copy("next_tokens", "DtoH (Device -> Pinned)", 8 * batchSize, 1.4),
    ),
    py(
      `${RUNTIME}/engine/event_loop.py(1422): _commit_forward_results`,
      api("cudaEventSynchronize", "main"),
    ),
  ];
  return { kind: "step", index, stage, label: "", batchSize, tokens, body };
}

function model(spec: TraceSpec, step: StepSpec): Call[] {
  if (step.mode !== "graph") return qwen3(spec, step);
  const how = {
    piecewise: false,
    around: ["torch/cuda/graphs.py(137): replay"],
    paddingEvery: spec.paddingEvery,
    nodeIds: spec.nodeIds,
  };
  return [replayedGraph(`decode-bs${step.batchSize}`, how, ...qwen3(spec, step))];
}

interface Run {
  readonly tokens: number;
  readonly tp: number;
  readonly decode: boolean;
}

function qwen3(spec: TraceSpec, step: StepSpec): Call[] {
  const run = { tokens: step.tokens, tp: spec.tp, decode: step.stage === "decode" };
  const layers = Array.from({ length: spec.layers }, (_, index) => decoderLayer(run, index));
  const gather = kernel(
    "embedding",
    ATEN.gather,
    scaled(2.7, 5.1, run.tokens),
    perRow(run.tokens, 256),
  );
  const embedding = op("aten::embedding", [[VOCAB / spec.tp, HIDDEN], [run.tokens], []], gather);
  return [
    py(
      `${RUNTIME}/execution/model_executor.py(1288): forward_step`,
      py(
        `${RUNTIME}/execution/model_runner.py(286): forward`,
        plumbing(
          "torch/utils/_contextlib.py(124): decorate_context",
          py(
            `${RUNTIME}/models/base/causal_lm.py(152): forward`,
            module(
              "Qwen3Model",
              "model",
              py(
                `${RUNTIME}/models/qwen3.py(349): forward`,
                module(
                  "VocabParallelEmbedding",
                  "embed_tokens",
                  py(`${RUNTIME}/layers/vocab_parallel_embedding.py(466): forward`, embedding),
                ),
                ...layers,
                ...norm(run, "norm", "final_norm"),
              ),
            ),
            linear("ParallelLMHead", "lm_head", [step.batchSize, HIDDEN, VOCAB / spec.tp], [96, 6]),
          ),
        ),
      ),
    ),
  ];
}

function decoderLayer(run: Run, index: number): Call {
  const first = rmsNorm("input_layernorm", "input_norm", run.tokens, false);
  return layer(
    index,
    module(
      "Qwen3DecoderLayer",
      `layers.${index}`,
      py(
        `${RUNTIME}/models/qwen3.py(263): forward`,
        ...(index === 0 ? [first] : norm(run, "input_layernorm", "input_norm")),
        attention(run),
        ...norm(run, "post_attention_layernorm", "post_attention_norm"),
        mlp(run),
      ),
    ),
  );
}

function norm(run: Run, as: string, role: string): Call[] {
  const { tokens, tp } = run;
  if (tp === 1) return [rmsNorm(as, role, tokens, true)];
  if (tokens > FUSION_LIMIT)
    return [allReduce(`${role}_all_reduce`, tokens, tp), rmsNorm(as, role, tokens, true)];
  const fused = kernel(
    `${role}_all_reduce`,
    TOKENSPEED.allReduceNorm(tp),
    scaled(8.4, 27, tokens),
    {
      ...JIT,
      ...perRow(tokens, 320),
      earlyUs: 0.7,
      collective: true,
    },
  );
  return [
    module(
      "RMSNorm",
      as,
      py(
        `${RUNTIME}/layers/layernorm.py(171): forward_with_allreduce_fusion`,
        plumbing(
          "tokenspeed_kernel/ops/communication/trtllm.py(214): allreduce_residual_rmsnorm",
          fused,
        ),
      ),
    ),
  ];
}

function allReduce(role: string, tokens: number, tp: number): Call {
  const elements = tokens * HIDDEN;
  const run = kernel(role, NCCL.allReduce, scaled(18, 60, tokens), {
    ...JIT,
    ...perRow(24, 544),
    collective: true,
    extra: collectiveArgs("allreduce", { in: elements, out: elements }, tp),
  });
  return py(
    `${RUNTIME}/distributed/comm_ops.py(64): all_reduce`,
    collective("c10d::allreduce_", "all_reduce", [[[tokens, HIDDEN]], [], [], [], []], run),
  );
}

function rmsNorm(as: string, role: string, tokens: number, withAdd: boolean): Call {
  const name = withAdd ? FLASHINFER.fusedAddRmsNorm : FLASHINFER.rmsNorm;
  const run = kernel(role, name, scaled(2.4, 6.9, tokens), { ...JIT, ...perRow(tokens, 640) });
  return module("RMSNorm", as, py(`${RUNTIME}/layers/layernorm.py(118): forward`, run));
}

function attention(run: Run): Call {
  const { tokens, tp, decode } = run;
  const heads = 64 / tp;
  const kvHeads = 8 / tp;
  const backend = `${RUNTIME}/layers/attention/backends/trtllm_mha.py`;
  const name = decode ? TRTLLM.attention.generation : TRTLLM.attention.context;
  const fmha = kernel("attention", name, decode ? 10.6 : scaled(9, 44, tokens), {
    ...GEMM,
    grid: [148, 1, 1],
  });
  const qkNorm = kernel("qk_norm", TOKENSPEED.qkNorm, scaled(2.6, 4.4, tokens), {
    ...TRITON,
    ...perRow(tokens, 128),
  });
  const rope = kernel("rope_kv", TOKENSPEED.rope, scaled(2.7, 4.1, tokens), {
    ...JIT,
    ...perRow(tokens, 128),
  });
  return module(
    "Qwen3Attention",
    "self_attn",
    py(
      `${RUNTIME}/models/qwen3.py(186): forward`,
      linear(
        "QKVParallelLinear",
        "qkv_proj",
        [tokens, HIDDEN, (heads + 2 * kvHeads) * HEAD],
        [5.4, 24],
      ),
      py(
        `${RUNTIME}/models/qwen3.py(168): _apply_qk_norm`,
        plumbing("tokenspeed_kernel/ops/layernorm/triton.py(402): qk_rmsnorm", qkNorm),
      ),
      module(
        "RotaryEmbedding",
        "rotary_emb",
        py(
          `${RUNTIME}/layers/rotary_embedding.py(214): forward_cuda`,
          plumbing(
            "tokenspeed_kernel/thirdparty/cuda/rope.py(71): apply_rope_with_cos_sin_cache",
            rope,
          ),
        ),
      ),
      module(
        "PagedAttention",
        "attn",
        py(
          `${RUNTIME}/layers/paged_attention.py(96): forward`,
          py(`${backend}(${decode ? 388 : 311}): forward_${decode ? "decode" : "extend"}`, fmha),
        ),
      ),
      linear("RowParallelLinear", "o_proj", [tokens, heads * HEAD, HIDDEN], [5.2, 21]),
    ),
  );
}

function mlp({ tokens, tp }: Run): Call {
  const inter = 25_600 / tp;
  const act = kernel(
    "silu_mul",
    TOKENSPEED.actAndMul,
    scaled(2.6, 12.4, tokens),
    perRow(tokens, 1024),
  );
  return module(
    "Qwen3MLP",
    "mlp",
    py(
      `${RUNTIME}/models/qwen3.py(99): forward`,
      linear("MergedColumnParallelLinear", "gate_up_proj", [tokens, HIDDEN, 2 * inter], [22, 116]),
      module("SiluAndMul", "act_fn", py(`${RUNTIME}/layers/activation.py(51): forward`, act)),
      linear("RowParallelLinear", "down_proj", [tokens, inter, HIDDEN], [14, 59]),
    ),
  );
}

function linear(
  type: string,
  as: string,
  [rows, inner, outer]: readonly [number, number, number],
  [floor, perThousand]: readonly [number, number],
): Call {
  const name =
    rows <= 64
      ? "nvjet_sm100_tst_64x32_64x16_2x1_v_bz_TNT"
      : "nvjet_sm100_tst_256x128_64x5_2x1_2cta_v_bz_TNT";
  const gemm = kernel(as, name, scaled(floor, perThousand, rows), { ...GEMM, grid: [148, 1, 1] });
  return module(
    type,
    as,
    py(
      `${RUNTIME}/layers/linear.py(${type === "RowParallelLinear" ? 1214 : 402}): forward`,
      py(
        `${RUNTIME}/layers/quantization/unquant.py(118): apply`,
        op(
          "aten::linear",
          [[rows, inner], [outer, inner], []],
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
    ),
  );
}

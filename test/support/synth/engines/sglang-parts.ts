/** Building blocks of SGLang models on NVIDIA: linear layers, norms, all-reduce, logits. */
import type { Call } from "../calls.ts";
import { api, collective, copy, kernel, module, op, plumbing, py, torchOp } from "../describe.ts";
import { ATEN, FLASHINFER, NCCL, SGLANG } from "../kernel-names.ts";
import { collectiveArgs, GEMM, JIT, perRow, scaled } from "./work.ts";

export const SRT = "/sgl-workspace/sglang/python/sglang/srt";
export const JIT_KERNEL = "/sgl-workspace/sglang/python/sglang/jit_kernel";

/** Width of the residual stream and degree of tensor parallelism. */
export interface Shape {
  readonly hidden: number;
  readonly vocab: number;
  readonly tp: number;
}

export function embedding(shape: Shape, tokens: number): Call {
  const rows = shape.vocab / shape.tp;
  const run = kernel("embedding", ATEN.gather, scaled(2.6, 2.4, tokens), perRow(tokens, 256));
  return module(
    "VocabParallelEmbedding",
    "embed_tokens",
    py(
      `${SRT}/layers/vocab_parallel_embedding.py(471): forward`,
      py(
        `${SRT}/layers/quantization/unquant.py(103): embedding`,
        plumbing(
          "torch/nn/functional.py(2428): embedding",
          op(
            "aten::embedding",
            [[rows, shape.hidden], [tokens], [], [], []],
            op("aten::index_select", [[rows, shape.hidden], [], [tokens]], run),
          ),
        ),
      ),
      ...allReduce(shape, tokens, "embedding_all_reduce"),
    ),
  );
}

/** A linear layer in bf16: `kernels` are what cuBLASLt runs for it. */
export function linear(
  type: string,
  as: string,
  [rows, inner, outer]: readonly [number, number, number],
  ...kernels: Call[]
): Call {
  const line = type === "RowParallelLinear" ? 1422 : 461;
  return module(
    type,
    as,
    py(
      `${SRT}/layers/linear.py(${line}): forward`,
      py(
        `${SRT}/layers/quantization/unquant.py(136): apply`,
        plumbing(
          "<built-in function linear>",
          op(
            "aten::linear",
            [[rows, inner], [outer, inner], []],
            op(
              "aten::mm",
              [
                [rows, inner],
                [inner, outer],
              ],
              api("cudaStreamIsCapturing"),
              ...kernels,
            ),
          ),
        ),
      ),
    ),
  );
}

/** RMSNorm; with the residual add unless it is the first of the model. */
export function rmsNorm(
  as: string,
  role: string,
  [rows, width]: readonly [number, number],
  withAdd = true,
): Call {
  const dims = withAdd ? [[rows, width], [rows, width], [width]] : [[rows, width], [width]];
  const name = withAdd ? "fused_add_rmsnorm" : "rmsnorm";
  const run = kernel(
    role,
    withAdd ? FLASHINFER.fusedAddRmsNorm : FLASHINFER.rmsNorm,
    scaled(1.9, (width * 2.1) / 2048, rows),
    { grid: [rows, 1, 1], block: [32, Math.max(1, width / 256), 1], sharedMemory: 4128 },
  );
  return module(
    "RMSNorm",
    as,
    plumbing(
      `${SRT}/layers/utils/multi_platform.py(81): forward`,
      py(
        `${SRT}/layers/layernorm.py(152): forward_cuda`,
        plumbing(
          `sgl_kernel/elementwise.py(${withAdd ? 66 : 27}): ${name}`,
          torchOp(`sgl_kernel::${name}`, dims, run),
        ),
      ),
    ),
  );
}

/** All-reduce, residual add and RMSNorm in one kernel. */
export function allReduceNorm(shape: Shape, as: string, role: string, tokens: number): Call {
  const { hidden, tp } = shape;
  const run = kernel(role, FLASHINFER.allReduceNorm(tp), scaled(8.9, 24, tokens), {
    ...JIT,
    ...perRow(Math.min(tokens, 132), 256),
    registers: 48,
    earlyUs: 0.9,
    collective: true,
  });
  const dims = [[tokens, hidden], [tokens, hidden], [hidden]];
  return module(
    "RMSNorm",
    as,
    py(
      `${SRT}/layers/layernorm.py(233): forward_with_allreduce_fusion`,
      py(
        `${SRT}/layers/flashinfer_comm_fusion.py(251): flashinfer_allreduce_residual_rmsnorm`,
        torchOp("sglang::flashinfer_allreduce_residual_rmsnorm", dims, run),
      ),
    ),
  );
}

/** Custom all-reduce: registered buffers inside graphs, a staging copy before it when eager. */
export function allReduce(shape: Shape, tokens: number, role: string): Call[] {
  const { hidden, tp } = shape;
  if (tp === 1) return [];
  const bytes = tokens * hidden * 2;
  const stages = bytes <= 512 * 1024 ? 1 : 2;
  const run: Call[] = [
    kernel(role, SGLANG.allReduce(stages, tp), scaled(8.6, 20.5, tokens), {
      ...perRow(36, 512),
      collective: true,
    }),
  ];
  if (tokens > 512)
    run.unshift(copy(`${role}_stage`, "DtoD (Device -> Device)", bytes, scaled(1.1, 3.3, tokens)));
  const dims = [[], [tokens, hidden], [tokens, hidden], [], []];
  return [
    py(
      `${SRT}/distributed/communication_op.py(13): tensor_model_parallel_all_reduce`,
      py(
        `${SRT}/distributed/parallel_state.py(579): all_reduce`,
        torchOp(
          "sglang::outplace_all_reduce",
          [[tokens, hidden], [], []],
          py(
            `${SRT}/distributed/parallel_state.py(633): _all_reduce_out_place`,
            py(
              `${SRT}/distributed/device_communicators/custom_all_reduce.py(342): custom_all_reduce`,
              torchOp("sgl_kernel::all_reduce", dims, ...run),
            ),
          ),
        ),
      ),
    ),
  ];
}

export function logits(shape: Shape, rows: number): Call {
  const slice = shape.vocab / shape.tp;
  const lmHead = kernel("lm_head", "nvjet_tst_64x256_64x4_1x2_h_bz_TNT", scaled(52, 6, rows), GEMM);
  const gather = kernel("logits_all_gather", NCCL.allGather, 13.6, {
    ...JIT,
    ...perRow(11, 512),
    registers: 96,
    collective: true,
    extra: collectiveArgs(
      "_allgather_base",
      { in: rows * slice, out: rows * shape.vocab },
      shape.tp,
    ),
  });
  const gathered = py(
    `${SRT}/distributed/parallel_state.py(744): all_gather`,
    collective(
      "c10d::_allgather_base_",
      "_all_gather_base",
      [[rows * shape.tp, slice], [rows, slice], [], [], []],
      gather,
    ),
  );
  const dims = [
    [rows, shape.hidden],
    [shape.hidden, slice],
  ];
  return module(
    "LogitsProcessor",
    "logits_processor",
    py(
      `${SRT}/layers/logits_processor.py(322): forward`,
      op("aten::matmul", dims, op("aten::mm", dims, lmHead)),
      ...(shape.tp === 1 ? [] : [gathered]),
    ),
  );
}

/** Greedy sampling after the model. */
export function sampler(rows: number, vocab: number): Call {
  const argmax = kernel("argmax", ATEN.argmax, 11.4, perRow(rows, 512));
  return module(
    "Sampler",
    "sampler",
    py(
      `${SRT}/layers/sampler.py(78): forward`,
      op("aten::argmax", [[rows, vocab], [], []], argmax),
      copy("next_tokens", "DtoH (Device -> Pinned)", 8 * rows, 1.4),
    ),
  );
}

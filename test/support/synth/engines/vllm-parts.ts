/** Building blocks of vLLM models with custom ops on Hopper: norms, FP8 layers, all-reduce, logits. */
import type { Call } from "../calls.ts";
import { collective, copy, kernel, module, op, plumbing, py, torchOp } from "../describe.ts";
import { NCCL, VLLM } from "../kernel-names.ts";
import type { TraceSpec } from "../spec.ts";
import { collectiveArgs, GEMM, JIT, perRow, scaled } from "./work.ts";

export const HIDDEN = 4096;
export const VOCAB = 128_256;
export const LAYERS = "vllm/model_executor/layers";
export const CUSTOM_OP = "vllm/model_executor/custom_op.py(46): forward";

export function rmsNorm(as: string, role: string, tokens: number, withAdd: boolean): Call {
  const name = withAdd ? "fused_add_rms_norm" : "rms_norm";
  const line = withAdd ? 334 : 328;
  const run = kernel(
    role,
    withAdd ? VLLM.fusedAddRmsNorm : VLLM.rmsNorm,
    scaled(2.6, 5.8, tokens),
    { ...perRow(tokens, 256), sharedMemory: 168 },
  );
  return module(
    "RMSNorm",
    as,
    plumbing(
      CUSTOM_OP,
      py(
        `${LAYERS}/layernorm.py(194): forward_cuda`,
        py(
          `vllm/_custom_ops.py(${line}): ${name}`,
          torchOp(`_C::${name}`, [[tokens, HIDDEN], [tokens, HIDDEN], [HIDDEN], []], run),
        ),
      ),
    ),
  );
}

/** Static per-tensor FP8: quantise the input, then a CUTLASS GEMM. `us` per thousand rows. */
export function fp8Linear(
  type: string,
  as: string,
  [rows, inner, outer]: readonly [number, number, number],
  us: number,
): Call {
  const quant = kernel(`${as}_quant`, VLLM.scaledFp8Quant, scaled(1.9, inner / 1400, rows), {
    ...perRow(rows, 256),
    registers: 30,
  });
  const dims = [[rows, inner], [rows, inner], [1]];
  const gemm = kernel(as, VLLM.scaledMm, scaled(4.4 + us / 6, us, rows), { ...GEMM, ...JIT });
  return module(
    type,
    as,
    py(
      `${LAYERS}/linear.py(${type === "RowParallelLinear" ? 1388 : 557}): forward`,
      py(
        `${LAYERS}/quantization/fp8.py(445): apply`,
        py(
          `${LAYERS}/quantization/utils/w8a8_utils.py(367): apply`,
          py(
            `${LAYERS}/quantization/input_quant_fp8.py(67): forward_cuda`,
            py(
              "vllm/_custom_ops.py(1678): scaled_fp8_quant",
              torchOp("_C::static_scaled_fp8_quant", dims, quant),
            ),
          ),
          py(
            "vllm/_custom_ops.py(765): cutlass_scaled_mm",
            torchOp(
              "_C::cutlass_scaled_mm",
              [
                [rows, outer],
                [rows, inner],
                [inner, outer],
              ],
              gemm,
            ),
          ),
        ),
      ),
    ),
  );
}

/** vLLM's custom all-reduce; large inputs go through a staging copy. */
export function allReduce(role: string, tokens: number, tp: number): Call[] {
  if (tp === 1) return [];
  const bytes = tokens * HIDDEN * 2;
  const stages = bytes <= 512 * 1024 ? 1 : 2;
  const run = kernel(role, VLLM.allReduce(stages, tp), scaled(8.8, 41, tokens), {
    ...perRow(36, 512),
    collective: true,
  });
  const stage = copy(`${role}_stage`, "DtoD (Device -> Device)", bytes, scaled(1.1, 5.4, tokens));
  const group = "vllm/distributed/parallel_state.py";
  return [
    py(
      "vllm/distributed/communication_op.py(12): tensor_model_parallel_all_reduce",
      py(
        `${group}(480): all_reduce`,
        torchOp(
          "vllm::all_reduce",
          [[tokens, HIDDEN], []],
          py(
            `${group}(504): _all_reduce_out_place`,
            py(
              "vllm/distributed/device_communicators/custom_all_reduce.py(262): custom_all_reduce",
              torchOp(
                "_C_custom_ar::all_reduce",
                [[], [tokens, HIDDEN], [tokens, HIDDEN]],
                stage,
                run,
              ),
            ),
          ),
        ),
      ),
    ),
  ];
}

/** Logits of the last token of each sequence; the vocabulary is split over the ranks. */
export function logits(spec: TraceSpec, rows: number): Call {
  const slice = VOCAB / spec.tp;
  const dims = [
    [rows, HIDDEN],
    [HIDDEN, slice],
  ];
  const head = kernel("lm_head", "nvjet_tst_64x256_64x4_1x2_h_bz_TNT", scaled(88, 6, rows), GEMM);
  const gather = kernel("logits_all_gather", NCCL.allGather, 12.9, {
    ...JIT,
    ...perRow(11, 512),
    registers: 96,
    collective: true,
    extra: collectiveArgs("_allgather_base", { in: rows * slice, out: rows * VOCAB }, spec.tp),
  });
  const gathered = collective(
    "c10d::_allgather_base_",
    "_all_gather_base",
    [[spec.tp * rows, slice], [rows, slice], [], [], []],
    gather,
  );
  return module(
    "LogitsProcessor",
    "logits_processor",
    py(
      `${LAYERS}/logits_processor.py(62): forward`,
      op("aten::linear", dims, op("aten::mm", dims, head)),
      ...(spec.tp === 1
        ? []
        : [py("vllm/distributed/communication_op.py(18): tensor_model_parallel_gather", gathered)]),
    ),
  );
}

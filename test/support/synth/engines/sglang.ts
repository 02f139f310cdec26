/**
 * SGLang: the overlap scheduler's loop around the model, and the stream capture at start-up.
 * Frames follow the 0.5 series, where JIT kernels live under `sglang/jit_kernel`.
 */
import { annotation, api, type Call, copy, frames, kernel, op, plumbing, py } from "../calls.ts";
import { ATEN, SGLANG } from "../kernel-names.ts";
import type { Engine, StepSpec, TraceSpec } from "../spec.ts";
import { qwen3MoeForward, qwen3MoeHead } from "./sglang-qwen3-moe.ts";

export const SRT = "/sgl-workspace/sglang/python/sglang/srt";

const PROCESS_FRAMES = [
  "~<string>(1): <module>",
  "~multiprocessing/spawn.py(122): spawn_main",
  "~multiprocessing/spawn.py(135): _main",
  "~multiprocessing/process.py(314): _bootstrap",
  "~multiprocessing/process.py(108): run",
  `${SRT}/managers/scheduler.py(4055): run_scheduler_process`,
];

export const sglang: Engine = {
  processName: "sglang::scheduler",
  pid: 263,
  streams: { schedule: 7, main: 13, second: 21 },
  idleThread: [
    "threading.py(1030): _bootstrap",
    "threading.py(1073): _bootstrap_inner",
    "threading.py(1010): run",
    `${SRT}/utils/watchdog.py(127): _watchdog_thread`,
  ],

  session(spec) {
    const loop = [
      ...PROCESS_FRAMES,
      `${SRT}/managers/scheduler.py(1534): run_event_loop`,
      `${SRT}/managers/scheduler.py(3924): dispatch_event_loop`,
      "~torch/utils/_contextlib.py(124): decorate_context",
      `${SRT}/managers/scheduler.py(1594): event_loop_overlap`,
    ];
    return [frames(loop, ...spec.steps.flatMap((step, index) => schedulerTurn(spec, step, index)))];
  },

  capture(spec, batchSize) {
    const step: StepSpec = { stage: "decode", batchSize, tokens: batchSize, mode: "graph" };
    const runner = `${SRT}/model_executor/cuda_graph_runner.py`;
    const startUp = [
      ...PROCESS_FRAMES,
      `${SRT}/managers/scheduler.py(432): __init__`,
      `${SRT}/managers/tp_worker.py(260): __init__`,
      `${SRT}/model_executor/model_runner.py(2792): init_device_graphs`,
      `${runner}(718): __init__`,
      `${runner}(925): capture`,
      `${runner}(913): _capture_one_stream`,
      `${runner}(1201): capture_one_batch_size`,
    ];
    const begin = plumbing(
      "torch/cuda/graphs.py(98): capture_begin",
      op("aten::fill_", [[1], []], kernel("graph_seed", ATEN.fillLong, 1.5, { grid: [1, 1, 1] })),
    );
    const capture = py(`${runner}(941): _capture_graph`, begin, {
      kind: "graph",
      id: `decode-bs${batchSize}`,
      act: "capture",
      around: [],
      paddingEvery: 0,
      nodeIds: false,
      body: [py(`${runner}(1147): run_once`, ...qwen3MoeForward(spec, step))],
    });
    return [frames(startUp, annotation(`capture_${batchSize}_DECODE`, capture))];
  },
};

function schedulerTurn(spec: TraceSpec, step: StepSpec, index: number): Call[] {
  const label =
    step.stage === "decode"
      ? `step[DECODE bs=${step.batchSize}]`
      : `step[EXTEND bs=${step.batchSize} toks=${step.tokens}]`;
  const model = step.mode === "graph" ? decodeReplay(spec, step) : eagerForward(spec, step);
  const runBatch = py(
    `${SRT}/managers/scheduler.py(3015): _run_batch_inner`,
    py(
      `${SRT}/managers/overlap_utils.py(121): alloc_future_indices`,
      op(
        "aten::arange",
        [[], [], [], []],
        kernel("future_indices", ATEN.arange, 1.5, {
          stream: "schedule",
          grid: [1, 1, 1],
          block: [64, 1, 1],
        }),
      ),
    ),
    py(
      `${SRT}/managers/overlap_utils.py(130): resolve_future`,
      py(
        "/sgl-workspace/sglang/python/sglang/jit_kernel/resolve_future_token_ids.py(30): resolve_future_token_ids_cuda",
        kernel("resolve_future", SGLANG.resolveFuture, 1.8, {
          grid: [1, 1, 1],
          api: "cudaLaunchKernelExC",
        }),
      ),
    ),
    py(
      `${SRT}/managers/tp_worker.py(447): forward_batch_generation`,
      py(
        `${SRT}/model_executor/model_runner.py(3293): forward`,
        annotation(
          label,
          py(`${SRT}/model_executor/model_runner.py(3373): _forward_raw`, ...model),
        ),
      ),
      py(`${SRT}/model_executor/model_runner.py(3466): sample`, sampler(step)),
    ),
  );
  return [
    {
      kind: "step",
      index,
      stage: step.stage,
      label,
      batchSize: step.batchSize,
      tokens: step.tokens,
      body: [
        py(`${SRT}/managers/scheduler.py(3006): run_batch`, runBatch),
        py(
          `${SRT}/managers/scheduler.py(3108): process_batch_result`,
          py(
            `${SRT}/managers/scheduler_output_processor_mixin.py(412): process_batch_result_${step.stage === "decode" ? "decode" : "prefill"}`,
            api("cudaEventSynchronize", "main"),
          ),
        ),
      ],
    },
  ];
}

function eagerForward(spec: TraceSpec, step: StepSpec): Call[] {
  const stage = step.stage === "decode" ? "forward_decode" : "forward_extend";
  return [
    py(
      `${SRT}/model_executor/model_runner.py(${stage === "forward_decode" ? 3158 : 3201}): ${stage}`,
      ...qwen3MoeForward(spec, step),
    ),
  ];
}

function decodeReplay(spec: TraceSpec, step: StepSpec): Call[] {
  const runner = `${SRT}/model_executor/cuda_graph_runner.py`;
  const bs = step.batchSize;
  const prepare = py(
    `${runner}(1275): replay_prepare`,
    py(
      `${runner}(283): populate_from_forward_batch`,
      op(
        "aten::_foreach_copy_",
        [[[bs], [bs], [bs], [bs]], [[bs], [bs], [bs], [bs]], []],
        kernel("graph_inputs", ATEN.foreachCopy, 1.7, { grid: [4, 1, 1], block: [512, 1, 1] }),
      ),
    ),
    py(
      `${SRT}/layers/attention/flashattention_backend.py(1861): init_forward_metadata_replay_cuda_graph`,
      op(
        "aten::copy_",
        [[bs], [bs], []],
        copy("page_table", "DtoD (Device -> Device)", 4 * bs, 1.2),
      ),
    ),
  );
  return [
    py(`${runner}(1359): replay`, prepare, {
      kind: "graph",
      id: `decode-bs${bs}`,
      act: "replay",
      around: ["torch/cuda/graphs.py(137): replay"],
      paddingEvery: spec.paddingEvery,
      nodeIds: spec.nodeIds,
      body: qwen3MoeForward(spec, step),
    }),
  ];
}

function sampler(step: StepSpec): Call {
  return qwen3MoeHead(
    op(
      "aten::argmax",
      [[step.batchSize, 151_936], [], []],
      kernel("argmax", ATEN.argmax, 11.4, { grid: [step.batchSize, 1, 1], block: [512, 1, 1] }),
    ),
    copy("next_tokens", "DtoH (Device -> Pinned)", 8 * step.batchSize, 1.4),
  );
}

/**
 * SGLang: the overlap scheduler's loop around the model, and the stream capture at start-up.
 * Frames follow the 0.5 series, where JIT kernels live under `sglang/jit_kernel`.
 */
import type { Call } from "../calls.ts";
import {
  annotation,
  api,
  capturedGraph,
  copy,
  frames,
  kernel,
  mark,
  op,
  plumbing,
  py,
  replayedGraph,
} from "../describe.ts";
import { ATEN, SGLANG } from "../kernel-names.ts";
import type { Engine, StepSpec, TraceSpec } from "../spec.ts";
import { deepseek } from "./sglang-deepseek.ts";
import { JIT_KERNEL, SRT, sampler } from "./sglang-parts.ts";
import { qwen3Moe } from "./sglang-qwen3-moe.ts";
import { JIT, perRow } from "./work.ts";

const VOCAB = 151_936;

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
    // The loop is one step ahead: it launches a batch, then handles the results of the one before.
    const turns = spec.steps.flatMap((step, index) => [
      schedulerTurn(spec, step, index),
      ...(index === 0 ? [] : [handleResults(spec.steps[index - 1]!, index - 1)]),
    ]);
    const last = spec.steps.length - 1;
    return [frames(loop, ...turns, handleResults(spec.steps[last]!, last))];
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
    // torch seeds the graph's random state before it lets the capture begin.
    const seed = op(
      "aten::fill_",
      [[1], []],
      kernel("graph_seed", ATEN.fillLong, 1.5, perRow(1, 256)),
    );
    const capture = py(
      `${runner}(941): _capture_graph`,
      plumbing("torch/cuda/graphs.py(98): capture_begin", seed, seed),
      capturedGraph(
        `decode-bs${batchSize}`,
        false,
        py(`${runner}(1147): run_once`, ...forward(spec, step)),
      ),
    );
    return [frames(startUp, annotation(`capture_${batchSize}_DECODE`, capture))];
  },
};

function forward(spec: TraceSpec, step: StepSpec): Call[] {
  return spec.model === "deepseek-v3" ? deepseek(spec, step) : qwen3Moe(spec, step);
}

function schedulerTurn(spec: TraceSpec, step: StepSpec, index: number): Call {
  const { stage, batchSize, tokens } = step;
  const decode = stage === "decode";
  const label = decode
    ? `step[DECODE bs=${batchSize}]`
    : `step[EXTEND bs=${batchSize} toks=${tokens}]`;
  const scheduler = `${SRT}/managers/scheduler.py`;
  const runner = `${SRT}/model_executor/model_runner.py`;
  const model = step.mode === "graph" ? replayDecode(spec, step) : runEagerly(spec, step);
  const runBatch = py(
    `${scheduler}(3015): _run_batch_inner`,
    ...resolveInputs(),
    py(
      `${SRT}/managers/tp_worker.py(447): forward_batch_generation`,
      py(`${runner}(3293): forward`, annotation(label, py(`${runner}(3373): _forward_raw`, model))),
      py(`${runner}(3466): sample`, sampler(batchSize, VOCAB)),
    ),
    mark(`step ${index}`, "main"),
  );
  const body = [py(`${scheduler}(3006): run_batch`, runBatch)];
  return { kind: "step", index, stage, label, batchSize, tokens, body };
}

function handleResults({ stage }: StepSpec, index: number): Call {
  const mixin = `${SRT}/managers/scheduler_output_processor_mixin.py`;
  return py(
    `${SRT}/managers/scheduler.py(3108): process_batch_result`,
    py(
      `${mixin}(412): process_batch_result_${stage === "decode" ? "decode" : "prefill"}`,
      api("cudaEventSynchronize", `step ${index}`),
    ),
  );
}

/** Next tokens are placeholders on the GPU until the previous step has sampled them. */
function resolveInputs(): Call[] {
  const indices = kernel("future_indices", ATEN.arange, 1.5, {
    ...perRow(1, 64),
    stream: "schedule",
  });
  const resolve = kernel("resolve_future", SGLANG.resolveFuture, 1.8, {
    ...JIT,
    ...perRow(1, 256),
  });
  return [
    py(
      `${SRT}/managers/overlap_utils.py(121): alloc_future_indices`,
      op("aten::arange", [[], [], [], []], indices),
    ),
    py(
      `${SRT}/managers/overlap_utils.py(130): resolve_future`,
      py(`${JIT_KERNEL}/resolve_future_token_ids.py(30): resolve_future_token_ids_cuda`, resolve),
    ),
  ];
}

function runEagerly(spec: TraceSpec, step: StepSpec): Call {
  const stage = step.stage === "decode" ? "(3158): forward_decode" : "(3201): forward_extend";
  return py(`${SRT}/model_executor/model_runner.py${stage}`, ...forward(spec, step));
}

function replayDecode(spec: TraceSpec, step: StepSpec): Call {
  const runner = `${SRT}/model_executor/cuda_graph_runner.py`;
  const bs = step.batchSize;
  const four = [[bs], [bs], [bs], [bs]];
  const inputs = kernel("graph_inputs", ATEN.foreachCopy, 1.7, perRow(4, 512));
  const pages = copy("page_table", "DtoD (Device -> Device)", 4 * bs, 1.2);
  const prepare = py(
    `${runner}(1275): replay_prepare`,
    py(
      `${runner}(283): populate_from_forward_batch`,
      op("aten::_foreach_copy_", [four, four, []], inputs),
    ),
    py(
      `${SRT}/layers/attention/flashattention_backend.py(1861): init_forward_metadata_replay_cuda_graph`,
      op("aten::copy_", [[bs], [bs], []], pages),
    ),
  );
  const how = {
    piecewise: false,
    around: ["torch/cuda/graphs.py(137): replay"],
    paddingEvery: spec.paddingEvery,
    nodeIds: spec.nodeIds,
  };
  const graph = replayedGraph(`decode-bs${bs}`, how, ...forward(spec, step));
  return py(`${runner}(1359): replay`, prepare, graph);
}

/** vLLM's V1 worker around the model: eager, whole graphs, or piecewise graphs. */
import type { Call } from "../calls.ts";
import {
  annotation,
  api,
  capturedGraph,
  copy,
  frames,
  kernel,
  module,
  op,
  plumbing,
  py,
  replayedGraph,
} from "../describe.ts";
import { ATEN } from "../kernel-names.ts";
import type { Engine, StepSpec, TraceSpec } from "../spec.ts";
import { llamaFp8 } from "./vllm-llama.ts";
import { logits, VOCAB } from "./vllm-parts.ts";
import { perRow } from "./work.ts";

const WORKER_FRAMES = [
  "~<string>(1): <module>",
  "~multiprocessing/spawn.py(122): spawn_main",
  "~multiprocessing/spawn.py(135): _main",
  "~multiprocessing/process.py(314): _bootstrap",
  "~multiprocessing/process.py(108): run",
  "vllm/v1/executor/multiproc_executor.py(601): worker_main",
];
const RUNNER = "vllm/v1/worker/gpu_model_runner.py";

export const vllm: Engine = {
  processName: "VLLM::Worker",
  pid: 6583,
  streams: { main: 7, second: 23 },
  idleThread: [
    "threading.py(1032): _bootstrap",
    "threading.py(1075): _bootstrap_inner",
    "threading.py(1012): run",
    "vllm/v1/executor/multiproc_executor.py(566): monitor_parent_death",
  ],

  session(spec) {
    const loop = [
      ...WORKER_FRAMES,
      "vllm/v1/executor/multiproc_executor.py(683): worker_busy_loop",
    ];
    return [frames(loop, ...spec.steps.map((step, index) => executeModel(spec, step, index)))];
  },

  capture(spec, batchSize) {
    const piecewise = spec.steps.some(({ mode }) => mode === "piecewise");
    const step: StepSpec = {
      stage: "decode",
      batchSize,
      tokens: batchSize,
      mode: piecewise ? "piecewise" : "graph",
    };
    const startUp = [
      ...WORKER_FRAMES,
      "vllm/v1/worker/gpu_worker.py(412): compile_or_warm_up_model",
      `${RUNNER}(4016): capture_model`,
      `${RUNNER}(4093): _capture_cudagraphs`,
      `${RUNNER}(3522): _dummy_run`,
    ];
    const graph = capturedGraph(graphId(step), piecewise, ...llamaFp8(spec, step));
    const label = `capture_${batchSize}_${piecewise ? "PIECEWISE" : "FULL"}`;
    return [frames(startUp, annotation(label, py(`${CUDA_GRAPH}(141): __call__`, graph)))];
  },
};

const CUDA_GRAPH = "vllm/compilation/cuda_graph.py";

function executeModel(spec: TraceSpec, step: StepSpec, index: number): Call {
  const { stage, batchSize, tokens } = step;
  // A mixed step prefills its first sequence and decodes one token of each other.
  const generating = stage === "prefill" ? 0 : stage === "decode" ? batchSize : batchSize - 1;
  const context = batchSize - generating;
  const label = `execute_context_${context}(${tokens - generating})_generation_${generating}(${generating})`;
  const body = [
    py(
      "vllm/v1/worker/worker_base.py(345): execute_model",
      py(
        "vllm/v1/worker/gpu_worker.py(561): execute_model",
        annotation(
          label,
          plumbing(
            "torch/utils/_contextlib.py(117): decorate_context",
            py(
              `${RUNNER}(2907): execute_model`,
              ...prepareInputs(step),
              py(`${RUNNER}(2726): _model_forward`, ...forward(spec, step)),
              logits(spec, batchSize),
            ),
          ),
        ),
      ),
      py(`${RUNNER}(2986): sample_tokens`, sample(batchSize)),
    ),
  ];
  return { kind: "step", index, stage, label, batchSize, tokens, body };
}

function prepareInputs({ batchSize, tokens }: StepSpec): Call[] {
  const upload = (role: string, count: number) =>
    op(
      "aten::copy_",
      [[count], [count], []],
      copy(role, "HtoD (Pinned -> Device)", 4 * count, 1.4),
    );
  return [
    py(
      `${RUNNER}(1245): _prepare_inputs`,
      upload("input_ids", tokens),
      upload("positions", tokens),
      upload("block_table", 16 * batchSize),
      upload("slot_mapping", tokens),
    ),
  ];
}

function forward(spec: TraceSpec, step: StepSpec): Call[] {
  if (step.mode === "eager") return llamaFp8(spec, step);
  const how = {
    piecewise: step.mode === "piecewise",
    around: ["torch/cuda/graphs.py(137): replay"],
    paddingEvery: spec.paddingEvery,
    nodeIds: spec.nodeIds,
  };
  const graph = replayedGraph(graphId(step), how, ...llamaFp8(spec, step));
  return [py(`${CUDA_GRAPH}(208): __call__`, graph)];
}

function graphId({ mode, batchSize }: StepSpec): string {
  return `${mode === "piecewise" ? "piecewise" : "full"}-${batchSize}`;
}

function sample(rows: number): Call {
  return module(
    "Sampler",
    "sampler",
    py(
      "vllm/v1/sample/sampler.py(68): forward",
      py(
        "vllm/v1/sample/sampler.py(131): greedy_sample",
        op(
          "aten::argmax",
          [[rows, VOCAB], [], []],
          kernel("argmax", ATEN.argmax, 9.7, perRow(rows, 512)),
        ),
      ),
      copy("next_tokens", "DtoH (Device -> Pinned)", 8 * rows, 1.4),
      api("cudaEventSynchronize", "main"),
    ),
  );
}

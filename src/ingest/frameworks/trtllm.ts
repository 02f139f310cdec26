import type { FrameworkProfile, StepLabel } from "../../model/framework.ts";
import { detectBy, type Marks } from "./evidence.ts";
import { frameworkRanks, RANK } from "./site-rank.ts";
import { bracketStep, stageOfCounts, TRUST } from "./step-labels.ts";

const MARKS: Marks = {
  id: "trtllm",
  package: "tensorrt_llm",
  engine: /^_torch\/(pyexecutor|auto_deploy)\/|^executor\//,
  args: [
    "cuda_graph_config",
    "kv_cache_config",
    "kv_cache_free_gpu_memory_fraction",
    "max_beam_width",
    "moe_config",
  ],
  ownAnnotation: /^\[Executor\] |^step\[.*\] sample$/,
  thread: /\((trtllm-|tensorrt_llm)/,
  sharedAnnotation: null,
  sharedWith: "",
};

const EXCEPTIONS = [
  { rank: RANK.plumbing, path: /^tensorrt_llm\/(_utils|_torch\/utils|_torch\/autotuner)\.py$/ },
  { rank: RANK.plumbing, path: /^tensorrt_llm\/(llmapi\/utils|logger)\.py$/ },
  {
    rank: RANK.lastResort,
    path: /^tensorrt_llm\/_torch\/(compilation|pyexecutor\/cuda_graph_runner\.py)/,
  },
  { rank: RANK.library, path: /^tensorrt_llm\/_torch\/custom_ops\// },
];

export const trtllm: FrameworkProfile = {
  id: "trtllm",
  title: "TensorRT-LLM",
  detect: (hints) => detectBy(MARKS, hints),
  step: (annotation) => executorStep(annotation) ?? bracketStep(annotation, TRUST.own),
  stageOfFrame: () => null,
  siteRank: frameworkRanks(EXCEPTIONS, /^tensorrt_llm\//),
};

/** `[Executor] _forward_step 12: 1 ctx reqs, 0 gen reqs`; newer builds add the context tokens. */
function executorStep(annotation: string): StepLabel | null {
  const found =
    /^\[Executor\] _forward_step(?: \d+)?: (\d+) ctx reqs(?:, (\d+) ctx tokens)?, (\d+) gen reqs/.exec(
      annotation,
    );
  if (found === null) return null;
  const context = Number(found[1]);
  const generation = Number(found[3]);
  return {
    stage: stageOfCounts(context, generation),
    batchSize: context + generation,
    tokens:
      found[2] === undefined ? (context === 0 ? generation : null) : Number(found[2]) + generation,
    trust: TRUST.shared,
    requests: {
      context,
      contextTokens: found[2] === undefined ? (context === 0 ? 0 : null) : Number(found[2]),
      generation,
    },
  };
}

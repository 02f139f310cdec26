import type { FrameworkProfile } from "../../model/framework.ts";
import { detectBy, type Marks } from "./evidence.ts";
import { frameworkRanks, RANK } from "./site-rank.ts";
import { executeStep, TRUST } from "./step-labels.ts";

const MARKS: Marks = {
  id: "vllm",
  package: "vllm",
  engine: /^(v1\/)?(worker|engine|executor|core)\//,
  args: [
    "enforce_eager",
    "gpu_memory_utilization",
    "max_num_batched_tokens",
    "max_num_seqs",
    "compilation_config",
  ],
  thread: /\(VLLM::/,
  ownAnnotation: /^execute_(context_\d+\(\d|new_\d+_cached_)/,
  // The newer spelling: alone it does not tell vLLM from an SGLang build that writes it too.
  sharedAnnotation: null,
  sharedWith: "",
};

const EXCEPTIONS = [
  { rank: RANK.plumbing, path: /^vllm\/model_executor\/(custom_op|parameter)\.py$/ },
  { rank: RANK.plumbing, path: /^vllm\/.*kv_transfer_utils\.py$/ },
  { rank: RANK.plumbing, path: /^vllm\/(utils|tracing|profiler)\// },
  {
    rank: RANK.plumbing,
    path: /^vllm\/(forward_context|utils|v1\/utils)\.py$/,
    fn: /^(__enter__|__exit__|record_function_or_nullcontext)$/,
  },
  { rank: RANK.library, path: /^vllm\/(vllm_flash_attn|third_party)\// },
  { rank: RANK.lastResort, path: /^vllm\/compilation\// },
  {
    rank: RANK.lastResort,
    path: /^vllm\/v1\/worker\/(gpu_ubatch_wrapper|gpu\/cudagraph_utils)\.py$/,
  },
];

export const vllm: FrameworkProfile = {
  id: "vllm",
  title: "vLLM",
  detect: (hints) => detectBy(MARKS, hints),
  step: (annotation) => executeStep(annotation, TRUST.own),
  // One execute_model serves prefill and decode alike; its frames do not tell them apart.
  stageOfFrame: () => null,
  siteRank: frameworkRanks(EXCEPTIONS, /^vllm\//),
};

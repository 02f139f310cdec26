import type { FrameworkProfile, StageName } from "../../model/framework.ts";
import { detectBy, type Marks } from "./evidence.ts";
import { frameworkRanks, RANK } from "./site-rank.ts";
import { bracketStep, executeStep, TRUST } from "./step-labels.ts";

const MARKS: Marks = {
  id: "sglang",
  package: "sglang",
  engine: /^srt\/(managers|model_executor)\//,
  args: [
    "attention_backend",
    "chunked_prefill_size",
    "disable_cuda_graph",
    "disable_piecewise_cuda_graph",
    "mem_fraction_static",
    "sampling_backend",
    "schedule_policy",
  ],
  thread: /\(sglang::/,
  ownAnnotation: null,
  sharedAnnotation: /^(draft )?step\[/,
  sharedWith: "SGLang's spelling; newer TensorRT-LLM writes it too",
};

const EXCEPTIONS = [
  // Wraps every kernel entry in a torch op to record shapes; sits between the layer and its kernel.
  { rank: RANK.plumbing, path: /^sglang\/srt\/utils\/kernel_shape_profiler\.py$/ },
  {
    rank: RANK.plumbing,
    path: /^sglang\/srt\/(layers\/utils\/multi_platform|custom_op|utils\/custom_op)\.py$/,
  },
  { rank: RANK.plumbing, path: /^sglang\/srt\/(utils\/)?(common|patch_torch|nvtx_[a-z_]+)\.py$/ },
  { rank: RANK.lastResort, path: /^sglang\/srt\/compilation\// },
  {
    rank: RANK.lastResort,
    path: /^sglang\/srt\/model_executor\/.*graph.*runner.*\.py$/,
    fn: /^(replay|run_once|capture.*|_capture.*|__call__)$/,
  },
];

export const sglang: FrameworkProfile = {
  id: "sglang",
  title: "SGLang",
  detect: (hints) => detectBy(MARKS, hints),
  step: (annotation) => bracketStep(annotation, TRUST.own) ?? executeStep(annotation, TRUST.weak),
  stageOfFrame: forwardStage,
  siteRank: frameworkRanks(EXCEPTIONS, /^sglang\//),
};

/** The runner and the attention backends both split on the forward mode; the outermost call decides. */
function forwardStage(location: string, fn: string): StageName | null {
  if (!location.startsWith("sglang/srt/")) return null;
  if (fn === "forward_extend" || fn === "forward_split_prefill") return "prefill";
  return fn === "forward_decode" ? "decode" : null;
}

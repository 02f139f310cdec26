import type { FrameworkProfile, StageName } from "../../model/framework.ts";
import { detectBy, type Marks } from "./evidence.ts";
import { frameworkRanks, RANK } from "./site-rank.ts";
import { bracketStep, TRUST } from "./step-labels.ts";

const MARKS: Marks = {
  id: "tokenspeed",
  package: "tokenspeed",
  engine: /^runtime\/(execution|engine|scheduler|managers)\//,
  args: [
    "attn_tp_size",
    "comm_fusion_max_num_tokens",
    "dense_tp_size",
    "enable_allreduce_fusion",
    "enable_mla_l1_5_cache",
    "mla_chunk_multiplier",
    "moe_tp_size",
    "tokenspeed_version",
  ],
  thread: /\(tokenspeed/,
  ownAnnotation: null,
  sharedAnnotation: null,
  sharedWith: "",
};

const EXCEPTIONS = [
  {
    rank: RANK.lastResort,
    path: /^tokenspeed\/runtime\/execution\/(cuda_graph_wrapper|breakable_cuda_graph|prefill_graph)\.py$/,
    fn: /^(__call__|replay|capture.*|_capture.*|run)$/,
  },
];

/** Its ranges go to NVTX, which the torch profiler does not record: frames are what tells the stage. */
export const tokenspeed: FrameworkProfile = {
  id: "tokenspeed",
  title: "TokenSpeed",
  detect: (hints) => detectBy(MARKS, hints),
  step: (annotation) => bracketStep(annotation, TRUST.shared),
  stageOfFrame: forwardStage,
  siteRank: frameworkRanks(EXCEPTIONS, /^tokenspeed\//),
};

function forwardStage(location: string, fn: string): StageName | null {
  if (!location.startsWith("tokenspeed/")) return null;
  if (fn === "forward_extend" || fn === "forward_prefill") return "prefill";
  return fn === "forward_decode" ? "decode" : null;
}

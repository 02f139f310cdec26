export interface Ground {
  readonly role: string;
  /** Where the place tells the category, too. */
  readonly category?: string;
  readonly words: string;
}

/**
 * Roles that a kernel's place among its neighbours tells, and in what words. The roles themselves
 * are the vocabulary's (`rules/lib/roles.fuse`); one that it does not define is given to nothing.
 */
export const GROUNDS = {
  qkv: { role: "qkv_proj", words: "the GEMM between a layer norm and attention" },
  qkvThree: { role: "qkv_proj", words: "one of three GEMMs between a layer norm and attention" },
  qkNorm: { role: "qk_norm", words: "a norm between the QKV projection and attention" },
  attentionCopy: { role: "attn_copy", words: "a copy between the projections around attention" },
  scores: { role: "attention", words: "a product beside the softmax of unfused attention" },
  softmax: { role: "attention", words: "a softmax between two products" },
  outProjection: { role: "o_proj", words: "the GEMM between attention and a layer norm" },
  latentDown: { role: "qkv_a_proj", words: "the first GEMM before latent attention, up to a norm" },
  latentNorm: { role: "qkv_a_norm", words: "a norm between the GEMMs before latent attention" },
  latentUp: { role: "qkv_b_proj", words: "a GEMM between the latents' norm and latent attention" },
  latentAbsorb: {
    role: "mla_absorb",
    words: "a product beside latent attention, inside its projections",
  },
  linearIn: { role: "linear_in_proj", words: "a GEMM between a layer norm and linear attention" },
  linearNorm: { role: "linear_norm", words: "a norm between linear attention and its last GEMM" },
  linearOut: {
    role: "linear_out_proj",
    words: "the GEMM between linear attention and a layer norm",
  },
  layerNorm: { role: "layer_norm", words: "a norm between two blocks of a layer" },
  residual: { role: "residual_add", words: "a sum between a block's last GEMM and a layer norm" },
  gateUp: { role: "gate_up", words: "the GEMM between a layer norm and an activation" },
  gateUpTwo: { role: "gate_up", words: "one of two GEMMs whose results an activation joins" },
  gateUpBare: { role: "gate_up", words: "the first of two GEMMs between layer norms" },
  down: { role: "down", words: "the GEMM between an activation and a layer norm" },
  downBare: { role: "down", words: "the second of two GEMMs between layer norms" },
  router: { role: "router", words: "the one dense GEMM before the experts are chosen" },
  expertUp: { role: "moe_up", words: "the expert GEMM before the experts' activation" },
  expertDown: { role: "moe_down", words: "the last expert GEMM of a block" },
  expertFirst: { role: "moe_up", words: "the first of two expert GEMMs" },
  expertAct: { role: "moe_act", words: "an activation between two expert GEMMs" },
  sharedUp: {
    role: "shared_gate_up",
    words: "a dense GEMM before an activation beside the experts",
  },
  sharedAct: {
    role: "shared_act",
    words: "an activation between two dense GEMMs beside the experts",
  },
  sharedDown: { role: "shared_down", words: "a dense GEMM after an activation beside the experts" },
  finalNorm: { role: "final_norm", words: "the last norm of a forward pass, before its last GEMM" },
  lmHead: { role: "lm_head", words: "the GEMM after the last norm of a forward pass" },
  chooseExperts: {
    role: "topk",
    category: "routing",
    words: "a top-k in a layer that has experts and draws no token",
  },
  sortByExpert: {
    role: "moe_align",
    category: "routing",
    words: "a sort in a layer that has experts and draws no token",
  },
  embed: { role: "embed", words: "the look-up before the first norm of a forward pass" },
} as const satisfies Record<string, Ground>;

export type GroundName = keyof typeof GROUNDS;

/** In the order of {@link GROUNDS}; an index plus one is what a row is marked with. */
export const GROUND_NAMES = Object.keys(GROUNDS) as readonly GroundName[];

/**
 * Roles told by a name that leaves open what the place tells. Every other role told by name, op or
 * module stays.
 */
export const LEFT_OPEN: Readonly<Record<string, readonly string[]>> = {
  layer_norm: ["final_norm"],
  act: ["moe_act", "shared_act"],
  moe_gemm: ["moe_up", "moe_down"],
  // One name serves both stages in Composable Kernel.
  moe_up: ["moe_down"],
  moe_down: ["moe_up"],
};

/** The second launch of a GEMM plays that GEMM's part, whichever it is. */
export const OF_ITS_GEMM = "splitk_reduce";

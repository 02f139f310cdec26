import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import type {} from "../../src/model/classes/class-decisions.ts";
import { compileGlob, matchesGlob } from "../../src/model/classes/glob.ts";
import type { KernelFields } from "../../src/model/facts.ts";
import {
  DICTIONARY_FILE,
  DICTIONARY_HEAD,
  type DictionaryRow,
  fieldsOfName,
  readKernelDictionary,
} from "../support/kernel-dictionary.ts";
import { loadRuleLibrary, type RuleLibrary } from "../support/rule-library.ts";

const CATEGORIES = [
  "dispatch-combine",
  "communication",
  "rope",
  "kv-cache",
  "linear-attention",
  "moe-gemm",
  "routing",
  "attention",
  "norm",
  "activation",
  "quantize",
  "gemm",
  "sampling",
  "fill",
  "copy",
  "elementwise",
];

let library: RuleLibrary;
let rows: (DictionaryRow & { fields: KernelFields })[];
let classes: Map<string, DictionaryRow[]>;

beforeAll(async () => {
  library = await loadRuleLibrary();
  rows = readKernelDictionary().map((row) => ({ ...row, fields: fieldsOfName(row.name) }));
  classes = new Map(
    library.classNames.map((name) => [
      name,
      rows.filter(({ fields }) => library.has(name, fields)),
    ]),
  );
});

describe("the library", () => {
  test("compiles without an error", () => {
    expect(library.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  });

  test("defines the report's categories, the first that fits winning", () => {
    expect(library.ruleSet.categories.map(({ id }) => id)).toEqual(CATEGORIES);
  });

  test("says in a comment what each class is", () => {
    const silent: string[] = [];
    for (const [path, text] of library.texts) {
      const lines = text.split("\n");
      lines.forEach((line, i) => {
        if (line.startsWith("let ") && !lines[i - 1]!.startsWith("// "))
          silent.push(`${path}: ${line}`);
      });
    }
    expect(silent).toEqual([]);
  });
});

describe("the kernel dictionary", () => {
  test("has its columns, each name once, sorted by code unit", () => {
    const [head = "", ...lines] = readFileSync(DICTIONARY_FILE, "utf8").trimEnd().split("\n");
    expect(head.split("\t")).toEqual(DICTIONARY_HEAD);
    expect(lines.filter((line) => line.split("\t").length !== DICTIONARY_HEAD.length)).toEqual([]);
    const names = rows.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)].sort());
  });

  test("every row gets its category", () => {
    const wrong = rows
      .map(({ name, category, fields }) => {
        const found = library.first("categories", fields) ?? "other";
        return found === category ? null : `${found} instead of ${category}: ${name.slice(0, 120)}`;
      })
      .filter((one) => one !== null);
    expect(wrong).toEqual([]);
  });

  test("no name is taken for another library's", () => {
    const wrong = rows
      .map(({ name, library: expected, fields }) => {
        const found = library.first("libraries", fields);
        return found === null || found === expected ? null : `${found}, not ${expected}: ${name}`;
      })
      .filter((one) => one !== null);
    expect(wrong).toEqual([]);
  });
});

describe("kernel classes", () => {
  /** Told by module, op or frame alone: a name is not enough. */
  const NEEDS_A_PLACE = [
    "attention.eager_softmax",
    "copies.pad_piece",
    "norm.plain_in_attention",
    "rope.eager_piece",
  ];

  test("each fits a known kernel", () => {
    const empty = [...classes].filter(([, found]) => found.length === 0).map(([name]) => name);
    expect(empty).toEqual(NEEDS_A_PLACE);
  });

  test("each glob fits a known kernel: none is dead or misspelt", () => {
    const names = rows.flatMap(({ fields }) => fields.name);
    const dead = library.nameGlobs.filter((text) => {
      const glob = compileGlob(text);
      return !names.some((name) => matchesGlob(glob, name));
    });
    expect(dead).toEqual([]);
  });

  /** Whole categories, and the last resort of the torch templates. */
  const WHOLE_CATEGORIES = [
    "attention.any",
    "comm.any",
    "elementwise.bookkeeping",
    "elementwise.torch_pointwise",
    "elementwise.any",
    "gemm.dense",
    "gemm.dense_or_reduce",
    "gemm.any",
    "linear-attention.any",
    "moe.routing",
    "norm.any",
    "quant.any",
  ];

  test("none fits more than a twentieth of the dictionary but those that name a category", () => {
    const broad = [...classes].filter(([, found]) => found.length > rows.length / 20);
    expect(broad.map(([name]) => name)).toEqual(WHOLE_CATEGORIES);
  });

  /** Classes made to cross categories; all others stay in one. */
  const CROSSES = [
    "ascend.any",
    "copies.plumbing",
    "diffusion.ulysses_pack",
    "elementwise.inductor",
    "elementwise.torch_pointwise",
    "llamacpp.any",
  ];

  /** One class a rule: kernels that fuse what several categories do, in the forms of one model. */
  const isOfOneRule = (name: string): boolean => name.startsWith("engines.");

  test("each stays within one category", () => {
    const crossing = [...classes]
      .filter(([name]) => !isOfOneRule(name))
      .filter(([, found]) => new Set(found.map(({ category }) => category)).size > 1)
      .map(([name]) => name);
    expect(crossing).toEqual(CROSSES);
  });

  test.each([
    ["norm.plain_rmsnorm", "norm.add_rmsnorm", "norm.any_rmsnorm_quant", "norm.qk_rmsnorm"],
    ["norm.rmsnorm_quant", "norm.add_rmsnorm_quant", "norm.rmsnorm_dynamic_quant"],
    ["comm.all_reduce", "comm.all_reduce_fused_norm", "comm.all_gather", "comm.reduce_scatter"],
    ["comm.all_reduce_rmsnorm", "comm.all_reduce_rmsnorm_fp8", "comm.all_reduce_rmsnorm_fp4"],
    ["comm.ep_dispatch", "comm.ep_combine", "comm.ep_support", "comm.any"],
    ["kv.write", "kv.write_fp8", "kv.write_fp4", "kv.mla_write", "kv.mla_write_concat_q"],
    ["quant.fp8_static", "quant.fp8_token", "quant.fp8_group", "quant.fp4", "quant.mxfp8"],
    ["quant.nvfp4", "quant.mxfp4", "quant.mxfp8"],
    ["rope.apply", "rope.fused", "kv.any"],
    ["rope.with_kv_write", "rope.qk_norm_rope", "rope.qk_norm_rope_kv_write", "rope.norm_rope"],
    ["moe.gate", "moe.align", "moe.permute", "moe.combine_local", "moe.trtllm_routing"],
    ["moe.up_gemm_activated", "moe.down_gemm"],
    ["moe.expert_gemm", "gemm.any"],
    ["activation.act_and_mul", "activation.quantizing", "activation.moe_activation"],
    ["attention.core", "kv.any"],
    ["attention.trtllm_fmha_decode", "attention.trtllm_fmha_context"],
    ["dsa.indexer_logits", "dsa.indexer_topk", "dsa.indexer_topk_transform"],
    ["gemm.dense", "gemm.splitk_reduce"],
  ])("%s and its like exclude each other", (...names) => {
    const seenIn = new Map<string, string>();
    const twice: string[] = [];
    for (const className of names) {
      for (const { name } of classes.get(className)!) {
        if (seenIn.has(name))
          twice.push(`${seenIn.get(name)} and ${className}: ${name.slice(0, 120)}`);
        seenIn.set(name, className);
      }
    }
    expect(twice).toEqual([]);
  });
});

describe("names that mislead", () => {
  test.each([
    [
      "FusedAddRMSNormKernel is no plain RMSNorm",
      "void flashinfer::norm::FusedAddRMSNormKernel<8u, __nv_bfloat16>",
      "norm.plain_rmsnorm",
    ],
    [
      "fused_add_rms_norm_kernel is no plain RMSNorm",
      "void vllm::fused_add_rms_norm_kernel<c10::BFloat16, 8>",
      "norm.plain_rmsnorm",
    ],
    [
      "an add + norm + quantise is no add + norm",
      "void vllm::fused_add_rms_norm_static_fp8_quant_kernel<c10::BFloat16>",
      "norm.add_rmsnorm",
    ],
    [
      "pattern 10 is not pattern 1",
      "void flashinfer::trtllm_allreduce_fusion::allreduce_fusion_kernel_oneshot_lamport<(flashinfer::trtllm_allreduce_fusion::AllReduceFusionPattern)10, __nv_bfloat16, 8, false, false>",
      "comm.all_reduce_rmsnorm",
    ],
    [
      "pattern 0 does no norm",
      "void flashinfer::trtllm_allreduce_fusion::allreduce_fusion_kernel_oneshot_lamport<(flashinfer::trtllm_allreduce_fusion::AllReduceFusionPattern)0, __nv_bfloat16, 8, false, false>",
      "comm.all_reduce_fused_norm",
    ],
    [
      "a fused all-reduce is no plain one",
      "void flashinfer::trtllm_allreduce_fusion::allreduce_fusion_kernel_oneshot_lamport<(flashinfer::trtllm_allreduce_fusion::AllReduceFusionPattern)1, __nv_bfloat16, 8, false, false>",
      "comm.all_reduce",
    ],
    [
      "mxfp4 in a matmul's name is no quantisation",
      "_matmul_ogs_NNT_bf16xbf16xmxfp4_16x128x256x1_swiglu",
      "quant.any",
    ],
    [
      "a cache type in an attention template is no KV write",
      "void paged_attention_ll4mi_QKV_mfma16_kernel<0, __hip_bfloat16, __hip_bfloat16, (vllm::Fp8KVCacheDataType)0, 1, 128, 256, false, 4, 1>",
      "kv.any",
    ],
    [
      "attention over a paged cache is no KV write",
      "void flashinfer::BatchDecodeWithPagedKVCacheKernel<(flashinfer::PosEncodingMode)0, 2u>",
      "kv.any",
    ],
    ["a combined routing kernel is no exchange", "_combined_routing_compute", "comm.ep_any"],
    [
      "torch's reduce_kernel is no all-reduce",
      "void at::native::reduce_kernel<512, 1, at::native::ReduceOp<float, at::native::MeanOps<float, float, float, float>, unsigned int, float, 4> >",
      "comm.any",
    ],
    [
      "FlashAttention-3 is no CUTLASS GEMM",
      "void cutlass::device_kernel<flash::enable_sm90_or_later<flash::FlashAttnFwdSm90<flash::CollectiveMainloopFwdSm90<2> > > >",
      "gemm.any",
    ],
    [
      "a grouped CUTLASS GEMM is not dense",
      "void cutlass::device_kernel<cutlass::gemm::kernel::GemmUniversal<cutlass::gemm::GroupProblemShape<cute::tuple<int, int, int> > > >",
      "gemm.dense",
    ],
    [
      "a rotary embedding is no embedding lookup",
      "void vllm::rotary_embedding_kernel<c10::BFloat16, true>",
      "copies.any_copy",
    ],
    ["a batch-invariant bmm is no expert GEMM", "bmm_kernel_persistent", "moe.expert_gemm"],
    [
      "RoPE with a store is not RoPE alone",
      "void (anonymous namespace)::fused_rope_store_kernel<true, 128l, true, __nv_bfloat16, long, 16u>",
      "rope.apply",
    ],
    [
      "a Q/K norm with RoPE is no Q/K norm",
      "void (anonymous namespace)::fused_qknorm_rope_warp<128l, true, __nv_bfloat16>",
      "norm.qk_rmsnorm",
    ],
    [
      "SiLU with quantisation is not SiLU alone",
      "void vllm::act_and_mul_quant_kernel<c10::BFloat16>",
      "activation.act_and_mul",
    ],
    ["MLA metadata is no attention", "void get_mla_metadata_kernel<32>", "attention.any"],
    [
      "CuTe attention modules hold linear attention too",
      "kernel_cutlass_kernel_sglangkernelsopsattentionlineargdn_blackwellkernel_oSm100ChunkOKernel_object_at__",
      "attention.any",
    ],
  ])("%s", (_title, name, notClass) => {
    expect(library.has(notClass, fieldsOfName(name))).toBe(false);
  });

  const at = (name: string, place: Partial<KernelFields>): KernelFields => ({
    ...fieldsOfName(name),
    ...place,
  });
  const softmax =
    "void at::native::(anonymous namespace)::cunn_SoftMaxForward<8, c10::BFloat16, float, c10::BFloat16, at::native::(anonymous namespace)::SoftMaxForwardEpilogue>";

  test("a softmax is attention where its module says so, and nothing special by name", () => {
    const scope = ["Owlv2ForObjectDetection.Owlv2Encoder.Owlv2EncoderLayer.Owlv2Attention"];
    expect(library.first("categories", at(softmax, { scope }))).toBe("attention");
    expect(library.first("categories", fieldsOfName(softmax))).toBe("elementwise");
  });

  test("the same norm kernel is Q/K norm in attention and layer norm above it", () => {
    const name = "void vllm::rms_norm_kernel<c10::BFloat16, 8, 2>";
    const layer = "Qwen3Model.Qwen3DecoderLayer";
    expect(library.first("roles", at(name, { scope: [`${layer}.Qwen3Attention.RMSNorm`] }))).toBe(
      "qk_norm",
    );
    expect(library.first("roles", at(name, { scope: [`${layer}.RMSNorm`] }))).toBe("layer_norm");
    expect(library.first("roles", at(name, { scope: ["Qwen3Model.RMSNorm"] }))).toBe("final_norm");
    expect(library.first("roles", fieldsOfName(name))).toBe(null);
  });

  test("a BLAS GEMM has a role only where its module is known", () => {
    const gemm = "nvjet_tst_64x64_64x16_2x1_2cta_v_bz_bias_TNT";
    const role = (module: string) =>
      library.first("roles", at(gemm, { scope: [`M.Qwen3DecoderLayer.${module}`] }));
    expect(role("Qwen3Attention.QKVParallelLinear")).toBe("qkv_proj");
    expect(role("Qwen3Attention.RowParallelLinear")).toBe("o_proj");
    expect(role("Qwen2MLP.MergedColumnParallelLinear")).toBe("gate_up");
    expect(role("Qwen2MLP.RowParallelLinear")).toBe("down");
    expect(role("Qwen3MoeSparseMoeBlock.ReplicatedLinear")).toBe("router");
    expect(role("DeepseekV2MoE.DeepseekV2MLP.RowParallelLinear")).toBe("shared_down");
    expect(library.first("roles", fieldsOfName(gemm))).toBe(null);
  });

  test("RCCL's one generic kernel is an all-reduce only by its op", () => {
    const name = "ncclDevKernel_Generic_1(ncclDevKernelArgsStorage<4096ul>)";
    expect(library.has("comm.all_reduce", fieldsOfName(name))).toBe(false);
    expect(library.has("comm.all_reduce", at(name, { op: ["c10d::allreduce_"] }))).toBe(true);
    expect(library.first("categories", fieldsOfName(name))).toBe("communication");
  });
});

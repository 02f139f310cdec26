import { beforeAll, describe, expect, test } from "vitest";
import { categoryTeller } from "../../../src/engine/attribution/category.ts";
import { decisionsOf } from "../../../src/model/classes/class-decisions.ts";
import { kernelName } from "../../../src/names/kernel-name.ts";
import { fieldsOfName } from "../../support/kernel-dictionary.ts";
import { loadRuleLibrary } from "../../support/rule-library.ts";

let tell: (name: string, ...op: string[]) => string;

beforeAll(async () => {
  const { ruleSet } = await loadRuleLibrary();
  const teller = categoryTeller(ruleSet, decisionsOf(ruleSet));
  tell = (name, ...op) => {
    const told = teller(kernelName(name), { ...fieldsOfName(name), op });
    return `${told.category} by ${told.categoryFrom}`;
  };
});

describe("what tells a category", () => {
  test("a class of exact names comes first", () => {
    expect(tell("void flashinfer::norm::RMSNormKernel<8u>(int)", "aten::mm")).toBe("norm by class");
  });

  test("then the words of the name, whatever prefix and order", () => {
    expect(tell("_acme_gated_silu_v3", "aten::mm")).toBe("activation by words");
    expect(tell("acme::SiluGated<float>")).toBe("activation by words");
    expect(tell("acme_all2all_intra")).toBe("communication by words");
    expect(tell("void acme::fancy_rotary_emb<float>(int)")).toBe("rope by words");
    expect(tell("acme_w4a16_grouped_gemm_v2")).toBe("moe-gemm by words");
  });

  test("then the op that launched it, the innermost first", () => {
    expect(tell("acme_v3", "aten::_softmax", "vllm::moe_forward")).toBe("elementwise by op");
    expect(tell("acme_v3", "acme::something", "vllm::moe_forward")).toBe("moe-gemm by op");
    expect(tell("acme_v3", "aten::cudnn_convolution")).toBe("gemm by op");
    expect(tell("acme_v3", "_flash_attn_forward")).toBe("attention by op");
    expect(tell("acme_v3", "c10d::alltoall_base_")).toBe("communication by op");
  });

  test("and the library last of all", () => {
    expect(tell("void at::native::acme_v3<float>(int)", "aten::mm")).toBe("gemm by op");
    expect(tell("void at::native::acme_v3<float>(int)")).toBe("elementwise by words");
    expect(tell("acme_v3")).toBe("other by null");
  });

  test("the verb decides, not the object", () => {
    expect(tell("acme_quantize_gemm_input")).toBe("quantize by words");
    expect(tell("acme_fused_rope_kv_cache_write")).toBe("rope by words");
    expect(tell("acme_gemm_silu_quant")).toBe("gemm by words");
    expect(tell("acme_paged_attention_metadata")).toBe("elementwise by words");
  });

  test("generated loops name the norm, not the products beside it", () => {
    expect(tell("triton_red_fused_rms_norm_0")).toBe("norm by words");
    expect(tell("triton_poi_fused_add_addmm_17")).toBe("elementwise by words");
    expect(tell("triton_red_fused_moe_forward_shared_rms_norm_0")).toBe("norm by words");
  });

  test("recorders spell one kernel in several ways", () => {
    for (const name of [
      "acme_silu_gated.kd",
      "void acme_silu_gated<4>(int) [clone .kd]",
      "void <unnamed>::acme_silu_gated<(int)4>(T1 *)",
    ])
      expect(tell(name)).toBe("activation by words");
  });
});

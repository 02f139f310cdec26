import type { Call } from "../calls.ts";

const TENSILE =
  "Cijk_Alik_Bljk_BBS_BH_Bias_HA_S_SAV_UserArgs_MT64x32x256_MI16x16x1_SN_LDSB1_AFC1_AFEM1_AFEM1_ASEM1_CLR1_CADS0_DTLA0_DTLB0_EPS0_GRVWA8_GRVWB8_GSUAMB_IU1_K1_LBSPPA1024_LBSPPB512_MIWT2_2_MO40_NTn1_NTA0_PGR2_PLR3_SIA3_SS1_SU0_SUS0_SVW1_TLDS1_WG32_8_1";

/** Kernel names whose spelling differs on MI300X: aiter's are printed mangled, GEMMs are Tensile's. */
const AMD_NAMES: readonly [nvidia: RegExp, amd: string][] = [
  [/^nvjet_|splitKreduce|^sm90_xmma/, TENSILE],
  [
    /RMSNormKernel/,
    "_ZN5aiter24add_rmsnorm_quant_kernelIDF16bDF16bLi256ELi16ELb0ELb0ELb1ELi1EEEvPT0_PT_PfS4_S4_S4_diiiiiiib",
  ],
  [
    /fused_rope_kernel/,
    "void rotary_embedding_kernel<c10::BFloat16, true>(long const*, c10::BFloat16*, c10::BFloat16*, c10::BFloat16 const*, int, long, long, long, int, int, int)",
  ],
  [/FlashAttnFwdSm90/, "_fwd_grouped_kernel_stage1"],
];

/** The same calls with the names AMD's stack prints; times and shapes stay. */
export function onAmd(calls: readonly Call[]): Call[] {
  return calls.map((call): Call => {
    if (call.kind === "kernel") return { ...call, name: amdName(call.name) };
    return "body" in call ? ({ ...call, body: onAmd(call.body) } as Call) : call;
  });
}

function amdName(name: string): string {
  return AMD_NAMES.find(([pattern]) => pattern.test(name))?.[1] ?? name;
}

import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { analyze } from "../src/commands/triage.ts";
import { DEFAULT_ANALYZE_OPTIONS } from "../src/model/options.ts";
import { renderReports } from "../src/report/render-reports.ts";
import { DEFAULT_RENDER_OPTIONS } from "../src/report/renderer.ts";
import { SHARED_TRACES } from "./support/shared-traces.ts";

/** What an engineer asks of a trace, and what answers it in the one page that a command prints. */
interface Answers {
  /** GPU, engine, tensor-parallel size. */
  readonly run: RegExp;
  /** Time of communication, and how much of it nothing hides. */
  readonly communication: RegExp;
  /** Whether all-reduce and norm are fused, how often not, and what that would save. */
  readonly allReduceNorm: RegExp | null;
  readonly layerParts: RegExp | null;
  readonly step: RegExp;
  /** Where the top kernel is launched. */
  readonly site: RegExp;
  /** How far the top kernels are from the limit. */
  readonly limit: RegExp;
  readonly idle: RegExp;
  /** What to do first, and what it saves. */
  readonly first: RegExp;
}

const MOST_BYTES = 20_000;

const TRACES: Record<string, Answers> = {
  "vllm-b200-tp8-eager": {
    run: /vLLM.* · 8 × NVIDIA B200, sm100 · TP 8/,
    communication: /communication 2\.14 ms \(all exposed\)/,
    allReduceNorm: /vllm-allreduce-rmsnorm.*split ×72.*≤ 9\.89\d ms/,
    layerParts: /Parts of a layer: experts 5\d\.\d%, communication 2\d\.\d%/,
    step: /A step: 1 context \(888 tokens\), eager/,
    site: /bmm_MxE4m3.*moe-gemm.*mxfp4\.py:889 apply/,
    limit: /bmm_MxE4m3.*30\.9% memory/,
    idle: /idle: host late with the launch \| – \| 70\.684 ms \| 83\.7%/,
    first: /1\. \*\*The GPU waits for the host to launch.*≤ 72\.9 ms.*86\.3% of the step/,
  },
  "sglang-mi300x-qwen3-8b-decode": {
    run: /SGLang.* · AMD Instinct MI300X, gfx942 · TP 1/,
    communication: /no communication/,
    allReduceNorm: null,
    layerParts: /Parts of a layer: attention 50\.\d%, MLP 46\.\d%/,
    step: /A step: 32 generation, replayed from graphs/,
    site: /Cijk_.*gemm.*unquant\.py:136 apply/,
    limit: /Cijk_.*57\.1% memory/,
    idle: /idle: graph launch \| – \| 0\.288 ms/,
    first: /1\. \*\*GEMMs at 50% of memory bandwidth.*≤ 2\.7\d ms.*2\d\.\d% of the step/,
  },
  "sglang-mi300x-qwen3-8b-extend": {
    run: /SGLang.* · AMD Instinct MI300X, gfx942 · TP 1/,
    communication: /no communication/,
    allReduceNorm: null,
    layerParts: /Parts of a layer: MLP \d+\.\d%, attention/,
    step: /A step: 15 context \(15,360 tokens\), eager/,
    site: /Cijk_.*gemm.*unquant\.py:136 apply/,
    limit: /Cijk_.*3\d\.\d% compute/,
    idle: /GPU busy \*\*493 ms of 494 ms\*\* \(99\.\d%\)/,
    first: /1\. \*\*GEMMs at 39% of the matrix and vector units.*≤ 257 ms.*52\.0% of the step/,
  },
  "vllm-mi300x-gptoss-decode": {
    run: /vLLM.*(gfx942|AMD).*world 1/,
    communication: /no communication/,
    allReduceNorm: null,
    layerParts: /Parts of a layer: experts \d+\.\d%/,
    step: /A step: 32 generation, replayed from graphs/,
    site: /matmul_ogs.*moe-gemm.*gpt_oss_triton_kernels_moe\.py:269/,
    limit: /matmul_ogs.*1\d\.\d% memory/,
    idle: /GPU busy \*\*10\.7 ms of 10\.7 ms\*\* \(99\.8%\)/,
    first: /1\. \*\*Expert GEMMs at 28% of memory bandwidth.*≤ 5\.09 ms.*47\.\d% of the step/,
  },
  "hf-h100-qwen1.5-0.5b": {
    run: /engine unknown.*NVIDIA H100/,
    communication: /no communication/,
    allReduceNorm: null,
    layerParts: /Parts of a layer: attention 4\d\.\d%, MLP 2\d\.\d%/,
    step: /layers of \d+ kernels repeat/,
    site: /modeling_qwen2\.py:\d+/,
    limit: /6\d\.\d% compute/,
    idle: /idle: host late with the launch/,
    first: /1\. \*\*RMSNorm as one kernel: split 70 times.*≤ 7\.5\d ms.*15\.1% of the step/,
  },
  "moe-b200-ep-before": {
    run: /engine unknown.*2 × NVIDIA B200/,
    communication: /communication 4\.\d+ ms \(4\.08 ms exposed\)/,
    allReduceNorm: null,
    layerParts: /Parts of a layer: /,
    step: /A step: eager \(no graph\)/,
    site: /index_elementwise_kernel.*aten::_index_put_impl_/,
    limit: /index_elementwise_kernel.*1\d\.\d% memory/,
    idle: /idle: host waited for the GPU/,
    first: /1\. \*\*The host waits for the GPU 20 times.*≤ 9\.02 ms.*26\.3% of the step/,
  },
};

/** The same of traces that are no serving run, or tell less: what is not in them is said to be unknown. */
Object.assign(TRACES, {
  "hf-h100-owlv2": {
    run: /engine unknown.*NVIDIA H100/,
    communication: /no communication/,
    allReduceNorm: null,
    layerParts: /Parts of a layer: attention 9\d\.\d%/,
    step: /A step: eager/,
    site: /SoftMaxForward.*modeling_owlv2\.py:410 forward/,
    limit: /SoftMaxForward.*2\d\.\d% memory/,
    idle: /idle: host elsewhere \| enumerate\(DataLoader\).*492\.726 ms \| 45\.7%/,
    first: /1\. \*\*The GPU waits 4 times for long.*DataLoader.*≤ 493 ms.*45\.7% of the step/,
  },
  "hf-h100-timesformer": {
    run: /engine unknown.*NVIDIA H100/,
    communication: /no communication/,
    allReduceNorm: null,
    layerParts: /Parts of a layer: attention 79\.\d%/,
    step: /A step: eager/,
    site: /SoftMaxForward.*modeling_timesformer\.py:200 forward/,
    limit: /SoftMaxForward.*1\d\.\d% memory/,
    idle: /GPU busy \*\*158 ms of 160 ms\*\* \(99\.0%\)/,
    first:
      /1\. \*\*Attention as one kernel: split 24 times.*≤ 126 ms.*78\.7% of the step[\s\S]{0,400}At: `transformers/,
  },
  "moe-b200-ep-after": {
    run: /engine unknown.*2 × NVIDIA B200.*world 2/,
    communication: /communication 7\.31 ms \(all exposed\)/,
    allReduceNorm: null,
    layerParts: /Parts of a layer: communication 3\d\.\d%/,
    step: /A step: eager/,
    site: /_mxfp8_all_to_all_expert_major_kernel.*MXFP8SynclessAllToAllExpertMajor/,
    limit: /AllGather_RING_LL.*<?0\.\d% link/,
    idle: /idle: host late with the launch \| – \| 3\.189 ms \| 11\.0%/,
    first:
      /1\. \*\*The GPU waits for the host to launch: 801 launches.*≤ 4\.94 ms.*17\.1% of the step/,
  },
  "sglang-b300-decode": {
    run: /SGLang.*NVIDIA B300.*TP 1/,
    communication: /no communication/,
    allReduceNorm: null,
    layerParts: /Parts of a layer: MLP 58\.\d%, attention 33\.\d%/,
    step: /A step: 16 generation, replayed from graphs/,
    site: /nvjet_sm103_tst_256x16.*gemm.*– \| – \|/,
    limit: /--model-config/,
    idle: /idle: host late with the launch \| – \| 1\.181 ms/,
    first:
      /1\. \*\*The GPU waits for the host around graph launches.*≤ 1\.86 ms.*33\.8% of the step/,
  },
  "sglang-mi300x-qwen3-30b-a3b-decode": {
    run: /SGLang.*MI300X.*TP 1/,
    communication: /no communication/,
    allReduceNorm: null,
    layerParts: /Parts of a layer: experts 6\d\.\d%/,
    step: /A step: 16 generation, replayed from graphs/,
    site: /kernel_moe_gemm.*moe-gemm.*–/,
    limit: /--model-config/,
    idle: /idle: host late with the launch \| – \| 1\.399 ms/,
    first:
      /1\. \*\*The GPU waits for the host around graph launches.*≤ 1\.71 ms.*13\.9% of the step/,
  },
  "train-a100-multistream": {
    run: /engine unknown.*8 × NVIDIA A100.*world 8/,
    communication: /communication 164 ms \(87\.9 ms exposed\)/,
    allReduceNorm: null,
    layerParts: null,
    step: /A step: eager/,
    site: /SendRecv_RING_SIMPLE.*All2All_Pooled_Req/,
    limit: /\d+\.\d% (memory|compute)/,
    idle: /idle: host late with the launch \| – \| 58\.776 ms \| 12\.7%/,
    first:
      /1\. \*\*The GPU waits for the host to launch: 9450 launches.*≤ 76\.0 ms.*16\.4% of the step/,
  },
  "train-rtx3060-a": {
    run: /NVIDIA GeForce RTX 3060/,
    communication: /no communication/,
    allReduceNorm: null,
    layerParts: /Parts of a layer: gemm 64\.\d%/,
    step: /\(5 steps\)|GPU busy/,
    site: /ampere_sgemm_128x64_tn.*aten::(addmm|mm)/,
    limit: /ampere_sgemm_128x64_tn.*\d\d\.\d% compute/,
    idle: /GPU busy \*\*126 ms of 128 ms\*\*/,
    first: /1\. \*\*GEMMs at 57% of the matrix.*≤ 33\.7 ms.*26\.4% of the step/,
  },
  "train-rtx3060-b": {
    run: /NVIDIA GeForce RTX 3060/,
    communication: /no communication/,
    allReduceNorm: null,
    layerParts: /Parts of a layer: gemm 64\.\d%/,
    step: /A step: replayed from graphs/,
    site: /ampere_sgemm_128x64_tn.*\| – \| – \|/,
    limit: /no limit: replayed from a graph/,
    idle: /GPU busy \*\*115 ms of 116 ms\*\*/,
    first: /Nothing that this trace shows.*the work of [89]\d\.\d% of its GPU time is not known/,
  },
  "train-v100-4ranks": {
    run: /Tesla V100.*world 4/,
    communication: /communication 106 ms \(78\.2 ms exposed\)/,
    allReduceNorm: null,
    layerParts: null,
    step: /A step: eager/,
    site: /SendRecv.*c10d::alltoall_base_/,
    limit: /no limit: /,
    idle: /idle: host elsewhere \| cudaFree in aten::cat \| 114\.099 ms/,
    first:
      /1\. \*\*The GPU waits 6 times for long while the host allocates or frees GPU memory.*≤ 253 ms.*35\.4%/,
  },
  "triton-mi300x-small": {
    run: /MI300X/,
    communication: /no communication/,
    allReduceNorm: null,
    layerParts: null,
    step: /A step: eager/,
    site: /Cijk_.*aten::mm/,
    limit: /Cijk_.*\d\d\.\d% compute/,
    idle: /GPU busy \*\*12\.5 ms of 12\.5 ms\*\*/,
    first: /1\. \*\*GEMMs at 42%.*≤ 4\.67 ms.*37\.2% of the step/,
  },
  "gpu-only-mi210": {
    run: /MI210/,
    communication: /no communication/,
    allReduceNorm: null,
    layerParts: null,
    step: /A step: eager/,
    site: /igemm_wrw.*\| – \| – \|/,
    limit: /no limit: /,
    idle: /idle: host late with the launch \| – \| 0\.517 ms/,
    first: /1\. \*\*The GPU waits for the host to launch: 562 launches.*≤ 636 µs.*10\.6%/,
  },
} satisfies Record<string, Answers>);

describe.skipIf(!existsSync(SHARED_TRACES))(
  "one page answers what an engineer asks (needs ../shared)",
  () => {
    test.each(Object.entries(TRACES))("%s", async (name, answers) => {
      const { reports } = await analyze({
        ...DEFAULT_ANALYZE_OPTIONS,
        inputs: [join(SHARED_TRACES, name)],
        rulesPath: "rules",
      });
      const page = renderReports(reports, "markdown", DEFAULT_RENDER_OPTIONS)
        .replaceAll("\\", "")
        .replaceAll("\u00a0", " ");
      expect(Buffer.byteLength(page)).toBeLessThanOrEqual(MOST_BYTES);
      for (const [question, answer] of Object.entries(answers))
        if (answer !== null) expect(page, question).toMatch(answer as RegExp);
    });
  },
);

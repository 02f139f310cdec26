import { kernelId } from "../../src/engine/tables/kernel-id.ts";
import type { Action } from "../../src/model/contracts/action.ts";
import type { LedgerRow } from "../../src/model/contracts/ledger.ts";
import type {
  ExcerptReport,
  ExcerptSpan,
  FuseRow,
  KernelRow,
  KernelSite,
  LayerKernel,
  OverlapRow,
  Report,
  ReportSource,
  Spread,
  StageReport,
} from "../../src/model/contracts/report.ts";

const NO_METHODS: Report["located"]["byMethod"] = {
  none: 0,
  direct: 0,
  "graph-capture": 0,
  "mapping-sequence": 0,
  "layer-context": 0,
  "single-site-name": 0,
};

export function report(given: Partial<Report> = {}): Report {
  return {
    schemaVersion: 3,
    tool: { name: "fuse-triage", version: "0.1.0" },
    rules: { path: "rules", digest: "3f".repeat(32), edition: 1, count: 58 },
    mode: "single-trace",
    overlapBasis: "One trace shows what ran together, not what could have.",
    framework: "vllm",
    frameworkEvidence: "python frames vllm/ ×3,120",
    traces: [trace()],
    model: null,
    modelFrom: null,
    serverArgs: null,
    serverArgsPath: null,
    gpu: { name: "NVIDIA B200", vendor: "nvidia", arch: "sm100", count: 8 },
    parallel: { tp: 8, pp: null, dp: null, ep: null, worldSize: 8, from: "distributedInfo" },
    minSharePct: 1,
    located: { pct: 97.3, byMethod: { ...NO_METHODS, direct: 97.3, none: 2.7 } },
    health: { findings: [], trusted: true },
    actions: [],
    stages: [],
    similarity: null,
    summary: "Nothing to say.",
    hiddenRows: { kernels: 0, overlap: 0, fuse: 0, actions: 0 },
    diagnostics: [],
    ...given,
  };
}

export function trace(given: Partial<Report["traces"][number]> = {}): Report["traces"][number] {
  return {
    path: "profile/TP-0.trace.json.gz",
    role: "input",
    rank: 0,
    events: 24_656,
    gpuEvents: 929,
    complete: true,
    damage: null,
    choice: null,
    ...given,
  };
}

export function stage(given: Partial<StageReport> = {}): StageReport {
  return {
    stage: "decode",
    steps: 1,
    work: [],
    limits: {
      machine: null,
      modelledPct: 0,
      modelledUs: 0,
      floorUs: null,
      timesFloor: null,
      atLeastUs: 0,
      contradictions: 0,
      unmodelled: [],
      peaks: null,
      collectives: null,
    },
    requests: {
      context: null,
      contextTokens: null,
      generation: null,
      batch: null,
      tokens: null,
      graphs: null,
      phase: null,
    },
    phases: [],
    outsideSteps: null,
    stageFrom: "annotation",
    timeline: timeline(),
    stepTimes: null,
    ledger: [],
    layers: null,
    layer: null,
    kernels: [],
    overlap: [],
    fuse: [],
    excerpt: null,
    ...given,
  };
}

export function timeline(given: Partial<StageReport["timeline"]> = {}): StageReport["timeline"] {
  return {
    totalUs: 10_000,
    busyUs: 9_000,
    idleUs: 1_000,
    computeUs: 9_000,
    commUs: 0,
    exposedCommUs: 0,
    memoryUs: 0,
    exposedMemoryUs: 0,
    gpuTimeUs: 9_000,
    idleCauses: [],
    apart: null,
    ...given,
  };
}

export function action(given: Partial<Action> = {}): Action {
  const saves = given.saves ?? { kernelUs: 1_204, gapUs: 0, pctOfStep: 1.4 };
  return {
    id: "fusion-prefill-vllm-allreduce-rmsnorm",
    kind: "fusion",
    stage: "prefill",
    title: "All-reduce, residual add and RMSNorm in one kernel: split 72 times",
    do: "Run compiled with FlashInfer installed and fuse_allreduce_rms on.",
    where: ["vllm/distributed/device_communicators/symm_mem.py:127 all_reduce"],
    saves,
    likelyUs: saves.kernelUs + saves.gapUs,
    evidence: { kernels: [], gpuUs: saves.kernelUs, idle: [], idleUs: saves.gapUs },
    after: null,
    toggle: null,
    proof: "trace",
    assuming: [],
    rule: "vllm-allreduce-rmsnorm",
    sources: [SOURCE],
    claims: [kernelId("multimem_all_reduce_kernel<c10::BFloat16, 8>")],
    ...given,
  };
}

export function ledgerRow(given: Partial<LedgerRow> = {}): LedgerRow {
  return {
    part: "compute",
    reason: "no-model",
    what: "gemm",
    us: 900,
    pct: 10,
    of: [kernelId("nvjet")],
    usOf: [900],
    pieces: 1,
    longestUs: 900,
    note: null,
    ...given,
  };
}

export function kernel(given: Partial<KernelRow> & { readonly name: string }): KernelRow {
  const totalUs = given.totalUs ?? 900;
  const launches = given.launches ?? 36;
  return {
    id: kernelId(given.name),
    shortName: given.name,
    categoryFrom: "class",
    category: "gemm",
    role: null,
    roleFrom: null,
    roles: [],
    totalUs,
    sharePct: 10,
    launches,
    avgUs: totalUs / launches,
    minUs: totalUs / launches,
    maxUs: totalUs / launches,
    ...spread(totalUs / launches),
    perStep: null,
    limit: null,
    sites: [site({ totalUs, launches })],
    ...given,
  };
}

/** All measurements alike. */
export function spread(us: number): Spread {
  return { medianUs: us, p10Us: us, p90Us: us };
}

export function layerKernel(
  given: Partial<LayerKernel> & { readonly kernel: string },
): LayerKernel {
  return {
    position: 0,
    lane: "7",
    shortName: given.kernel,
    category: "gemm",
    categoryFrom: "class",
    role: null,
    roleFrom: null,
    roleGround: null,
    module: null,
    location: null,
    launches: 36,
    otherLaunches: 0,
    avgUs: 25,
    ...spread(25),
    gapBefore: spread(1),
    ...given,
  };
}

export function site(given: Partial<KernelSite> = {}): KernelSite {
  return {
    location: "vllm/model_executor/layers/linear.py:312",
    function: "forward",
    module: "Qwen3DecoderLayer.Qwen3MLP.MergedColumnParallelLinear",
    cpuOp: "aten::mm",
    launches: 36,
    totalUs: 900,
    via: "direct",
    ...given,
  };
}

export const SOURCE: ReportSource = {
  repo: "vllm",
  commit: "e0c0c0a1b2c3d4e5f60718293a4b5c6d7e8f9012",
  path: "vllm/compilation/passes/fusion/allreduce_rms_fusion.py",
  symbol: "AllReduceFusionPass",
  url: "https://github.com/vllm-project/vllm/blob/e0c0c0a1/vllm/compilation/passes/fusion/allreduce_rms_fusion.py",
};

export function overlap(given: Partial<OverlapRow> = {}): OverlapRow {
  return {
    rule: null,
    priority: "P1",
    verdict: "exposed",
    kernel: "multimem_all_reduce_kernel<c10::BFloat16, 8>",
    of: [kernelId("multimem_all_reduce_kernel<c10::BFloat16, 8>")],
    category: "communication",
    location: "vllm/distributed/device_communicators/symm_mem.py:127 all_reduce",
    totalUs: 2_115.2,
    sharePct: 18.2,
    exclusivePct: 100,
    hiddenPct: 0,
    saveAtMostUs: 0,
    dependencyRisk: "high",
    recommendation: "Fuse it with what follows; every next kernel needs its result.",
    rationale: "",
    status: null,
    sources: [],
    ...given,
  };
}

export function fuse(given: Partial<FuseRow> = {}): FuseRow {
  return {
    rule: "allreduce-residual-rmsnorm",
    title: "All-reduce, residual add and RMSNorm run apart",
    status: "mainline",
    pr: [],
    checked: null,
    state: "split",
    assuming: [],
    counts: { active: 0, partial: 0, split: 72 },
    coveragePct: 0,
    relatedUs: 3_110.4,
    sharePct: 26.7,
    saveAtMostUs: 1_204,
    saves: { kernelUs: 1_204, gapUs: 0, pctOfStep: 1.4 },
    traffic: null,
    evidence: [
      {
        step: "in",
        id: kernelId("Memcpy DtoD (Device -> Device)"),
        kernel: "Memcpy DtoD (Device -> Device)",
        launches: 72,
        totalUs: 390,
      },
      {
        step: "reduce",
        id: kernelId("multimem_all_reduce_kernel<c10::BFloat16, 8>"),
        kernel: "multimem_all_reduce_kernel<c10::BFloat16, 8>",
        launches: 72,
        totalUs: 1_912,
      },
      {
        step: "norm",
        id: kernelId("vllm::fused_add_rms_norm_kernel<c10::BFloat16, 8>"),
        kernel: "vllm::fused_add_rms_norm_kernel<c10::BFloat16, 8>",
        launches: 72,
        totalUs: 418.4,
      },
    ],
    locations: [
      "vllm/distributed/device_communicators/symm_mem.py:127 all_reduce",
      "vllm/_custom_ops.py:334 fused_add_rms_norm",
    ],
    sources: [SOURCE],
    rationale:
      "multimem_all_reduce_kernel is followed by fused_add_rms_norm_kernel 72 times; one kernel does both where tp >= 2.",
    advice: "Let the compilation pass replace both calls.",
    toggle: '--compilation-config \'{"pass_config": {"fuse_allreduce_rms": true}}\'',
    alsoMatched: [],
    ...given,
  };
}

/** Half a decoder layer on two streams, with an all-reduce that nothing hides. */
export function excerpt(given: Partial<ExcerptReport> = {}): ExcerptReport {
  const span = (
    kernel: string,
    category: string,
    startUs: number,
    durUs: number,
    more: Partial<ExcerptSpan> = {},
  ): ExcerptSpan => ({
    lane: 0,
    startUs,
    durUs,
    kernel,
    category,
    role: null,
    location: "vllm/model_executor/layers/linear.py:312 forward",
    exposedUs: 0,
    ...more,
  });
  return {
    of: "layer",
    layer: 17,
    step: "execute_context_1(888)_generation_0(0)",
    fromUs: 41_200,
    durationUs: 230,
    whole: true,
    lanes: [
      { device: 0, stream: "7" },
      { device: 0, stream: "24" },
    ],
    spans: [
      span("nvjet_sm100_tst_64x8_64x16_4x1_v_bz_TNT", "gemm", 0, 62, { role: "qkv_proj" }),
      span("fmhaSm100fKernel_QkvBfloat16", "attention", 64, 40.5, { role: "attention" }),
      span("Memcpy DtoD (Device -> Device)", "copy", 108, 5.4, { exposedUs: 5.4 }),
      span("multimem_all_reduce_kernel<c10::BFloat16, 8>", "communication", 115, 29, {
        exposedUs: 29,
      }),
      span("vllm::fused_add_rms_norm_kernel<c10::BFloat16, 8>", "norm", 145, 5.8),
      span("bmm_E2m1_swiGlu_dynB_sm100f", "moe-gemm", 152, 78, { role: "expert_gate_up" }),
      span("vllm::moe::topk", "routing", 150, 9, { lane: 1, location: null }),
    ],
    idle: [
      { startUs: 62, durUs: 2, cause: "host-launch" },
      { startUs: 104.5, durUs: 3.5, cause: "host-launch" },
    ],
    fuse: [
      { rule: "allreduce-residual-rmsnorm", state: "split", spans: [2, 3, 4], whole: true },
      { rule: "residual-rmsnorm", state: "active", spans: [4], whole: true },
    ],
    ...given,
  };
}

/** A launch-bound eager prefill and a graph decode, as an engineer would meet them. */
export function realisticReport(): Report {
  return report({
    model: "openai/gpt-oss-120b",
    modelFrom: "server_args.json model_path",
    serverArgs: {
      model_path: "openai/gpt-oss-120b",
      tensor_parallel_size: 8,
      attention_backend: "trtllm_mha",
      enforce_eager: true,
      port: 30000,
    },
    serverArgsPath: "profile/server_args.json",
    located: {
      pct: 97.3,
      byMethod: { ...NO_METHODS, direct: 80.1, "graph-capture": 17.2, none: 2.7 },
    },
    health: { findings: [], trusted: true },
    actions: [
      action({
        id: "host-prefill-7a1b2c3d",
        kind: "host",
        stage: "prefill",
        title: "The GPU waits for the host to launch: 929 launches, no graph",
        do: "Launch less work from the host: capture the step in a CUDA graph.",
        where: ["vllm/v1/worker/gpu_model_runner.py:2012 execute_model"],
        saves: { kernelUs: 0, gapUs: 72_890.7, pctOfStep: 86.3 },
      }),
      action({
        stage: "prefill",
        saves: { kernelUs: 1_204, gapUs: 8_740.2, pctOfStep: 11.8 },
        toggle: "--compilation-config.pass_config.fuse_allreduce_rms=true",
        proof: "assumed",
        assuming: ["tp"],
      }),
    ],
    stages: [
      stage({
        stage: "prefill",
        timeline: timeline({
          totalUs: 84_512.3,
          busyUs: 11_604.1,
          idleUs: 72_908.2,
          computeUs: 9_412.8,
          commUs: 2_115.2,
          exposedCommUs: 1_980.7,
          memoryUs: 781.3,
          exposedMemoryUs: 640,
          gpuTimeUs: 11_640.9,
          idleCauses: [
            {
              cause: "host-launch",
              us: 72_001.2,
              note: "the queue was empty before 912 of 929 launches",
            },
            { cause: "synchronisation", us: 907, note: null },
          ],
        }),
        stepTimes: {
          count: 1,
          duration: spread(84_480),
          gpuTime: spread(11_620),
          busy: spread(11_600),
          idle: spread(72_880),
          exposedComm: spread(2_115.2),
          deviation: { duration: 0, gpuTime: 0, busy: 0, idle: 0, exposedComm: 0 },
        },
        ledger: [
          ledgerRow({ us: 8_652.1, pct: 10.24 }),
          ledgerRow({
            part: "communication",
            reason: "waiting",
            what: "communication",
            us: 2_141.5,
            pct: 2.53,
          }),
          ledgerRow({ part: "copies", reason: null, what: null, us: 802.8, pct: 0.95 }),
          ledgerRow({
            part: "host",
            reason: null,
            what: null,
            us: 70_683.6,
            pct: 83.66,
            note: "778 gaps, the longest 2.638 ms before nvjet: the host had not made the launch yet",
          }),
          ledgerRow({ part: "queued", reason: null, what: null, us: 2_207.1, pct: 2.61 }),
        ],
        layers: {
          period: 25,
          count: 36,
          matchRatio: 0.93,
          template: [
            layerKernel({ kernel: "multimem_all_reduce_kernel", role: "attn_all_reduce" }),
          ],
        },
        excerpt: excerpt(),
        kernels: [
          kernel({
            name: "bmm_E2m1_E2m1E4m3_Fp32_bA16_t128x64x256u2_s4_et128x64_m256x64x64_cga2x1x1_16dp256b_rM_TN_transOut_schPd2x1x2x3_biasM_swiGlu_dynB_sm100f",
            shortName: "bmm_E2m1_E2m1E4m3_Fp32_t128x64x256_swiGlu_dynB_sm100f",
            category: "moe gemm",
            totalUs: 3_012.7,
            sharePct: 25.9,
            sites: [
              site({
                location: "vllm/model_executor/layers/fused_moe/trtllm_moe.py:118",
                function: "apply",
                module: "GptOssDecoderLayer.MLPBlock.FusedMoE",
                cpuOp: "vllm::moe_forward",
                totalUs: 3_012.7,
              }),
            ],
          }),
          kernel({
            name: "multimem_all_reduce_kernel<c10::BFloat16, 8>",
            category: "communication",
            totalUs: 2_115.2,
            sharePct: 18.2,
            launches: 73,
            sites: [
              site({
                location: "vllm/distributed/device_communicators/symm_mem.py:127",
                function: "all_reduce",
                module: "GptOssDecoderLayer.OAIAttention.RowParallelLinear",
                cpuOp: "vllm::all_reduce",
                launches: 36,
                totalUs: 1_100,
              }),
              site({
                location: "vllm/distributed/device_communicators/symm_mem.py:127",
                function: "all_reduce",
                module: "GptOssDecoderLayer.MLPBlock",
                cpuOp: "vllm::all_reduce",
                launches: 37,
                totalUs: 1_015.2,
                via: "layer-context",
              }),
            ],
          }),
          kernel({
            name: "Memcpy DtoD (Device -> Device)",
            category: "copy",
            totalUs: 781.3,
            sharePct: 6.7,
            launches: 146,
            sites: [
              site({
                location: null,
                function: null,
                module: null,
                cpuOp: "aten::copy_",
                totalUs: 700,
              }),
              site({
                location: null,
                function: null,
                module: null,
                cpuOp: null,
                totalUs: 81.3,
                via: "none",
              }),
            ],
          }),
        ],
        overlap: [
          overlap(),
          overlap({
            rule: "moe-shared-expert-side-stream",
            priority: "P2",
            verdict: "headroom",
            kernel: "nvjet_sm100_tst_64x8_64x16_4x1_v_bz_TNT",
            category: "gemm",
            location: null,
            totalUs: 412.5,
            sharePct: 3.5,
            exclusivePct: 88.4,
            hiddenPct: 11.6,
            dependencyRisk: "low",
            recommendation: "Run the shared expert on a side stream while the routed experts run.",
            rationale: "Shared and routed experts read the same input and write different outputs.",
            status: "mainline",
            sources: [SOURCE],
          }),
        ],
        fuse: [
          fuse(),
          fuse({
            rule: "rope-fp8-quant-kv-write",
            title: "RoPE, fp8 quantise and KV write run apart",
            status: "in-flight",
            pr: ["vllm-project/vllm#12345"],
            checked: "2026-11-20",
            state: "partial",
            assuming: ["arch", "quant"],
            counts: { active: 24, partial: 4, split: 8 },
            coveragePct: 66.7,
            relatedUs: 520.1,
            sharePct: 4.5,
            saveAtMostUs: 210.4,
            saves: { kernelUs: 210.4, gapUs: 0, pctOfStep: 0.2 },
            alsoMatched: ["rope-kv-write"],
            toggle: null,
          }),
          fuse({
            rule: "residual-rmsnorm",
            title: "Residual add and RMSNorm run as one kernel",
            state: "active",
            counts: { active: 73, partial: 0, split: 0 },
            coveragePct: 100,
            relatedUs: 455.3,
            sharePct: 3.9,
            saveAtMostUs: 0,
            saves: { kernelUs: 0, gapUs: 0, pctOfStep: 0 },
            advice: null,
            toggle: null,
            rationale: "Residual add and RMSNorm run as one kernel 73 times.",
          }),
        ],
      }),
      stage({ stage: "decode", steps: 4 }),
    ],
    similarity: {
      rule: "moe-finalize-allreduce",
      level: "medium",
      reason: "four of five steps in order on one stream; the finalize kernel is missing.",
    },
    summary:
      "extend/prefill is launch-bound: the GPU is busy 11.6 ms of 84.5 ms (13.7%) and waits for the host the rest of the time.",
    hiddenRows: { kernels: 41, overlap: 3, fuse: 1, actions: 2 },
    diagnostics: [
      {
        severity: "warning",
        code: "attribution/no-launch",
        message: "12 kernels were launched before the trace began.",
        path: "profile/TP-0.trace.json.gz",
      },
    ],
  });
}

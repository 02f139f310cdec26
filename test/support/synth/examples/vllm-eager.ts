/** Llama-3.1-8B in static FP8 on two H100s under vLLM with --enforce-eager. */
import type { Call } from "../calls.ts";
import { op, plumbing, py } from "../describe.ts";
import { record } from "../record.ts";
import { traceSpec } from "../spec.ts";
import { scene, synthesiseRanks } from "../synthesise.ts";
import type { SynthTrace } from "../trace.ts";
import { type ExampleFile, traceFile } from "./file.ts";

const SPEC = traceSpec({
  engine: "vllm",
  tp: 2,
  layers: 5,
  seed: 21,
  skewNs: [0, 31_000],
  steps: [
    { stage: "prefill", batchSize: 1, tokens: 1024, mode: "eager" },
    { stage: "decode", batchSize: 8, tokens: 8, mode: "eager" },
    { stage: "mixed", batchSize: 9, tokens: 520, mode: "eager" },
  ],
});

export function vllmEager(): ExampleFile[] {
  const folder = "vllm-eager";
  const ranks = synthesiseRanks(SPEC).map((trace, rank) =>
    traceFile(
      `${folder}/dp0_pp0_tp${rank}_dcp0_ep${rank}_rank${rank}.177507860341705180${rank}.pt.trace.json.gz`,
      trace,
    ),
  );
  const frontEnd = `${folder}/node-0_6502.async_llm.1775078602993120045.pt.trace.json.gz`;
  return [...ranks, traceFile(frontEnd, apiServer())];
}

/** The front end writes a trace of its own: host events only, and it is done first. */
function apiServer(): SynthTrace {
  const tick = (tokens: number): Call =>
    py(
      "vllm/v1/engine/async_llm.py(482): output_handler",
      py(
        "vllm/v1/engine/output_processor.py(448): process_outputs",
        op("aten::to", [[tokens], [], [], [], []], op("aten::_to_copy", [[tokens], [], []])),
        py("vllm/v1/engine/detokenizer.py(97): update"),
      ),
    );
  const calls = [
    plumbing(
      "asyncio/base_events.py(683): run_until_complete",
      plumbing("asyncio/events.py(88): _run", ...[1, 8, 9].map(tick)),
    ),
  ];
  const onHost = { ...scene(SPEC, 0, calls), devices: 0, pid: 6502, idleThread: [] };
  return record({ ...onHost, processName: "VLLM::APIServer", baseUs: onHost.baseUs - 420_398 });
}

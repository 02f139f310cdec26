/** One SGLang server twice: graphs off with Python stacks, then graphs on without. */
import { mappingFormalPair } from "../pairs.ts";
import type { StepSpec } from "../spec.ts";
import { type ExampleFile, traceFile } from "./file.ts";

export function mappingFormal(): ExampleFile[] {
  const step: StepSpec = { stage: "decode", batchSize: 16, tokens: 16, mode: "eager" };
  const pair = mappingFormalPair({ layers: 8, seed: 51, steps: [step, step] });
  const folder = "mapping-formal";
  return [
    traceFile(`${folder}/mapping/1775079210.6612049-TP-0-DECODE.trace.json.gz`, pair.mapping),
    traceFile(`${folder}/formal/1775079250.1083712-TP-0-DECODE.trace.json.gz`, pair.formal),
  ];
}

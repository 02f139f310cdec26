import { HOSTILE_TEXTS } from "../report/hostile-texts.ts";
import { traceText } from "../support/synth/serialise.ts";
import { type EngineName, traceSpec } from "../support/synth/spec.ts";
import { synthesise } from "../support/synth/synthesise.ts";
import { BREAKING_MUTATIONS, WHOLE_MUTATIONS } from "./mutations.ts";
import type { Random } from "./random.ts";

/** The settings a run leaves beside its trace, as nobody would write them. */
export const ODD_SETTINGS = [
  '{"__proto__": {"tp_size": 8}, "constructor": {"prototype": 1}, "model_path": "m", "tp_size": "4"}',
  '{"model_path": "<script>|`x`\\u001b[2J", "tp_size": -1, "quantization": ["fp8"], "dtype": {}}',
  '{"model_path": "../../../etc/passwd", "tp_size": 1e400, "attention_backend": null}',
  "[]",
  '{"tp_size": 2',
  '{"framework": "__proto__", "model": "constructor", "hasOwnProperty": 1, "toString": 2}',
];

/** One whole trace of each engine. */
export function pipelineDocuments(): string[] {
  const engines: readonly EngineName[] = ["sglang", "vllm", "trtllm", "tokenspeed", "hf"];
  const step = { batchSize: 4, tokens: 64 } as const;
  return engines.map((engine) =>
    traceText(
      synthesise(
        traceSpec({
          engine,
          layers: 2,
          steps: [
            { ...step, stage: "prefill", mode: "eager" },
            { ...step, stage: "decode", tokens: 4, mode: "graph" },
          ],
        }),
      ),
    ),
  );
}

/** A trace with up to five mutations, and names that nobody would give. */
export function mutated(document: string, random: Random): string {
  const whole = Object.values(WHOLE_MUTATIONS);
  const all = [...whole, ...Object.values(BREAKING_MUTATIONS)];
  let text = document;
  for (let i = random.below(4); i >= 0; i--) text = random.pick(whole)(text, random);
  if (random.chance(0.3)) text = random.pick(all)(text, random);
  return withHostileTexts(text, random);
}

/** Every name of one kind becomes a hostile one, everywhere it stands. */
function withHostileTexts(text: string, random: Random): string {
  const share = random.pick([0, 0.02, 0.3]);
  if (share === 0) return text;
  const chosen = new Map<string, string>();
  return text.replace(/"name": "((?:[^"\\]|\\.)*)"/g, (all, name: string) => {
    let other = chosen.get(name);
    if (other === undefined) {
      const hostile = random.pick(HOSTILE_TEXTS);
      const joined = random.chance(0.5) ? name + hostile : hostile;
      other = random.chance(share) ? `"name": ${JSON.stringify(joined)}` : all;
      chosen.set(name, other);
    }
    return other;
  });
}

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { buildKernelGraph } from "../../../src/engine/kernel-graph.ts";
import { decideFramework } from "../../../src/ingest/frameworks/index.ts";
import { readTrace } from "../../../src/ingest/read-trace.ts";
import { symbolAt } from "../../../src/model/trace/kernel-graph.ts";
import { loadRuleLibrary } from "../../support/rule-library.ts";
import { SHARED_TRACES } from "../../support/shared-traces.ts";

/** Module and op behind replayed kernels, as the traces' publishers recorded them. */
const TRUTH = "../shared/roles";
const hasTruth = existsSync(TRUTH) && existsSync(SHARED_TRACES);

/** What a module and op of a serving engine mean. */
const MEANING: readonly (readonly [RegExp, readonly string[]])[] = [
  [/Attention > QKVParallelLinear/, ["qkv_proj"]],
  [/Attention > RowParallelLinear/, ["o_proj"]],
  [/Attention > RMSNorm/, ["qk_norm"]],
  [/RotaryEmbedding/, ["rope", "rope_kv_write"]],
  [/RadixAttention/, ["attention", "attention_reduce", "kv_write"]],
  [/Attention$/, ["attn_copy"]],
  [/MLP > MergedColumnParallelLinear/, ["gate_up"]],
  [/MLP > SiluAndMul/, ["act"]],
  [/MLP > RowParallelLinear/, ["down"]],
  [/MoeBlock > ReplicatedLinear/, ["router"]],
  [/> TopK$/, ["topk"]],
  [/FusedMoE/, ["moe_align", "moe_up", "moe_down", "finalize"]],
  [/Layer > RMSNorm/, ["layer_norm"]],
  [/Model > RMSNorm/, ["final_norm"]],
  [/Embedding$/, ["embed"]],
  [/LogitsProcessor/, ["lm_head"]],
];

describe.skipIf(!hasTruth)(`roles of graph replays (needs ${TRUTH})`, async () => {
  const { ruleSet } = await loadRuleLibrary();
  for (const file of hasTruth ? readdirSync(TRUTH).filter((name) => name.endsWith(".tsv")) : [])
    test(`${file}: every kernel of a module has its role`, async () => {
      const folder = join(SHARED_TRACES, file.replace(/\.tsv$/, ""));
      const path = join(folder, readdirSync(folder).find((name) => name.endsWith(".json.gz"))!);
      const read = await readTrace(path);
      const graph = buildKernelGraph(read, {
        profile: decideFramework(read, { serverArgs: null, override: null, fileName: path })
          .profile,
        ruleSet,
        stageHint: null,
      });
      const rowOf = new Map<string, number>();
      for (let row = 0; row < read.gpu.count; row++)
        rowOf.set(keyOf(nameAt(row), read.gpu.duration[row]! / 1000, rowOf), row);
      function nameAt(row: number): string {
        return read.kernelNames[read.gpu.name[row]!]!.raw;
      }
      const seen = new Map<string, number>();
      let judged = 0;
      const wrong: string[] = [];
      for (const line of readFileSync(join(TRUTH, file), "utf8").split("\n").slice(1)) {
        const [name, us, op = "", , , module = ""] = line.split("\t");
        const meant = MEANING.find(([pattern]) => pattern.test(module))?.[1];
        if (name === undefined || us === undefined) continue;
        const row = rowOf.get(keyOf(name, Number(us), seen, true));
        // Logits are cast and cut after the head.
        if (meant?.[0] === "lm_head" && !op.endsWith("mm")) continue;
        if (meant === undefined || row === undefined) continue;
        judged++;
        const { role } = symbolAt(graph, row);
        if (role === null || !meant.includes(role))
          wrong.push(`${module}: ${role} (${name.slice(0, 60)})`);
      }
      expect(wrong).toEqual([]);
      expect(judged).toBeGreaterThan(250);
    });
});

/** Name, duration and how many of both came before: names in the table are cut or not as in the trace. */
function keyOf(name: string, us: number, seen: Map<string, number>, counts = false): string {
  const key = `${name}\t${us.toFixed(3)}`;
  if (!counts) {
    let nth = 0;
    while (seen.has(`${key}\t${nth}`)) nth++;
    return `${key}\t${nth}`;
  }
  const nth = seen.get(key) ?? 0;
  seen.set(key, nth + 1);
  return `${key}\t${nth}`;
}

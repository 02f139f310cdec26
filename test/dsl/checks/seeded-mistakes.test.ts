import { afterAll, beforeAll, expect, test } from "vitest";
import { lintTexts, readDictionary } from "../../../src/commands/rules/lint.ts";
import type { KernelDictionary } from "../../../src/dsl/checks/proofs/dictionary.ts";
import { type RuleText, type RuleTexts, readRuleTexts } from "../../../src/dsl/read-rule-texts.ts";
import type { Diagnostic } from "../../../src/model/diagnostic.ts";
import { KINDS, type MistakeKind } from "./seeded-mistakes.ts";

/**
 * Mistakes seeded into rules of the base: at least 95 of 100 must be errors of `rules lint`,
 * `rules test` or `rules test --mutants`. The table in docs/seeded-mistakes.md is this test's.
 */
const POOL: readonly string[] = [
  ...["copy-before-quantize", "fi-cutedsl-moe-async-memset", "fi-nvfp4-append-kv"],
  ...["fi-sm120-fp4-gemm", "rope-fp8-quant-kv-write", "sgl-add-rmsnorm-per-token-fp8-quant"],
  ...["sgl-dcp-a2a-pack", "sgl-diff-qknorm-rope", "sgl-gelu-and-mul", "sgl-mega-moe"],
  ...["sgl-aiter-mla-concat-cache", "sgl-inkling-ar-scattered-sconv", "sgl-moe-sum-reduce"],
  ...["sgl-qknorm-across-heads", "sgl-topk-topp-sampling", "trt-flashinfer-moe", "ts-penalties"],
  ...["trt-rope-bias-kv-update", "vllm-aiter-sparse-mla", "vllm-allreduce-rmsnorm-fp8"],
  ...["vllm-attn-group-fp8-quant", "vllm-fused-add-rms-norm", "vllm-megamoe-prepare"],
  ...["vllm-moe-fused-mul-sum", "vllm-qk-norm-rope", "vllm-silu-mul-fp8-quant"],
];
const PER_KIND = 3;

/** What a tool cannot tell from what may be meant. */
const NOT_TOLD: Readonly<Record<string, string>> = {
  "saves the whole chain":
    "one kernel may do all of it in another way, as attention does for two products and a softmax",
};
/** Where the mistake of a kind is none. */
const NONE_THERE: Readonly<Record<string, string>> = {
  "near miss without a kernel of the rule: fi-cutedsl-moe-async-memset":
    "the fill may run beside any kernel, so any kernel is near",
};

const idOf = ({ path }: RuleText): string => path.slice(path.lastIndexOf("/") + 1, -".fuse".length);
const isRule = ({ path }: RuleText): boolean => /^(?:fuse|overlap)\//.test(path);

let base: RuleTexts;
let pool: readonly RuleText[];
let dictionary: KernelDictionary | null;
/** What the part of the base raises by itself: rules that others mention are not all there. */
let before: ReadonlySet<string>;

const nameOf = ({ code, file }: Diagnostic): string => `${code} ${file}`;

async function lint(
  texts: RuleTexts,
  changed: string | null = null,
): Promise<readonly Diagnostic[]> {
  const mutants = (_: string, file: string) => file === changed;
  const { diagnostics } = await lintTexts("rules", texts, dictionary, { today: null, mutants });
  return diagnostics;
}

beforeAll(async () => {
  const all = readRuleTexts("rules");
  dictionary = await readDictionary("rules");
  const byId = new Map(all.files.filter(isRule).map((file) => [idOf(file), file]));
  const kept = new Set<string>();
  const keep = (id: string): void => {
    const file = byId.get(id);
    if (file === undefined || kept.has(id)) return;
    kept.add(id);
    for (const [, ids] of file.text.matchAll(/^ {2}(?:subsumes|conflicts) (.*)$/gm))
      for (const other of ids!.split(",")) keep(other.trim());
  };
  POOL.forEach(keep);
  pool = POOL.map((id) => byId.get(id)!);
  const files = all.files.filter((file) =>
    isRule(file) ? kept.has(idOf(file)) : !file.path.startsWith("work/"),
  );
  base = { ...all, files };
  before = new Set((await lint(base)).map(nameOf));
});

interface Seeded {
  readonly kind: MistakeKind;
  readonly rule: string;
  readonly file: RuleText;
}

/** Up to three of each kind, in rules that have had the fewest. */
function seeded(): readonly Seeded[] {
  const used = new Map<string, number>();
  return KINDS.flatMap((kind) =>
    pool
      .map((file) => ({ file, text: kind.make(file.text, idOf(file)) }))
      .filter((one): one is { file: RuleText; text: string } => one.text !== null)
      .sort((a, b) => (used.get(a.file.path) ?? 0) - (used.get(b.file.path) ?? 0))
      .slice(0, PER_KIND)
      .map(({ file, text }) => {
        used.set(file.path, (used.get(file.path) ?? 0) + 1);
        const aside = (name: string): string =>
          kind.beside === true ? name.replace(/\.fuse$/, "-again.fuse") : name;
        return {
          ...{ kind, rule: idOf(file) },
          file: { path: aside(file.path), file: aside(file.file), text },
        };
      }),
  );
}

/** Codes of the errors that the mistake raises in its own file. Form alone catches nothing. */
async function errorsOf({ file }: Seeded): Promise<readonly string[]> {
  const files = [...base.files.filter(({ path }) => path !== file.path), file];
  const texts = { ...base, files: files.sort((a, b) => (a.path < b.path ? -1 : 1)) };
  const isTold = (one: Diagnostic): boolean =>
    one.file === file.file &&
    one.severity === "error" &&
    one.code !== "unformatted" &&
    !before.has(nameOf(one));
  const plain = (await lint(texts)).filter(isTold);
  // Changing the rule to see what its tests notice takes longest, and is not needed for most.
  const errors = plain.length > 0 ? plain : (await lint(texts, file.file)).filter(isTold);
  for (const { message } of errors) expect(message).not.toBe("");
  return [...new Set(errors.map(({ code }) => code))].sort();
}

const rows: string[] = [];

test("seeded mistakes are errors", { timeout: 300_000 }, async () => {
  const all = seeded();
  expect(all.length).toBeGreaterThanOrEqual(102);
  const missed: Seeded[] = [];
  for (const one of all) {
    const codes = await errorsOf(one);
    rows.push(`| ${one.kind.kind} | ${one.rule} | ${codes.join(", ") || "not told"} |`);
    if (codes.length === 0) missed.push(one);
  }
  const told = all.length - missed.length;
  rows.unshift(
    `${told} of ${all.length} mistakes, seeded into rules of the base one at a time, are errors.\n`,
    "| Mistake | Rule | Told by |",
    "| --- | --- | --- |",
  );
  const unexplained = missed
    .filter(({ kind: { kind } }) => NOT_TOLD[kind] === undefined)
    .map(({ kind: { kind }, rule }) => `${kind}: ${rule}`)
    .filter((one) => NONE_THERE[one] === undefined);
  expect(unexplained).toEqual([]);
  expect(told / all.length).toBeGreaterThanOrEqual(0.95);
});

test("the table in the documentation is what was found", async () => {
  await expect(`# Seeded mistakes\n\n${rows.join("\n")}\n`).toMatchFileSnapshot(
    "../../../docs/seeded-mistakes.md",
  );
});

afterAll(() => {
  rows.length = 0;
});

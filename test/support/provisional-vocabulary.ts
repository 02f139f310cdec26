import type { Vocabulary } from "../../src/engine/attribution/symbols.ts";
import type { ClassExpr, Definition, KernelClass } from "../../src/model/rule.ts";

/**
 * Just enough words to test what categories are used for. What the tables print comes from
 * `rules/lib`.
 */
const CATEGORIES: Readonly<Record<string, readonly string[]>> = {
  communication: ["*all_reduce*", "*AllGather*", "*AllReduce*", "nccl*"],
  attention: ["*fmha*", "*Fmha*", "*paged_attention*"],
  norm: ["*rms_norm*", "*rmsnorm*"],
  gemm: ["Cijk_*", "nvjet_*", "*gemm*", "bmm_*", "*matmul*"],
  copy: ["Memcpy*"],
  fill: ["Memset*"],
};

export const VOCABULARY: Vocabulary = vocabularyOf(CATEGORIES);

export function vocabularyOf(names: Readonly<Record<string, readonly string[]>>): Vocabulary {
  const classes: KernelClass[] = [];
  const categories: Definition[] = [];
  for (const [id, globs] of Object.entries(names)) {
    const of: ClassExpr[] = globs.map((glob) => ({ kind: "glob", field: "name", glob }));
    const index = classes.push({ name: id, expr: { kind: "any", of } }) - 1;
    categories.push({ id, title: id, class: index });
  }
  return { classes, categories, roles: [], libraries: [] };
}

import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A few rules without a remark, their dictionary and their lock. */
export const SOUND_RULES = "test/dsl/checks/base";

const PATHS = [
  "lib/norm.fuse",
  "lib/comm.fuse",
  "fuse/vllm/add-norm.fuse",
  "fuse/vllm/all-reduce-add-norm.fuse",
  "fuse/vllm/old-add-norm.fuse",
  "kernel-dictionary.tsv",
  "sources.lock.yaml",
];

/** Their texts by path below `folder`, to write a copy that a test may change. */
export function soundRules(folder = ""): Record<string, string> {
  return Object.fromEntries(
    PATHS.map((path) => [folder + path, readFileSync(join(SOUND_RULES, path), "utf8")]),
  );
}

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parsePolicy } from "../engine/policy/parse-policy.ts";
import type { Policy } from "../engine/policy/policy.ts";
import type { Diagnostic } from "../model/diagnostic.ts";

/** The verdict policies of a rule base; null where a file is missing or cannot be used. */
export interface Policies {
  readonly fuse: Policy | null;
  readonly overlap: Policy | null;
  readonly similarity: Policy | null;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads `policy/*.yaml` beside the rules. A rule base without policies still works: tables keep the
 * rules' own wording and go by share. A broken policy is left out and reported.
 */
export async function loadPolicies(rulesPath: string): Promise<Policies> {
  const [fuse, overlap, similarity] = await Promise.all(
    ["fuse", "overlap", "similarity"].map((name) => loadPolicy(rulesPath, name)),
  );
  return {
    fuse: fuse!.policy,
    overlap: overlap!.policy,
    similarity: similarity!.policy,
    diagnostics: [fuse!, overlap!, similarity!].flatMap(({ diagnostics }) => diagnostics),
  };
}

async function loadPolicy(rulesPath: string, name: string) {
  const file = join(rulesPath, "policy", `${name}.yaml`);
  try {
    return parsePolicy(await readFile(file, "utf8"), file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return { policy: null, diagnostics: [] };
  }
}

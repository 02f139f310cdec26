import { existsSync } from "node:fs";
import { join } from "node:path";
import { packageText } from "../../base/files/package-files.ts";
import { parseJson } from "../../base/files/read-json.ts";
import { readSideTextIfAny } from "../../base/files/side-file.ts";
import { writeFileWhole } from "../../base/files/write-whole.ts";
import { sha256 } from "../../base/sha256.ts";
import type { ParsedPolicy } from "../../engine/policy/parse-policy.ts";
import type { Policy } from "../../engine/policy/policy.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";

/** The verdict policies of a rule base; null where a file is missing or cannot be used. */
export interface Policies {
  readonly fuse: Policy | null;
  readonly overlap: Policy | null;
  readonly similarity: Policy | null;
  readonly diagnostics: readonly Diagnostic[];
}

const NAMES = ["fuse", "overlap", "similarity"] as const;
type PolicyName = (typeof NAMES)[number];

/** Where `rules pack` leaves the policies of a rule base as data. */
export const POLICY_PACK_NAME = ".policy-pack.json";

/** Policies that had no remarks, each with the sha256 of its text; and of the schema they fit. */
interface PolicyPack {
  readonly schema: string;
  readonly policies: Readonly<Partial<Record<PolicyName, { sha256: string; policy: Policy }>>>;
}

/**
 * Reads `policy/*.yaml` of the folders, weakest first. A rule base without policies still works: tables keep the
 * rules' own wording and go by share. A broken policy is left out and reported. Where the pack has
 * the very text, neither YAML reader nor schema are loaded.
 */
export async function loadPolicies(
  folders: readonly string[],
  packs: string | null,
): Promise<Policies> {
  const pack = packs === null ? null : readPolicyPack(packs);
  const [fuse, overlap, similarity] = await Promise.all(
    NAMES.map((name) => loadPolicy(uppermost(folders, name), name, pack)),
  );
  return {
    fuse: fuse!.policy,
    overlap: overlap!.policy,
    similarity: similarity!.policy,
    diagnostics: [fuse!, overlap!, similarity!].flatMap(({ diagnostics }) => diagnostics),
  };
}

async function loadPolicy(
  file: string,
  name: PolicyName,
  pack: PolicyPack | null,
): Promise<ParsedPolicy> {
  const text = textOf(file);
  if (text === null) return { policy: null, diagnostics: [] };
  const packed = pack?.policies[name];
  if (packed?.sha256 === sha256(text)) return { policy: packed.policy, diagnostics: [] };
  const { parsePolicy } = await import("../../engine/policy/parse-policy.ts");
  return parsePolicy(text, file);
}

/** The policy of the last folder that has one: a policy is taken whole, never mixed from two. */
function uppermost(folders: readonly string[], name: PolicyName): string {
  const files = folders.map((folder) => policyFile(folder, name));
  return files.findLast((file) => existsSync(file)) ?? files[0]!;
}

/** Writes the pack; policies with remarks stay out of it and are read anew each time. */
export async function writePolicyPack(rulesPath: string, packs: string): Promise<void> {
  const { parsePolicy } = await import("../../engine/policy/parse-policy.ts");
  const policies: Partial<Record<PolicyName, { sha256: string; policy: Policy }>> = {};
  for (const name of NAMES) {
    const file = policyFile(rulesPath, name);
    const text = textOf(file);
    const { policy, diagnostics } = text === null ? NO_POLICY : parsePolicy(text, file);
    if (text !== null && policy !== null && diagnostics.length === 0)
      policies[name] = { sha256: sha256(text), policy };
  }
  const pack: PolicyPack = { schema: schemaDigest(), policies };
  await writeFileWhole(join(packs, POLICY_PACK_NAME), `${JSON.stringify(pack)}\n`);
}

const NO_POLICY: ParsedPolicy = { policy: null, diagnostics: [] };

function readPolicyPack(packs: string): PolicyPack | null {
  const text = textOf(join(packs, POLICY_PACK_NAME));
  if (text === null) return null;
  try {
    const pack = parseJson(text) as PolicyPack;
    const policies = Object.values(pack.policies ?? []);
    const isWhole = policies.every(({ policy }) => hasShape(policy));
    return isWhole && pack.schema === schemaDigest() ? pack : null;
  } catch {
    return null;
  }
}

const hasShape = (policy: Policy): boolean =>
  policy.rules.every(
    ({ name, when, decide }) =>
      typeof name === "string" && typeof when === "object" && typeof decide.type === "string",
  );

const policyFile = (rulesPath: string, name: PolicyName): string =>
  join(rulesPath, "policy", `${name}.yaml`);

function schemaDigest(): string {
  return sha256(packageText("references/policy.schema.json"));
}

const textOf = readSideTextIfAny;

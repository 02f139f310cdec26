import type { RanksStage, RanksView } from "../../model/contracts/ranks.ts";
import { share } from "../numbers.ts";

type SlowPart = RanksView["parts"][number] & { readonly kind: string };

/** Nodes and groups all of whose ranks are slow; one that adds no rank to those before it is the same finding. */
export function slowParts({ views }: RanksStage): readonly SlowPart[] {
  const told = new Set<string>();
  return views.flatMap(({ kind, parts }) =>
    parts
      .filter(({ isSlow, labels }) => isSlow && !labels.every((label) => told.has(label)))
      .map((part) => {
        for (const label of part.labels) told.add(label);
        return { ...part, kind };
      }),
  );
}

/** @param ranks the part's, in words */
export function partInWords({ kind, name, slowerByPct }: SlowPart, ranks: string): string {
  const much = slowerByPct === null ? "" : `, ${share(slowerByPct)} beyond the others`;
  const what = kind === "node" ? `node ${name} (ranks ${ranks})` : `${kind} ranks ${name}`;
  return `${what}: every rank of it is slow${much}`;
}

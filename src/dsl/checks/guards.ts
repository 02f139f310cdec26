import { ruleCheck } from "./check.ts";
import { guardSpace, impossibleFact } from "./proofs/guard-space.ts";

/** contradictory-guards. At the last guard about the fact: with it nothing is left. */
export const contradictoryGuards = ruleCheck(
  "contradictory-guards",
  function* ({ node, rule, file }) {
    const fact = impossibleFact(guardSpace(rule.guards));
    if (fact === null) return;
    const guards = node.when?.values ?? [];
    const about = guards.filter((guard) => guard.fact.text === fact);
    const last = about.at(-1)!;
    const others = guards.filter(
      (guard) => guard !== last && (guard.fact.text === fact || fact === "arch"),
    );
    const vendor = others.find((guard) => guard.fact.text === "vendor");
    const rival = about.length > 1 ? about[0]! : vendor;
    yield {
      range: last.range,
      message: `no trace fulfils this guard: nothing is left for \`${fact}\``,
      help: "all guards of `when` must hold at once",
      ...(rival === undefined || rival === last
        ? {}
        : { related: [{ file: file.file, range: rival.range, message: "together with this" }] }),
    };
  },
);

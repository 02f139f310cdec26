import { ruleCheck } from "../check.ts";

/** source-pr. The file of a pull request is proven by that pull request alone. */
export const pullSources = ruleCheck("source-pr", function* ({ node, rule, file }, { loaded }) {
  for (const [index, { pr }] of rule.sources.entries()) {
    if (pr === null) continue;
    const { range } = node.sources[index]!.target;
    if (rule.status === "mainline") {
      const number = pr.split("#")[1];
      if (rule.refs.some((ref) => ref.endsWith(`/pull/${number}`))) continue;
      yield {
        range,
        message: "a mainline rule rests on a file of a pull request",
        help: `name the file at the locked commit, or, where it is not merged, say status in-flight pr "${pr}"`,
      };
      continue;
    }
    if (rule.prs.includes(pr) || rule.status !== "in-flight") continue;
    yield {
      range,
      message: `the status does not name pull request ${pr}`,
      help: `it names ${rule.prs.join(", ")}`,
    };
  }
  for (const [index, pr] of rule.prs.entries()) {
    const owners = rule.sources.flatMap(({ repo }) => loaded.lockOf(file)?.repos[repo]?.url ?? []);
    const [owner] = pr.split("#");
    if (owners.length === 0 || owners.some((url) => url.endsWith(`/${owner}`))) continue;
    yield {
      range: node.status!.prs[index]!.range,
      message: `no source of the rule lies in ${owner}`,
      help: `sources lie in ${[...new Set(owners)].map((url) => url.split("/").slice(-2).join("/")).join(", ")}`,
    };
  }
});

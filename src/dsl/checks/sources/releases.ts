import { compareReleases, isRelease } from "../../../base/release-order.ts";
import { type Remark, ruleCheck } from "../check.ts";

type Place = Omit<Remark, "file" | "rule">;

const isCommit = (text: string): boolean => /^[0-9a-f]{40}$/.test(text);

/** release-span. What a source says of releases is possible, and no release that was looked at says otherwise. */
export const releaseSpans = ruleCheck("release-span", function* ({ node, rule, file }, { loaded }) {
  const lock = loaded.lockOf(file);
  for (const [index, { repo, path, symbol, versions }] of rule.sources.entries()) {
    const { commit, since, until, target } = node.sources[index]!;
    yield* [since, until].flatMap((bound): Place[] =>
      bound === null || isRelease(bound.text) || isCommit(bound.text)
        ? []
        : [
            {
              range: bound.range,
              message: `\`${bound.text}\` is neither a release nor a full commit`,
              help: 'such as until "0.5.23"',
            },
          ],
    );
    if (since !== null && until !== null && (compareReleases(since.text, until.text) ?? -1) >= 0)
      yield {
        range: until.range,
        message: `it is gone in ${until.text}, before it came with ${since.text}`,
        help: "`since` is the first release that has it, `until` the first one without it",
      };
    const denied = versions?.found.find(
      ({ version }) => until !== null && (compareReleases(version, until.text) ?? -1) >= 0,
    );
    if (denied !== undefined)
      yield {
        range: until!.range,
        message: `${repo} ${denied.version} has it in ${denied.path}`,
        help: "leave `until` out, or cite what of it is gone",
      };
    if (commit === null || !isRelease(commit.text)) continue;
    const release = lock?.releases?.get(repo)?.find(({ version }) => version === commit.text);
    const place = release?.places.get(symbol === null ? path : `${path}#${symbol}`);
    if (place?.state === "ok") continue;
    yield {
      range: target.range,
      message:
        release === undefined
          ? `nobody looked at ${repo} ${commit.text}`
          : `${symbol === null ? path : `\`${symbol}\``} was not found in ${repo} ${commit.text}`,
      help: `run \`rules lock --release ${repo}=${commit.text} --checkout ${repo}=DIR --update\``,
    };
  }
});

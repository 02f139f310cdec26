import { isRelease } from "../../base/release-order.ts";
import type { VerifiedRelease, VerifiedReleases } from "../../commands/rules/release.ts";
import type { ReleasePlace } from "../../dsl/lock/release-places.ts";
import { EXIT, type ExitCode } from "../../model/errors.ts";
import { inert, inertJson } from "../../report/document/inert.ts";
import { usage } from "../options.ts";
import { writeOutput, writeStdout } from "../terminal/output.ts";

const COMMAND = "rules lock";

/** Release by repository, from texts such as "sglang=0.5.23". */
export function releasesOf(texts: readonly string[], command: string): ReadonlyMap<string, string> {
  return new Map(
    texts.map((text) => {
      const [, name, version] = /^([^=]+)=(.+)$/.exec(text) ?? [];
      if (name === undefined || version === undefined || !isRelease(version))
        throw usage(
          "bad-value",
          `--release ${JSON.stringify(text)}: expected NAME=VERSION, such as sglang=0.5.23.`,
          command,
        );
      return [name, version];
    }),
  );
}

/** `rules lock --release`: what releases have of what the rules cite. */
export async function lockReleases(
  root: string,
  versions: ReadonlyMap<string, string>,
  checkouts: ReadonlyMap<string, string>,
  format: string,
  updates: boolean,
): Promise<ExitCode> {
  if (format !== "pretty" && format !== "json")
    throw usage("bad-value", `--release is told as pretty or json, not as ${format}.`, COMMAND);
  for (const repo of versions.keys())
    if (!checkouts.has(repo))
      throw usage(
        "no-checkout",
        `Where is ${repo} ${versions.get(repo)}? ${COMMAND} --release ${repo}=${versions.get(repo)} --checkout ${repo}=DIR`,
        COMMAND,
      );
  const { verifyReleases } = await import("../../commands/rules/release.ts");
  const found = await verifyReleases(root, versions, checkouts);
  await writeStdout(
    format === "json"
      ? inertJson(`${JSON.stringify(asJson(found), null, 2)}\n`)
      : found.releases.map(asText).join("\n"),
  );
  if (updates && !found.isCurrent) await writeOutput(found.updated, found.file);
  return found.isCurrent || updates ? EXIT.ok : EXIT.gateFailed;
}

const STATES = ["ok", "moved", "gone", "unseen"] as const;

const countOf = ({ places }: VerifiedRelease, state: ReleasePlace["state"]): number =>
  [...places.values()].filter((place) => place.state === state).length;

function asJson({ releases, isCurrent }: VerifiedReleases) {
  return {
    schemaVersion: 1,
    lockIsCurrent: isCurrent,
    releases: releases.map((release) => ({
      repo: release.repo,
      version: release.version,
      counts: Object.fromEntries(STATES.map((state) => [state, countOf(release, state)])),
      rulesWithoutPath: release.lost,
      places: [...release.places.values()].map(({ path, symbol, state, at, rules }) => ({
        ...{ path, symbol, state, at, rules },
      })),
    })),
  };
}

function asText(release: VerifiedRelease): string {
  const { repo, version, places, lost } = release;
  const told = [...places]
    .filter(([, { state }]) => state === "moved" || state === "gone")
    .flatMap(([key, { state, at, rules }]) => [
      `  ${state.padEnd(6)} ${key}`,
      ...(at === null ? [] : [`         now in ${at}`]),
      `         cited by ${rules.join(", ")}`,
    ]);
  return [
    `${repo} ${version}: of ${places.size} places ${STATES.map((state) => `${countOf(release, state)} ${state}`).join(", ")}`,
    ...told,
    ...(lost.length === 0 ? [] : [`  without any of their places: ${lost.join(", ")}`]),
  ]
    .map((line) => `${inert(line)}\n`)
    .join("");
}

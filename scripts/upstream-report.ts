import { compareReleases } from "../src/base/release-order.ts";
import type { TreeCoverage } from "../src/commands/rules/coverage.ts";
import type { VerifiedSources } from "../src/commands/rules/lock.ts";
import type { VerifiedRelease, VerifiedReleases } from "../src/commands/rules/release.ts";

/** Packages that hold a repository's sources; the first one's version is the release. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  flashinfer: ["flashinfer_python"],
  sglang: ["sglang"],
  tokenspeed: ["tokenspeed", "tokenspeed_kernel"],
  vllm: ["vllm"],
};

interface ReleaseWheels {
  readonly repo: string;
  readonly version: string;
  /** Names of files. */
  readonly wheels: readonly string[];
}

/** Which releases these files are; of several versions of a package the newest. */
export function wheelsOf(files: readonly string[]): readonly ReleaseWheels[] {
  const newest = new Map<string, { readonly version: string; readonly file: string }>();
  for (const file of files) {
    const [, name, version] = /^([A-Za-z0-9_.]+)-([^-]+)-.*\.whl$/.exec(file) ?? [];
    if (name === undefined || version === undefined) continue;
    const known = newest.get(name.toLowerCase());
    if (known !== undefined && (compareReleases(version, known.version) ?? 0) <= 0) continue;
    newest.set(name.toLowerCase(), { version, file });
  }
  return Object.entries(PACKAGES).flatMap(([repo, names]) => {
    const found = names.flatMap((name) => newest.get(name) ?? []);
    const first = newest.get(names[0]!);
    return first === undefined
      ? []
      : [{ repo, version: first.version, wheels: found.map(({ file }) => file) }];
  });
}

/** Rows of a table before it is cut: an issue takes 65,536 characters. */
const MOST_ROWS = 60;

/**
 * The issue's text. News is what the lock of releases does not say yet, a switch that stands nowhere,
 * or a kernel that its own rule does not look for; kernels without a rule are listed, and no news by
 * themselves.
 */
export function upstreamReport(
  { releases, isCurrent }: VerifiedReleases,
  { repos }: VerifiedSources,
  trees: readonly TreeCoverage[],
): { readonly text: string; readonly isNews: boolean } {
  // A rule without a path has said so; its switch went with it.
  const lost = new Set(releases.flatMap((release) => release.lost));
  const dead = repos.flatMap(({ repo, switches }) =>
    switches
      .filter(({ rule }) => !lost.has(rule))
      .map(({ word, rule }) => [repo, code(word), code(rule)]),
  );
  const blind = repos.flatMap(({ repo, unmatched }) =>
    unmatched.map(({ printed, rule }) => [repo, code(printed), code(rule)]),
  );
  const text = [
    "What the newest releases have of what the rules cite.",
    table(
      ["release", "places", "moved", "gone", "not shipped", "rules without a path"],
      [
        ...releases.map((release) => [
          `${release.repo} ${release.version}`,
          `${release.places.size}`,
          ...(["moved", "gone", "unseen"] as const).map(
            (state) => `${placesIn(release, state).length}`,
          ),
          release.lost.map(code).join(", "),
        ]),
      ],
    ),
    section("Moved or gone", ["place", "now", "rules"], releases.flatMap(changedPlaces)),
    section("Switches that stand nowhere", ["release", "switch", "rule"], dead),
    section("Kernels that their own rule does not look for", ["release", "kernel", "rule"], blind),
    table(
      ["release", "kernel families", "with a class", "fused", "with a rule"],
      trees.map(covered),
    ),
    section(
      "Fused kernels without a rule",
      ["release", "kernel", "file"],
      trees.flatMap(({ repo, families }) =>
        families
          .filter(({ isFused, rules }) => isFused && rules.length === 0)
          .map(({ symbol, path, line }) => [repo, code(symbol), `${path}:${line}`]),
      ),
    ),
    "`rules lock --release NAME=VERSION --checkout NAME=DIR --update` enters what was found in `references/releases.tsv`.",
  ];
  return {
    text: `${text.filter((part) => part !== "").join("\n\n")}\n`,
    isNews: !isCurrent || dead.length > 0 || blind.length > 0,
  };
}

const placesIn = ({ places }: VerifiedRelease, wanted: string) =>
  [...places].filter(([, { state }]) => state === wanted);

function changedPlaces(release: VerifiedRelease): string[][] {
  return [...placesIn(release, "gone"), ...placesIn(release, "moved")].map(
    ([key, { at, rules }]) => [
      code(key),
      at === null ? "gone" : code(at),
      rules.map(code).join(", "),
    ],
  );
}

function covered({ repo, families }: TreeCoverage): string[] {
  const share = (part: number, whole: number): string =>
    whole === 0 ? "none" : `${part} (${((100 * part) / whole).toFixed(1)} %)`;
  const fused = families.filter(({ isFused }) => isFused);
  return [
    repo,
    `${families.length}`,
    share(families.filter(({ categoryFrom }) => categoryFrom === "class").length, families.length),
    `${fused.length}`,
    share(fused.filter(({ rules }) => rules.length > 0).length, fused.length),
  ];
}

function section(title: string, head: readonly string[], rows: readonly string[][]): string {
  if (rows.length === 0) return "";
  const left = rows.length - MOST_ROWS;
  const more = left > 0 ? `\n\n… and ${left} more.` : "";
  return `## ${title}\n\n${table(head, rows.slice(0, MOST_ROWS))}${more}`;
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

/** Names of foreign code, which may hold what Markdown or a table reads. */
const code = (text: string): string =>
  `\`${text.replace(/[`\r\n]/g, " ").replaceAll("|", "\\|")}\``;

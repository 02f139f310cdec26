import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";

const FOLDER = ".github/workflows";
const FILES = readdirSync(FOLDER);
const TEXT = readFileSync(`${FOLDER}/release.yml`, "utf8");
const MANIFEST = JSON.parse(readFileSync("package.json", "utf8"));

interface Job {
  readonly needs?: readonly string[];
  readonly environment?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly { readonly uses?: string; readonly run?: string }[];
}
const WORKFLOW: {
  readonly on: { readonly push: { readonly tags: readonly string[] } };
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
} = parse(TEXT);
const runsOf = (job: string): string[] =>
  WORKFLOW.jobs[job]!.steps.flatMap(({ run }) => run?.trim().split("\n") ?? []);

test.each(FILES)("every action of %s is pinned by commit, with its version beside it", (file) => {
  const lines = readFileSync(`${FOLDER}/${file}`, "utf8").match(/^\s*- uses: .*$/gm) ?? [];
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines)
    expect(line).toMatch(/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

test("only a tag releases, and only what was verified and is of its version", () => {
  expect(WORKFLOW.on).toEqual({ push: { tags: ["v*"] } });
  const runs = runsOf("build");
  expect(runs.indexOf("npm run verify")).toBeLessThan(
    runs.findIndex((line) => line.startsWith("npm pack")),
  );
  expect(TEXT).toContain('test "$GITHUB_REF_NAME" = "v$(node -p');
  for (const job of ["npm", "pypi", "container"])
    expect(WORKFLOW.jobs[job]!.needs, job).toContain("build");
});

test("both registries know where a package comes from, and no token is stored", () => {
  for (const job of ["npm", "pypi"]) {
    expect(WORKFLOW.jobs[job]!.permissions).toMatchObject({ "id-token": "write" });
    expect(WORKFLOW.jobs[job]!.environment).toBe(job);
    // What was built and tested, not something built again.
    expect(WORKFLOW.jobs[job]!.steps.some(({ uses }) => uses?.startsWith("actions/checkout"))).toBe(
      false,
    );
  }
  expect(runsOf("npm").join()).toContain("npm publish --provenance");
  expect(runsOf("pypi").join()).toMatch(/attestations sign.*--attestations/s);
  expect(TEXT).not.toMatch(/secrets\./);
  expect(WORKFLOW.permissions).toEqual({ contents: "read" });
  expect(MANIFEST.repository.url).toMatch(/^git\+https:\/\/github\.com\/[\w-]+\/[\w-]+\.git$/);
});

test("nothing else publishes", () => {
  const scripts = Object.values<string>(MANIFEST.scripts).join("\n");
  expect(scripts).not.toMatch(/publish|twine/);
  for (const file of FILES.filter((name) => name !== "release.yml"))
    expect(readFileSync(`${FOLDER}/${file}`, "utf8")).not.toMatch(/publish|twine/);
});

test("what the workflow calls is there", () => {
  for (const [, script = ""] of TEXT.matchAll(/npm run (?:--silent )?([\w:-]+)/g))
    expect(Object.keys(MANIFEST.scripts)).toContain(script);
});

test("names of the project are the same everywhere", () => {
  const home = MANIFEST.repository.url.replace(/^git\+|\.git$/g, "");
  for (const page of [
    "pyproject.toml",
    "CHANGELOG.md",
    "python/README.md",
    ".pre-commit-hooks.yaml",
  ])
    expect(readFileSync(page, "utf8"), page).toContain(home);
});

test("the changelog tells of this version, and of what comes", () => {
  const text = readFileSync("CHANGELOG.md", "utf8");
  expect(text).toContain("## [Unreleased]");
  expect(text).toContain(`## [${MANIFEST.version}] - `);
});

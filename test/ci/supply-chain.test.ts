import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
}

const PACKAGES = JSON.parse(readFileSync("package-lock.json", "utf8")).packages as Record<
  string,
  Locked
>;

const REGISTRY = "https://registry.npmjs.org/";

test("every locked package comes from the registry, by its digest", () => {
  const entries = Object.entries(PACKAGES).filter(([path]) => path !== "");
  expect(entries.length).toBeGreaterThan(50);
  const loose = entries.filter(
    ([, { resolved, integrity }]) =>
      !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? "") ||
      !(resolved ?? REGISTRY).startsWith(REGISTRY),
  );
  expect(loose).toEqual([]);
});

test("package.json names exact versions", () => {
  const { dependencies = {}, devDependencies = {} } = JSON.parse(
    readFileSync("package.json", "utf8"),
  );
  const ranges = Object.entries({ ...dependencies, ...devDependencies }).filter(
    ([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version as string),
  );
  expect(ranges).toEqual([]);
});

test("workflows use actions by their commit, with the version beside it", () => {
  const uses = readdirSync(".github/workflows").flatMap((file) =>
    readFileSync(`.github/workflows/${file}`, "utf8")
      .split("\n")
      .filter((line) => /^\s*(?:- )?uses:/.test(line))
      .map((line) => line.trim()),
  );
  expect(uses.length).toBeGreaterThan(0);
  expect(uses.filter((line) => !/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([]);
});

test("workflows take no more rights than to read, unless a job says which", () => {
  for (const file of readdirSync(".github/workflows")) {
    const text = readFileSync(`.github/workflows/${file}`, "utf8");
    expect([file, /^permissions:\n {2}contents: read$/m.test(text)]).toEqual([file, true]);
  }
});

test("no package that is bundled runs a script when it is installed", () => {
  const bundled = ["ajv", "chevrotain", "cli-progress", "stream-json", "yaml", "preact"];
  for (const name of bundled) {
    const { scripts = {} } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8"));
    const installing = ["preinstall", "install", "postinstall"].filter((key) => key in scripts);
    expect([name, installing]).toEqual([name, []]);
  }
});

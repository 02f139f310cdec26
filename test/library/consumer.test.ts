import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { builtCommand, runCommand } from "../support/built-cli.ts";
import { packedInto } from "../support/packed-package.ts";
import { temporaryFolderForAll } from "../support/temporary-folder.ts";

const TRIAGE = builtCommand("triage");
const PAGE = readFileSync("docs/library.md", "utf8");
const EXAMPLES = [...PAGE.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, text = ""]) => text);
const TITLES = [...PAGE.matchAll(/^## (.*)$(?=[\s\S]*?)/gm)].map(([, title]) => title);

/** Strict, and nothing skipped: our declarations are read as a consumer's compiler reads them. */
const CONFIG = {
  compilerOptions: {
    ...{ target: "ES2022", module: "NodeNext", strict: true, skipLibCheck: false },
    ...{ noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true, types: ["node"] },
  },
  include: ["*.ts"],
};

const folder = temporaryFolderForAll();

/** A project that installed the package as npm packs it, with every example of the page in a file. */
beforeAll(() => {
  const root = folder();
  mkdirSync(join(root, "node_modules/@types"), { recursive: true });
  cpSync(packedInto(root), join(root, "node_modules/fuse-triage"), { recursive: true });
  for (const name of ["@types/node", "undici-types"])
    symlinkSync(resolve("node_modules", name), join(root, "node_modules", name));
  writeFileSync(join(root, "package.json"), '{ "type": "module" }');
  writeFileSync(join(root, "tsconfig.json"), JSON.stringify(CONFIG));
  cpSync("examples/sglang-tp2-decode", join(root, "run"), { recursive: true });
  const report = ["--min-share", "0", "--format", "json", "-o", join(root, "before.json")];
  runCommand(TRIAGE, [join(root, "run"), ...report]);
  for (const [at, text] of EXAMPLES.entries()) writeFileSync(join(root, `example-${at}.ts`), text);
  execFileSync(process.execPath, [resolve("node_modules/typescript/bin/tsc"), "-p", root], {
    stdio: "inherit",
  });
});

test("the page has an example for each thing it promises", () => {
  expect(EXAMPLES.length).toBeGreaterThan(5);
  expect(TITLES).toEqual(
    expect.arrayContaining(["Every format", "Errors", "Progress and cancellation"]),
  );
});

const PRINTS: readonly RegExp[] = [
  /^.+: [\d.]+ %\n/,
  /What to do first/,
  /^no regression\n.+ 2\n$/s,
  /^1 .+\n$/,
  /^trace\/no-such-path 3 no-such-run\/ Check the spelling/,
  /rules .*\n[\s\S]*read .*[\s\S]*seen enough\n$/,
];

test.each(PRINTS.map((printed, at) => [at, printed] as const))(
  "example %i runs and prints what it says",
  (at, printed) => {
    const options = { cwd: folder(), encoding: "utf8" } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, [`example-${at}.js`], options);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(printed);
  },
);

test("a mistake in types is one for the consumer's compiler too", () => {
  const root = folder();
  const text = 'import { triage } from "fuse-triage";\nawait triage("run/", { rank: "0" });\n';
  writeFileSync(join(root, "wrong.ts"), text);
  const { stdout } = spawnSync(
    process.execPath,
    [resolve("node_modules/typescript/bin/tsc"), "--noEmit", "-p", root],
    { encoding: "utf8" },
  );
  expect(stdout).toContain("wrong.ts(2,24): error TS2322");
  expect(stdout).not.toContain("node_modules/fuse-triage");
});

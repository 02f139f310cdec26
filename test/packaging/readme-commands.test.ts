import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { builtCommand, runCommand } from "../support/built-cli.ts";
import { packedInto } from "../support/packed-package.ts";
import { temporaryFolderForAll } from "../support/temporary-folder.ts";

const TRIAGE = resolve(builtCommand("triage"));
const MANIFEST = JSON.parse(readFileSync("package.json", "utf8"));
const RANKS = "examples/sglang-tp2-decode";

/** Lines of a page's shell blocks, without their remarks. */
function commandsOf(page: string): string[] {
  const blocks = [...readFileSync(page, "utf8").matchAll(/^```sh\n([\s\S]*?)^```$/gm)];
  return blocks
    .flatMap(([, text = ""]) => text.split("\n"))
    .map((line) => line.replace(/\s+#.*$/, "").trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

const COMMANDS = commandsOf("README.md");
const first = (line: string): string => line.split(" ")[0]!;
/** Those that a test of the Python package runs (python/tests/test_docs.py). */
const PYTHON = ["pip", "uvx"];
/** Those that would install anew over the checkout that this test runs in. */
const OF_THE_CHECKOUT = COMMANDS.filter((line) => /^npm run /.test(line));
const OF_A_SERVER = COMMANDS.filter((line) => line.includes("--url"));
const OF_NPM = COMMANDS.filter((line) => /^(npm install|npx) /.test(line));
const OTHERS = COMMANDS.filter(
  (line) =>
    !PYTHON.includes(first(line)) &&
    ![...OF_THE_CHECKOUT, ...OF_A_SERVER, ...OF_NPM].includes(line),
);
/** A gate that does not hold is what they show. */
const MAY_FAIL = /--fail-on|--budget/;

const folder = temporaryFolderForAll();

/** What the commands name: a trace, runs, a stored report, an older run, a row and a rule. */
beforeAll(() => {
  const root = folder();
  mkdirSync(join(root, "bin"));
  for (const name of Object.keys(MANIFEST.bin))
    symlinkSync(resolve(MANIFEST.bin[name]), join(root, "bin", name));
  for (const copy of ["run", "after", "profiles"])
    cpSync(RANKS, join(root, copy), { recursive: true });
  // A team's own text of a rule that has one already.
  const rule = "fuse/sglang/sgl-moe-align.fuse";
  cpSync(join("rules", rule), join(root, "team-rules", rule));
  cpSync("examples/mapping-formal/mapping", join(root, "eager"), { recursive: true });
  cpSync("examples/mapping-formal/formal", join(root, "graphs"), { recursive: true });
  const trace = "1775078603.4170518-TP-0-DECODE.trace.json.gz";
  cpSync(join(RANKS, trace), join(root, "TRACE"));
  for (const name of ["before.json", "report.json"]) {
    const stored = ["--format", "json", "--min-share", "0", "-o", join(root, name)];
    runCommand(TRIAGE, [join(root, "run"), ...stored]);
  }
});

/** Words that stand for the reader's own. */
const STANDS_FOR: Readonly<Record<string, string>> = {
  ROW: "fused_moe_kernel",
  RULE: "sgl-fused-qk-norm-rope-store",
};

function shell(line: string, env: Readonly<Record<string, string>> = {}) {
  const path = `${join(folder(), "bin")}:${process.env.PATH}`;
  // A watch has no end of its own.
  const ending = line.startsWith("triage watch") ? " --existing --count 1" : "";
  const words = line.replaceAll(/\b(ROW|RULE)\b/g, (word) => STANDS_FOR[word]!);
  const { status, stderr, stdout } = spawnSync(
    "bash",
    ["-c", `set -o pipefail; ${words}${ending}`],
    {
      cwd: folder(),
      encoding: "utf8",
      env: { ...process.env, PATH: path, ...env },
    },
  );
  return { code: status, out: stdout, err: stderr };
}

test("the README has commands of every kind", () => {
  expect(OF_NPM).toEqual(["npm install --global fuse-triage", "npx --yes fuse-triage TRACE"]);
  expect(COMMANDS.filter((line) => PYTHON.includes(first(line))).length).toBe(2);
  expect(OTHERS.length).toBeGreaterThan(10);
});

test.each([...new Set(OTHERS)])("`%s` runs", (line) => {
  const { code, err } = shell(line);
  if (MAY_FAIL.test(line)) expect([0, 1]).toContain(code);
  else expect({ code, err }).toEqual({ code: 0, err: "" });
});

test.each(OF_THE_CHECKOUT)("`%s` is a script of the package", (line) => {
  const [, , name = ""] = line.split(" ");
  const script: string = MANIFEST.scripts[name];
  expect(script).toMatch(/^npm ci /);
  for (const [, path = ""] of script.matchAll(/node (\S+)/g))
    expect(Object.values(MANIFEST.bin)).toContain(path);
});

test.each(OF_A_SERVER)("`%s` names options there are", (line) => {
  // Answered by a double in the tests of capturing; here by nobody.
  const { code, err } = shell(line.replace("30000", "9"));
  expect({ code, err }).toMatchObject({ code: 5, err: expect.stringContaining("(capture/") });
});

describe("with npm", () => {
  let registry: Server;
  let env: Record<string, string>;
  const prefix = (): string => join(folder(), "prefix");

  /** A registry on this machine that has this package and no other: what is missing would show. */
  beforeAll(async () => {
    const root = packedInto(folder());
    const tarball = readFileSync(join(folder(), `fuse-triage-${MANIFEST.version}.tgz`));
    const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    registry = createServer((request, response) => {
      if (request.url?.endsWith(".tgz") === true) return response.end(tarball);
      if (request.url !== "/fuse-triage") return response.writeHead(404).end("{}");
      const dist = { tarball: `http://${request.headers.host}/fuse-triage.tgz` };
      const versions = { [MANIFEST.version]: { ...manifest, dist } };
      const tags = { latest: MANIFEST.version };
      return response.end(JSON.stringify({ name: "fuse-triage", "dist-tags": tags, versions }));
    });
    await new Promise<void>((done) => registry.listen(0, "127.0.0.1", done));
    const address = registry.address();
    const port = typeof address === "object" ? address?.port : null;
    env = {
      npm_config_registry: `http://127.0.0.1:${port}/`,
      npm_config_cache: join(folder(), "npm-cache"),
      npm_config_prefix: prefix(),
      npm_config_audit: "false",
      npm_config_fund: "false",
      npm_config_update_notifier: "false",
    };
  });
  afterAll(() => registry.close());

  test.each(OF_NPM)("`%s` runs", async (line) => {
    // Not as the synchronous others: the registry answers from this very process.
    const { code, err } = await spawned(line, env);
    expect({ code, err }).toEqual({ code: 0, err: "" });
  });

  test("the installed commands report, registry or none", async () => {
    registry.close();
    const path = `${join(prefix(), "bin")}:${process.env.PATH}`;
    for (const line of ["triage TRACE", "fuse-triage TRACE", "rules list"])
      expect(await spawned(line, { ...env, PATH: path })).toMatchObject({ code: 0, err: "" });
  });
});

function spawned(line: string, env: Readonly<Record<string, string>>) {
  const options = { cwd: folder(), env: { ...process.env, ...env } };
  const child: ChildProcess = spawn("bash", ["-c", line], {
    ...options,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let err = "";
  child.stderr!.on("data", (text) => {
    err += text;
  });
  return new Promise<{ code: number | null; err: string }>((done) => {
    child.on("close", (code) => done({ code, err }));
  });
}

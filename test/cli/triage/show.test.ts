import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { builtCommand } from "../../support/built-cli.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { triageHere } from "./run-in-process.ts";

const EXAMPLE = "examples/sglang-tp2-decode";

async function stored(name: string, ...args: string[]): Promise<string> {
  const path = join(temporaryFolder({}), "stored.json");
  await triageHere(name, ...args, "--format", "json", "--output", path);
  return path;
}

describe("triage show", () => {
  test.each([
    ["triage", [EXAMPLE]],
    ["triage", [EXAMPLE, "--all-ranks"]],
    ["ranks", [EXAMPLE]],
    ["diff", [EXAMPLE, "examples/sglang-tp2-prefill"]],
    ["explain", ["fused_moe_kernel", EXAMPLE]],
  ])("prints what %s %j stored as it prints it itself", async (name, args) => {
    const path = await stored(name, ...args);
    for (const format of ["text", "markdown", "html", "json"]) {
      const shown = await triageHere("show", path, "--format", format);
      const printed = await triageHere(name, ...args, "--format", format);
      expect(shown.out, format).toBe(printed.out);
    }
  });

  test("reads standard input", async () => {
    const path = await stored("triage", EXAMPLE);
    const { stdout } = spawnSync(process.execPath, [builtCommand("triage"), "show", "-"], {
      input: readFileSync(path),
      encoding: "utf8",
      env: { ...process.env, COLUMNS: "100" },
    });
    expect(stdout).toBe((await triageHere("triage", EXAMPLE)).out);
  });

  test.each([
    ["{}", "report/version"],
    ["[", "report/not-json"],
    ['{"schemaVersion":3}', "report/invalid"],
    ['{"schemaVersion":2,"stages":[]}', "report/version"],
    ['{"schemaVersion":1,"before":{}}', "report/version"],
    ["null", "report/version"],
    ["[]", "report/empty"],
  ])("of %s says what is wrong", async (text, code) => {
    const path = join(temporaryFolder({ "x.json": text }), "x.json");
    const ended = await triageHere("show", path);
    expect(ended.err).toContain(`(${code})`);
    expect(ended.code).toBe(3);
  });

  test("of a file that is not there says so", async () => {
    expect(await triageHere("show", "nowhere.json")).toMatchObject({
      code: 3,
      err: expect.stringContaining("nowhere.json does not exist."),
    });
  });

  test("never overwrites what it reads", async () => {
    const path = join(temporaryFolder({}), "r.json");
    writeFileSync(path, "{}");
    expect(await triageHere("show", path, "-o", path)).toMatchObject({ code: 2 });
    expect(readFileSync(path, "utf8")).toBe("{}");
  });
});

describe("triage example", () => {
  test("lists what there is", async () => {
    const { out } = await triageHere("example");
    expect(out).toContain("triage example sglang-tp2-decode\n");
    expect(out).toContain("triage example mapping-formal\n");
  });

  test("triages one, with the options of triage", async () => {
    const args = ["--framework", "tokenspeed", "--format", "json"];
    const { code, out } = await triageHere("example", "tokenspeed", ...args);
    expect(code).toBe(0);
    expect(JSON.parse(out).framework).toBe("tokenspeed");
  });

  test("gives the mapping trace its role", async () => {
    const { out } = await triageHere("example", "mapping-formal", "--format", "json");
    expect(JSON.parse(out).mode).toBe("mapping-formal");
  });

  test("says what was meant", async () => {
    expect(await triageHere("example", "sglang-decode")).toMatchObject({
      code: 2,
      err: expect.stringContaining("Did you mean sglang-"),
    });
  });
});

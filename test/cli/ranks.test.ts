import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { builtCommand, runCommand } from "../support/built-cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const TRIAGE = builtCommand("triage");
const EXAMPLE = "examples/sglang-tp2-decode";
const schema = JSON.parse(readFileSync("references/ranks.schema.json", "utf8"));
const validate = new Ajv2020({ strict: true, strictTypes: false }).compile(schema);

test("the ranks of a folder as JSON fit the schema, twice the same bytes", () => {
  const args = ["ranks", EXAMPLE, "--rules", "rules", "--format", "json"];
  const first = runCommand(TRIAGE, args);
  expect({ code: first.code, err: first.err }).toEqual({ code: 0, err: "" });
  expect(validate(JSON.parse(first.out)), JSON.stringify(validate.errors)).toBe(true);
  const [decode] = JSON.parse(first.out).stages;
  expect(decode.ranks.map(({ label }: { label: string }) => label)).toEqual(["0", "1"]);
  expect(decode.collectives[0].matched).toBeGreaterThan(100);
  expect(runCommand(TRIAGE, args).out).toBe(first.out);
});

test("as text it fits the terminal, and -o writes a file", () => {
  const folder = temporaryFolder({});
  const out = join(folder, "ranks.md");
  const { code, out: text } = runCommand(TRIAGE, ["ranks", EXAMPLE, "--rules", "rules"], {
    COLUMNS: "120",
  });
  expect(code).toBe(0);
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(120);
  const args = ["ranks", EXAMPLE, "--rules", "rules", "-f", "markdown", "-o", out];
  expect(runCommand(TRIAGE, args)).toEqual({ code: 0, out: "", err: "" });
  expect(readFileSync(out, "utf8")).toMatch(/^# fuse-triage .*ranks side by side\n/);
});

test("a rank that cannot be read: the others are compared, stderr names it, exit 3", () => {
  const folder = temporaryFolder({});
  const [file] = readdirSync(EXAMPLE).filter((name) => name.includes("TP-0"));
  for (const rank of [0, 1])
    copyFileSync(
      join(EXAMPLE, file!.replace("TP-0", `TP-${rank}`)),
      join(folder, file!.replace("TP-0", `TP-${rank}`)),
    );
  writeFileSync(join(folder, "1775078603.4170518-TP-2-DECODE.trace.json"), '{"traceEvents": [');
  const { code, out, err } = runCommand(TRIAGE, ["ranks", folder, "--rules", "rules"]);
  expect(code).toBe(3);
  expect(err).toMatch(/^rank 2 is left out: .*\n$/);
  expect(out).toContain("(unreadable)");
  expect(out).toContain("Collectives");
});

test("nothing to compare is a usage error", () => {
  expect(runCommand(TRIAGE, ["ranks"]).code).toBe(2);
  const [file] = readdirSync(EXAMPLE).filter((name) => name.includes("TP-0"));
  const { code, err } = runCommand(TRIAGE, ["ranks", join(EXAMPLE, file!), "--rules", "rules"]);
  expect(code).toBe(2);
  expect(err).toMatch(/one rank to compare/);
});

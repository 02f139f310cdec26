import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { allManualPages } from "../../scripts/manual.ts";
import { tableOf } from "../../src/cli/completion/tables.ts";
import { RULES } from "../../src/cli/rules/program.ts";
import { TRIAGE } from "../../src/cli/triage/program.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { triageHere } from "./triage/run-in-process.ts";

const has = (shell: string): boolean => spawnSync(shell, ["-c", "exit 0"]).status === 0;
const scripts = new Map<string, string>();

beforeAll(async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { code, out } = await triageHere("completion", shell);
    expect(code).toBe(0);
    scripts.set(shell, out);
  }
});

/** What bash offers where the words end, as its own completion would ask. */
function offered(words: readonly string[], cwd = "."): string[] {
  const [program = ""] = words;
  const script = `${scripts.get("bash")}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")})
COMP_CWORD=${words.length - 1}
_${program}
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const out = execFileSync("bash", ["-c", script], { encoding: "utf8", cwd });
  return out.split("\n").filter((word) => word !== "");
}

describe.skipIf(!has("bash"))("bash completes", () => {
  test.each([
    [["triage", "exp"], ["explain"]],
    [["triage", "diff", "--bud"], ["--budget"]],
    [
      ["triage", "x.json", "--form"],
      ["--formal-input", "--format"],
    ],
    [["triage", "x.json", "--format", "b"], ["brief"]],
    [["triage", "x.json", "-f", "per"], ["perfetto"]],
    [["triage", "x.json", "--format", "=", "ht"], ["html"]],
    [["triage", "x.json", "--stage", "pre"], ["prefill"]],
    // Left to the shell, which offers files.
    [["triage", "x.json", "--output", "re"], []],
    [["triage", "diff", "a.json", "b"], []],
    [
      ["rules", "li"],
      ["lint", "list"],
    ],
    [["rules", "lint", "--max"], ["--max-warnings"]],
    [["rules", "list", "--status", "in"], ["in-flight"]],
  ])("%j", (words, expected) => {
    const cwd = temporaryFolder({});
    expect(offered(words, cwd).sort()).toEqual(expected);
  });

  test("files beside commands where either may stand", () => {
    const cwd = temporaryFolder({ "explained.json": "" });
    expect(offered(["triage", "expl"], cwd).sort()).toEqual(["explain", "explained.json"]);
  });
});

describe("every shell knows every option of every command", () => {
  test.each(["bash", "zsh", "fish"])("%s", async (shell) => {
    const script = scripts.get(shell)!;
    for (const { commands } of await Promise.all([TRIAGE, RULES].map(tableOf)))
      for (const { name, options } of commands) {
        expect(script).toContain(name);
        for (const option of options)
          expect(script).toContain(shell === "fish" ? `-l ${option.name}` : `--${option.name}`);
      }
  });

  test.for(["bash", "zsh", "fish"])(
    "%s finds no fault in its script (where it is)",
    (shell, { skip }) => {
      if (!has(shell)) skip(`there is no ${shell} here`);
      const { status, stderr } = spawnSync(shell, ["-n"], {
        input: scripts.get(shell)!,
        encoding: "utf8",
      });
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    },
  );

  test("another shell is refused", async () => {
    expect(await triageHere("completion", "tcsh")).toMatchObject({ code: 2, out: "" });
    expect((await triageHere("completion")).code).toBe(2);
  });
});

describe("the manual", () => {
  test("is the one of the option tables: npm run man writes it", async () => {
    const pages = await allManualPages();
    expect(readdirSync("man").sort()).toEqual(pages.map(({ file }) => file).sort());
    for (const { file, text } of pages) expect(readFileSync(join("man", file), "utf8")).toBe(text);
  });

  test("is free of roff's complaints (where groff is)", async ({ skip }) => {
    if (spawnSync("groff", ["--version"]).error) skip("there is no groff here");
    for (const { text } of await allManualPages()) {
      const { status, stderr } = spawnSync("groff", ["-man", "-Tutf8", "-ww"], {
        input: text,
        encoding: "utf8",
      });
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    }
  });
});

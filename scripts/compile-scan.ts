import { readdirSync, readFileSync } from "node:fs";
import { main } from "assemblyscript/asc";

const SOURCES = new URL("../src/ingest/scan/", import.meta.url);
const LINE = 96;

/**
 * The scanner of src/ingest/scan as WebAssembly, in the text of a module that exports it: so it
 * needs no file of its own beside the program, wherever that is bundled or installed.
 *
 * @throws Error with the compiler's messages.
 */
export async function compileScan(): Promise<string> {
  let code: Uint8Array | null = null;
  const { error, stderr } = await main(
    [
      ...["index.ts", "-O3", "--noAssert", "--enable", "simd", "--runtime", "minimal"],
      ...["--use", "abort=", "--outFile", "scan.wasm"],
    ],
    {
      readFile: (name) => sources.get(name) ?? null,
      writeFile: (name, contents) => {
        if (name === "scan.wasm") code = contents as Uint8Array;
      },
      listFiles: () => [],
    },
  );
  if (error !== null || code === null) throw new Error(stderr.toString(), { cause: error });
  const lines = Buffer.from(code)
    .toString("base64")
    .match(new RegExp(`.{1,${LINE}}`, "g"));
  return [
    "// Compiled from src/ingest/scan by `npm run scan`; a test holds that it is current.",
    "",
    "/** WebAssembly in base64. */",
    "export const SCAN_CODE =",
    `${lines!.map((line) => `  "${line}"`).join(" +\n")};`,
    "",
  ].join("\n");
}

const sources = new Map(
  readdirSync(SOURCES)
    .filter((name) => name.endsWith(".ts"))
    .map((name) => [name, readFileSync(new URL(name, SOURCES), "utf8")]),
);

import { readdirSync, readFileSync } from "node:fs";
import { main } from "assemblyscript/asc";

const SOURCES = new URL("../src/ingest/scan/", import.meta.url);

/**
 * The scanner of src/ingest/scan as WebAssembly.
 *
 * @throws Error with the compiler's messages.
 */
export async function compileScan(): Promise<Uint8Array> {
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
  return code;
}

const sources = new Map(
  readdirSync(SOURCES)
    .filter((name) => name.endsWith(".ts"))
    .map((name) => [name, readFileSync(new URL(name, SOURCES), "utf8")]),
);

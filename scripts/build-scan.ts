/** Compiles src/ingest/scan into the module that the program carries. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compileScan } from "./compile-scan.ts";

const target = new URL("../src/ingest/scan.wasm", import.meta.url);
writeFileSync(target, await compileScan());
console.log(`wrote ${fileURLToPath(target)}`);

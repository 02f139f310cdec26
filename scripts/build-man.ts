/** Writes the manual, man/*.1, from the option tables. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { allManualPages } from "./manual.ts";

rmSync("man", { recursive: true, force: true });
mkdirSync("man");
for (const { file, text } of await allManualPages()) writeFileSync(`man/${file}`, text);

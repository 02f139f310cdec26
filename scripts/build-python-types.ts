/** Writes the dataclasses of the Python package from the JSON schemas (`npm run python:types`). */
import { writeFileSync } from "node:fs";
import { pythonTypes } from "./python-types.ts";

for (const [path, text] of pythonTypes()) writeFileSync(path, text);

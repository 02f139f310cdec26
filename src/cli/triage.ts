#!/usr/bin/env node
import { runProgram } from "./run-program.ts";
import { optimiseLater } from "./tier-up.ts";
import { TRIAGE } from "./triage-program.ts";

optimiseLater();
await runProgram(TRIAGE, process.argv.slice(2));

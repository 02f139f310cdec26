#!/usr/bin/env node
import { runProgram } from "./run-program.ts";
import { TRIAGE } from "./triage-program.ts";

await runProgram(TRIAGE, process.argv.slice(2));

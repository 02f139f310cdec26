#!/usr/bin/env node
import { runProgram } from "./run-program.ts";
import { endAtOnce, optimiseLater } from "./short-lived.ts";
import { TRIAGE } from "./triage/program.ts";

optimiseLater();
endAtOnce();
await runProgram(TRIAGE, process.argv.slice(2));

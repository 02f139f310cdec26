#!/usr/bin/env node
import { endAtOnce } from "./end-at-once.ts";
import { runProgram } from "./run-program.ts";
import { optimiseLater } from "./tier-up.ts";
import { TRIAGE } from "./triage/program.ts";

optimiseLater();
endAtOnce();
await runProgram(TRIAGE, process.argv.slice(2));

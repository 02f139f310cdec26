#!/usr/bin/env node
import { RULES } from "./rules/program.ts";
import { runProgram } from "./run-program.ts";

await runProgram(RULES, process.argv.slice(2));

/** Engine, model, GPU and sizes as the line `Run` of a report's head has them; none without it. */
export function runParts(text: string): readonly string[] {
  return /^(?:- )?Run(?::| {2,}) *(.+)$/m.exec(text)?.[1]?.split(" · ") ?? [];
}

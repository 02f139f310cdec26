import { EXIT, TriageError } from "./errors.ts";

/** The refusal of a run whose kernels are not the engine's: SGLang's diffusion runtime ran diffusers instead. */
export function diffusersRefusal(message: string, place: string): TriageError {
  return new TriageError({
    code: "refused/diffusers-backend",
    exit: EXIT.refused,
    message: `the server ran the diffusers backend: ${message}`,
    place,
    hint: "This is a backend-selection issue, not something kernels can tell: make the engine serve the model natively (a supported pipeline class, no quantised checkpoint, no --backend diffusers), then record again.",
  });
}

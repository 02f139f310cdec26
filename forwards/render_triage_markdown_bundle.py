from triage_forward import forward

forward("bundle")

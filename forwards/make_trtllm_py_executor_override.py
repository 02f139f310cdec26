from triage_forward import forward

forward("override-trtllm")

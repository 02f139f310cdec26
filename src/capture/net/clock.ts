/** Milliseconds. Everything in `capture` that waits does so on a Clock, so that tests may run faster. */
export interface Clock {
  now(): number;
  /** Calls back after `ms` unless the returned function is called before. */
  after(ms: number, callback: () => void): () => void;
  /** As `after`, for the deadlines of calls: a busy machine answers late however fast its clock runs. */
  deadline(ms: number, callback: () => void): () => void;
  /** Date of `now()`, for records. */
  date(): Date;
}

/**
 * The machine's clock, `speed` times as fast: at speed 100 a wait of 30 s takes 300 ms. Dates stay
 * true, because servers and file systems do not speed up with us.
 */
export function machineClock(speed = 1, deadlineSpeed = speed): Clock {
  return {
    now: () => performance.now() * speed,
    after: (ms, callback) => timer(ms / speed, callback),
    deadline: (ms, callback) => timer(ms / deadlineSpeed, callback),
    date: () => new Date(),
  };
}

function timer(ms: number, callback: () => void): () => void {
  const started = setTimeout(callback, ms);
  return () => clearTimeout(started);
}

/** Resolves after `ms`; rejects with the signal's reason as soon as that is aborted. */
export function sleep(clock: Clock, ms: number, signal: AbortSignal | null): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/** Runs `work` and calls `tick` with the seconds passed, every `everyMs`, until it settles. */
export async function withTicks<T>(
  clock: Clock,
  everyMs: number,
  tick: (seconds: number) => void,
  work: () => Promise<T>,
): Promise<T> {
  const started = clock.now();
  let cancel = () => {};
  const arm = () => {
    cancel = clock.after(everyMs, () => {
      tick(Math.round((clock.now() - started) / 1000));
      arm();
    });
  };
  arm();
  try {
    return await work();
  } finally {
    cancel();
  }
}

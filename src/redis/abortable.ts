/** The result of `work`, or a rejection with the signal's reason as soon as that aborts. `work` goes on unobserved. */
export function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    // Attached in any case: work that loses the race may still reject.
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

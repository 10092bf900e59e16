/**
 * Ends this process, after `cleanUp`, when the one that forked it is gone: also when it went while this one was still
 * loading and nobody listened yet. Without such a parent it does nothing.
 *
 * By SIGKILL, because process.exit waits for V8's threads, for ever in one of some ten deaths of a busy web process, and
 * here nobody is left to insist.
 */
export function endWithParent(cleanUp: () => void = () => {}): void {
  if (!process.send) return;
  const leave = () => {
    try {
      cleanUp();
    } finally {
      process.kill(process.pid, "SIGKILL");
    }
  };
  process.once("disconnect", leave);
  if (!process.connected) leave();
}

// Calls that must not come too often, and calls that must come again.
import { useEffect, useRef } from "preact/hooks";

// At most one call in `pause` milliseconds; the last one is never lost.
export function useThrottled(call: () => void, pause: number): () => void {
  const timer = useRef(0);
  const latest = useRef(call);
  latest.current = call;
  useEffect(() => () => clearTimeout(timer.current), []);
  const throttled = useRef(() => {
    if (timer.current === 0) {
      timer.current = window.setTimeout(() => {
        timer.current = 0;
        latest.current();
      }, pause);
    }
  });
  return throttled.current;
}

// For what no stream tells of: a wall screen is never loaded anew.
export function useEvery(pause: number, call: () => void): void {
  useEffect(() => {
    const timer = window.setInterval(call, pause);
    return () => clearInterval(timer);
  }, [pause, call]);
}

// Calls that must not come too often.
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

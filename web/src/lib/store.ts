// A value that components follow.
import { useEffect, useState } from "preact/hooks";

export interface Store<T> {
  get: () => T;
  set: (value: T) => void;
  subscribe: (follower: () => void) => () => void;
}

export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  const followers = new Set<() => void>();
  return {
    get: () => value,
    set: (next) => {
      if (next !== value) {
        value = next;
        for (const follower of [...followers]) {
          follower();
        }
      }
    },
    subscribe: (follower) => {
      followers.add(follower);
      return () => followers.delete(follower);
    },
  };
}

export function useStore<T>(store: Store<T>): T {
  const [value, setValue] = useState(store.get);
  useEffect(() => {
    const follow = () => setValue(() => store.get());
    follow();
    return store.subscribe(follow);
  }, [store]);
  return value;
}

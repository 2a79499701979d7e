// A document of the API, loaded when the component appears and whenever its address changes.
import { useCallback, useEffect, useState } from "preact/hooks";
import { ApiError, get } from "../api/client";
import { endSession } from "./session";

export interface Loaded<T> {
  data: T | undefined; // the last that came, also while the next one loads
  error: ApiError | undefined;
  reload: () => void;
  set: (data: T) => void;
}

// An empty address loads nothing.
export function useDocument<T>(url: string): Loaded<T> {
  const [data, setData] = useState<T>();
  const [error, setError] = useState<ApiError>();
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (url === "") {
      return undefined;
    }
    const abort = new AbortController();
    get<T>(url, abort.signal).then(
      (loaded) => {
        setData((before) => (isSame(before, loaded) ? before : loaded));
        setError(undefined);
      },
      (failure: unknown) => abort.signal.aborted || setError(noted(failure)),
    );
    return () => abort.abort();
  }, [url, turn]);
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  const set = useCallback((next: T) => setData(() => next), []);
  return { data, error, reload, set };
}

// A document that says the same again stays the same object, so that nothing is drawn anew for it.
function isSame<T>(before: T | undefined, loaded: T): boolean {
  return JSON.stringify(before) === JSON.stringify(loaded);
}

// Whatever went wrong, as an ApiError; without a session the login page takes over.
export function noted(failure: unknown): ApiError {
  const error = failure instanceof ApiError ? failure : new ApiError(0, "unreachable", String(failure));
  if (error.status === 401 && error.code === "unauthorized") {
    endSession();
  }
  return error;
}

// Who is logged in, if anybody.
import type { Role, Session } from "../api/types";
import { createStore, useStore } from "./store";

// undefined: not asked yet; null: nobody
export const session = createStore<Session | null | undefined>(undefined);

export const useSession = () => useStore(session);

export function endSession(): void {
  session.set(null);
}

const kOrder: readonly Role[] = ["viewer", "operator", "admin"];

export function mayDo(role: Role | undefined, least: Role): boolean {
  return role !== undefined && kOrder.indexOf(role) >= kOrder.indexOf(least);
}

// The roles, as options of a choice.
import type { Role } from "../api/types";
import type { Text } from "../i18n";
import { mayDo } from "../lib/session";

const kRoles: readonly Role[] = ["viewer", "operator", "admin"];

export function roleOptions(t: Text["t"], most: Role = "admin"): { value: string; text: string }[] {
  return kRoles.filter((role) => mayDo(most, role)).map((role) => ({ value: role, text: t(`role.${role}`) }));
}

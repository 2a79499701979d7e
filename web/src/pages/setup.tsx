import { setUp } from "../api/client";
import { useText } from "../i18n";
import { go } from "../lib/navigation";
import { address } from "../lib/router";
import { session } from "../lib/session";
import { Field, Form } from "../ui/form";
import { Empty } from "../ui/parts";
import { Gate } from "./gate";

export const kShortestPassword = 10;

// The one-time link carries its code behind '#', so that it reaches no server's log.
export function SetupPage() {
  const { t } = useText();
  const code = location.hash.slice(1);
  const submit = async ({ user = "", password = "" }: Record<string, string>) => {
    session.set(await setUp(code, user, password));
    go(address("overview"), "replace");
  };
  return (
    <Gate title={t("setup.title")} lead={t("setup.lead")}>
      {code === "" ? (
        <Empty title={t("setup.empty")}>
          <p>{t("setup.empty.next")}</p>
        </Empty>
      ) : (
        <Form submit={submit} action={t("setup.action")}>
          <Field label={t("user")} name="user" required maxLength={64} autoComplete="username" />
          <Field
            label={t("password")}
            name="password"
            type="password"
            hint={t("password.hint")}
            required
            minLength={kShortestPassword}
            autoComplete="new-password"
          />
        </Form>
      )}
    </Gate>
  );
}

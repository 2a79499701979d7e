import { logIn } from "../api/client";
import { useText } from "../i18n";
import { session } from "../lib/session";
import { Field, Form } from "../ui/form";
import { Gate } from "./gate";

export function LoginPage() {
  const { t } = useText();
  const submit = async (values: Record<string, string>) =>
    session.set(await logIn(values.user ?? "", values.password ?? ""));
  return (
    <Gate title={t("login.title")} lead={t("login.lead")}>
      <Form submit={submit} action={t("login.action")}>
        <Field label={t("user")} name="user" required autoComplete="username" />
        <Field label={t("password")} name="password" type="password" required autoComplete="current-password" />
      </Form>
      <p class="small soft">{t("login.first")}</p>
    </Gate>
  );
}

// Everybody changes the own password; the account's other sessions end.
import { useState } from "preact/hooks";
import { send } from "../api/client";
import { useText } from "../i18n";
import { Field, Form } from "../ui/form";
import { Card } from "../ui/parts";
import { kShortestPassword } from "./setup";

export function OwnPassword() {
  const { t } = useText();
  const [isDone, setDone] = useState(false);
  const submit = async ({ current = "", replacement = "" }: Record<string, string>) => {
    await send("PUT", "/session/password", { current, password: replacement });
    setDone(true);
  };
  return (
    <Card title={t("password.title")}>
      {isDone && (
        <p class="notice good" role="status">
          {t("password.done")}
        </p>
      )}
      <Form submit={submit} action={t("password.change")} isRow>
        <Field label={t("password.current")} name="current" type="password" required autoComplete="current-password" />
        <Field
          label={t("password.new")}
          name="replacement"
          type="password"
          required
          minLength={kShortestPassword}
          autoComplete="new-password"
        />
      </Form>
    </Card>
  );
}

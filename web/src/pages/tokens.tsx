import { useState } from "preact/hooks";
import { apiUrl, send, type ApiError } from "../api/client";
import type { NewToken, Role, Token } from "../api/types";
import { useText } from "../i18n";
import { noted, useDocument } from "../lib/load";
import { mayDo } from "../lib/session";
import { Field, Form, Select } from "../ui/form";
import { Await, Badge, Card, Empty, Failure, PageHead } from "../ui/parts";
import { Table, type Column } from "../ui/table";
import { Ago } from "../ui/time";
import { OwnPassword } from "./own_password";
import { roleOptions } from "./roles";

export function TokensPage({ role }: { role: Role }) {
  const { t } = useText();
  const tokens = useDocument<{ tokens: Token[] }>(apiUrl("/tokens"));
  const [error, setError] = useState<ApiError>();
  const revoke = async (token: Token) => {
    if (confirm(t("tokens.sure", { name: token.name }))) {
      setError(await send("DELETE", `/tokens/${token.id}`).then(() => undefined, noted));
      tokens.reload();
    }
  };
  const columns = useColumns(revoke);
  return (
    <>
      <PageHead title={t("nav.tokens")} subtitle={t("tokens.lead")} />
      {error && <Failure error={error} />}
      <Await of={tokens}>
        {(data) => (
          <div class="card">
            {data.tokens.length === 0 ? (
              <Empty title={t("tokens.empty")}>{t("tokens.empty.next")}</Empty>
            ) : (
              <Table label={t("nav.tokens")} columns={columns} rows={data.tokens} id={(row) => row.id} />
            )}
          </div>
        )}
      </Await>
      <MakeToken role={role} made={tokens.reload} />
      {!mayDo(role, "admin") && <OwnPassword />}
    </>
  );
}

function MakeToken({ role, made }: { role: Role; made: () => void }) {
  const { t } = useText();
  const [fresh, setFresh] = useState<NewToken>();
  const submit = async ({ name = "", scope = "", days = "" }: Record<string, string>) => {
    setFresh(await send<NewToken>("POST", "/tokens", { name, scope, ...(days === "" ? {} : { days: Number(days) }) }));
    made();
  };
  return (
    <Card title={t("tokens.new")}>
      {fresh && (
        <div class="notice good" role="status">
          <span>{t("tokens.once")}</span>
          <code class="wrap">{fresh.token}</code>
        </div>
      )}
      <Form submit={submit} action={t("tokens.add")} isRow>
        <Field label={t("name")} name="name" required maxLength={64} autoComplete="off" />
        <Select label={t("role")} name="scope" options={roleOptions(t, role)} value="viewer" />
        <Field label={t("tokens.days")} name="days" type="number" />
      </Form>
    </Card>
  );
}

function useColumns(revoke: (token: Token) => void): Column<Token>[] {
  const { t } = useText();
  return [
    {
      name: t("name"),
      cell: (row) => (
        <span class="stack">
          {row.name}
          <span class="soft small">{row.user}</span>
        </span>
      ),
    },
    { name: t("role"), cell: (row) => <Badge>{t(`role.${row.scope}`)}</Badge> },
    { name: t("tokens.used"), kind: "wide", cell: (row) => <Ago time={row.last_used} /> },
    { name: t("tokens.expires"), kind: "wide", cell: (row) => <Ago time={row.expires} /> },
    {
      name: t("actions"),
      cell: (row) => (
        <button type="button" class="button slim danger" onClick={() => revoke(row)}>
          {t("tokens.revoke")}
        </button>
      ),
    },
  ];
}

import { useState } from "preact/hooks";
import { apiUrl, send, type ApiError } from "../api/client";
import type { Account } from "../api/types";
import { useText } from "../i18n";
import { noted, useDocument } from "../lib/load";
import { Field, Form, Select } from "../ui/form";
import { Await, Badge, Card, Failure, PageHead } from "../ui/parts";
import { Table, type Column } from "../ui/table";
import { Ago } from "../ui/time";
import { OwnPassword } from "./own_password";
import { roleOptions } from "./roles";
import { kShortestPassword } from "./setup";

const pathOf = (account: Account) => `/accounts/${encodeURIComponent(account.user)}`;

export function AccountsPage({ own }: { own: string }) {
  const { t } = useText();
  const accounts = useDocument<{ accounts: Account[] }>(apiUrl("/accounts"));
  const [error, setError] = useState<ApiError>();
  const change = async (request: Promise<unknown>) => {
    setError(await request.then(() => undefined, noted));
    accounts.reload();
  };
  const columns = useColumns(own, change);
  return (
    <>
      <PageHead title={t("nav.accounts")} subtitle={t("accounts.lead")} />
      {error && <Failure error={error} />}
      <Await of={accounts}>
        {(data) => (
          <div class="card">
            <Table label={t("nav.accounts")} columns={columns} rows={data.accounts} id={(row) => row.user} />
          </div>
        )}
      </Await>
      <NewAccount made={accounts.reload} />
      <SetPassword users={(accounts.data?.accounts ?? []).map(({ user }) => user).filter((user) => user !== own)} />
      <OwnPassword />
    </>
  );
}

function NewAccount({ made }: { made: () => void }) {
  const { t } = useText();
  const submit = async (values: Record<string, string>) => {
    await send("POST", "/accounts", values);
    made();
  };
  return (
    <Card title={t("accounts.new")}>
      <Form submit={submit} action={t("accounts.add")} isRow>
        <Field label={t("user")} name="user" required maxLength={64} autoComplete="off" />
        <Field
          label={t("password")}
          name="password"
          type="password"
          required
          minLength={kShortestPassword}
          autoComplete="new-password"
        />
        <Select label={t("role")} name="role" options={roleOptions(t)} value="viewer" />
      </Form>
    </Card>
  );
}

function SetPassword({ users }: { users: string[] }) {
  const { t } = useText();
  const [isDone, setDone] = useState(false);
  const submit = async ({ account = "", replacement = "" }: Record<string, string>) => {
    setDone(false);
    await send("PATCH", `/accounts/${encodeURIComponent(account)}`, { password: replacement });
    setDone(true);
  };
  if (users.length === 0) {
    return null;
  }
  return (
    <Card title={t("accounts.password")}>
      {isDone && (
        <p class="notice good" role="status">
          {t("accounts.password.done")}
        </p>
      )}
      <Form submit={submit} action={t("accounts.password.set")} isRow>
        <Select
          label={t("user")}
          name="account"
          options={users.map((user) => ({ value: user, text: user }))}
          value={users[0] ?? ""}
        />
        <Field
          label={t("password.new")}
          name="replacement"
          id="others-password"
          type="password"
          required
          minLength={kShortestPassword}
          autoComplete="new-password"
        />
      </Form>
    </Card>
  );
}

function useColumns(own: string, change: (request: Promise<unknown>) => void): Column<Account>[] {
  const { t } = useText();
  return [
    {
      name: t("user"),
      cell: (row) => (
        <span class="wrap">
          {row.user} {row.disabled && <Badge tone="warn">{t("accounts.disabled")}</Badge>}
        </span>
      ),
    },
    {
      name: t("role"),
      cell: (row) => (row.user === own ? t(`role.${row.role}`) : <RoleChoice account={row} change={change} />),
    },
    { name: t("accounts.created"), kind: "wide", cell: (row) => <Ago time={row.created} /> },
    { name: t("accounts.last_login"), kind: "wide", cell: (row) => <Ago time={row.last_login} /> },
    {
      name: t("actions"),
      cell: (row) =>
        row.user === own ? <Badge>{t("accounts.you")}</Badge> : <Actions account={row} change={change} />,
    },
  ];
}

interface ActionsProps {
  account: Account;
  change: (request: Promise<unknown>) => void;
}

function RoleChoice({ account, change }: ActionsProps) {
  const { t } = useText();
  const choose = (role: string) => change(send("PATCH", pathOf(account), { role }));
  return (
    <select
      class="input slim"
      aria-label={t("accounts.role", { user: account.user })}
      value={account.role}
      onChange={(event) => choose(event.currentTarget.value)}
    >
      {roleOptions(t).map(({ value, text }) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </select>
  );
}

function Actions({ account, change }: ActionsProps) {
  const { t } = useText();
  const toggle = () => change(send("PATCH", pathOf(account), { disabled: !account.disabled }));
  const remove = () => confirm(t("accounts.sure", { user: account.user })) && change(send("DELETE", pathOf(account)));
  return (
    <span class="row">
      <button type="button" class="button slim" onClick={toggle}>
        {t(account.disabled ? "accounts.enable" : "accounts.disable")}
      </button>
      <button type="button" class="button slim danger" onClick={remove}>
        {t("remove")}
      </button>
    </span>
  );
}

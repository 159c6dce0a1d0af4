import { Button, Loader, Switch } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { LoadingPermission, OrgLimit, type OrgFacts, type Told } from '../../shared/domain/org-facts.ts';
import type { OrgSummary } from '../../shared/domain/org.ts';
import { number } from '../../shared/text/counts.ts';
import { LIMIT_WORDS, ORG_KIND_WORDS, PERMISSION_WORDS } from '../../shared/text/org-text.ts';
import { failureOf, useBackend, useCall } from '../backend/backend-context.tsx';
import { FailurePanel } from '../components/failure-panel.tsx';
import { useIsReadOnly } from '../settings/use-is-read-only.ts';
import { moment } from '../settings/moments.ts';

interface Props {
  readonly org: OrgSummary;
  readonly back: () => void;
}

/** What the org says of itself and of its user, and whether loads may change it. */
export function OrgPage({ org, back }: Props) {
  const { orgId } = org;
  const facts = useCall('org.about', { orgId });
  const failure = facts.error ? failureOf(facts.error) : null;
  return (
    <div className="step">
      <header>
        <div>
          <h2>{org.name}</h2>
          <p className="lead">
            <span className="chip" data-tone={org.kind}>
              {ORG_KIND_WORDS[org.kind]}
            </span>{' '}
            {org.instanceHost} · {org.orgId}
          </p>
        </div>
        <Button data-leave variant="subtle" onClick={back}>
          Back
        </Button>
      </header>
      <ReadOnlyPanel org={org} />
      {failure && <FailurePanel failure={failure} again={() => void facts.refetch()} />}
      {facts.isPending && (
        <div className="panel waiting">
          <Loader role="img" size="sm" aria-label="Working" />
          <span role="status">Asking {org.name} what you can do there…</span>
        </div>
      )}
      {facts.data && <Facts facts={facts.data} />}
    </div>
  );
}

function ReadOnlyPanel({ org }: { readonly org: OrgSummary }) {
  const backend = useBackend();
  const cache = useQueryClient();
  const readOnly = useIsReadOnly(org);
  const set = useMutation({
    mutationFn: (wanted: boolean) => backend.call('org.setReadOnly', { orgId: org.orgId, readOnly: wanted }),
    onSuccess: (orgIds) => cache.setQueryData(['org.readOnly', {}], orgIds),
  });
  return (
    <section className="panel" aria-labelledby="org-loads">
      <h3 id="org-loads">Loads</h3>
      <Switch
        mt="sm"
        label="Read-only: block all loads into this org"
        description={
          org.kind === 'production'
            ? 'Otherwise, deletes and loads of more than a few records ask you to type the number of changes or the org’s name.'
            : 'Applies to every window and the command line on this computer, even with a confirmation. A running load continues.'
        }
        checked={readOnly}
        disabled={set.isPending}
        onChange={(event) => set.mutate(event.currentTarget.checked)}
      />
      {set.error && <FailurePanel failure={failureOf(set.error)} />}
    </section>
  );
}

function Facts({ facts }: { readonly facts: OrgFacts }) {
  const { user, permissions, organization, limits, version } = facts;
  return (
    <>
      <div className="cards">
        <Card title="You" fact={user}>
          {({ name, username, userId, profile }) => (
            <Rows
              rows={[
                ['Name', name],
                ['Username', username],
                ['Profile', profile],
                ['User ID', userId],
              ]}
            />
          )}
        </Card>
        <Card title="The org" fact={organization}>
          {({ name, edition, isSandbox, instance, trialEnds }) => (
            <Rows
              rows={[
                ['Name', name],
                ['Edition', edition],
                ['Sandbox', isSandbox ? 'yes' : 'no'],
                ['Instance', instance],
                ['Trial ends', trialEnds === null ? 'no trial' : moment(Date.parse(trialEnds))],
              ]}
            />
          )}
        </Card>
        <Card title="Version" fact={version}>
          {({ used, newest, release }) => (
            <Rows
              rows={[
                ['Release', release],
                ['Newest API', newest],
                ['Longshore uses', used],
              ]}
            />
          )}
        </Card>
      </div>
      <Card title="What you can do" fact={permissions}>
        {(given) => (
          <table className="list">
            <tbody>
              {LoadingPermission.options.map((name) => (
                <tr key={name}>
                  <th scope="row">{PERMISSION_WORDS[name][0]}</th>
                  <td>{given[name] === null ? 'not in this org' : given[name] ? 'yes' : 'no'}</td>
                  <td>{PERMISSION_WORDS[name][1]}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Card>
      <Card title="Limits" fact={limits}>
        {(told) => (
          <table className="list">
            <tbody>
              {OrgLimit.options.map((name) => (
                <tr key={name}>
                  <th scope="row">{LIMIT_WORDS[name]}</th>
                  <td>{leftOf(told[name])}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Card>
    </>
  );
}

function leftOf(limit: { max: number; remaining: number } | null): string {
  if (limit === null) return 'couldn’t be read: you don’t have access';
  return `${number(limit.remaining)} of ${number(limit.max)}`;
}

interface CardProps<T> {
  readonly title: string;
  readonly fact: Told<T>;
  readonly children: (value: T) => ReactNode;
}

function Card<T>({ title, fact, children }: CardProps<T>) {
  return (
    <section className="panel" aria-label={title}>
      <h3>{title}</h3>
      {fact.kind === 'read' ? children(fact.value) : <p className="lead">Couldn’t be read: {fact.why}</p>}
    </section>
  );
}

function Rows({ rows }: { readonly rows: readonly (readonly [string, string | null])[] }) {
  return (
    <dl className="told">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value ?? 'couldn’t be read: you don’t have access'}</dd>
        </div>
      ))}
    </dl>
  );
}

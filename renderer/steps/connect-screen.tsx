import { Button, Group, Loader, SegmentedControl, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { FlaskConical, LogIn } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { OrgId } from '../../shared/domain/ids.ts';
import type { OrgSummary, SignInTarget } from '../../shared/domain/org.ts';
import { sessionTroubleText } from '../../shared/text/session-text.ts';
import { failureOf, useBackend } from '../backend/backend-context.tsx';
import { FailurePanel } from '../components/failure-panel.tsx';

interface Props {
  readonly orgs: readonly OrgSummary[];
  readonly chosen: OrgId | null;
  /** Where to sign in without another click, because she has clicked for it on the screen before. */
  readonly start: 'practice' | null;
  readonly done: (orgId: OrgId | null) => void;
}

/** Sign in, switch, sign out. Signing in happens in her own browser; this waits for it and can stop waiting. */
export function ConnectScreen({ orgs, chosen, start, done }: Props) {
  const backend = useBackend();
  const cache = useQueryClient();
  const waiting = useRef<AbortController | null>(null);
  const [kind, setKind] = useState<'production' | 'sandbox' | 'custom'>('production');
  const [loginUrl, setLoginUrl] = useState('');
  const [clientId, setClientId] = useState('');
  const signIn = useMutation({
    mutationFn: (target: SignInTarget) => {
      waiting.current = new AbortController();
      return backend.call(
        'orgs.signIn',
        { target, ...(clientId.trim() === '' ? {} : { clientId: clientId.trim() }) },
        { signal: waiting.current.signal },
      );
    },
    onSuccess: ({ orgId }) => {
      // Another user of the same org may see other fields: nothing that was described or checked before holds.
      for (const procedure of ['orgs.objects', 'orgs.describe', 'checks.run', 'plan.build'])
        cache.removeQueries({ queryKey: [procedure] });
      done(orgId);
    },
  });
  const signOut = useMutation({ mutationFn: (orgId: OrgId) => backend.call('orgs.signOut', { orgId }) });
  const started = useRef(false);
  const { mutate } = signIn;
  useEffect(() => {
    if (start === null || started.current) return;
    started.current = true;
    mutate({ kind: start });
  }, [start, mutate]);
  const failure = signIn.error ? failureOf(signIn.error) : null;

  return (
    <div className="step">
      <header>
        <div>
          <h2>Connect an org</h2>
          <p className="lead">
            You sign in on Salesforce’s own page in your browser. Longshore never sees your password.
          </p>
        </div>
        <Button variant="subtle" onClick={() => done(null)}>
          Back
        </Button>
      </header>
      {failure && failure.code !== 'CANCELLED' && <FailurePanel failure={failure} />}
      {signIn.isPending && (
        <div className="notice" data-tone="update" role="status">
          <Loader size={16} aria-hidden />
          <span>Waiting for you to sign in on the page that opened in your browser.</span>
          <Button size="compact-sm" variant="default" onClick={() => waiting.current?.abort()}>
            Stop waiting
          </Button>
        </div>
      )}
      {orgs.length > 0 && (
        <section className="panel" aria-label="Signed-in orgs">
          <table className="list">
            <tbody>
              {orgs.map((org) => (
                <tr key={org.orgId}>
                  <td>
                    <span className="chip" data-tone={org.kind}>
                      {org.kind}
                    </span>
                  </td>
                  <td>
                    <strong>{org.name}</strong>
                    <div className="sample">
                      {org.username} · {org.instanceHost}
                    </div>
                    {org.sessionTrouble !== undefined && (
                      <div className="sample">{sessionTroubleText(org.sessionTrouble)}.</div>
                    )}
                  </td>
                  <td className="reason">
                    {org.apiUsage
                      ? `${org.apiUsage.used.toLocaleString('en')} of ${org.apiUsage.max.toLocaleString('en')} API calls used today`
                      : ''}
                  </td>
                  <td>
                    <Group gap={6} justify="flex-end" wrap="nowrap">
                      {org.session === 'active' && (
                        <Button
                          size="compact-sm"
                          variant={org.orgId === chosen ? 'filled' : 'default'}
                          onClick={() => done(org.orgId)}
                        >
                          {org.orgId === chosen ? 'In use' : 'Use this org'}
                        </Button>
                      )}
                      {org.session === 'expired' && (
                        <Button
                          size="compact-sm"
                          onClick={() =>
                            signIn.mutate(
                              org.kind === 'practice'
                                ? { kind: 'practice' }
                                : { kind: 'custom', loginUrl: `https://${org.instanceHost}` },
                            )
                          }
                        >
                          Sign in again
                        </Button>
                      )}
                      <Button size="compact-sm" variant="subtle" color="gray" onClick={() => signOut.mutate(org.orgId)}>
                        Sign out
                      </Button>
                    </Group>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      <div className="cards">
        <section className="panel" aria-labelledby="practice-title">
          <h3 id="practice-title">Practice org</h3>
          <p className="lead">
            A local Salesforce to learn on: accounts, contacts, shipments. No account needed, nothing leaves this
            computer.
          </p>
          <Button
            mt="sm"
            leftSection={<FlaskConical size={16} aria-hidden />}
            disabled={signIn.isPending}
            onClick={() => signIn.mutate({ kind: 'practice' })}
          >
            Use the practice org
          </Button>
        </section>
        <section className="panel" aria-labelledby="own-title">
          <h3 id="own-title">Your Salesforce org</h3>
          <SegmentedControl
            mt="sm"
            fullWidth
            aria-label="Kind of org"
            value={kind}
            onChange={(value) => setKind(value)}
            data={[
              { value: 'production', label: 'Production' },
              { value: 'sandbox', label: 'Sandbox' },
              { value: 'custom', label: 'My Domain' },
            ]}
          />
          {kind === 'custom' && (
            <TextInput
              mt="sm"
              label="Sign-in address"
              placeholder="acme.my.salesforce.com"
              value={loginUrl}
              onChange={(event) => setLoginUrl(event.currentTarget.value)}
            />
          )}
          <TextInput
            mt="sm"
            label="Consumer key of your External Client App"
            description="With the callback http://localhost:1717/OauthRedirect. Kept for the next time."
            value={clientId}
            onChange={(event) => setClientId(event.currentTarget.value)}
          />
          <Button
            mt="sm"
            variant="default"
            leftSection={<LogIn size={16} aria-hidden />}
            disabled={signIn.isPending}
            onClick={() => signIn.mutate(kind === 'custom' ? { kind, loginUrl } : { kind })}
          >
            Sign in
          </Button>
        </section>
      </div>
    </div>
  );
}

import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { FlaskConical } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Failure } from '../../shared/contract/failure.ts';
import type { OrgId } from '../../shared/domain/ids.ts';
import type { OrgSummary } from '../../shared/domain/org.ts';
import { failureOf, useBackend, useCall } from '../backend/backend-context.tsx';
import { FailurePanel } from '../components/failure-panel.tsx';
import { useSignInGate } from '../sign-in/sign-in-context.tsx';
import { ConnectedOrgs } from './connect/connected-orgs.tsx';
import { OwnOrg } from './connect/own-org.tsx';
import { SfOrgs } from './connect/sf-orgs.tsx';
import { TokenCard } from './connect/token-card.tsx';
import { useSessionChecks } from './connect/use-session-checks.ts';
import { WaitingForBrowser } from '../sign-in/waiting-for-browser.tsx';

interface Props {
  readonly orgs: readonly OrgSummary[];
  readonly chosen: OrgId | null;
  /** Where to sign in without another click, because the screen before had one for it. */
  readonly start: 'practice' | null;
  readonly done: (orgId: OrgId | null) => void;
}

/** Sign in, switch, sign out. Signing in happens in the person's own browser; this waits for it and can stop waiting. */
export function ConnectScreen({ orgs, chosen, start, done }: Props) {
  const backend = useBackend();
  const gate = useSignInGate();
  const { connect, pending, failure, stop } = useConnect(done);
  const sf = useCall('orgs.sfList', {});
  useSessionChecks(orgs);
  const practice = useCallback(
    () => connect('browser', (signal) => backend.call('orgs.signIn', { target: { kind: 'practice' } }, { signal })),
    [connect, backend],
  );
  const started = useRef(false);
  useEffect(() => {
    if (start === null || started.current) return;
    started.current = true;
    void practice();
  }, [start, practice]);
  const use = async (org: OrgSummary): Promise<void> => {
    if (org.session !== 'expired' || (await gate?.ask(org)) === true) done(org.orgId);
  };
  const signOut = ({ orgId }: OrgSummary): void =>
    void connect('other', async () => {
      await backend.call('orgs.signOut', { orgId });
      return null;
    });

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
      {pending === 'browser' && <WaitingForBrowser stop={stop} />}
      {orgs.length > 0 && <ConnectedOrgs orgs={orgs} chosen={chosen} use={(org) => void use(org)} signOut={signOut} />}
      <SfOrgs
        found={sf.data ?? []}
        orgs={orgs}
        disabled={pending !== null}
        use={(username) => void connect('other', (signal) => backend.call('orgs.useSf', { username }, { signal }))}
      />
      <div className="cards">
        <section className="panel" aria-labelledby="practice-title">
          <h3 id="practice-title">Practice org</h3>
          <p className="lead">
            A local Salesforce to learn on, with accounts, contacts, and shipments. You need no account, and nothing
            leaves this computer.
          </p>
          <Button
            mt="sm"
            leftSection={<FlaskConical size={16} aria-hidden />}
            disabled={pending !== null}
            onClick={() => void practice()}
          >
            Use the practice org
          </Button>
        </section>
        <OwnOrg
          pending={pending !== null}
          signIn={(target, clientId) =>
            void connect('browser', (signal) =>
              backend.call('orgs.signIn', { target, ...(clientId === '' ? {} : { clientId }) }, { signal }),
            )
          }
        />
        <TokenCard
          pending={pending !== null}
          use={(target, accessToken, keep) =>
            void connect('other', (signal) => backend.call('orgs.useToken', { target, accessToken, keep }, { signal }))
          }
        />
      </div>
    </div>
  );
}

type Pending = 'browser' | 'other' | null;

/** One sign-in at a time, which can be stopped. Made without a mutation, whose cache would hold what was sent. */
function useConnect(done: (orgId: OrgId | null) => void) {
  const cache = useQueryClient();
  const waiting = useRef<AbortController | null>(null);
  const finish = useRef(done);
  const [pending, setPending] = useState<Pending>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  useEffect(() => {
    finish.current = done;
  }, [done]);
  const connect = useCallback(
    async (kind: Pending, work: (signal: AbortSignal) => Promise<OrgSummary | null>): Promise<void> => {
      const stop = new AbortController();
      waiting.current = stop;
      setPending(kind);
      setFailure(null);
      try {
        const org = await work(stop.signal);
        // What was described or checked with another session may not hold for this one.
        for (const procedure of ['orgs.objects', 'orgs.describe', 'checks.run', 'plan.build', 'orgs.loginAddress'])
          cache.removeQueries({ queryKey: [procedure] });
        if (org === null) return;
        // The list may come later than this answer, and an org that is not in it can't be chosen.
        cache.setQueryData<OrgSummary[]>(['orgs.list', {}], (known = []) =>
          known.some(({ orgId }) => orgId === org.orgId) ? known : [...known, org],
        );
        finish.current(org.orgId);
      } catch (error) {
        setFailure(failureOf(error));
      } finally {
        setPending(null);
      }
    },
    [cache],
  );
  return { connect, pending, failure, stop: () => waiting.current?.abort() };
}

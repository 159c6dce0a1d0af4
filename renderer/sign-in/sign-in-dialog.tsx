import { Button, Group } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState, useSyncExternalStore } from 'react';
import type { Failure } from '../../shared/contract/failure.ts';
import type { OrgSummary } from '../../shared/domain/org.ts';
import { failureOf, useBackend } from '../backend/backend-context.tsx';
import { showModal } from '../components/show-modal.ts';
import { FailureText } from '../components/failure-text.tsx';
import type { SignInGate, SignInRequest } from './sign-in-gate.ts';
import { TokenField } from './token-field.tsx';
import { WaitingForBrowser } from './waiting-for-browser.tsx';

/** Signs in again without leaving the step: what was asked of the org goes on by itself then. */
export function SignInDialog({ gate }: { readonly gate: SignInGate }) {
  const request = useSyncExternalStore(gate.subscribe, gate.current);
  return request && <Asking key={request.org.orgId} request={request} />;
}

function Asking({ request: { org, done } }: { readonly request: SignInRequest }) {
  const backend = useBackend();
  const cache = useQueryClient();
  const waiting = useRef<AbortController | null>(null);
  const [pending, setPending] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  // Not in the cache of calls: a token is held for as long as it is typed.
  const [token, setToken] = useState('');

  const signIn = async (): Promise<void> => {
    const stop = new AbortController();
    waiting.current = stop;
    setPending(true);
    setFailure(null);
    try {
      const { orgId, loginUrl = `https://${org.instanceHost}` } = org;
      if (org.via === 'token') {
        const target = { kind: 'custom', loginUrl } as const;
        await backend.call('orgs.useToken', { target, accessToken: token, keep: false }, { signal: stop.signal });
      } else await backend.call('orgs.signInAgain', { orgId }, { signal: stop.signal });
      done(true);
      await cache.refetchQueries({ predicate: ({ state }) => state.status === 'error' });
    } catch (error) {
      setPending(false);
      setFailure(failureOf(error));
    }
  };
  const close = (): void => {
    waiting.current?.abort();
    done(false);
  };

  return (
    <dialog className="dialog" ref={showModal} aria-labelledby="sign-in-title" onCancel={close}>
      <h2 id="sign-in-title">Sign in again</h2>
      <p className="lead">
        The session of {org.username} in {org.name} has ended. {GOES_ON[wayOf(org)]}
      </p>
      {failure && failure.code !== 'CANCELLED' && <FailureText failure={failure} />}
      {org.via === 'token' && <TokenField token={token} setToken={setToken} />}
      {pending && wayOf(org) === 'browser' && <WaitingForBrowser stop={() => waiting.current?.abort()} />}
      <Group mt="md" justify="flex-end">
        <Button variant="subtle" color="gray" onClick={close}>
          Not now
        </Button>
        <Button loading={pending} disabled={org.via === 'token' && token.trim() === ''} onClick={() => void signIn()}>
          {wayOf(org) === 'sf' ? 'Try again' : 'Sign in and continue'}
        </Button>
      </Group>
    </dialog>
  );
}

function wayOf({ via }: OrgSummary): keyof typeof GOES_ON {
  return via === 'sf' || via === 'token' ? via : 'browser';
}

const GOES_ON = {
  browser: 'Your work is kept and continues as soon as you sign in.',
  token: 'Paste another token. Your work is kept and continues with it.',
  sf: 'This session belongs to the Salesforce CLI. Run “sf org login web” in a terminal, then try again.',
} as const;

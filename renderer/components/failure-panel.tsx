import { Button, Group } from '@mantine/core';
import type { Failure } from '../../shared/contract/failure.ts';
import { useCall, useDesk } from '../backend/backend-context.tsx';
import type { SignInGate } from '../sign-in/sign-in-gate.ts';
import { useSignInGate } from '../sign-in/sign-in-context.tsx';
import { FailureText } from './failure-text.tsx';

interface Props {
  readonly failure: Failure;
  readonly action?: { readonly label: string; readonly run: () => void } | undefined;
  /** Tries what failed again. Where a session has ended that is offered by signing in. */
  readonly again?: (() => void) | undefined;
}

/** A failure with what can be done about it. */
export function FailurePanel({ failure, action: given, again }: Props) {
  const gate = useSignInGate();
  const desk = useDesk();
  const action =
    given ?? (again && failure.code !== 'ORG_SESSION_EXPIRED' ? { label: 'Try again', run: again } : undefined);
  const log = failure.code === 'BUG' && failure.log !== '' ? desk : null;
  return (
    <FailureText failure={failure}>
      {(action !== undefined || log !== null || failure.code === 'ORG_SESSION_EXPIRED') && (
        <Group mt={6}>
          {action && (
            <Button size="compact-sm" variant="default" onClick={action.run}>
              {action.label}
            </Button>
          )}
          {!action && gate && failure.code === 'ORG_SESSION_EXPIRED' && (
            <SignInAgain gate={gate} username={failure.username} />
          )}
          {log && (
            <Button size="compact-sm" variant="default" onClick={() => log.ask({ kind: 'show-log' })}>
              Show log
            </Button>
          )}
        </Group>
      )}
    </FailureText>
  );
}

/** The answer was "not now" before, and may be another. */
function SignInAgain({ gate, username }: { readonly gate: SignInGate; readonly username: string }) {
  const orgs = useCall('orgs.list', {});
  const known = orgs.data?.filter((one) => one.username === username) ?? [];
  // That a session has ended is told by the failure; the list of orgs may hear of it later.
  const org = known.find(({ session }) => session === 'expired') ?? known[0];
  return (
    org && (
      <Button size="compact-sm" variant="default" onClick={() => void gate.ask(org)}>
        Sign in again
      </Button>
    )
  );
}

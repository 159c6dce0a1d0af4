import { Button, Group } from '@mantine/core';
import type { Failure } from '../../shared/contract/failure.ts';
import { failureText } from '../../shared/text/failure-text.ts';

interface Props {
  readonly failure: Failure;
  readonly action?: { readonly label: string; readonly run: () => void } | undefined;
}

/** What happened, what was and was not saved, what to do next. */
export function FailurePanel({ failure, action }: Props) {
  const { title, saved, next } = failureText(failure);
  return (
    <div className="failure" role="alert">
      <strong>{title}</strong>
      <p>{saved}</p>
      <p>{next}</p>
      {action && (
        <Group mt={6}>
          <Button size="compact-sm" variant="default" onClick={action.run}>
            {action.label}
          </Button>
        </Group>
      )}
    </div>
  );
}

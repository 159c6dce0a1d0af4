import { Button, CopyButton, Group } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { SettingsView } from '../../shared/domain/settings.ts';
import { failureOf, useBackend } from '../backend/backend-context.tsx';
import { FailurePanel } from '../components/failure-panel.tsx';

/** Where the data lie, and how they go. */
export function PlacePanel({ view: { place, canShowPlace } }: { readonly view: SettingsView }) {
  const backend = useBackend();
  const show = useMutation({ mutationFn: () => backend.call('settings.showPlace', {}) });
  return (
    <section className="panel settings" aria-labelledby="settings-place">
      <h3 id="settings-place">Your data</h3>
      <p className="lead">
        Your files, plans, loads, and reports are kept in this folder, which only you can read. Longshore keeps no other
        copy.
      </p>
      <Group>
        <code className="value">{place}</code>
        {canShowPlace ? (
          <Button variant="default" size="compact-sm" loading={show.isPending} onClick={() => show.mutate()}>
            Show in folder
          </Button>
        ) : (
          <CopyButton value={place}>
            {({ copied, copy }) => (
              <Button variant="default" size="compact-sm" onClick={copy}>
                {copied ? 'Copied' : 'Copy path'}
              </Button>
            )}
          </CopyButton>
        )}
      </Group>
      {show.error && <FailurePanel failure={failureOf(show.error)} />}
      <p className="lead">
        To delete everything, sign out of each org, which also removes its session from the keychain. Then quit
        Longshore and delete the folder. Records in your orgs don’t change.
      </p>
    </section>
  );
}

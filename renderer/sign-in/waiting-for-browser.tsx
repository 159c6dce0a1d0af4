import { Button, Loader } from '@mantine/core';

/** Said while the person signs in on a page of the system's browser. */
export function WaitingForBrowser({ stop }: { readonly stop: () => void }) {
  return (
    <div className="notice" data-tone="update" role="status">
      <Loader size={16} aria-hidden />
      <span>Sign in on the page that opened in your browser. Longshore is waiting.</span>
      <Button size="compact-sm" variant="default" onClick={stop}>
        Stop waiting
      </Button>
    </div>
  );
}

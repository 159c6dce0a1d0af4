/**
 * The window's parts one after the other, each in a task of its own: all of them at once hold the page up for a tenth of a second before
 * it has shown anything.
 */
async function boot(): Promise<void> {
  await import('react-dom/client');
  await import('../shared/contract/events.ts');
  await import('./main.tsx');
}

void boot();

/** A file that is dropped before the window can take it, or where it can't, does not take the window's place. */
function staysHere(event: DragEvent): void {
  if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
}

/**
 * The window's parts one after the other, each in a task of its own: all of them at once hold the page up for a tenth of a second before
 * it has shown anything.
 */
async function boot(): Promise<void> {
  await import('react-dom/client');
  await import('../shared/contract/failure.ts');
  await import('../shared/domain/load-plan.ts');
  await import('../shared/domain/merge.ts');
  await import('../shared/contract/procedures.ts');
  await import('./main.tsx');
}

addEventListener('dragover', staysHere);
addEventListener('drop', staysHere);
void boot();

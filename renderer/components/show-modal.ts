/** A dialog's ref: it opens as it appears. Modal: what is behind it waits. */
export function showModal(dialog: HTMLDialogElement | null): void {
  if (dialog?.open === false) dialog.showModal();
}

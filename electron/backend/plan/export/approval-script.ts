/**
 * Runs in the browser of whoever approves a plan: hands out the approval as a file (`PlanApproval`). It asks no network, and works
 * from a mail attachment.
 */
export const APPROVAL_SCRIPT = `
const form = document.querySelector('form');
form.hidden = false;
form.addEventListener('submit', (event) => {
  event.preventDefault();
  const { planDigest } = form.dataset;
  const given = new FormData(form);
  const approval = {
    format: 'longshore-approval',
    version: 1,
    planDigest,
    approvedBy: String(given.get('name')).trim(),
    comment: String(given.get('comment')),
    approvedAt: new Date().toISOString(),
  };
  const link = document.createElement('a');
  link.href = 'data:application/json;charset=utf-8,' + encodeURIComponent(JSON.stringify(approval, null, 2));
  link.download = 'approval-' + planDigest.slice(0, 8) + '.json';
  link.click();
  document.querySelector('output').textContent = 'Saved as ' + link.download + '. Send it back to whoever sent you this page.';
});
`;

/** The org's page: shows what the admin port says, as it happens. Texts are set, never parsed as HTML. */
const $ = (id) => document.getElementById(id);
const make = (tag, text, className) => {
  const node = document.createElement(tag);
  if (text !== undefined) node.textContent = text;
  if (className) node.className = className;
  return node;
};
const count = new Intl.NumberFormat('en');
const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

const ask = async (method, path, body) => {
  const response = await fetch(path, { method, body: JSON.stringify(body) });
  if (!response.ok) throw new Error((await response.json()).problem);
};

/** What a trainer may want to show, by name. */
const FAULTS = {
  'The next upload gets a 503': {
    method: 'PUT',
    path: '/batches',
    action: { kind: 'status', status: 503, errorCode: 'SERVER_UNAVAILABLE', message: 'The server is busy' },
  },
  'The next upload loses its connection after 1 kB': {
    method: 'PUT',
    path: '/batches',
    action: { kind: 'drop-upload', after: 1024 },
  },
  'The next upload loses its last bytes': {
    method: 'PUT',
    path: '/batches',
    action: { kind: 'lose-bytes', keep: 2048 },
  },
  'The next result file is incomplete': { method: 'GET', path: 'Results', action: { kind: 'truncate-answer' } },
  'The next job fails': {
    method: 'PATCH',
    path: '/jobs/ingest',
    action: { kind: 'fail-job', message: 'InternalServerError : Unable to process the job' },
  },
  'The next request has an expired session': { path: '/services/data', action: { kind: 'expire-session' } },
  'All users are signed out permanently': { path: '/services/data', action: { kind: 'revoke-everything' } },
  'Every third poll gets a maintenance page': {
    method: 'GET',
    path: '/jobs/ingest/',
    every: 3,
    action: { kind: 'html', status: 200 },
  },
  'Every fifth request loses its connection': {
    path: '/services/data',
    every: 5,
    action: { kind: 'reset', when: 'before' },
  },
  'Every answer takes three seconds': {
    path: '/services/data',
    every: 1,
    action: { kind: 'delay', milliseconds: 3000 },
  },
};

const KNOBS = {
  rowsPerSecond: 'Bulk job rows per second (0 for no limit)',
  queueDelay: 'Time a closed job waits in the queue (ms)',
  latency: 'Delay of every answer (ms)',
  uploadBytesPerSecond: 'Upload bytes per second (0 for no limit)',
  apiLimit: 'API requests in 24 hours',
  expireTokenAfter: 'Calls per access token (0 for no limit)',
  rotateRefreshTokens: 'A refresh returns a new refresh token',
  connectedAppBlocked: 'Apps that are not installed are blocked',
  duplicateRules: 'Duplicate rules are active',
  lockRowEvery: 'Every nth row can’t be locked (0 for none)',
  lockRowInTrigger: 'Those locks are met by a trigger',
  failJobAfterRows: 'Jobs fail after this many rows (0 for never)',
  shuffleResults: 'Result files are unordered',
  batchSize: 'Rows per internal batch',
  bulkQueryPage: 'Records per bulk query page',
  restQueryPage: 'Records per REST query page',
  replayHours: 'Hours of events that can be replayed',
};

let faults = [];
let lastRequest = 0;

function showObjects(objects) {
  const setup = $('show-setup').checked;
  $('objects').replaceChildren(
    ...objects
      .filter((object) => setup || !object.setup)
      .map((object) => {
        const row = make('tr');
        const title = make('td', object.label);
        if (object.name !== object.label) title.append(make('code', object.name));
        row.append(title, make('td', count.format(object.records), 'number'));
        row.append(make('td', object.deleted === 0 ? '' : count.format(object.deleted), 'number'));
        return row;
      }),
  );
}

function showRequests(requests) {
  const newest = lastRequest;
  $('requests').replaceChildren(
    ...requests.map((request) => {
      const row = make('tr', undefined, newest > 0 && request.number > newest ? 'new' : '');
      row.append(make('td', time.format(request.at)), make('td', request.method), make('td', request.path, 'path'));
      row.append(
        make(
          'td',
          request.status === 0 ? 'lost' : String(request.status),
          request.status === 0 || request.status >= 400 ? 'number bad' : 'number',
        ),
      );
      row.append(make('td', String(request.milliseconds), 'number'));
      return row;
    }),
  );
  lastRequest = requests[0]?.number ?? lastRequest;
}

function showJobs(jobs) {
  $('no-jobs').hidden = jobs.length > 0;
  $('jobs').replaceChildren(
    ...jobs.map((job) => {
      const row = make('tr');
      for (const text of [job.id, job.kind, `${job.operation} ${job.object}`]) row.append(make('td', text));
      row.append(make('td', job.state, job.state === 'Failed' ? 'bad' : ''));
      row.append(
        make('td', count.format(job.processed), 'number'),
        make('td', count.format(job.failed), job.failed > 0 ? 'number bad' : 'number'),
      );
      return row;
    }),
  );
}

function showFaults(list) {
  faults = list.map(({ rule }) => rule);
  $('no-faults').hidden = list.length > 0;
  $('faults').replaceChildren(
    ...list.map(({ rule, seen, struck }) => {
      const item = make('li');
      const known = Object.entries(FAULTS).find(
        ([, fault]) =>
          fault.path === rule.path && fault.action.kind === rule.action.kind && fault.method === rule.method,
      );
      item.append(
        make('span', known ? known[0] : `${rule.method ?? 'Any'} ${rule.path}: ${rule.action.kind}`),
        make('span', ` — matched ${seen}, applied ${struck}`),
      );
      return item;
    }),
  );
}

function showKnobs(knobs) {
  const form = $('knobs');
  for (const [name, label] of Object.entries(KNOBS)) {
    let input = document.getElementById(`knob-${name}`);
    if (!input) {
      const caption = make('label', label);
      caption.htmlFor = `knob-${name}`;
      input = make('input');
      input.id = `knob-${name}`;
      input.type = typeof knobs[name] === 'boolean' ? 'checkbox' : 'number';
      input.min = '0';
      input.addEventListener('change', () => {
        const value = input.type === 'checkbox' ? input.checked : Number(input.value);
        void ask('PATCH', '/knobs', { [name]: value }).catch(
          (error) => input.setCustomValidity(error.message) || input.reportValidity(),
        );
        input.setCustomValidity('');
      });
      form.append(caption, input);
    }
    if (document.activeElement === input) continue;
    if (input.type === 'checkbox') input.checked = knobs[name];
    else input.value = String(knobs[name]);
  }
}

let latest = null;
function show(state) {
  latest = state;
  const { addresses, usage } = state;
  $('addresses').textContent = [addresses.url, addresses.tlsUrl].filter(Boolean).join('  ·  ');
  $('usage').textContent =
    `${count.format(usage.requests)} of ${count.format(usage.apiLimit)} API requests and ${count.format(usage.batches)} bulk batches used · ${count.format(state.streamingClients)} streaming clients`;
  showObjects(state.objects);
  showRequests(state.requests);
  showJobs(state.jobs);
  showFaults(state.faults);
  showKnobs(state.knobs);
  $('users').replaceChildren(
    ...state.users.map((user) => {
      const item = make('li');
      item.append(
        make('code', user.username),
        make(
          'span',
          ` ${user.profile}, password ${user.password}${user.appApproved ? '' : ', not allowed to use uninstalled apps'}`,
        ),
      );
      return item;
    }),
  );
}

for (const name of Object.keys(FAULTS)) $('fault').append(make('option', name));
$('show-setup').addEventListener('change', () => latest && showObjects(latest.objects));
$('fault-form').addEventListener('submit', (event) => {
  event.preventDefault();
  void ask('PUT', '/faults', [...faults, FAULTS[$('fault').value]]);
});
$('clear-faults').addEventListener('click', () => void ask('PUT', '/faults', []));
$('reset').addEventListener('click', () => $('reset-dialog').showModal());
$('reset-dialog').addEventListener('close', () => {
  if ($('reset-dialog').returnValue === 'reset') void ask('POST', '/reset', {});
  $('reset-dialog').returnValue = '';
});

const watch = new EventSource('/watch');
watch.addEventListener('message', (event) => {
  $('connection').textContent = 'Live';
  show(JSON.parse(event.data));
});
watch.addEventListener('error', () => {
  $('connection').textContent = 'The org is not responding. It may have been stopped.';
});

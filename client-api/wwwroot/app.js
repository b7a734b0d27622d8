// The page of a developer's first five minutes: inboxes side by side, whose they are in the query (?left=ann&right=bob&third=carol; two where no third is
// named), and a form that publishes to one person, to a topic or to everybody.
import { Caller, hasKey, inboxPath, newKey } from './api.js';
import { Pane } from './pane.js';

const publisher = new Caller({ publisher: 'true' });
const form = document.getElementById('publish');
const job = document.getElementById('job');
const topic = 'news';
const toast = document.getElementById('toast');
let toastTimer;

function report(words) {
  clearTimeout(toastTimer);
  toast.textContent = words;
  toastTimer = setTimeout(() => { toast.textContent = ''; }, 6_000);
}

function makePane(user) {
  const root = document.getElementById('pane').content.firstElementChild.cloneNode(true);
  document.getElementById('panes').append(root);
  return new Pane(root, user, rememberUsers);
}

function rememberUsers() {
  const query = new URLSearchParams(panes.map(({ user }, index) => [places[index], user]));
  history.replaceState(null, '', `?${query}`);
  offer();
}

function offer() {
  const users = [...new Set([...panes.map(({ user }) => user), ...usual])];
  document.getElementById('people').replaceChildren(...users.map(user => Object.assign(document.createElement('option'), { value: user })));
}

/** What each audience is sent by, and what is said then. */
const audiences = {
  async person(notification, to, headers) {
    await publisher.call('POST', `${inboxPath(to)}/notifications`, notification, headers);
    return `Published to ${to}.`;
  },
  async topic(notification, _, headers) {
    const taken = await publisher.call('POST', `v1/topics/${topic}/notifications`, notification, headers);
    showJob(taken.job).catch(error => report(error.message));
    return `Published to who follows ${topic}.`;
  },
  async everybody(notification, _, headers) {
    await publisher.call('POST', 'v1/announcements', { notification, expiresAt: new Date(Date.now() + 3_600_000) }, headers);
    return 'Announced to everybody, for an hour.';
  },
};

let shownJob;

/** How far it is, until it is done or something else is published. */
async function showJob(id) {
  shownJob = id;
  for (let state; state !== 'done' && shownJob === id; await new Promise(done => setTimeout(done, 500))) {
    const now = await publisher.call('GET', `v1/jobs/${encodeURIComponent(id)}`);
    if (shownJob !== id) return;
    ({ state } = now);
    job.hidden = false;
    job.querySelector('span').textContent = `${now.reached} of ${now.of} reached${now.muted ? `, ${now.muted} muted` : ''}${now.failed ? `, ${now.failed} failed` : ''}`;
    Object.assign(job.querySelector('progress'), { max: now.of || 1, value: state === 'done' ? now.of || 1 : now.reached + now.muted + now.failed });
  }
}

form.elements.audience.addEventListener('change', ({ target }) => { form.elements.to.disabled = target.value !== 'person'; });

form.addEventListener('submit', async event => {
  event.preventDefault();
  const field = name => form.elements[name].value.trim();
  const from = field('from') || panes.map(({ user }) => user).find(user => user !== field('to')) || field('to');
  const notification = { type: field('type'), title: field('title'), priority: field('priority'), actor: { id: from, name: from } };
  for (const name of ['body', 'url', 'group']) if (field(name)) notification[name] = field(name);
  const button = form.querySelector('button');
  button.disabled = job.hidden = true;
  shownJob = undefined;
  try {
    report(await audiences[field('audience')](notification, field('to'), { 'Idempotency-Key': newKey() }));
    form.elements.title.value = form.elements.body.value = '';
  } catch (error) {
    report(error.message);
  } finally {
    button.disabled = false;
    form.elements.title.focus();
  }
});

if (!hasKey) toast.textContent = 'Open the address that ./start prints: it has the key that this page needs.';
const query = new URLSearchParams(location.search);
const places = ['left', 'right', 'third'], usual = ['ann', 'bob', 'carol'];
const named = places.map((place, index) => query.get(place) || (place === 'third' && query.has('left') ? null : usual[index]));
const panes = named.filter(Boolean).map(makePane);
form.elements.to.value = panes[1].user;
offer();
if (hasKey) publisher.call('PUT', `v1/topics/${topic}`, { open: true }).then(() => panes.forEach(pane => pane.offer(topic)), error => report(error.message));

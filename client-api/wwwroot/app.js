// The page of a developer's first five minutes: two inboxes side by side, whose they are in the query (?left=ann&right=bob), and a form that publishes.
import { Caller, hasKey, inboxPath, newKey } from './api.js';
import { Pane } from './pane.js';

const publisher = new Caller({ publisher: 'true' });
const form = document.getElementById('publish');
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
  const query = new URLSearchParams({ left: left.user, right: right.user });
  history.replaceState(null, '', `?${query}`);
  offer();
}

function offer() {
  const users = [...new Set([left.user, right.user, 'ann', 'bob'])];
  document.getElementById('people').replaceChildren(...users.map(user => Object.assign(document.createElement('option'), { value: user })));
}

form.addEventListener('submit', async event => {
  event.preventDefault();
  const field = name => form.elements[name].value.trim();
  const from = field('from') || [left.user, right.user].find(user => user !== field('to')) || field('to');
  const notification = { type: field('type'), title: field('title'), priority: field('priority'), actor: { id: from, name: from } };
  for (const name of ['body', 'url', 'group']) if (field(name)) notification[name] = field(name);
  const button = form.querySelector('button');
  button.disabled = true;
  try {
    await publisher.call('POST', `${inboxPath(field('to'))}/notifications`, notification, { 'Idempotency-Key': newKey() });
    report(`Published to ${field('to')}.`);
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
const left = makePane(query.get('left') || 'ann');
const right = makePane(query.get('right') || 'bob');
form.elements.to.value = right.user;
offer();

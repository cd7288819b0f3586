'use strict';

// Texts of the sandbox and of its clients are set with `textContent` only; the policy of the page refuses HTML.

const INTERFACE = '/_sandbox/v1/';
const INTERVAL_MS = 1000;
const KEPT = 1000;

const byId = (id) => document.getElementById(id);

function element(name, properties = {}, children = []) {
  const created = Object.assign(document.createElement(name), properties);
  created.append(...children);
  return created;
}

/** Sets a text if it is another one, so that a selection by the user stays. */
function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Sends a request to the interface. An error has the message of the sandbox. */
async function call(method, path, content) {
  const options = { method, cache: 'no-store' };
  if (content !== undefined) {
    options.headers = { 'content-type': 'application/json' };
    options.body = typeof content === 'string' ? content : JSON.stringify(content);
  }
  const answer = await fetch(INTERFACE + path, options);
  if (answer.status === 204) return null;
  const body = await answer.json();
  if (answer.ok) return body;
  throw new Error(body.field ? `${body.field}: ${body.message}` : body.message);
}

function say(text, isError) {
  const message = byId('message');
  message.hidden = text === '';
  message.className = isError ? '' : 'good';
  setText(message, text);
}

/** Performs an action of the user, then shows its effect. */
async function act(action, done = '') {
  try {
    await action();
    say(done, false);
  } catch (error) {
    say(error.message, true);
  }
  await refresh();
}

// Tables: issued tokens and answered requests.

/** A row whose cells have these titles; the titles are shown on narrow screens. */
function row(titles) {
  const cells = titles.map((title) => {
    const text = element('span');
    const cell = element('td', {}, [text]);
    cell.setAttribute('role', 'cell');
    cell.dataset.title = title;
    return { cell, text };
  });
  const line = element('tr', {}, cells.map(({ cell }) => cell));
  // Narrow screens show a row as a list, which is a table still.
  line.setAttribute('role', 'row');
  return { line, cells };
}

function fill({ cell, text }, content, className = '') {
  setText(text, content);
  text.className = className;
  cell.classList.toggle('empty', content === '');
}

const tokens = new Map();

function remaining(seconds) {
  if (seconds >= 7200) return `in ${Math.floor(seconds / 3600)} h`;
  if (seconds >= 120) return `in ${Math.floor(seconds / 60)} min`;
  return `in ${Math.max(0, Math.floor(seconds))} s`;
}

function tokenView({ id, provider, scope }) {
  const { line, cells } = row(['State', 'Provider', 'Scope', 'Expires', 'Id', 'Revoke']);
  fill(cells[1], provider);
  fill(cells[2], scope || 'none', scope ? '' : 'none');
  fill(cells[4], id, 'mono');
  const button = element('button', { type: 'button', textContent: 'Revoke' });
  button.setAttribute('aria-label', `Revoke ${id}`);
  button.onclick = () => act(() => call('DELETE', `tokens/${encodeURIComponent(id)}`));
  cells[5].text.append(button);
  byId('tokens').tBodies[0].prepend(line);
  const show = ({ state, expires_at }) => {
    fill(cells[0], state, { live: 'good', revoked: 'bad' }[state] ?? 'none');
    fill(cells[3], state === 'live' ? remaining(expires_at - Date.now() / 1000) : '');
    button.disabled = state === 'revoked';
  };
  return { line, show };
}

function showTokens(list) {
  const ids = new Set(list.map(({ id }) => id));
  for (const [id, { line }] of tokens) {
    if (!ids.has(id)) {
      line.remove();
      tokens.delete(id);
    }
  }
  for (const token of list) {
    if (!tokens.has(token.id)) tokens.set(token.id, tokenView(token));
    tokens.get(token.id).show(token);
  }
  const live = list.filter(({ state }) => state === 'live').length;
  setText(byId('tokens-count'), `${live} live of ${list.length}`);
  byId('revoke-all').disabled = live === 0;
}

let lastRequest = 0;
const requests = new Map();

function requestView({ method, path, status, scope, error, parameters, authorization, took_ms, at }) {
  const { line, cells } = row(['Status', 'Request', 'Scope', 'Error', 'Parameters', 'Took', 'Time']);
  const kind = status === null || status >= 500 ? 'bad' : status >= 400 ? 'warn' : 'good';
  fill(cells[0], status === null ? 'none' : String(status), kind);
  fill(cells[1], `${method} ${path}`);
  fill(cells[2], scope ?? '');
  fill(cells[3], error ?? '');
  const others = parameters.filter(({ name }) => name !== 'scope');
  const texts = others.map(({ name, value }) => (value === undefined ? name : `${name}=${value}`));
  if (authorization) texts.unshift(`Authorization: ${authorization}`);
  fill(cells[4], texts.join(', '));
  fill(cells[5], `${took_ms} ms`);
  fill(cells[6], new Date(at).toLocaleTimeString());
  byId('requests').tBodies[0].prepend(line);
  return line;
}

function showRequests({ oldest, requests: added }) {
  for (const request of added.slice(-KEPT)) {
    requests.set(request.number, requestView(request));
    lastRequest = request.number;
  }
  for (const [number, line] of requests) {
    if (number >= oldest) break;
    line.remove();
    requests.delete(number);
  }
  setText(byId('requests-count'), String(requests.size));
}

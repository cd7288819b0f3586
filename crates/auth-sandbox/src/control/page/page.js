// Providers

const COUNTS = [
  ['requests', 'token requests'], ['issued', 'issued'], ['refusals', 'refused'], ['in_progress', 'in progress'],
  ['peak_concurrency', 'at once, at most'], ['resource_requests', 'API requests'], ['lifetime_seconds', 'lifetime, s'],
];

const providers = new Map();

function randomCredential(name) {
  const bytes = crypto.getRandomValues(new Uint8Array(20));
  const text = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return name === 'api_token' ? `LXT_${text}` : text;
}

function providerView(name, report) {
  const view = byId('provider').content.cloneNode(true).querySelector('details');
  view.dataset.provider = name;
  view.open = providers.size === 0;
  view.querySelector('h2').textContent = report.name;
  const counts = COUNTS.map(([key, title]) => {
    const value = element('dd');
    view.querySelector('.counts').append(element('div', {}, [element('dt', { textContent: title }), value]));
    return [key, value];
  });
  const place = (url) => new URL(url).pathname;
  const scripts = [['token', `Token endpoint ${place(report.token_url)}`]];
  if (report.scripts.resource) scripts.push(['resource', `API ${place(report.resource_url)}`]);
  if (report.scripts.metadata) scripts.push(['metadata', 'Metadata document']);
  const views = scripts.map(([target, legend]) => [target, scriptView(name, target, legend)]);
  view.querySelector('.scripts').append(...views.map(([, script]) => script.view));

  const lifetime = view.querySelector('.lifetime');
  const seconds = lifetime.elements.seconds;
  seconds.value = report.lifetime_seconds;
  lifetime.onsubmit = (event) => {
    event.preventDefault();
    act(() => call('PUT', `lifetimes/${name}`, `{ "seconds": ${JSON.stringify(seconds.valueAsNumber)} }`));
  };
  const credential = view.querySelector('.credential');
  credential.hidden = !report.credential;
  credential.querySelector('span').textContent = `New ${report.credential}`;
  credential.querySelector('.generate').onclick = () => {
    credential.elements.value.value = randomCredential(report.credential);
  };
  credential.onsubmit = (event) => {
    event.preventDefault();
    const content = { [report.credential]: credential.elements.value.value };
    const done = `${report.name} now accepts only the new ${report.credential}. Issued tokens stay valid.`;
    act(() => call('PUT', `credentials/${name}`, content), done);
  };
  byId('providers').append(view);
  const brief = view.querySelector('.brief');
  const show = (report) => {
    const isFaulty = Object.values(report.scripts).some((script) => scriptInWords(script) !== 'normal');
    setText(brief, `${report.requests} token requests${isFaulty ? ', faults are set' : ''}`);
    brief.classList.toggle('faulty', isFaulty);
    for (const [key, value] of counts) setText(value, String(report[key]));
    for (const [target, script] of views) script.show(report.scripts[target]);
  };
  return { show };
}

// The state, once a second

function showState(state) {
  setText(byId('base-url'), state.base_url);
  if (state.last_request < lastRequest) {
    // It is another sandbox at the same address.
    lastRequest = 0;
    for (const line of requests.values()) line.remove();
    requests.clear();
  }
  for (const [name, report] of Object.entries(state.providers)) {
    if (!providers.has(name)) providers.set(name, providerView(name, report));
    providers.get(name).show(report);
  }
}

async function update() {
  const connection = byId('connection');
  try {
    showState(await call('GET', 'state'));
    const [added, issued] = await Promise.all([call('GET', `requests?after=${lastRequest}`), call('GET', 'tokens')]);
    showRequests(added);
    showTokens(issued.tokens);
    connection.className = 'connected';
    setText(connection, 'connected');
  } catch (error) {
    connection.className = 'lost';
    setText(connection, 'the sandbox does not answer; trying again');
  }
}

let running = Promise.resolve();

/** Updates the page, after an update that is running. */
function refresh() {
  running = running.then(update);
  return running;
}

async function keepUpdating() {
  if (!document.hidden) await refresh();
  setTimeout(keepUpdating, INTERVAL_MS);
}

byId('reset').onclick = () => act(() => call('POST', 'reset'), 'Everything is as after the start.');
byId('revoke-all').onclick = () => act(() => call('DELETE', 'tokens'));
for (const table of document.querySelectorAll('table')) {
  table.setAttribute('role', 'table');
  table.tBodies[0].setAttribute('role', 'rowgroup');
}
keepUpdating();
